package web

import (
	"bytes"
	"cmp"
	_ "embed" // docs.html, docs.css
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/access"
)

//go:embed docs.html
var docsPage string

//go:embed docs.css
var docsStyle string

// reference is what the page at /docs shows: the OpenAPI document in the order
// of reading.
type reference struct {
	Title, Version, Words string
	Style                 template.CSS
	Groups                []referenceGroup
	Types                 []referenceType
}

type referenceGroup struct {
	Name string
	Rows []referenceRow
}

type referenceRow struct {
	*operation
	Method, Path, Who string
	Takes, Answer     typeName
	Good              string // the status of a good answer
	Media             string
}

type referenceType struct {
	Name   string
	Values []string
	Fields []referenceField
}

type referenceField struct {
	Name     string
	Type     typeName
	Required bool
	Words    string
}

// typeName is a type in a reader's words: "Boat", linked, with "list of" or "or
// null" around it.
type typeName struct{ Before, Link, After string }

// referenceOf writes the page. It needs no script and no other file.
func referenceOf(version string, enums Enums, routes []Route) ([]byte, error) {
	doc, err := describe(version, enums, routes)
	if err != nil {
		return nil, err
	}
	ref := reference{Title: doc.Info.Title, Version: version, Words: doc.Info.Description,
		Style: template.CSS(docsStyle)}
	for _, tag := range doc.Tags {
		ref.Groups = append(ref.Groups, referenceGroup{Name: tag["name"]})
	}
	for _, r := range routes {
		at := slices.IndexFunc(ref.Groups, func(g referenceGroup) bool { return g.Name == tagOf(r.Path) })
		op := doc.Paths[templateOf(r.Path)][strings.ToLower(r.methods()[0])]
		ref.Groups[at].Rows = append(ref.Groups[at].Rows, rowOf(r, op))
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		ref.Types = append(ref.Types, typeOf(name, doc.Components.Schemas[name]))
	}
	page, err := template.New("docs").Parse(docsPage)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, ref)
	return out.Bytes(), err
}

func rowOf(r Route, op *operation) referenceRow {
	row := referenceRow{operation: op, Method: r.Method, Path: templateOf(r.Path), Who: whoMay(r.Roles)}
	if r.Upload != nil {
		row.Takes = typeName{Before: "form with a file"}
	} else if op.Body != nil {
		row.Takes = nameOf(op.Body.Content[fiber.MIMEApplicationJSON].Schema)
	}
	for status, answer := range op.Responses {
		if status == "default" {
			continue
		}
		row.Good = status
		for kind, body := range answer.Content {
			row.Answer, row.Media = nameOf(body.Schema), kind
		}
	}
	return row
}

func whoMay(roles access.Roles) string {
	switch {
	case slices.Contains(roles, access.Anyone[0]):
		return "anyone"
	case len(roles) == 0:
		return "nobody"
	}
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	return strings.Join(words, ", ")
}

func typeOf(name string, s *schema) referenceType {
	t := referenceType{Name: name, Values: s.Enum}
	for _, p := range s.Properties {
		t.Fields = append(t.Fields, referenceField{p.name, nameOf(p.schema), slices.Contains(s.Required, p.name),
			p.schema.Description})
	}
	return t
}

// TypeName returns the type of a parameter.
func (p parameter) TypeName() typeName { return nameOf(p.Schema) }

func nameOf(s *schema) typeName {
	switch {
	case s.Ref != "":
		return typeName{Link: s.Ref[strings.LastIndex(s.Ref, "/")+1:]}
	case len(s.AnyOf) > 0:
		n := nameOf(s.AnyOf[0])
		n.After += " or null"
		return n
	case s.Items != nil:
		n := nameOf(s.Items)
		n.Before = "list of " + n.Before
		return n
	}
	switch kind := s.Type.(type) {
	case []string:
		return typeName{Before: cmp.Or(s.Format, kind[0]), After: " or null"}
	case string:
		if of, ok := s.Additional.(*schema); ok {
			n := nameOf(of)
			n.Before = "object of " + n.Before
			return n
		}
		if kind == "string" {
			return typeName{Before: cmp.Or(s.Format, kind)}
		}
		return typeName{Before: kind}
	}
	return typeName{Before: "any JSON"}
}

// docs answers with the page. Its style is part of it, so its policy allows that
// very text by its hash, and nothing else at all.
func (s *Server) docs(r *Request) error {
	r.C.Set(fiber.HeaderContentSecurityPolicy, pagePolicy(docsStyle, "'none'"))
	r.C.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return r.C.Send(s.reference)
}
