package calls

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/rules"
)

// PolicyVersion is one version of the policy.
type PolicyVersion struct {
	Version   int          `json:"version"`
	Policy    rules.Policy `json:"policy"`
	Reason    string       `json:"reason"`
	CreatedAt *time.Time   `json:"created_at"` // null for version 1, which ships with the program
	CreatedBy int64        `json:"created_by"` // a user; 0 for version 1
}

type policyRow struct {
	Version   int    `db:"version"`
	Body      string `db:"body"`
	Reason    string `db:"reason"`
	CreatedAt int64  `db:"created_at"`
	CreatedBy int64  `db:"created_by"`
}

func (r policyRow) policy() (rules.Policy, error) { return rules.ReadPolicy([]byte(r.Body)) }

const policyColumns = "version, body, reason, created_at, created_by"

// activePolicy is the policy with the highest version, or the shipped one.
func (d *Tracker) activePolicy(tx *store.Tx) (*rules.Policy, error) {
	var row policyRow
	err := tx.Get(&row, "SELECT "+policyColumns+" FROM policies ORDER BY version DESC LIMIT 1")
	if errors.Is(err, store.ErrNone) {
		return &d.Policy, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := row.policy()
	return &p, err
}

func (d *Tracker) readPolicy(ctx context.Context) (*rules.Policy, error) {
	return d.activePolicy(d.DB.Read(ctx))
}

func (d *Tracker) showPolicy(r *web.Request, _ web.Nothing) (rules.Policy, error) {
	p, err := d.policy.Get(r.Context())
	if err != nil {
		return rules.Policy{}, err
	}
	return *p, nil
}

// PolicyInput is a whole policy; its version is the one that it replaces.
type PolicyInput struct {
	rules.Policy
	Reason string `json:"reason,omitempty"`
}

// PolicyMade is the new active policy, with what may be meant but looks odd.
type PolicyMade struct {
	Policy   rules.Policy    `json:"policy"`
	Warnings []rules.Problem `json:"warnings"`
}

// badPolicy gives the fault of a policy that must not become active, and the
// warnings of one that may.
func badPolicy(p rules.Policy) (warnings []rules.Problem, err error) {
	var wrong *fault.Error
	warnings = []rules.Problem{}
	for _, problem := range p.Validate() {
		if problem.Warning {
			warnings = append(warnings, problem)
			continue
		}
		wrong = wrong.And(problem.Field, problem.Code)
	}
	return warnings, wrong.OrNil()
}

// changePolicy makes the next version. The unique key on versions lets one of
// two who change the same version through; the other one is told that it is
// stale.
func (d *Tracker) changePolicy(r *web.Request, in PolicyInput) (PolicyMade, error) {
	warnings, err := badPolicy(in.Policy)
	if code := fault.InText(in.Reason, 500); code != "" {
		err = also(err, "reason", code)
	}
	if err != nil {
		return PolicyMade{}, err
	}
	next := in.Policy
	next.Version = in.Version + 1
	body, err := json.Marshal(next)
	if err != nil {
		return PolicyMade{}, err
	}
	err = d.DB.Write(r.Context(), func(tx *store.Tx) error {
		_, fresh, err := tx.InsertNew("INSERT INTO policies ("+policyColumns+") VALUES (?, ?, ?, ?, ?)",
			next.Version, string(body), in.Reason, store.Millis(tx.Now()), r.User.ID)
		if err != nil {
			return err
		}
		if !fresh {
			return fault.Stale()
		}
		if err := d.mustBeAdmin(tx, r.User.ID); err != nil {
			return err
		}
		before := d.Policy
		if in.Version != before.Version {
			var row policyRow
			err := tx.Get(&row, "SELECT "+policyColumns+" FROM policies WHERE version = ?", in.Version)
			if errors.Is(err, store.ErrNone) {
				return fault.Stale() // a version that was never there
			}
			if err != nil {
				return err
			}
			if before, err = row.policy(); err != nil {
				return err
			}
		}
		_, err = d.Journal.Record(tx, journal.Entry{Verb: journal.PolicyChanged, Actor: r.User.ID,
			Subject: journal.Ref{Kind: "policy", ID: int64(next.Version)},
			Words:   journal.Details(map[string]any{"old": before, "new": next, "reason": in.Reason})})
		return err
	})
	return PolicyMade{next, warnings}, err
}

// mustBeAdmin checks the right inside the transaction: the session knows the
// roles of when the request began.
func (d *Tracker) mustBeAdmin(tx *store.Tx, user int64) error {
	org, err := d.Roster.OrgIn(tx)
	if err != nil {
		return err
	}
	if !org.IsAdmin(user) {
		return fault.Forbidden("role_missing")
	}
	return nil
}

func (*Tracker) policyPresets(*web.Request, web.Nothing) (web.List[rules.Preset], error) {
	return web.List[rules.Preset]{Items: rules.Presets()}, nil
}

func (d *Tracker) policyVersions(r *web.Request, in web.Paging) (web.List[PolicyVersion], error) {
	none, before := web.List[PolicyVersion]{}, 1<<31
	if err := in.After(&before); err != nil {
		return none, err
	}
	var rows []policyRow
	err := d.DB.Read(r.Context()).Select(&rows, "SELECT "+policyColumns+" FROM policies WHERE version < ? ORDER BY version DESC LIMIT ?", before, in.Size()+1)
	if err != nil {
		return none, err
	}
	all := make([]PolicyVersion, len(rows), len(rows)+1)
	for i, row := range rows {
		at := store.Time(row.CreatedAt)
		all[i] = PolicyVersion{Version: row.Version, Reason: row.Reason, CreatedAt: &at, CreatedBy: row.CreatedBy}
		if all[i].Policy, err = row.policy(); err != nil {
			return none, err
		}
	}
	if len(rows) <= in.Size() && before > d.Policy.Version {
		all = append(all, PolicyVersion{Version: d.Policy.Version, Policy: d.Policy})
	}
	return web.Page(all, in.Size(), func(last PolicyVersion) any { return last.Version }), nil
}
