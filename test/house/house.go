// Package house is the organisation from which the tests of other packages start: the packages that most of them need,
// joined on a test database, and people in departments with heads. It is no part of the product.
//
// It imports crm and what crm imports, so the tests inside of journal, staff, statuses and crm cannot use it and keep
// small worlds of their own. Nothing here is faked: people and clients are made by the calls that the API makes.
package house

import (
	"context"
	"log/slog"
	"strings"
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

// Noon is when tests begin: 2026-03-12 09:16:05 UTC, noon in Moscow.
var Noon = time.Date(2026, 3, 12, 9, 16, 5, 0, time.UTC)

// Parts are the packages that most tests need, on one database. Numbers are Moscow's.
type Parts struct {
	T         testing.TB
	DB        *store.DB
	Clock     *Clock
	Plan      *phone.Plan
	Journal   *journal.Journal
	Roster    *staff.Roster
	Directory *statuses.Directory
	Records   *crm.Records
}

// Join returns the parts on a database, whose clock stands at Noon. A second Join on it is a second process.
func Join(t testing.TB, db *store.DB) *Parts {
	t.Helper()
	clock := &Clock{at: Noon}
	p := &Parts{T: t, DB: db.At(clock.Now), Clock: clock, Plan: Moscow(t)}
	p.Journal = journal.New(p.DB, Log())
	p.Roster = staff.New(p.DB, p.Journal, p.Plan)
	p.Directory = statuses.New(p.DB, p.Journal)
	Must(t, p.Directory.Seed(context.Background()))
	p.Records = crm.New(p.DB, p.Journal, p.Roster, p.Directory, p.Plan)
	return p
}

// House is an organisation:
//
//	Head office (Rita)
//	├── A (Igor): Anna, Boris
//	└── B (Oleg): Vera
//
// and an administrator in no department. Everybody else has the role agent: to head a department is a fact of the tree.
type House struct {
	*Parts
	Office, A, B                               int64
	Rita, Igor, Oleg, Anna, Boris, Vera, Admin *access.User
}

// New returns the organisation on an empty test database.
func New(t testing.TB, db *store.DB) *House {
	t.Helper()
	h := &House{Parts: Join(t, db)}
	h.Office = h.Department("Head office", 0)
	h.A, h.B = h.Department("A", h.Office), h.Department("B", h.Office)
	h.Rita, h.Igor, h.Oleg = h.User("rita", h.Office), h.User("igor", h.A), h.User("oleg", h.B)
	h.Anna, h.Boris, h.Vera = h.User("anna", h.A), h.User("boris", h.A), h.User("vera", h.B)
	h.Admin = h.User("admin", 0, access.Admin)
	h.Head(h.Office, h.Rita)
	h.Head(h.A, h.Igor)
	h.Head(h.B, h.Oleg)
	return h
}

// Department adds a department below another one, 0 for none.
func (p *Parts) Department(name string, parent int64) int64 {
	p.T.Helper()
	d, err := p.Roster.AddDepartment(context.Background(), access.System(),
		staff.NewDepartment{Name: name, ParentID: parent})
	Must(p.T, err)
	return d.ID
}

// Head makes a user the head of a department that has not been changed before.
func (p *Parts) Head(department int64, head *access.User) {
	p.T.Helper()
	_, err := p.Roster.ChangeDepartment(context.Background(), access.System(), department,
		staff.DepartmentChange{Version: 1, HeadID: &head.ID})
	Must(p.T, err)
}

// User adds a user, an agent where no roles are named. They are called by their login with a capital letter.
func (p *Parts) User(login string, department int64, roles ...access.Role) *access.User {
	p.T.Helper()
	if roles == nil {
		roles = access.Roles{access.Agent}
	}
	name := strings.ToUpper(login[:1]) + login[1:]
	return p.Add(staff.NewUser{Login: login, Name: name, Roles: roles, DepartmentID: department})
}

// Add adds a user with everything that a test wants of them, and returns them as if signed in.
func (p *Parts) Add(in staff.NewUser) *access.User {
	p.T.Helper()
	u, err := p.Roster.AddUser(context.Background(), access.System(), in)
	Must(p.T, err)
	return &access.User{ID: u.ID, Login: u.Login, Name: u.Name, Roles: u.Roles, Department: u.DepartmentID}
}

// Company adds a company that is in work. A nil owner is none.
func (p *Parts) Company(name string, owner *access.User, numbers ...string) crm.Company {
	p.T.Helper()
	in := crm.NewCompany{Name: name, Status: statuses.InWork}
	if owner != nil {
		in.OwnerID = owner.ID
	}
	for _, number := range numbers {
		in.Phones = append(in.Phones, crm.Phone{Value: number})
	}
	c, err := p.Records.AddCompany(context.Background(), access.System(), in)
	Must(p.T, err)
	return c
}

// Entries returns the journal's entries of a verb, the newest first.
func (p *Parts) Entries(verb journal.Verb) []journal.Entry {
	p.T.Helper()
	list, err := journal.List(p.DB.Read(context.Background()), journal.History{Verb: verb, Limit: 1000})
	Must(p.T, err)
	return list
}

// Clock stands still until a test moves it.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Move moves the clock by a duration.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// Set sets the clock to a time.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// Moscow returns the plan of numbers in Moscow.
func Moscow(t testing.TB) *phone.Plan {
	t.Helper()
	plan, err := phone.NewPlan("RU", "495")
	Must(t, err)
	return plan
}

// Log returns a log that is not kept.
func Log() *slog.Logger { return slog.New(slog.DiscardHandler) }

// Must ends a test at an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// WantFault compares an error with the key of a fault, "" for none.
func WantFault(t testing.TB, why string, err error, key string) {
	t.Helper()
	switch {
	case err == nil && key == "":
	case err == nil:
		t.Errorf("%s: no refusal, want %s", why, key)
	case fault.Of(err).Key != key:
		t.Errorf("%s: refused with %v, want %q", why, err, key)
	}
}
