package web

import (
	"encoding/json"
	"reflect"
	"strings"
	"unicode/utf8"
)

// A faster way to read a body. A strict decoder of encoding/json costs as much as the rest of a check, and nearly all
// bodies of machines are one flat object of plain texts. The rule of this file: it may decline, but what it reads equals
// what ReadJSON would read (FuzzTextFieldsAgree proves it).

// textFields are the text fields of an input type by their JSON names: those
// that encoding/json sets from a text as it is.
type textFields map[string][]int

// maxTextFields is how many members the faster way reads.
const maxTextFields = 8

func textFieldsOf(t reflect.Type) textFields {
	fields := textFields{}
	if t.Kind() != reflect.Struct || decodesItself(t) {
		return nil
	}
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous {
			return nil // which field a name means takes rules that encoding/json knows
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && f.Type.Kind() == reflect.String && name != "" && name != "-" && !decodesItself(f.Type) &&
			!strings.Contains(f.Tag.Get("json"), ",string") {
			fields[name] = f.Index
		}
	}
	return fields
}

func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) ||
		p.Implements(reflect.TypeFor[interface{ UnmarshalText([]byte) error }]())
}

// read sets the fields of in from a body. False means that it declined and changed nothing.
func (fields textFields) read(body []byte, in reflect.Value) bool {
	var found [maxTextFields]struct {
		index []int
		value []byte
	}
	rest, ok := cutByte(body, '{')
	if !ok {
		return false
	}
	for n := 0; ; n++ {
		var name, value []byte
		if name, rest, ok = cutText(rest); !ok || n == maxTextFields {
			return false
		}
		index, known := fields[string(name)]
		if rest, ok = cutByte(rest, ':'); !ok || !known {
			return false
		}
		if value, rest, ok = cutText(rest); !ok {
			return false
		}
		found[n].index, found[n].value = index, value
		if next, more := cutByte(rest, ','); more {
			rest = next
			continue
		}
		if rest, ok = cutByte(rest, '}'); !ok || len(trimBlanks(rest)) > 0 {
			return false
		}
		for _, f := range found[:n+1] {
			in.FieldByIndex(f.index).SetString(string(f.value))
		}
		return true
	}
}

// cutText cuts a text without escapes off the beginning of a body.
func cutText(body []byte) (text, rest []byte, ok bool) {
	if body, ok = cutByte(body, '"'); !ok {
		return nil, nil, false
	}
	for i, c := range body {
		switch {
		case c == '"':
			return body[:i], body[i+1:], utf8.Valid(body[:i])
		case c == '\\' || c < ' ':
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// cutByte cuts a sign, and blanks before it, off the beginning of a body.
func cutByte(body []byte, sign byte) ([]byte, bool) {
	body = trimBlanks(body)
	if len(body) == 0 || body[0] != sign {
		return nil, false
	}
	return body[1:], true
}

func trimBlanks(body []byte) []byte {
	for len(body) > 0 && (body[0] == ' ' || body[0] == '\t' || body[0] == '\n' || body[0] == '\r') {
		body = body[1:]
	}
	return body
}
