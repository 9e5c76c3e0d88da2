// Package proposals keeps changes that lower protection until a second administrator confirms them.
//
// The packages that own the rule decide which of their changes lower protection and end such a write with
// journal.Act.Lower. The change comes here instead, with its effect on the last calls. An administrator other than the
// one who proposed it confirms it, and the owning package applies it in the same transaction; or they refuse it, its
// proposer withdraws it, or it expires. An installation with one administrator confirms with their password. The
// command line needs no second person.
//
// This package decides no colour and no right but that of the second person. Read next: propose.go, decide.go,
// store.go.
package proposals

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

// Lives is how long a change waits before it expires.
const Lives = 7 * 24 * time.Hour

// Kind is how changes of one kind are applied and what they do.
type Kind struct {
	Admins bool // only administrators propose such a change; others need the role supervisor
	// Hold holds what a change is about. It comes first in the transaction that applies it.
	Hold func(tx *store.Tx, change json.RawMessage) error
	// Apply applies a confirmed change. Its fault "stale_version" means that the subject has changed since.
	Apply func(a *journal.Act, change json.RawMessage, secret string) error
	// Effect returns what a change would do to clients and calls; nil for a kind that paints no card.
	Effect func(ctx context.Context, change json.RawMessage) (*ChangeEffect, error)
}

// ChangeEffect is what a change would do.
type ChangeEffect struct {
	Companies int64          `json:"companies"` // that it is about
	Calls     map[string]int `json:"calls"`     // cards of the last calls that would have another colour: "red->none"
	Looked    int            `json:"looked"`    // cards that were judged
}

// State is the state of a change.
type State string

// The states of a change.
const (
	Proposed  State = "proposed"
	Confirmed State = "confirmed"
	Refused   State = "refused"
	Withdrawn State = "withdrawn" // by the user who proposed it
	Expired   State = "expired"
	Outdated  State = "outdated" // what it would change was changed meanwhile
)

// Values lists the states, for the API reference.
func (State) Values() []string {
	return []string{string(Proposed), string(Confirmed), string(Refused), string(Withdrawn), string(Expired),
		string(Outdated)}
}

// Change is a change that lowers protection, as its readers see it.
type Change struct {
	ID           int64                `json:"id"`
	Kind         string               `json:"kind"`
	Subject      journal.Ref          `json:"subject"` // its id is 0 for what would be added
	Name         string               `json:"name"`    // of the subject
	Lowers       []string             `json:"lowers"`  // the fields that would lower protection
	Changed      json.RawMessage      `json:"changed"` // {field: {from, to}}; the fields of what would be added
	State        State                `json:"state"`
	Effect       *ChangeEffect        `json:"effect"` // when it was proposed; null for users
	ProposedBy   staff.Person         `json:"proposed_by"`
	ProposedAt   store.Moment         `json:"proposed_at"`
	ExpiresAt    store.Moment         `json:"expires_at"`
	DecidedBy    *staff.Person        `json:"decided_by"`
	DecidedAt    store.Moment         `json:"decided_at" null:"open"`
	Confirmation journal.Confirmation `json:"confirmation"` // "" unless confirmed
	Reason       string               `json:"reason"`       // of a refusal
	May          []string             `json:"may"`          // confirm, confirm_with_password, refuse, withdraw
}

// Waiting answers a request whose change waits now. It is the error that ends the write of it, too.
type Waiting struct {
	Change Change        `json:"change"`
	State  State         `json:"state"`
	Effect *ChangeEffect `json:"effect"`
}

// Registry holds the changes of a database.
type Registry struct {
	db      *store.DB
	journal *journal.Journal
	roster  *staff.Roster
	log     *slog.Logger
	kinds   map[string]Kind
}

// New returns the registry of a database. From then on changes that lower protection wait there.
func New(db *store.DB, j *journal.Journal, roster *staff.Roster, log *slog.Logger) *Registry {
	j.Register(Verbs()...)
	r := &Registry{db: db, journal: j, roster: roster, log: log, kinds: map[string]Kind{}}
	j.ProposalsTo(r.propose)
	return r
}

// Register sets how changes of a kind are applied. It is called before the registry is used.
func (r *Registry) Register(name string, k Kind) { r.kinds[name] = k }

// reader is the user who reads changes, and the organisation at that moment.
type reader struct {
	user  *access.User
	org   *staff.Org
	admin bool
	only  bool // they are the only administrator
	now   time.Time
}

func (r *Registry) readerIn(tx *store.Tx, user *access.User) (reader, error) {
	org, err := r.roster.OrgIn(tx)
	if err != nil {
		return reader{}, err
	}
	now := tx.Now()
	return reader{user, org, org.IsAdmin(user.ID), org.OnlyAdmin(user.ID, now), now}, nil
}
