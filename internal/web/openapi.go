package web

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/access"
)

// The OpenAPI 3.1 document, in the order in which it is printed.
type document struct {
	OpenAPI    string                           `json:"openapi"`
	Info       documentInfo                     `json:"info"`
	Servers    []map[string]string              `json:"servers"`
	Tags       []map[string]string              `json:"tags"`
	Paths      map[string]map[string]*operation `json:"paths"`
	Components components                       `json:"components"`
}

type documentInfo struct {
	Title       string            `json:"title"`
	Version     string            `json:"version"`
	Description string            `json:"description"`
	License     map[string]string `json:"license"`
}

type components struct {
	Schemas         map[string]*schema           `json:"schemas"`
	Responses       map[string]*response         `json:"responses"`
	SecuritySchemes map[string]map[string]string `json:"securitySchemes"`
}

type operation struct {
	ID          string                `json:"operationId"`
	Tags        []string              `json:"tags"`
	Summary     string                `json:"summary"`
	Description string                `json:"description,omitempty"`
	Parameters  []parameter           `json:"parameters,omitempty"`
	Body        *requestBody          `json:"requestBody,omitempty"`
	Responses   map[string]*response  `json:"responses"`
	Security    []map[string][]string `json:"security"`
	Roles       access.Roles          `json:"x-roles"`
}

type parameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"`
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Style       string  `json:"style,omitempty"`
	Explode     *bool   `json:"explode,omitempty"`
	Schema      *schema `json:"schema"`
}

type requestBody struct {
	Required bool             `json:"required"`
	Content  map[string]media `json:"content"`
}

type media struct {
	Schema *schema `json:"schema"`
}

type response struct {
	Ref         string           `json:"$ref,omitempty"`
	Description string           `json:"description,omitempty"`
	Content     map[string]media `json:"content,omitempty"`
}

const documentWords = "Lists answer a page and the token of the next one. A refusal is a problem (RFC 9457) with a stable code. " +
	"Times are RFC 3339 UTC, ids are integers, money is an integer of minor units."

// Document returns the OpenAPI 3.1 document of these tables and of the server's
// own routes, as indented JSON. The same tables have the same bytes. Two rows
// that would be one operation are an error.
func Document(version string, enums Enums, tables ...[]Route) ([]byte, error) {
	doc, err := describe(version, enums, withOwn(tables))
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(doc, "", "  ")
}

// withOwn joins the tables and adds the rows of the server itself, which need
// no server as long as no one calls them.
func withOwn(tables [][]Route) []Route {
	return slices.Concat(append(slices.Clone(tables), (&Server{}).healthRoutes())...)
}

func describe(version string, enums Enums, routes []Route) (*document, error) {
	types := schemasOf(enums, routes)
	doc := &document{
		OpenAPI: "3.1.0",
		Info: documentInfo{Title: "Callhue", Version: version, Description: documentWords,
			License: map[string]string{"name": "MIT", "identifier": "MIT"}},
		Servers: []map[string]string{{"url": "/"}},
		Paths:   map[string]map[string]*operation{},
		Components: components{
			Schemas: types.byRef,
			Responses: map[string]*response{"Problem": {Description: "The request was refused.",
				Content: map[string]media{problemType: {types.of(reflect.TypeFor[Problem]())}}}},
			SecuritySchemes: map[string]map[string]string{
				"bearer": {"type": "http", "scheme": "bearer", "description": "An API token."},
				"cookie": {"type": "apiKey", "in": "cookie", "name": plainCookie,
					"description": "A browser's session; over https the cookie is called " + hostCookie + "."},
			},
		},
	}
	ids, tags := map[string]bool{}, map[string]bool{}
	for _, r := range routes {
		for _, method := range r.methods() {
			op := types.operation(r, method)
			if ids[op.ID] {
				return nil, fmt.Errorf("web: two rows are called %s", op.ID)
			}
			ids[op.ID] = true
			if tag := op.Tags[0]; !tags[tag] {
				tags[tag] = true
				doc.Tags = append(doc.Tags, map[string]string{"name": tag})
			}
			at := templateOf(r.Path)
			if doc.Paths[at] == nil {
				doc.Paths[at] = map[string]*operation{}
			}
			doc.Paths[at][strings.ToLower(method)] = op
		}
	}
	return doc, nil
}

// methods of a row in the document, which has no word for "any".
func (r Route) methods() []string {
	if r.Method == Any {
		return []string{"GET", "POST"}
	}
	return []string{r.Method}
}

