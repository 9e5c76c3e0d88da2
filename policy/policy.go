// Package policy keeps the policy of the rules: the settings that an administrator may change, such as the order in
// which records count, the colours, or how long calls are kept. Package rules says what each setting means.
//
// A policy is never edited. Every change makes a new version, which replaces the one before as a whole and is in force
// at once. Version 1 ships with the program and is in no table. Old versions stay, because cards and incidents name the
// version that they were judged under.
//
// The package also describes rules that are only considered (Trial). The dry run that judges past calls by them is part
// of package calls, where cards are made.
package policy

import (
	"context"
	"encoding/json"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/journal"
	"callhue/rules"
	"callhue/staff"
	"callhue/statuses"
)

// Versions holds the active policy in memory and all versions in the database.
type Versions struct {
	db        *store.DB
	journal   *journal.Journal
	roster    *staff.Roster
	directory *statuses.Directory
	shipped   rules.Policy
	active    *journal.Snapshot[rules.Policy]
}

// New returns the policies of a database. The shipped policy is version 1.
func New(db *store.DB, entries *journal.Journal, roster *staff.Roster, directory *statuses.Directory, shipped rules.Policy) *Versions {
	entries.Register(Verbs()...)
	v := &Versions{db: db, journal: entries, roster: roster, directory: directory, shipped: shipped}
	v.active = journal.NewSnapshot(entries, func(ctx context.Context) (*rules.Policy, error) {
		return v.ActiveIn(db.Read(ctx))
	}, PolicyChanged)
	return v
}

// Shipped returns version 1. The caller must not change it.
func (v *Versions) Shipped() *rules.Policy { return &v.shipped }

// Active returns the active policy from memory. The caller must not change it.
func (v *Versions) Active(ctx context.Context) (*rules.Policy, error) { return v.active.Get(ctx) }

// PermitHours returns how many hours a permit lasts when its head names no time.
func (v *Versions) PermitHours(ctx context.Context) (int, error) {
	active, err := v.Active(ctx)
	if err != nil {
		return 0, err
	}
	return active.Enforcement.PermitHours, nil
}

// PolicyVersion is one version of the policy.
type PolicyVersion struct {
	Version   int          `json:"version"`
	Policy    rules.Policy `json:"policy"`
	Reason    string       `json:"reason"`
	CreatedAt *time.Time   `json:"created_at"` // null for version 1, which ships with the program
	CreatedBy int64        `json:"created_by"` // a user; 0 for version 1
}

// PolicyInput is a whole policy; its version is the one that it replaces.
type PolicyInput struct {
	rules.Policy
	Reason string `json:"reason,omitempty"`
}

// PolicyMade is the new active policy, with warnings about values that are allowed but unusual.
type PolicyMade struct {
	Policy   rules.Policy    `json:"policy"`
	Warnings []rules.Problem `json:"warnings"`
}

// Check returns the fault of a policy that must not become active, and the warnings about one that may.
func Check(p rules.Policy) (warnings []rules.Problem, wrong *fault.Error) {
	warnings = []rules.Problem{}
	for _, problem := range p.Validate() {
		if problem.Warning {
			warnings = append(warnings, problem)
			continue
		}
		wrong = wrong.And(problem.Field, problem.Code)
	}
	return warnings, wrong
}

// maxReason is the longest reason of a change, in characters.
const maxReason = 500

// Change makes the next version of the policy, which is active from then on. One that paints red weaker (rules.Weaker)
// waits for a second administrator. When two users replace the same version, the unique key on versions lets one of
// them through. Faults: invalid, "role_missing", "stale_version".
func (v *Versions) Change(ctx context.Context, by *access.User, in PolicyInput) (made PolicyMade, err error) {
	err = v.journal.Write(ctx, v.db, by, func(a *journal.Act) error {
		made, err = v.changeIn(a, in)
		return err
	})
	return made, err
}

// changeIn is Change inside a transaction.
func (v *Versions) changeIn(a *journal.Act, in PolicyInput) (PolicyMade, error) {
	warnings, wrong := Check(in.Policy)
	if code := text.Check(in.Reason, maxReason); code != "" {
		wrong = wrong.And("reason", code)
	}
	if err := wrong.OrNil(); err != nil {
		return PolicyMade{}, err
	}
	next := in.Policy
	next.Version = in.Version + 1
	body, err := json.Marshal(next)
	if err != nil {
		return PolicyMade{}, err
	}
	added, err := addPolicy(a.Tx, policyRow{Version: next.Version, Body: string(body), Reason: in.Reason,
		CreatedAt: store.Millis(a.Tx.Now()), CreatedBy: a.Author()})
	if err != nil {
		return PolicyMade{}, err
	}
	if !added {
		return PolicyMade{}, fault.Stale()
	}
	isAdmin, err := v.isAdmin(a.Tx, a.User)
	if err != nil {
		return PolicyMade{}, err
	}
	if !isAdmin {
		return PolicyMade{}, fault.Forbidden("role_missing")
	}
	before, err := v.version(a.Tx, in.Version)
	if err != nil {
		return PolicyMade{}, err
	}
	if lowers := rules.Weaker(before, next); len(lowers) > 0 {
		if err := a.Lower(proposal(before, next, lowers, in)); err != nil {
			return PolicyMade{}, err
		}
	}
	made := PolicyMade{next, warnings}
	a.Tx.Answer(made)
	return made, a.Record(journal.Entry{
		Verb:    PolicyChanged,
		Subject: journal.Ref{Kind: "policy", ID: int64(next.Version)},
	}, map[string]any{"changed": journal.Compare(before, next), "reason": in.Reason})
}
