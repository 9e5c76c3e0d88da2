package crm

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
	"callhue/staff"
	"callhue/statuses"
)

// The people of the tests: a small tree, rita above all.
//
//	1 Head office (rita)
//	├── 2 Department A (igor): anna, boris
//	└── 3 Department B (oleg): vera
const (
	anna, boris, igor, vera, oleg, rita, adminID, gone = 11, 12, 13, 14, 15, 16, 17, 18
)

// world is a book on a database with people and statuses in it, and a clock
// that moves one second at each transaction.
type world struct {
	*testing.T
	*Records
	db *store.DB
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	var second atomic.Int64
	start := time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC)
	db.Clock = func() time.Time { return start.Add(time.Duration(second.Add(1)) * time.Second) }
	people(t, db)
	plan, err := phone.NewPlan("RU", "495")
	must(t, err)
	j := journal.New(db, slog.New(slog.NewTextHandler(io.Discard, nil)))
	t.Cleanup(func() { checkSearchIndex(t, db) })
	return &world{T: t, Records: New(db, j, staff.New(db, j, plan), statuses.New(db, j), plan), db: db}
}

func people(t *testing.T, db *store.DB) {
	t.Helper()
	must(t, db.Write(context.Background(), func(tx *store.Tx) error {
		for _, d := range [][]any{{1, "Head office", 0, rita}, {2, "Department A", 1, igor},
			{3, "Department B", 1, oleg}} {
			if _, err := tx.Exec("INSERT INTO departments (id, name, parent_id, head_id, kind, version, created_at, updated_at) VALUES (?, ?, ?, ?, 'sales', 1, 0, 0)", d...); err != nil {
				return err
			}
		}
		for _, u := range [][]any{{anna, "anna", "agent", 2, 1}, {boris, "boris", "agent", 2, 1},
			{igor, "igor", "agent,supervisor", 2, 1},
			{vera, "vera", "agent", 3, 1}, {oleg, "oleg", "supervisor", 3, 1}, {rita, "rita", "supervisor", 1, 1},
			{adminID, "admin", "admin", 0, 1}, {gone, "gone", "agent", 2, 0}} {
			if _, err := tx.Exec(`INSERT INTO users (id, login, roles, department_id, active, name, language, dismissed_at, password, version, created_at, updated_at)
				VALUES (?, ?, ?, ?, ?, 'Somebody', 'en', 0, '', 1, 0, 0)`, u...); err != nil {
				return err
			}
		}
		for _, s := range [][]any{{1, "WAITING", 0, 1, 1}, {2, "IN_WORK", 1, nil, 1}, {3, "CLIENT", 1, nil, 1},
			{4, "REFUSED", 0, nil, 1}, {5, "OLD", 0, nil, 0}} {
			if _, err := tx.Exec(`INSERT INTO statuses (id, code, is_protected, default_key, active, name, sort, color, card_effect, is_system, version, created_at, updated_at)
				VALUES (?, ?, ?, ?, ?, 'Name', 10, '#112233', 'none', 0, 1, 0, 0)`, s...); err != nil {
				return err
			}
		}
		return nil
	}))
}

// as is a signed-in user, with the roles that his session remembers.
func as(id int64) *access.User {
	roles := access.Roles{access.Agent}
	if id == adminID {
		roles = access.Roles{access.Admin}
	}
	return &access.User{ID: id, Roles: roles}
}

func (w *world) company(in NewCompany) Company {
	w.Helper()
	c, err := w.AddCompany(context.Background(), as(adminID), in)
	must(w.T, err)
	return c
}

func (w *world) contact(in NewContact) Contact {
	w.Helper()
	c, err := w.AddContact(context.Background(), as(anna), in)
	must(w.T, err)
	return c
}

func (w *world) lead(in NewLead) Lead {
	w.Helper()
	l, err := w.AddLead(context.Background(), as(anna), in)
	must(w.T, err)
	return l
}

// entries returns the journal, oldest first.
func (w *world) entries(verb journal.Verb) []journal.Entry {
	w.Helper()
	list, err := journal.List(w.db.Read(context.Background()), journal.History{Verb: verb, Limit: 1000})
	must(w.T, err)
	return list
}

func (w *world) reach(number string) []Reached {
	w.Helper()
	key := w.plan.Parse(number).Key()
	found, err := Reach(w.db.Read(context.Background()), key)
	must(w.T, err)
	return found[key]
}

func phones(values ...string) []Phone {
	list := make([]Phone, len(values))
	for i, v := range values {
		list[i].Value = v
	}
	return list
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
