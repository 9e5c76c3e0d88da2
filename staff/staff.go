// Package staff is the organisation: the users and their identities in PBXs and CRMs, departments
// with their heads, deputies, and signing in.
//
// Packages above ask it two things: which user is this (Org.ByIdentity, Org.ByPhone, Roster.Who)
// and what is their relation to another one (Org.IsHeadOf, Org.Relation). Org is an
// immutable snapshot of all users, kept in memory until the journal has a
// change; for rights a fresh one is read inside the write transaction with
// OrgIn. Package rules decides what a relation means.
//
// Read next: org.go, user.go, key.go, http.go.
package staff

import (
	"context"
	"crypto/rand"
	"io"
	"sync/atomic"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
)

// Roster stores and serves users, departments, sessions and tokens.
type Roster struct {
	// Random is where secrets come from; a test may replace it before use.
	Random io.Reader

	db      *store.DB
	journal *journal.Journal
	plan    *phone.Plan
	org     *journal.Snapshot[Org]
	kept    atomic.Pointer[keptOrg] // for writes: see OrgIn
	door    *door
	keys    *keyCache
}

// New returns the roster of a database; the journal keeps its memory fresh. plan
// reads phones as people type them.
func New(db *store.DB, j *journal.Journal, plan *phone.Plan) *Roster {
	j.Register(Verbs()...)
	r := &Roster{Random: rand.Reader, db: db, journal: j, plan: plan,
		door: newDoor(func() time.Time { return db.Clock() }), keys: newKeyCache(j)}
	r.org = journal.NewSnapshot(j, func(ctx context.Context) (*Org, error) { return r.OrgIn(db.Read(ctx)) },
		DepartmentAdded, DepartmentChanged, DepartmentRemoved,
		UserAdded, UserChanged,
		IdentityAdded, IdentityRemoved,
		DeputyAdded, DeputyRemoved)
	return r
}

// Org returns the picture of everybody. It holds what this process has committed,
// and what others committed up to a moment ago; no one may change it.
func (r *Roster) Org(ctx context.Context) (*Org, error) { return r.org.Get(ctx) }

// change runs a change of the organisation. Such changes come one after the
// other, so what f reads stays true until it has written; and the one who makes it
// must still be an admin then. by is 0 for the command line.
func (r *Roster) change(ctx context.Context, by int64, f func(tx *store.Tx, org *Org) error) error {
	return r.db.Write(ctx, func(tx *store.Tx) error {
		if err := takeTurn(tx, organisation); err != nil { // first of all: what is read before it could be old
			return err
		}
		org, err := r.OrgIn(tx)
		if err != nil {
			return err
		}
		if by != 0 {
			if user := org.User(by); user == nil || !user.Active || !user.has(access.Admin) {
				return fault.Forbidden("role_missing").With("roles", access.Admins)
			}
		}
		if err := f(tx, org); err != nil {
			return err
		}
		return takeTurn(tx, orgVersion)
	})
}

// organisation is the turn that every change of ours takes.
const organisation = "organisation"
