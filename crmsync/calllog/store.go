package calllog

import (
	"encoding/json"
	"errors"
	"time"

	"callhue/internal/store"
)

// toldRow is a call as one CRM knows it.
type toldRow struct {
	ID        int64     `db:"id"`
	SourceID  int64     `db:"source_id"`
	CallID    int64     `db:"call_id"`
	TheirID   string    `db:"their_id"`
	NumberKey int64     `db:"number_key"`
	State     toldState `db:"state"`
	Shown     string    `db:"shown"`
	Attempts  int       `db:"attempts"`
	DueAt     int64     `db:"due_at"`
	CreatedAt int64     `db:"created_at"`
}

const toldColumns = "id, source_id, call_id, their_id, number_key, state, shown, attempts, due_at, created_at"

// users returns the CRM's users who see the card.
func (r *toldRow) users() (list []string) {
	if json.Unmarshal([]byte(r.Shown), &list) != nil {
		return nil
	}
	return list
}

func (r *toldRow) show(users []string) {
	raw, err := json.Marshal(users)
	if err != nil {
		panic("calllog: encoding users: " + err.Error())
	}
	r.Shown = string(raw)
}

// toldCall returns a call as a CRM knows it; its ID is 0 if it was not sent.
func toldCall(tx *store.Tx, source, call int64) (row toldRow, err error) {
	err = tx.Get(&row, "SELECT "+toldColumns+" FROM told_calls WHERE source_id = ? AND call_id = ?", source, call)
	if errors.Is(err, store.ErrNone) {
		return toldRow{SourceID: source, CallID: call}, nil
	}
	return row, err
}

// insertTold adds a call, unless another process did.
func insertTold(tx *store.Tx, r toldRow) (id int64, fresh bool, err error) {
	return tx.InsertNew(`INSERT INTO told_calls (source_id, call_id, their_id, number_key, state, shown, attempts, due_at, created_at)
		VALUES (?, ?, '', ?, ?, '[]', 0, ?, ?)`, r.SourceID, r.CallID, r.NumberKey, string(r.State), r.DueAt, store.Millis(tx.Now()))
}

func updateTold(tx *store.Tx, r toldRow) error {
	_, err := tx.Exec("UPDATE told_calls SET their_id = ?, number_key = ?, state = ?, shown = ?, attempts = ?, due_at = ? WHERE id = ?",
		r.TheirID, r.NumberKey, string(r.State), r.Shown, r.Attempts, r.DueAt, r.ID)
	return err
}

// dueTold returns the unfinished calls of a CRM that are due.
func dueTold(tx *store.Tx, source int64, limit int) (calls []int64, err error) {
	err = tx.Select(&calls, "SELECT call_id FROM told_calls WHERE source_id = ? AND state IN ('beginning', 'open') AND due_at <= ? ORDER BY due_at LIMIT ?",
		source, store.Millis(tx.Now()), limit)
	return calls, err
}

// toldAs returns our call that a CRM knows by an id; 0 for none.
func toldAs(tx *store.Tx, theirs string) (call int64, err error) {
	err = tx.Get(&call, "SELECT call_id FROM told_calls WHERE their_id = ? LIMIT 1", theirs)
	if errors.Is(err, store.ErrNone) {
		return 0, nil
	}
	return call, err
}

// beingTold reports whether a call of a number has just been sent to a CRM that has not returned its id
// yet.
func beingTold(tx *store.Tx, number int64, since time.Time) (bool, error) {
	var n int
	err := tx.Get(&n, "SELECT COUNT(*) FROM told_calls WHERE their_id = '' AND state = 'beginning' AND number_key = ? AND created_at >= ?", number, store.Millis(since))
	return n > 0, err
}

func dropTold(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec("DELETE FROM told_calls WHERE created_at < ?", store.Millis(before))
	return err
}

// forgetTold removes the rows of a CRM when its source is removed.
func forgetTold(tx *store.Tx, source int64) error {
	_, err := tx.Exec("DELETE FROM told_calls WHERE source_id = ?", source)
	return err
}
