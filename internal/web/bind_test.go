package web_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
)

type echo struct {
	ID    int64    `path:"id" json:"-"`
	Deep  bool     `query:"deep" json:"-"`
	Tags  []string `query:"tags" json:"-"`
	Teams []int64  `query:"teams" json:"-"`
	Name  string   `json:"name"`
	Parts []struct {
		Size int `json:"size"`
	} `json:"parts"`
}

type echoed struct {
	ID    int64    `json:"id"`
	Deep  bool     `json:"deep"`
	Tags  []string `json:"tags"`
	Teams []int64  `json:"teams"`
	Name  string   `json:"name"`
	Sizes []int    `json:"sizes"`
}

func echoes() []web.Route {
	return []web.Route{{Method: "PUT", Path: "/api/v1/echo/:id", Roles: access.Staff, Summary: "Say it again.",
		Do: web.Do(func(_ *web.Request, in echo) (echoed, error) {
			out := echoed{ID: in.ID, Deep: in.Deep, Tags: in.Tags, Teams: in.Teams, Name: in.Name}
			for _, p := range in.Parts {
				out.Sizes = append(out.Sizes, p.Size)
			}
			return out, nil
		})}}
}

func TestInputIsBound(t *testing.T) {
	s := newServer(t, web.Options{}, echoes())
	_, body := call{method: "PUT", path: "/api/v1/echo/7?deep=true&tags=a,b%20c&teams=1,2",
		body: ` {"name":"Ёж","parts":[{"size":3}]} `}.as("petrov").to(t, s)
	if want := `{"id":7,"deep":true,"tags":["a","b c"],"teams":[1,2],"name":"Ёж","sizes":[3]}`; body != want {
		t.Errorf("got %s, want %s", body, want)
	}
}

func TestWrongInputIsNamed(t *testing.T) {
	s := newServer(t, web.Options{}, echoes())
	deep := strings.Repeat("[", 33) + strings.Repeat("]", 33)
	for _, c := range []struct {
		why, path, body string
		status          int
		code            string
		fields          []fault.Field
	}{
		{"a path that is no number leads nowhere", "x1", `{}`, 404, "not_found", nil},
		{"a number that no id can be", "99999999999999999999", `{}`, 404, "not_found", nil},
		{"no body at all", "1", ``, 400, "malformed_json", nil},
		{"half a body", "1", `{"name":`, 400, "malformed_json", nil},
		{"not JSON", "1", `name=Acme`, 400, "malformed_json", nil},
		{"something behind the value", "1", `{"name":"a"} {"name":"b"}`, 400, "malformed_json", nil},
		{"a bracket behind the value", "1", `{"name":"a"}]`, 400, "malformed_json", nil},
		{"an unknown field", "1", `{"nmae":"a"}`, 422, "invalid_input",
			[]fault.Field{{Field: "nmae", Code: "unknown_field"}}},
		{"an id in the body is unknown: it comes from the path", "1", `{"ID":5}`, 422, "invalid_input",
			[]fault.Field{{Field: "ID", Code: "unknown_field"}}},
		{"a wrong type", "1", `{"name":5}`, 422, "invalid_input", []fault.Field{{Field: "name", Code: "wrong_type"}}},
		{"a wrong type inside", "1", `{"parts":[{"size":"big"}]}`, 422, "invalid_input",
			[]fault.Field{{Field: "parts.size", Code: "wrong_type"}}},
		{"another value altogether", "1", `[]`, 422, "invalid_input",
			[]fault.Field{{Field: "body", Code: "wrong_type"}}},
		{"too deep", "1", `{"parts":` + deep + `}`, 422, "json_too_deep", nil},
		{"wrong texts in the query, all of them", "1?deep=perhaps&teams=1,x&tags=%ff", `{}`, 422, "invalid_input",
			[]fault.Field{{Field: "deep", Code: "wrong_type"}, {Field: "tags", Code: "wrong_type"},
				{Field: "teams", Code: "wrong_type"}}},
	} {
		t.Run(c.why, func(t *testing.T) {
			answer, body := call{method: "PUT", path: "/api/v1/echo/" + c.path, body: c.body}.as("petrov").to(t, s)
			p := refused(t, answer, body, c.status, c.code)
			if diff := cmp.Diff(c.fields, p.Errors); diff != "" {
				t.Errorf("fields: -want +got\n%s", diff)
			}
		})
	}
}

func TestDepthCountsBracketsOutsideOfTextsOnly(t *testing.T) {
	var into map[string]string
	text := strings.Repeat("[{", 40)
	if err := web.ReadJSON([]byte(`{"a":"`+text+`\"[["}`), &into); err != nil || into["a"] != text+`"[[` {
		t.Error(into, err)
	}
}

// A body that is too large is refused by a problem that a client can read,
// although it is still sending.
func TestLargeBodyIsRefused(t *testing.T) {
	url, _ := listening(t, newServer(t, web.Options{}, echoes()))
	large := []byte(fmt.Sprintf(`{"name":%q}`, strings.Repeat("a", 2<<20)))
	for why, body := range map[string]io.Reader{
		"with its length told": bytes.NewReader(large),
		"in chunks":            io.MultiReader(bytes.NewReader(large)),
	} {
		t.Run(why, func(t *testing.T) {
			req, err := http.NewRequest("PUT", url+"/api/v1/echo/1", body)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer petrov")
			answer, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			text, _ := io.ReadAll(answer.Body)
			refused(t, answer, string(text), 413, "body_too_large")
		})
	}
}

func TestInputTypeThatCannotWorkPanics(t *testing.T) {
	for why, make := range map[string]func(){
		"a URL field that is JSON, too": func() {
			web.Do(func(*web.Request, struct {
				ID int64 `path:"id"`
			}) (web.Nothing, error) {
				return web.Nothing{}, nil
			})
		},
		"a URL field of a type without a text": func() {
			web.Do(func(*web.Request, struct {
				At map[string]int `query:"at" json:"-"`
			}) (web.Nothing, error) {
				return web.Nothing{}, nil
			})
		},
	} {
		t.Run(why, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("was taken")
				}
			}()
			make()
		})
	}
}
