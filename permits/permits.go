// Package permits keeps requests of agents, and the permits that heads grant.
//
// A permit lets one agent work with one company for some hours as if it were their own. A head of the company's owner
// or an administrator grants it. A request (Ask) is for a permit or for another owner, or reports that an owner has
// left; it is listed for all who may decide it. Package calls reads Held from memory for every card. This package
// decides no colour, changes companies through crm alone, and closes a request by itself only when it has lost its
// point.
//
// Read next: permit.go, ask.go, decide.go, held.go, list.go, sweep.go.
package permits

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

// Registry holds the requests and permits of a database.
type Registry struct {
	db      *store.DB
	journal *journal.Journal
	roster  *staff.Roster
	book    *crm.Records
	log     *slog.Logger
	held    *journal.Snapshot[Held]
	hours   func(ctx context.Context) (int, error)
	wake    jobs.Signal // when companies may have changed hands
}

// defaultHours is how long a permit lasts where no policy is in force: a working day.
const defaultHours = 8

// New returns the registry of a database; the journal keeps its memory fresh.
func New(db *store.DB, j *journal.Journal, roster *staff.Roster, book *crm.Records, log *slog.Logger) *Registry {
	j.Register(Verbs()...)
	b := &Registry{db: db, journal: j, roster: roster, book: book, log: log, wake: jobs.NewSignal(),
		hours: func(context.Context) (int, error) { return defaultHours, nil }}
	b.held = journal.NewSnapshot(j, func(ctx context.Context) (*Held, error) { return HeldIn(db.Read(ctx)) },
		PermitGranted, PermitEnded)
	j.Listen(func(list []journal.Entry) {
		if slices.ContainsFunc(list, movesCompanies) {
			b.wake.Notify()
		}
	})
	return b
}

// HoursFrom sets where the default permit duration comes from. It is called before the registry is used.
func (b *Registry) HoursFrom(hours func(ctx context.Context) (int, error)) { b.hours = hours }

// act is one write in its transaction, which holds one company: everything about
// that company happens one after the other, a change of its owner included.
type act struct {
	*Registry
	*journal.Act
	org     *staff.Org
	company crm.Brief
}

// write runs a write about one company. Rights are read inside it; the journal
// keeps a refusal.
func (b *Registry) write(ctx context.Context, by *access.User, company int64, do func(a *act) error) error {
	return b.journal.Write(ctx, b.db, by, func(a *journal.Act) error {
		held, err := crm.LockCompany(a.Tx, company)
		if err != nil {
			return err
		}
		org, err := b.roster.OrgIn(a.Tx)
		if err != nil {
			return err
		}
		return do(&act{b, a, org, held})
	})
}

// refuse ends the write: action is what was tried, wanted its details.
func (a *act) refuse(action, code string, wanted any) error {
	subject := journal.Ref{Kind: crm.KindCompany.String(), ID: a.company.ID}
	about := journal.Entry{Team: a.org.DepartmentOf(a.company.OwnerID), Subject: subject, Client: subject}
	details := map[string]any{"action": action, "name": a.company.Name, "wanted": wanted}
	return a.Refuse(fault.Forbidden(code), about, details)
}

// mayPermit reports whether a user may let others work with an owner's companies at a moment: a head of the owner, at
// any level, a deputy of one, and an administrator. No one is their own head.
func mayPermit(org *staff.Org, user, owner int64, at time.Time) bool {
	return owner != 0 && (org.DecidesFor(user, owner, at) || org.IsAdmin(user))
}

// personIn returns a user with their name; nil for the id 0.
func personIn(org *staff.Org, id int64) *crm.Named {
	if id == 0 {
		return nil
	}
	p := &crm.Named{ID: id}
	if u := org.User(id); u != nil {
		p.Name = u.Name
	}
	return p
}
