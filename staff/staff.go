// Package staff keeps users and what PBXs and CRMs call them, departments with their heads, deputies, and sign-in.
//
// Packages above ask two things: who is this (Org.ByIdentity, Org.ByPhone, Roster.Authenticate), and what is a user to
// another one (Org.IsHeadOf, Org.Relation). Org is the organisation at one moment, immutable, kept in memory until the
// journal mentions a change; rights are checked with OrgIn, which is right inside a write's transaction. What a
// relation means for a call is decided by package rules.
//
// Read next: org.go, user.go, session.go, authenticate.go, http.go.
package staff

import (
	"context"
	"crypto/rand"
	"io"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
)

// Roster holds the organisation of a database.
type Roster struct {
	// Random is where secrets come from; a test may replace it before use.
	Random io.Reader
	// Sessions are how long sessions last; set them before use.
	Sessions SessionLimits

	db      *store.DB
	journal *journal.Journal
	plan    *phone.Plan
	org     *journal.Snapshot[Org]
	latest  atomic.Pointer[orgAt] // for writes: see OrgIn
	limits  *signInLimits
	signIns *prometheus.CounterVec // by outcome
	hasher  hasher
	keys    *keyCache
	seen    seenSessions
}

// New returns the roster of a database; the journal keeps its memory fresh. plan reads phones as people type them.
func New(db *store.DB, j *journal.Journal, plan *phone.Plan) *Roster {
	j.Register(Verbs()...)
	r := &Roster{
		Random:   rand.Reader,
		Sessions: DefaultSessionLimits(),
		seen:     seenSessions{last: map[int64]store.Moment{}},
		db:       db,
		journal:  j,
		plan:     plan,
		limits:   newSignInLimits(func() time.Time { return db.Clock() }),
		signIns:  newSignInCounter(),
		hasher:   newHasher(),
		keys:     newKeyCache(j),
	}
	r.org = journal.NewSnapshot(j, func(ctx context.Context) (*Org, error) { return r.OrgIn(db.Read(ctx)) },
		DepartmentAdded, DepartmentChanged, DepartmentRemoved,
		UserAdded, UserChanged,
		IdentityAdded, IdentityRemoved,
		DeputyAdded, DeputyRemoved)
	j.SeersFrom(func(person int64) []int64 {
		org, err := r.Org(context.Background())
		if err != nil {
			return nil
		}
		return org.SeersOf(person, db.Clock())
	})
	j.ScopeFrom(func(ctx context.Context, user *access.User) (journal.Scope, error) { return r.Scope(ctx, user) })
	return r
}

// Org returns the organisation. It holds what this process has committed, and what others committed up to a moment ago.
// It must not be changed.
func (r *Roster) Org(ctx context.Context) (*Org, error) { return r.org.Get(ctx) }

// act is one write of the organisation, with the organisation as it was before.
type act struct {
	*journal.Act
	org      *Org
	proposed proposed // the change as it waits where it lowers protection
}

// write runs a write of the organisation. Such writes come one after the other: what do reads stays true until it has
// written. The user must be an administrator at that moment.
func (r *Roster) write(ctx context.Context, by *access.User, do func(a *act) error) error {
	return r.journal.Write(ctx, r.db, by, func(a *journal.Act) error {
		if err := takeTurn(a.Tx, organisation); err != nil { // first of all: what is read before it could be old
			return err
		}
		org, err := r.OrgIn(a.Tx)
		if err != nil {
			return err
		}
		if !org.Administers(by) {
			return fault.Forbidden("role_missing").With("roles", access.Admins)
		}
		if err := do(&act{Act: a, org: org}); err != nil {
			return err
		}
		return takeTurn(a.Tx, orgVersion)
	})
}

// user returns the user that a write is about, or the fault not_found.
func (a *act) user(id int64) (*User, error) {
	u := a.org.User(id)
	if u == nil {
		return nil, fault.Missing("user")
	}
	return u, nil
}

// record appends what happened to a user to the journal.
func (a *act) record(u *User, verb journal.Verb, details map[string]any) error {
	return recordUser(a.Act, u, verb, details)
}

func recordUser(a *journal.Act, u *User, verb journal.Verb, details map[string]any) error {
	subject := journal.Ref{Kind: "user", ID: u.ID}
	return a.Record(journal.Entry{Team: u.DepartmentID, Verb: verb, Subject: subject}, details)
}

// organisation is the turn that every write of the organisation takes.
const organisation = "organisation"
