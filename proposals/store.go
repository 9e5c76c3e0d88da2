package proposals

import (
	"encoding/json"
	"strings"

	"callhue/internal/store"
	"callhue/journal"
)

// changeRow is a change as it is stored. All but its end is written once.
type changeRow struct {
	ID           int64                `db:"id"`
	Kind         string               `db:"kind,once"`
	SubjectKind  string               `db:"subject_kind,once"`
	SubjectID    int64                `db:"subject_id,once"`
	Name         string               `db:"name,once"`
	Lowers       string               `db:"lowers,once"` // fields, with commas between
	Changed      string               `db:"changed,once"`
	Body         string               `db:"body,once"`
	Secret       string               `db:"secret"`
	Effect       string               `db:"effect,once"` // JSON, null for none
	State        State                `db:"state"`
	ProposedBy   int64                `db:"proposed_by,once"`
	ProposedAt   store.Moment         `db:"proposed_at,once"`
	ExpiresAt    store.Moment         `db:"expires_at,once"`
	DecidedBy    int64                `db:"decided_by"`
	DecidedAt    store.Moment         `db:"decided_at"`
	Confirmation journal.Confirmation `db:"confirmation"`
	Reason       string               `db:"reason"`
}

var changes = store.NewTable[changeRow]("proposals", "change")

// open holds for changes that wait at a moment.
func open(now store.Moment) store.Where {
	return store.Equal("state", Proposed).And(store.Condition("expires_at > ?", now))
}

// overdue holds for changes that have expired at a moment, which is not recorded yet.
func overdue(now store.Moment) store.Where {
	return store.Equal("state", Proposed).And(store.Condition("expires_at <= ?", now))
}

// inState holds for changes of a state at a moment, all for "".
func inState(state State, now store.Moment) store.Where {
	switch state {
	case "":
		return store.Where{}
	case Proposed:
		return open(now)
	case Expired:
		return store.Or(store.Equal("state", Expired), overdue(now))
	}
	return store.Equal("state", state)
}

// findSame returns the open change of the same user and content; nil when there is none.
func findSame(tx *store.Tx, row *changeRow) (*changeRow, error) {
	return changes.First(tx, open(row.ProposedAt).And(store.Equal("kind", row.Kind),
		store.Equal("proposed_by", row.ProposedBy), store.Equal("subject_id", row.SubjectID),
		store.Equal("body", row.Body)))
}

// close ends a change that still waits; false means that it does not any more. It comes before every SELECT of the
// transaction: of two decisions the second waits here for the first.
func (row *changeRow) close(tx *store.Tx) (bool, error) {
	found, err := tx.Exec(`UPDATE proposals SET state = ?, decided_by = ?, decided_at = ?, confirmation = ?, reason = ?,
		secret = '' WHERE id = ? AND state = ?`,
		row.State, row.DecidedBy, row.DecidedAt, row.Confirmation, row.Reason, row.ID, Proposed)
	return found == 1, err
}

// change returns the row as a user sees it.
func (row *changeRow) change(as reader) Change {
	c := Change{
		ID:           row.ID,
		Kind:         row.Kind,
		Subject:      journal.Ref{Kind: row.SubjectKind, ID: row.SubjectID},
		Name:         row.Name,
		Lowers:       strings.Split(row.Lowers, ","),
		Changed:      json.RawMessage(row.Changed),
		State:        row.state(store.MomentOf(as.now)),
		ProposedBy:   *as.org.Person(row.ProposedBy),
		ProposedAt:   row.ProposedAt,
		ExpiresAt:    row.ExpiresAt,
		DecidedBy:    as.org.Person(row.DecidedBy),
		DecidedAt:    row.DecidedAt,
		Confirmation: row.Confirmation,
		Reason:       row.Reason,
	}
	_ = json.Unmarshal([]byte(row.Effect), &c.Effect) // null, or what this package wrote
	c.May = as.may(row, c.State)
	return c
}

// state returns the state at a moment: a change expires without anyone doing anything.
func (row *changeRow) state(now store.Moment) State {
	if row.State == Proposed && row.ExpiresAt <= now {
		return Expired
	}
	return row.State
}

// setConfirmation stores how a change was confirmed.
func setConfirmation(tx *store.Tx, id int64, c journal.Confirmation) error {
	_, err := tx.Exec("UPDATE proposals SET confirmation = ? WHERE id = ?", c, id)
	return err
}