func (s *schemas) operation(r Route, method string) *operation {
	op := &operation{
		ID: operationID(method, r.Path), Tags: []string{tagOf(r.Path)}, Summary: r.Summary,
		Parameters: s.parameters(r, method), Roles: r.Roles, Security: []map[string][]string{},
		Responses: map[string]*response{"default": {Ref: "#/components/responses/Problem"}},
	}
	if !slices.Contains(r.Roles, access.Anyone[0]) {
		op.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}}
	}
	if r.Body != nil && method != fiber.MethodGet {
		op.Body = &requestBody{true, map[string]media{fiber.MIMEApplicationJSON: {s.of(reflect.TypeOf(r.Body))}}}
	} else if r.Upload != nil {
		op.Body = &requestBody{true, map[string]media{fiber.MIMEMultipartForm: {r.Upload.schema()}}}
	} else if r.takesBody() {
		op.Body = &requestBody{true, map[string]media{fiber.MIMEApplicationJSON: {s.of(r.Do.in)}}}
	}
	good := &response{Description: "Done."}
	switch out := r.Do.out; {
	case out != nil && out != reflect.TypeFor[Nothing]():
		good = &response{"", "The answer.", map[string]media{fiber.MIMEApplicationJSON: {s.of(valueOf(out))}}}
	case out == nil && r.Media == fiber.MIMEApplicationJSON:
		good = &response{"", "The answer.", map[string]media{r.Media: {&schema{}}}}
	case out == nil && r.Media != "":
		good = &response{"", "The answer.", map[string]media{r.Media: {&schema{Type: "string"}}}}
	}
	for _, status := range append(r.Others, r.good()) {
		op.Responses[strconv.Itoa(status)] = good
	}
	if r.MayWait && s.waiting != nil {
		op.Responses[strconv.Itoa(fiber.StatusAccepted)] = &response{"", "The change waits for another user.",
			map[string]media{fiber.MIMEApplicationJSON: {s.of(s.waiting)}}}
	}
	return op
}

// good is the status of a good answer.
func (r Route) good() int {
	switch {
	case r.Status != 0:
		return r.Status
	case r.Do.out == reflect.TypeFor[Nothing]():
		return fiber.StatusNoContent
	}
	return fiber.StatusOK
}

func (r Route) takesBody() bool {
	in := r.Do.in
	return in != nil && (in.Kind() != reflect.Struct || len(jsonFields(in)) > 0)
}

func (r Route) keepsKeys() bool {
	return r.recordsAnswers() && r.Method != fiber.MethodGet && r.Method != fiber.MethodHead && r.Do.in != nil &&
		!slices.Contains(r.Roles, access.Anyone[0])
}

func (s *schemas) parameters(r Route, method string) []parameter {
	var list []parameter
	for _, name := range pathNames(r.Path) {
		list = append(list, parameter{Name: name, In: "path", Required: true, Schema: &schema{Type: "string"}})
	}
	for _, q := range r.Query {
		of := &schema{Type: "string", Enum: q.Values}
		list = append(list, parameter{Name: q.Name, In: "query", Description: q.Doc, Required: q.Required, Schema: of})
	}
	for _, f := range r.Do.bind.fields {
		p := parameter{Name: f.name, In: "query", Description: f.doc, Schema: s.of(f.kind)}
		if f.kind.Kind() == reflect.Slice { // a,b,c
			p.Style, p.Explode = "form", new(bool)
		}
		at := slices.IndexFunc(list, func(other parameter) bool { return other.Name == f.name && other.In == "path" })
		switch {
		case f.query:
			list = append(list, p)
		case at >= 0:
			list[at].Description, list[at].Schema = p.Description, p.Schema
		}
	}
	if r.keepsKeys() {
		list = append(list, parameter{Name: "Idempotency-Key", In: "header", Schema: &schema{Type: "string"},
			Description: "The same key with the same request within 24 hours gets the same answer, and nothing is done twice."})
	}
	return list
}

// operationID is made of method and path only, so that it never changes unless
// the route does: GET /api/v1/companies/:id/status is getCompaniesByIdStatus.
func operationID(method, path string) string {
	id := strings.ToLower(method)
	for _, part := range segments(path) {
		switch {
		case part[0] == ':':
			id += "By" + camel(part[1:])
		case part[0] == '*':
			id += "Rest"
		default:
			id += camel(part)
		}
	}
	return id
}

func camel(word string) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(word, func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
		b.WriteString(capital(part))
	}
	return b.String()
}

// segments of a path, without the prefix that all of the API shares.
func segments(path string) []string {
	path = strings.TrimPrefix(path, "/api/v1")
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// tagOf groups by noun: the first segment; the server's own pages are one group.
func tagOf(path string) string {
	parts := segments(path)
	if len(parts) == 0 || (!strings.HasPrefix(path, "/api/") && len(parts) == 1) {
		return "server"
	}
	return parts[0]
}

func pathNames(path string) (names []string) {
	for _, part := range segments(path) {
		switch part[0] {
		case ':':
			names = append(names, part[1:])
		case '*':
			names = append(names, "rest")
		}
	}
	return names
}

// templateOf turns /companies/:id into /companies/{id}.
func templateOf(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		switch {
		case strings.HasPrefix(part, ":"):
			parts[i] = "{" + part[1:] + "}"
		case strings.HasPrefix(part, "*"):
			parts[i] = "{rest}"
		}
	}
	return strings.Join(parts, "/")
}

func (s *Server) openAPI(r *Request) error {
	r.C.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return r.C.Send(s.document)
}
