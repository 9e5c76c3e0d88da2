package web

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Schemas are read off the Go types here and not by kin-openapi's openapi3gen:
// that one speaks OpenAPI 3.0 ("nullable"), names a generic type by its import
// path, loses the order of fields, marks nothing as required, and would put the
// whole library into the program. kin-openapi judges the result in the tests.

// schema is the part of JSON Schema 2020-12 that Go types need.
type schema struct {
	Ref         string     `json:"$ref,omitempty"`
	Type        any        `json:"type,omitempty"` // a string, or two of them: ["integer", "null"]
	Format      string     `json:"format,omitempty"`
	Pattern     string     `json:"pattern,omitempty"`
	Encoding    string     `json:"contentEncoding,omitempty"`
	Description string     `json:"description,omitempty"`
	Enum        []string   `json:"enum,omitempty"`
	AnyOf       []*schema  `json:"anyOf,omitempty"`
	Items       *schema    `json:"items,omitempty"`
	Properties  properties `json:"properties,omitempty"`
	Required    []string   `json:"required,omitempty"`
	Additional  any        `json:"additionalProperties,omitempty"` // false, or the schema of a map's values
}

// properties keep the order of the Go fields: a reader meets id and name first.
type properties []property

type property struct {
	name   string
	schema *schema
}

// MarshalJSON writes one object.
func (p properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, prop := range p {
		name, err := json.Marshal(prop.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(prop.schema)
		if err != nil {
			return nil, err
		}
		b.WriteByte("{,"[min(i, 1)])
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// schemas are the named types of an API: every struct that a route reads or
// answers, and every string type that knows its values.
type schemas struct {
	enums Enums
	named map[reflect.Type]string
	taken map[reflect.Type]bool // also read from requests: what may be left out is not required
	byRef map[string]*schema
	open  map[reflect.Type]bool // read by a Raw handler, which may pass over fields that it does not know

	waiting reflect.Type // the answer of changes that wait for another user; nil for none
}

// schemasOf names the types that are reachable from the routes. A name is the
// Go name with a capital letter; types of the same name in two packages get the
// package before it, so that a name never depends on the order of the tables.
func schemasOf(enums Enums, routes []Route) *schemas {
	s := &schemas{enums: enums, named: map[reflect.Type]string{}, taken: map[reflect.Type]bool{},
		byRef: map[string]*schema{}, open: map[reflect.Type]bool{}}
	s.meet(reflect.TypeFor[Problem](), false)
	for _, r := range routes {
		s.meet(r.Do.in, true)
		s.meet(r.Do.out, false)
		if r.Waiting != nil {
			s.waiting = valueOf(reflect.TypeOf(r.Waiting))
			s.meet(s.waiting, false)
		}
		if r.Body != nil {
			s.open[reflect.TypeOf(r.Body)] = true
			s.meet(reflect.TypeOf(r.Body), true)
		}
	}
	rooms := map[string]int{}
	for t := range s.named {
		rooms[goName(t)]++
	}
	for t := range s.named {
		s.named[t] = goName(t)
		if rooms[goName(t)] > 1 {
			s.named[t] = camel(path.Base(t.PkgPath())) + goName(t)
		}
	}
	for t, name := range s.named {
		s.byRef[name] = s.define(t)
	}
	return s
}

// meet walks through a type and notes what needs a name.
func (s *schemas) meet(t reflect.Type, taken bool) {
	if t == nil || t == reflect.TypeFor[Nothing]() {
		return
	}
	_, known := s.named[t]
	if known && (!taken || s.taken[t]) {
		return
	}
	switch {
	case s.valuesOf(t) != nil:
		s.named[t] = ""
	case innerOf(t) != nil:
		s.meet(innerOf(t), taken)
	case isPlain(t):
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Slice, t.Kind() == reflect.Array, t.Kind() == reflect.Map:
		s.meet(t.Elem(), taken)
	case t.Kind() == reflect.Struct:
		fields := jsonFields(t)
		if t.Name() != "" && len(fields) > 0 {
			s.named[t] = ""
			s.taken[t] = s.taken[t] || taken
		}
		for _, f := range fields {
			s.meet(f.Type, taken)
		}
	}
}

// of returns the schema of a type where it is used: a reference when it has a
// name.
func (s *schemas) of(t reflect.Type) *schema {
	if name := s.named[t]; name != "" {
		return &schema{Ref: "#/components/schemas/" + name}
	}
	if t.Kind() == reflect.Pointer {
		return nullable(s.of(t.Elem()))
	}
	if inner := innerOf(t); inner != nil {
		return nullable(s.of(inner))
	}
	return s.define(t)
}

// valueOf returns the type behind a pointer. Answers and the items of a list are
// pointers for our own sake and never null.
func valueOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

func nullable(of *schema) *schema {
	if kind, ok := of.Type.(string); ok && of.Enum == nil {
		of.Type = []string{kind, "null"}
		return of
	}
	return &schema{AnyOf: []*schema{of, {Type: "null"}}}
}

// define spells a type out.
func (s *schemas) define(t reflect.Type) *schema {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return &schema{Type: "string", Format: "date-time"}
	case t == reflect.TypeFor[json.RawMessage]():
		return &schema{}
	case s.valuesOf(t) != nil:
		return &schema{Type: "string", Enum: s.valuesOf(t)}
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return &schema{Type: "string"}
	case t.Implements(reflect.TypeFor[jsonTyped]()):
		zero := reflect.Zero(t).Interface()
		formatted, _ := zero.(interface{ JSONFormat() string })
		if formatted == nil {
			return &schema{Type: zero.(jsonTyped).JSONType()}
		}
		return &schema{Type: zero.(jsonTyped).JSONType(), Format: formatted.JSONFormat()}
	case t.Implements(reflect.TypeFor[json.Marshaler]()):
		return &schema{} // it writes what it likes
	}
	switch t.Kind() {
	case reflect.String:
		if t.PkgPath() != "" {
			panic(fmt.Sprintf("web: %s needs Values() []string, or JSONType() string where any text may stand in it",
				t))
		}
		return &schema{Type: "string"}
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Int, reflect.Int64:
		return &schema{Type: "integer", Format: "int64"}
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32,
		reflect.Uint64:
		return &schema{Type: "integer"}
	case reflect.Float32, reflect.Float64:
		return &schema{Type: "number"}
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return &schema{Type: "string", Encoding: "base64"}
		}
		return &schema{Type: "array", Items: s.of(valueOf(t.Elem()))}
	case reflect.Map:
		return &schema{Type: "object", Additional: s.of(t.Elem())}
	case reflect.Struct:
		return s.object(t)
	case reflect.Interface:
		return &schema{}
	}
	panic(fmt.Sprintf("web: %s cannot be JSON", t))
}

// jsonTyped is a type that writes its own JSON and names the type of that:
// "number" for example. A method JSONFormat may name its format: "date-time".
type jsonTyped interface{ JSONType() string }

// patterned is an input some of whose texts must match a regular expression: it
// returns them by the JSON names of the fields. The package that checks the input
// checks it by the same expressions.
type patterned interface{ JSONPatterns() map[string]string }

func (s *schemas) object(t reflect.Type) *schema {
	o := &schema{Type: "object", Properties: properties{}}
	var patterns map[string]string
	if input, ok := reflect.Zero(t).Interface().(patterned); ok {
		patterns = input.JSONPatterns()
	}
	for _, f := range jsonFields(t) {
		prop := s.of(f.Type)
		if f.optional && f.Type.Kind() == reflect.Pointer {
			prop = s.of(f.Type.Elem()) // absent rather than null
		}
		if doc := f.Tag.Get("doc"); doc != "" {
			prop.Description = doc
		}
		if never := f.Tag.Get("null"); never != "" { // what null means
			prop = nullable(prop)
			prop.Description = "null: " + never
		}
		prop.Pattern = patterns[f.json]
		o.Properties = append(o.Properties, property{f.json, prop})
		if !f.optional && (f.Type.Kind() != reflect.Pointer || !s.taken[t]) {
			o.Required = append(o.Required, f.json)
		}
	}
	if s.taken[t] && !s.open[t] {
		o.Additional = false // ReadJSON refuses fields that it does not know
	}
	return o
}

// jsonField is a field as encoding/json sees it.
type jsonField struct {
	reflect.StructField
	json     string
	optional bool
	depth    int
}

// jsonFields returns the fields of a struct that are JSON, those of embedded
// structs in their place; of two with one name the outer one counts.
func jsonFields(t reflect.Type) []jsonField {
	var list []jsonField
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Tag.Get("json") == "-" || (!f.IsExported() && !f.Anonymous) {
			continue
		}
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		optional := strings.Contains(options, "omit") || innerOf(f.Type) != nil
		found := []jsonField{{StructField: f, json: name, optional: optional}}
		if f.Anonymous && name == "" && inner.Kind() == reflect.Struct && !isPlain(inner) {
			found = jsonFields(inner)
			for i := range found {
				found[i].depth++
			}
		} else if name == "" {
			found[0].json = f.Name
		}
		for _, f := range found {
			at := slices.IndexFunc(list, func(other jsonField) bool { return other.json == f.json })
			switch {
			case at < 0:
				list = append(list, f)
			case f.depth < list[at].depth:
				list[at] = f
			}
		}
	}
	return list
}

