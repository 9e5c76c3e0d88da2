package web

import (
	"encoding/json"
	"reflect"
	"strings"
	"unicode/utf8"
)

// The short way to read a body. A strict decoder of encoding/json costs as much
// as the rest of a check; nearly all bodies of machines are one flat object of
// plain texts. The rule of this file: it may decline, but where it answers, it
// reads what ReadJSON would (FuzzFlatAgrees holds it to that).

// flatFields are the text fields of an input type by their JSON names: those
// that encoding/json sets from a text as it is.
type flatFields map[string][]int

// maxFlat is how many members the short way takes.
const maxFlat = 8

func flatFieldsOf(t reflect.Type) flatFields {
	fields := flatFields{}
	if t.Kind() != reflect.Struct || readsItself(t) {
		return nil
	}
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous {
			return nil // which field a name means takes rules that encoding/json knows
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && f.Type.Kind() == reflect.String && name != "" && name != "-" && !readsItself(f.Type) &&
			!strings.Contains(f.Tag.Get("json"), ",string") {
			fields[name] = f.Index
		}
	}
	return fields
}

func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[interface{ UnmarshalText([]byte) error }]())
}

// read sets the fields of in from a body, or leaves it alone and says false.
func (fields flatFields) read(body []byte, in reflect.Value) bool {
	var found [maxFlat]struct {
		index []int
		value []byte
	}
	rest, ok := after(body, '{')
	if !ok {
		return false
	}
	for n := 0; ; n++ {
		var name, value []byte
		if name, rest, ok = plainText(rest); !ok || n == maxFlat {
			return false
		}
		index, known := fields[string(name)]
		if rest, ok = after(rest, ':'); !ok || !known {
			return false
		}
		if value, rest, ok = plainText(rest); !ok {
			return false
		}
		found[n].index, found[n].value = index, value
		if next, more := after(rest, ','); more {
			rest = next
			continue
		}
		if rest, ok = after(rest, '}'); !ok || len(blank(rest)) > 0 {
			return false
		}
		for _, f := range found[:n+1] {
			in.FieldByIndex(f.index).SetString(string(f.value))
		}
		return true
	}
}

// plainText takes a text that is spelled without escapes.
func plainText(body []byte) (text, rest []byte, ok bool) {
	if body, ok = after(body, '"'); !ok {
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

// after takes a sign and the blanks before it.
func after(body []byte, sign byte) ([]byte, bool) {
	body = blank(body)
	if len(body) == 0 || body[0] != sign {
		return nil, false
	}
	return body[1:], true
}

func blank(body []byte) []byte {
	for len(body) > 0 && (body[0] == ' ' || body[0] == '\t' || body[0] == '\n' || body[0] == '\r') {
		body = body[1:]
	}
	return body
}
