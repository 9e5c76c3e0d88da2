// Package staff is us: the users and what PBXs and CRMs call them, departments
// with their heads, deputies, and how somebody signs in.
//
// Everybody above asks it two things: who is this (Org.ByIdentity, Roster.Who)
// and what is he to that other one (Org.IsHeadOf, Org.Relation). Org is an
// immutable picture of everybody, kept in memory until the journal mentions a
// change; for rights a fresh one is read inside the write transaction with
// OrgIn. The room never decides what a relation means: that is rules/.
//
// Read next: org.go, user.go, key.go, http.go.
package staff

import (
	"context"

	"callhue/journal"
	"callhue/store"
)

// Roster is the room's one struct.
type Roster struct {
	db   *store.DB
	tail *journal.Tail
	org  *journal.Snapshot[Org]
}

// New gives the roster of a database; the journal keeps its memory fresh.
func New(db *store.DB, tail *journal.Tail) *Roster {
	r := &Roster{db: db, tail: tail}
	r.org = journal.NewSnapshot(tail, func(ctx context.Context) (*Org, error) { return OrgIn(db.Read(ctx)) },
		journal.DepartmentAdded, journal.DepartmentChanged, journal.DepartmentRemoved,
		journal.UserAdded, journal.UserChanged,
		journal.IdentityAdded, journal.IdentityRemoved,
		journal.DeputyAdded, journal.DeputyRemoved)
	return r
}

// Org gives the picture of everybody. It holds what this process has committed,
// and what others committed up to a moment ago; nobody may change it.
func (r *Roster) Org(ctx context.Context) (*Org, error) { return r.org.Get(ctx) }
