package policy

import (
	"errors"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/rules"
)

// policyRow is a version as it is stored: all but the first, which ships with the program. A version never changes, so
// the column counts no updates, and store.Table is not for it.
type policyRow struct {
	Version   int    `db:"version"`
	Body      string `db:"body"` // JSON
	Reason    string `db:"reason"`
	CreatedAt int64  `db:"created_at"` // ms
	CreatedBy int64  `db:"created_by"`
}

const policyColumns = "version, body, reason, created_at, created_by"

func (r policyRow) policy() (rules.Policy, error) { return rules.ReadPolicy([]byte(r.Body)) }

func (r policyRow) version() (PolicyVersion, error) {
	at := store.Time(r.CreatedAt)
	policy, err := r.policy()
	return PolicyVersion{r.Version, policy, r.Reason, &at, r.CreatedBy}, err
}

// ActiveIn returns the active policy as the transaction sees it: the highest version, or the shipped one.
func (v *Versions) ActiveIn(tx *store.Tx) (*rules.Policy, error) {
	var row policyRow
	err := tx.Get(&row, "SELECT "+policyColumns+" FROM policies ORDER BY version DESC LIMIT 1")
	if errors.Is(err, store.ErrNone) {
		return &v.shipped, nil
	}
	if err != nil {
		return nil, err
	}
	policy, err := row.policy()
	return &policy, err
}

// version returns the policy of a version; the fault is "stale_version" for one that never was.
func (v *Versions) version(tx *store.Tx, version int) (rules.Policy, error) {
	if version == v.shipped.Version {
		return v.shipped, nil
	}
	var row policyRow
	err := tx.Get(&row, "SELECT "+policyColumns+" FROM policies WHERE version = ?", version)
	if errors.Is(err, store.ErrNone) {
		return rules.Policy{}, fault.Stale()
	}
	if err != nil {
		return rules.Policy{}, err
	}
	return row.policy()
}

// addPolicy stores a version and reports whether it is new.
func addPolicy(tx *store.Tx, r policyRow) (added bool, err error) {
	_, added, err = tx.InsertNew("INSERT INTO policies ("+policyColumns+") VALUES (?, ?, ?, ?, ?)",
		r.Version, r.Body, r.Reason, r.CreatedAt, r.CreatedBy)
	return added, err
}

// listPolicies returns the stored versions below one, the latest first.
func listPolicies(tx *store.Tx, below, limit int) (rows []policyRow, err error) {
	err = tx.Select(&rows, "SELECT "+policyColumns+" FROM policies WHERE version < ? ORDER BY version DESC LIMIT ?",
		below, limit)
	return rows, err
}
