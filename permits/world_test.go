package permits

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
	"callhue/staff"
	"callhue/statuses"
)

// world is a board with people around it:
//
//	Head office (rita)
//	├── Department A (igor): anna, boris
//	└── Department B (oleg): vera
//
// and an admin, whose department no one heads.
type world struct {
	*testing.T
	*Registry
	book   *crm.Records
	roster *staff.Roster
	clock  *clock

	rita, igor, oleg, anna, boris, vera, admin *access.User
}

// clock stands still until it is told to move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	ctx := context.Background()
	w := &world{T: t, clock: &clock{at: time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC)}}
	db.Clock = w.clock.now
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	tail := journal.New(db, log)
	plan, err := phone.NewPlan("RU", "495")
	must(t, err)
	w.roster = staff.New(db, tail, plan)
	directory := statuses.New(db, tail)
	must(t, directory.Seed(ctx))
	w.book = crm.New(db, tail, w.roster, directory, plan)
	w.Registry = New(db, tail, w.roster, w.book, log)

	office := w.department("Head office", 0)
	a, b := w.department("Department A", office), w.department("Department B", office)
	w.rita, w.igor, w.oleg = w.user("rita", office), w.user("igor", a), w.user("oleg", b)
	w.anna, w.boris, w.vera = w.user("anna", a), w.user("boris", a), w.user("vera", b)
	w.admin = w.user("admin", 0, access.Admin)
	for department, head := range map[int64]*access.User{office: w.rita, a: w.igor, b: w.oleg} {
		_, err := w.roster.ChangeDepartment(ctx, 0, department, staff.DepartmentChange{Version: 1, HeadID: &head.ID})
		must(t, err)
	}
	return w
}

func (w *world) department(name string, parent int64) int64 {
	w.Helper()
	d, err := w.roster.AddDepartment(context.Background(), 0, staff.NewDepartment{Name: name, ParentID: parent})
	must(w.T, err)
	return d.ID
}

func (w *world) user(login string, department int64, roles ...access.Role) *access.User {
	w.Helper()
	if roles == nil {
		roles = access.Roles{access.Agent}
	}
	u, err := w.roster.AddUser(context.Background(), 0, staff.NewUser{Login: login, Name: login, Roles: roles, DepartmentID: department})
	must(w.T, err)
	return &access.User{ID: u.ID, Login: login, Name: login, Roles: roles, Department: department}
}

// company adds a company that is in work.
func (w *world) company(name string, owner *access.User) crm.Company {
	w.Helper()
	in := crm.NewCompany{Name: name, Status: statuses.InWork}
	if owner != nil {
		in.OwnerID = owner.ID
	}
	c, err := w.book.AddCompany(context.Background(), &access.User{Roles: access.Admins}, in)
	must(w.T, err)
	return c
}

// held says until when an agent may work with a company, by the memory that the
// cards use.
func (w *world) held(agent *access.User, company crm.Company) (Pass, bool) {
	w.Helper()
	ctx := context.Background()
	now, err := w.book.FindCompany(ctx, company.ID)
	must(w.T, err)
	held, err := w.Held(ctx)
	must(w.T, err)
	return held.Find(agent.ID, company.ID, now.OwnerID, w.clock.now())
}

func (w *world) holds(why string, agent *access.User, company crm.Company, want bool) {
	w.Helper()
	if _, is := w.held(agent, company); is != want {
		w.Errorf("%s: %s holds a permit for %s: %v, want %v", why, agent.Login, company.Name, is, want)
	}
}

// entries returns the journal of a verb, newest first.
func (w *world) entries(verb journal.Verb) []journal.Entry {
	w.Helper()
	list, err := journal.List(w.db.Read(context.Background()), journal.History{Verb: verb, Limit: 1000})
	must(w.T, err)
	return list
}

// word reads one detail of a journal entry.
func word(t *testing.T, e journal.Entry, name string) any {
	t.Helper()
	var all map[string]any
	must(t, json.Unmarshal(e.Details, &all))
	return all[name]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantFault compares an error with a fault's key, "" for none.
func wantFault(t *testing.T, why string, err error, key string) {
	t.Helper()
	switch {
	case err == nil && key == "":
	case err == nil:
		t.Errorf("%s: no refusal, want %s", why, key)
	case fault.Of(err).Key != key:
		t.Errorf("%s: refused with %v, want %q", why, err, key)
	}
}
