package calllog

import (
	"encoding/json"
	"errors"
	"time"

	"callhue/internal/store"
)

// loggedCall is a call as one CRM knows it.
type loggedCall struct {
	ID        int64    `db:"id"`
	SourceID  int64    `db:"source_id"`
	CallID    int64    `db:"call_id"`
	TheirID   string   `db:"their_id"`
	NumberKey int64    `db:"number_key"`
	State     logState `db:"state"`
	Shown     string   `db:"shown"`
	Attempts  int      `db:"attempts"`
	DueAt     int64    `db:"due_at"`
	CreatedAt int64    `db:"created_at"`
}

const loggedColumns = "id, source_id, call_id, their_id, number_key, state, shown, attempts, due_at, created_at"

// users returns the CRM's users who see the card.
func (r *loggedCall) users() (list []string) {
	if json.Unmarshal([]byte(r.Shown), &list) != nil {
		return nil
	}
	return list
}

func (r *loggedCall) setUsers(users []string) {
	raw, err := json.Marshal(users)
	if err != nil {
		panic("calllog: encoding users: " + err.Error())
	}
	r.Shown = string(raw)
}

// findLogged returns a call as a CRM knows it; its ID is 0 if it was not sent.
func findLogged(tx *store.Tx, source, call int64) (row loggedCall, err error) {
	err = tx.Get(&row, "SELECT "+loggedColumns+" FROM told_calls WHERE source_id = ? AND call_id = ?", source, call)
	if errors.Is(err, store.ErrNone) {
		return loggedCall{SourceID: source, CallID: call}, nil
	}
	return row, err
}

// insertLogged adds a call, unless another process did.
func insertLogged(tx *store.Tx, r loggedCall) (id int64, fresh bool, err error) {
	return tx.InsertNew(`INSERT INTO told_calls
		(source_id, call_id, their_id, number_key, state, shown, attempts, due_at, created_at)
		VALUES (?, ?, '', ?, ?, '[]', 0, ?, ?)`,
		r.SourceID, r.CallID, r.NumberKey, string(r.State), r.DueAt, store.Millis(tx.Now()))
}

func updateLogged(tx *store.Tx, r loggedCall) error {
	_, err := tx.Exec(`UPDATE told_calls SET their_id = ?, number_key = ?, state = ?, shown = ?, attempts = ?, due_at = ?
		WHERE id = ?`, r.TheirID, r.NumberKey, string(r.State), r.Shown, r.Attempts, r.DueAt, r.ID)
	return err
}

// dueCalls returns the unfinished calls of a CRM that are due.
func dueCalls(tx *store.Tx, source int64, limit int) (calls []int64, err error) {
	err = tx.Select(&calls,
		"SELECT call_id FROM told_calls WHERE source_id = ? AND state IN ('beginning', 'open') AND due_at <= ? ORDER BY due_at LIMIT ?", source, store.Millis(tx.Now()), limit)
	return calls, err
}

// callByTheirID returns our call that a CRM knows by an id; 0 for none.
func callByTheirID(tx *store.Tx, crmID string) (call int64, err error) {
	err = tx.Get(&call, "SELECT call_id FROM told_calls WHERE their_id = ? LIMIT 1", crmID)
	if errors.Is(err, store.ErrNone) {
		return 0, nil
	}
	return call, err
}

// isRegistering reports whether a call of a number has just been sent to a CRM that has not returned its id
// yet.
func isRegistering(tx *store.Tx, number int64, since time.Time) (bool, error) {
	var n int
	err := tx.Get(&n,
		"SELECT COUNT(*) FROM told_calls WHERE their_id = '' AND state = 'beginning' AND number_key = ? AND created_at >= ?", number, store.Millis(since))
	return n > 0, err
}

func removeLoggedBefore(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec("DELETE FROM told_calls WHERE created_at < ?", store.Millis(before))
	return err
}

// removeLoggedOf removes the rows of a CRM when its source is removed.
func removeLoggedOf(tx *store.Tx, source int64) error {
	_, err := tx.Exec("DELETE FROM told_calls WHERE source_id = ?", source)
	return err
}

// loggedWithNumbers returns the rows that have one of some numbers.
func loggedWithNumbers(tx *store.Tx, numbers []int64) (ids []int64, err error) {
	err = tx.Select(&ids, "SELECT id FROM told_calls WHERE number_key IN (?)", numbers)
	return ids, err
}

func eraseLogged(tx *store.Tx, ids []int64) error {
	_, err := tx.Exec("UPDATE told_calls SET number_key = 0 WHERE id IN (?)", ids)
	return err
}
