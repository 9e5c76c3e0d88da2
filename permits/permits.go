// Package permits is what agents ask of heads, and the permits that heads give.
//
// A permit lets one agent work with one company for some hours as if it were
// his own; it is given by a head of the company's owner, or an admin. An ask is
// an agent's wish for a permit or for another owner, or the house's own note that
// an owner has left; it stands in the list of everybody who may decide it. The
// calls room asks Held for every card, from memory. The room never decides a
// colour, never changes a company but through crm, and never answers an ask by
// itself, other than by closing one that has lost its point.
//
// Read next: permit.go, ask.go, decide.go, held.go, sweep.go.
package permits

import (
	"context"
	"log/slog"
	"slices"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

// Registry is the room's one struct.
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

// defaultHours is how long a permit lasts when no one says it: a working day.
const defaultHours = 8

// New returns the board of a database; the journal keeps its memory fresh.
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

// HoursFrom registers who says how many hours a permit lasts when the one who
// gives it does not. It is called while the house is being wired.
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

// refuse ends the write: deed is what was tried, wanted its details.
func (a *act) refuse(action, code string, wanted any) error {
	subject := journal.Ref{Kind: crm.KindCompany.String(), ID: a.company.ID}
	return a.Refuse(fault.Forbidden(code), journal.Entry{Team: a.org.DepartmentOf(a.company.OwnerID), Subject: subject, Client: subject},
		map[string]any{"action": action, "name": a.company.Name, "wanted": wanted})
}

// mayPermit reports whether a user may let others work with an owner's companies: a
// head of his, at any level, and an admin. No one is head of himself.
func mayPermit(org *staff.Org, user, owner int64) bool {
	return owner != 0 && (org.IsHeadOf(user, owner) || org.IsAdmin(user))
}

// personIn names a user; nil for no one.
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