// isPlain reports that a type is one JSON value without parts to look into.
func isPlain(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[json.RawMessage]() ||
		t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) || t.Implements(reflect.TypeFor[json.Marshaler]())
}

// Enums holds the values of string types that are known only once the application is joined, by type.
type Enums map[reflect.Type][]string

// valuesOf returns the values of a string type: those of Enums, or what its method Values() []string returns. It returns nil
// for a type without either.
func (s *schemas) valuesOf(t reflect.Type) []string {
	if values := s.enums[t]; values != nil {
		return values
	}
	if t.Kind() != reflect.String {
		return nil
	}
	if v, ok := reflect.Zero(t).Interface().(interface{ Values() []string }); ok {
		return v.Values()
	}
	return nil
}

// goName is the name of a type in the document: List[crm.Company] becomes
// CompanyList.
func goName(t reflect.Type) string {
	base, argument, generic := strings.Cut(strings.TrimSuffix(t.Name(), "]"), "[")
	base, _, _ = strings.Cut(base, "·") // a type declared inside a function
	if generic {
		argument = argument[strings.LastIndexAny(argument, "./*]")+1:]
		argument, _, _ = strings.Cut(argument, "·")
		base = capital(argument) + base
	}
	return capital(base)
}

func capital(word string) string {
	first, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(first)) + word[size:]
}
