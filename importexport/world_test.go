package importexport

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/staff"
	"callhue/statuses"
	"callhue/test/house"
)

// world is an Importer on a database with a head and two agents of that head.
type world struct {
	testing.TB
	*Importer
	*house.Parts
	anna, boris, igor int64
}

// inWorlds runs a test on both databases.
func inWorlds(t *testing.T, test func(w *world)) {
	t.Helper()
	store.Test(t, func(t *testing.T, db *store.DB) { test(newWorld(t, db)) })
}

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	h := house.Join(t, db)
	sales := h.Department("Sales", 0)
	user := func(login, name string, roles ...access.Role) *access.User {
		return h.Add(staff.NewUser{Login: login, Name: name, Roles: roles, DepartmentID: sales, Extension: "1" + login})
	}
	anna, boris := user("anna", "Анна Белкина", access.Agent), user("boris", "Борис Волков", access.Agent)
	igor := user("igor", "Игорь Гусев", access.Agent, access.Supervisor)
	h.Head(sales, igor)
	return &world{TB: t, Parts: h, Importer: New(h.DB, h.Records, h.Roster, h.Directory, h.Plan, rand.Reader),
		anna: anna.ID, boris: boris.ID, igor: igor.ID}
}

// as returns the user with a login, an admin for "".
func (w *world) as(login string) *access.User {
	w.Helper()
	by, err := w.UserByLogin(context.Background(), login)
	must(w.TB, err)
	return by
}

// file writes a file and returns its path.
func (w *world) file(name, text string) string {
	w.Helper()
	path := filepath.Join(w.TB.TempDir(), name)
	must(w.TB, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// take imports a file, as an admin unless the options name a user.
func (w *world) take(o Options) Result {
	w.Helper()
	if o.By == nil {
		o.By = w.as("")
	}
	out, err := w.Import(context.Background(), o)
	must(w.TB, err)
	return out
}

// counts checks the counts of a result.
func (w *world) counts(why string, out Result, rows, added, changed, same, refused int64) {
	w.Helper()
	want := Progress{Rows: rows, Added: added, Changed: changed, Same: same, Refused: refused}
	got := out.Progress
	got.Bytes, got.Size = 0, 0
	if got != want {
		report := ""
		if out.Report != "" {
			text, _ := os.ReadFile(out.Report)
			report = string(text)
		}
		w.Errorf("%s: %+v, want %+v\n%s", why, got, want, report)
	}
}

// warned checks that a result has a warning, given as line,column,value,code.
func (w *world) warned(out Result, want string) {
	w.Helper()
	var list []string
	for _, n := range out.Warnings {
		list = append(list, fmt.Sprintf("%d,%s,%s,%s", n.Line, n.Column, n.Value, n.Code))
	}
	if !slices.Contains(list, want) {
		w.Errorf("the warnings are %q, want %q among them", list, want)
	}
}

func (w *world) companies() []crm.Company {
	w.Helper()
	page, err := w.records.ListCompanies(context.Background(), crm.Filter{})
	must(w.TB, err)
	return page.Items
}

func (w *world) company(name string) crm.Company {
	w.Helper()
	for _, c := range w.companies() {
		if c.Name == name {
			return c
		}
	}
	w.Fatalf("there is no company %q", name)
	return crm.Company{}
}

func (w *world) contact(name string) crm.Contact {
	w.Helper()
	page, err := w.records.ListContacts(context.Background(), crm.Filter{Q: name})
	must(w.TB, err)
	if len(page.Items) != 1 {
		w.Fatalf("%d contacts are called %q", len(page.Items), name)
	}
	return page.Items[0]
}

// guard adds a company with an owner and a protected status, as an admin.
func (w *world) guard(name string, owner int64, number string) crm.Company {
	w.Helper()
	c, err := w.records.AddCompany(context.Background(), w.as(""),
		crm.NewCompany{Name: name, OwnerID: owner, Status: statuses.InWork, Phones: []crm.Phone{{Value: number}}})
	must(w.TB, err)
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	house.Must(t, err)
}

func wantFault(t *testing.T, why string, err error, key string) {
	t.Helper()
	house.WantFault(t, why, err, key)
}
