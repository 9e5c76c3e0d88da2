package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/internal/web"
)

var update = flag.Bool("update", false, "write the golden files")

// Colour, Owner and Boat are a room's types as the document has to spell them.
type Colour string

func (Colour) Values() []string { return []string{"red", "blue"} }

type Owner struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type stamped struct {
	CreatedAt  time.Time    `json:"created_at"`
	SoldAt     *time.Time   `json:"sold_at"`
	LaunchedAt store.Moment `json:"launched_at"`
	SunkAt     store.Moment `json:"sunk_at" null:"it floats"`
	RaisedAt   store.Moment `json:"raised_at,omitzero"`
}

type Boat struct {
	ID     int64             `json:"id"`
	Name   string            `json:"name" doc:"As painted on the bow."`
	Colour Colour            `json:"color"`
	Owner  *Owner            `json:"owner"`
	Tender *Boat             `json:"tender,omitempty"`
	Tags   []string          `json:"tags"`
	Notes  map[string]string `json:"notes,omitempty"`
	Raw    json.RawMessage   `json:"raw"`
	hidden int               //lint:ignore U1000 the document must not show it
	stamped
}

type addBoat struct {
	Name    string  `json:"name"`
	Colour  Colour  `json:"color,omitempty"`
	OwnerID *int64  `json:"owner_id"`
	Length  float64 `json:"length,omitempty"`
}

type listBoats struct {
	web.Paging
	Colour Colour       `query:"color" json:"-" doc:"Only these."`
	Owners []int64      `query:"owner_id" json:"-"`
	Since  store.Moment `query:"since" json:"-"`
	Old    bool         `query:"old" json:"-"`
}

type oneBoat struct {
	ID int64 `path:"id" json:"-"`
}

func harbour() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/api/v1/boats", Roles: access.Askers, Summary: "The boats of the harbour.",
			Do: web.Do(func(*web.Request, listBoats) (web.List[Boat], error) { return web.List[Boat]{}, nil })},
		{Method: "POST", Path: "/api/v1/boats", Roles: access.Heads, Summary: "Add a boat.", Status: 201,
			Do: web.Do(func(_ *web.Request, in addBoat) (Boat, error) { return Boat{Name: in.Name}, nil })},
		{Method: "GET", Path: "/api/v1/boats/:id", Roles: access.Askers, Summary: "One boat.",
			Do: web.Do(func(_ *web.Request, in oneBoat) (Boat, error) { return Boat{ID: in.ID}, nil })},
		{Method: "DELETE", Path: "/api/v1/boats/:id", Roles: access.Admins, Summary: "Remove a boat.",
			Do: web.Do(func(*web.Request, oneBoat) (web.Nothing, error) { return web.Nothing{}, nil })},
		{Method: "GET", Path: "/api/v1/live", Roles: access.Staff, Summary: "What happens, as it happens.",
			Media: "text/event-stream", Do: web.Raw(func(*web.Request) error { return nil })},
		{Method: web.Any, Path: "/hooks/:source/*", Roles: access.Anyone, Summary: "A machine's door.",
			Do: web.Raw(func(*web.Request) error { return nil })},
	}
}

func TestDocumentIsValidAndStable(t *testing.T) {
	got, err := web.Document("1.2.3", nil, harbour())
	if err != nil {
		t.Fatal(err)
	}
	again, err := web.Document("1.2.3", nil, harbour())
	if err != nil || !bytes.Equal(got, again) {
		t.Fatal("the same table gave another document", err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(got)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/openapi.json"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the document changed (go test ./web -update): -want +got\n%s", diff)
	}
}

func TestDocumentHoldsEveryRoute(t *testing.T) {
	raw, err := web.Document("1", nil, harbour())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatal(err)
	}
	names := strings.NewReplacer(":id", "{id}", ":source", "{source}", "*", "{rest}")
	for _, r := range newServer(t, web.Options{}, harbour()).Routes() {
		item := doc.Paths.Value(names.Replace(r.Path))
		method := r.Method
		if method == web.Any {
			method = "POST"
		}
		if item == nil || item.GetOperation(method) == nil {
			t.Errorf("%s %s is not in the document", r.Method, r.Path)
			continue
		}
		op := item.GetOperation(method)
		if open := slices.Contains(r.Roles, access.Anyone[0]); open != (len(*op.Security) == 0) {
			t.Errorf("%s %s: anyone may: %v, security: %v", r.Method, r.Path, open, *op.Security)
		}
	}
}

func TestDocumentNamesTwinsByTheirPackage(t *testing.T) {
	type Field struct { // beside fault.Field, which every problem holds
		Crop string `json:"crop"`
	}
	raw, err := web.Document("1", nil, []web.Route{{Method: "GET", Path: "/api/v1/fields", Roles: access.Anyone,
		Summary: "Fields.", Do: web.Do(func(*web.Request, web.Nothing) (web.List[Field], error) {
			return web.List[Field]{}, nil
		})}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"FaultField", "WebTestField", "FieldList"} {
		if !strings.Contains(string(raw), `"`+name+`": {`) {
			t.Errorf("no schema %s in\n%s", name, raw)
		}
	}
}

func TestDocumentRefusesTwoRowsOfOneName(t *testing.T) {
	row := web.Route{Method: "GET", Path: "/api/v1/boats", Roles: access.Anyone, Summary: "Boats.",
		Do: web.Raw(func(*web.Request) error { return nil })}
	twin := row
	twin.Path = "/api/v1/boats/"
	if _, err := web.Document("1", nil, []web.Route{row, twin}); err == nil ||
		!strings.Contains(err.Error(), "getBoats") {
		t.Errorf("got %v", err)
	}
}

func TestAStringTypeNamesItsValues(t *testing.T) {
	type shade string
	type answer struct {
		Shade shade `json:"shade"`
	}
	defer func() {
		if said := recover(); said == nil || !strings.Contains(said.(string), "web_test.shade needs Values()") {
			t.Errorf("the document took a closed list for free text: %v", said)
		}
	}()
	_, _ = web.Document("1", nil, []web.Route{{Method: "GET", Path: "/api/v1/shade", Roles: access.Anyone,
		Summary: "A shade.", Do: web.Do(func(*web.Request, web.Nothing) (answer, error) { return answer{}, nil })}})
}
