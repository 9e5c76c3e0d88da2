// Package kpi measures the work of users and calculates their bonuses.
//
// A profile names indicators with plan, weight, cap and direction, and a table
// that turns a score into a share of the base. Facts of a month come from the
// journal or from a head; score.go calculates with exact fractions and rounds once,
// at the kopeck. Each calculation is kept with its terms and facts. A closed month
// never changes, and cannot be opened again. The package never pays anything and
// never reads calls or clients: it reads the journal alone.
//
// Read next: terms.go, score.go, then month_end.go for how a month goes.
package kpi

import (
	"context"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

// Ledger keeps profiles, facts and months.
type Ledger struct {
	db      *store.DB
	journal *journal.Journal
	roster  *staff.Roster
}

// New returns the ledger of a database.
func New(db *store.DB, j *journal.Journal, roster *staff.Roster) *Ledger {
	j.Register(Verbs()...)
	return &Ledger{db, j, roster}
}

// act is one write, with the organisation as it is inside its transaction.
type act struct {
	*Ledger
	*journal.Act
	org *staff.Org
	// turn is what the write is about: a month, or the profiles.
	turn string
}

// write runs a write. Writes with the same turn, a month or the profiles, come one
// after the other, so what they read stays true until they have written.
func (l *Ledger) write(ctx context.Context, by int64, turn string, do func(a *act) error) error {
	return l.journal.Write(ctx, l.db, &access.User{ID: by}, func(a *journal.Act) error {
		if err := a.Tx.TakeTurn("floor_turns", turn); err != nil { // first of all: what is read before it could be old
			return err
		}
		org, err := l.roster.OrgIn(a.Tx)
		if err != nil {
			return err
		}
		return do(&act{l, a, org, turn})
	})
}

// profilesTurn is the turn of every change of profiles and of who has them.
const profilesTurn = "profiles"

// turn is the turn of whatever touches a month.
func (m Month) turn() string { return "month " + string(m) }

// record appends what happened to the journal. Facts and money stay out of it: colleagues read the journal.
func (a *act) record(verb journal.Verb, subject journal.Ref, words map[string]any) error {
	e := journal.Entry{Verb: verb, Subject: subject}
	if subject.Kind == "user" {
		e.Team = a.org.DepartmentOf(subject.ID)
	}
	return a.Record(e, words)
}

// refuse ends the write; about is the user that it was about, if it was about one.
func (a *act) refuse(f *fault.Error, about journal.Ref) error {
	return a.Refuse(f, journal.Entry{Subject: about}, map[string]any{"what": a.turn})
}

// needAdmin refuses a user who is no admin at this moment.
func (a *act) needAdmin() error {
	if !a.org.IsAdmin(a.User.ID) {
		return a.refuse(fault.Forbidden("role_missing").With("roles", access.Admins), journal.Ref{})
	}
	return nil
}

// needHead refuses a user who may not enter another one's results: their heads and administrators may, and no one may
// for themselves.
func (a *act) needHead(user int64) error {
	if a.User.ID == user || !a.org.IsAdmin(a.User.ID) && !a.org.IsHeadOf(a.User.ID, user) {
		return a.refuse(fault.Forbidden("kpi_forbidden"), journal.Ref{Kind: "user", ID: user})
	}
	return nil
}

// maySee reports whether a user may read the months of another: their own, those of the people they head, and an
// admin everybody's.
func maySee(org *staff.Org, by, user int64) bool {
	return by == user || org.IsHeadOf(by, user) || org.IsAdmin(by)
}

// open refuses to touch a month that is closed.
func (a *act) open(month Month) error {
	closed, err := closedMonth(a.Tx, month)
	if err == nil && closed.ClosedAt != 0 {
		err = fault.Conflict("month_closed")
	}
	return err
}

// personOf returns a user for an answer; an unknown one has an id only.
func personOf(org *staff.Org, id int64) staff.Person {
	if p := org.User(id).Person(); p != nil {
		return *p
	}
	return staff.Person{ID: id}
}
