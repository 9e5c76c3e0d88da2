package web

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/fault"
)

// maxDepth bounds how deep JSON may be nested.
const maxDepth = 32

// binding is where the fields of an input struct come from.
type binding struct {
	fields []boundField
	body   bool // some fields come from the JSON body
	flat   textFields
}

type boundField struct {
	index []int
	name  string
	query bool // else a path parameter
	kind  reflect.Type
	doc   string
}

// bindingOf reads the tags of an input type. It panics on a type that cannot
// work: that is a mistake in a route table, found by the first test.
func bindingOf(t reflect.Type) binding {
	var b binding
	if t.Kind() != reflect.Struct {
		b.body = true
		return b
	}
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		path, query := f.Tag.Get("path"), f.Tag.Get("query")
		if path == "" && query == "" {
			b.body = true
			continue
		}
		if f.Tag.Get("json") != "-" {
			panic("web: " + t.String() + "." + f.Name + ` comes from the URL and needs json:"-"`)
		}
		setText(reflect.New(f.Type).Elem(), "0") // panics on a type that no text can fill
		b.fields = append(b.fields, boundField{f.Index, path + query, query != "", f.Type, f.Tag.Get("doc")})
	}
	b.flat = textFieldsOf(t)
	return b
}

func (b binding) fill(c *fiber.Ctx, in reflect.Value) error {
	var wrong *fault.Error
	for _, f := range b.fields {
		text := c.Params(f.name)
		if f.query {
			text = c.Query(f.name)
		}
		if text == "" {
			continue
		}
		if !setText(in.FieldByIndex(f.index), text) {
			if !f.query {
				return fault.Missing("page") // a path that is no id leads nowhere
			}
			wrong = wrong.And(f.name, "wrong_type")
		}
	}
	if err := wrong.OrNil(); err != nil || !b.body {
		return err
	}
	// Raw: fiber's Body unpacks gzip without a limit.
	if b.flat.read(c.BodyRaw(), in) {
		return nil
	}
	return ReadJSON(c.BodyRaw(), in.Addr().Interface())
}

func setText(v reflect.Value, text string) bool {
	if own, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return own.UnmarshalText([]byte(text)) == nil
	}
	switch v.Kind() {
	case reflect.String:
		if !utf8.ValidString(text) {
			return false // a database would refuse it
		}
		v.SetString(text)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return false
		}
		v.SetInt(n)
	case reflect.Bool:
		on, err := strconv.ParseBool(text)
		if err != nil {
			return false
		}
		v.SetBool(on)
	case reflect.Slice: // a,b,c
		parts := strings.Split(text, ",")
		list := reflect.MakeSlice(v.Type(), len(parts), len(parts))
		for i, part := range parts {
			if !setText(list.Index(i), part) {
				return false
			}
		}
		v.Set(list)
	default:
		panic("web: a URL field of type " + v.Type().String())
	}
	return true
}

// ReadJSON decodes a request body strictly: one value, no unknown fields, at
// most 32 levels deep. The faults name the field.
func ReadJSON(body []byte, into any) error {
	if tooDeep(body) {
		return &fault.Error{Kind: fault.KindInvalid, Key: "json_too_deep"}
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil {
		if _, more := dec.Token(); more != io.EOF {
			return malformed(errors.New("something follows the JSON value"))
		}
		return nil
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fault.Invalid(cmp.Or(withoutTypes(wrong.Field), "body"), "wrong_type").Because(err)
	}
	var f *fault.Error
	if errors.As(err, &f) { // a type's own UnmarshalJSON
		return f
	}
	if _, name, unknown := strings.Cut(err.Error(), "json: unknown field "); unknown {
		return fault.Invalid(strings.Trim(name, `"`), "unknown_field")
	}
	return malformed(err)
}

// withoutTypes drops the names of embedded Go types in front of a field, which encoding/json adds. JSON names here
// begin with a small letter.
func withoutTypes(field string) string {
	for field != "" && unicode.IsUpper(rune(field[0])) {
		_, field, _ = strings.Cut(field, ".")
	}
	return field
}

func malformed(err error) error {
	return (&fault.Error{Kind: fault.KindInvalid, Key: "malformed_json"}).Because(err)
}

func tooDeep(body []byte) bool {
	depth, inText := 0, false
	for i := 0; i < len(body); i++ {
		switch ch := body[i]; {
		case inText:
			if ch == '\\' {
				i++
			} else if ch == '"' {
				inText = false
			}
		case ch == '"':
			inText = true
		case ch == '{' || ch == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case ch == '}' || ch == ']':
			depth--
		}
	}
	return false
}
