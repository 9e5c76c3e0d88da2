package crm

import (
	"callhue/internal/fault"
	"callhue/internal/store"
)

const doNotCallColumns = "number_key, reason, search, since_at, till_at, by_id"

// insertDoNotCall adds an entry; fresh is false when the number has one.
func insertDoNotCall(tx *store.Tx, r doNotCallRow) (id int64, fresh bool, err error) {
	return tx.InsertNew("INSERT INTO do_not_call ("+doNotCallColumns+") VALUES (?, ?, ?, ?, ?, ?)",
		r.Key, r.Reason, r.Search, r.SinceAt, r.TillAt, r.ByID)
}

// endOver removes the entry of a number if its time is over.
func endOver(tx *store.Tx, key, now int64) error {
	_, err := tx.Exec("DELETE FROM do_not_call WHERE number_key = ? AND till_at <> 0 AND till_at <= ?", key, now)
	return err
}

func doNotCallByID(tx *store.Tx, id int64) (row doNotCallRow, err error) {
	err = tx.Find("do_not_call", &row, "SELECT id, "+doNotCallColumns+" FROM do_not_call WHERE id = ?", id)
	return row, err
}

// removeDoNotCall removes an entry; of two who do, the second one is told that it
// is not there.
func removeDoNotCall(tx *store.Tx, id int64) error {
	n, err := tx.Exec("DELETE FROM do_not_call WHERE id = ?", id)
	if err == nil && n == 0 {
		return fault.Missing("do_not_call")
	}
	return err
}

// doNotCallPage gives entries below an id, newest first.
func doNotCallPage(tx *store.Tx, q string, below int64, limit int) (rows []doNotCallRow, err error) {
	where, args := "id < ?", []any{below}
	if q != "" {
		where, args = where+" AND search LIKE ? ESCAPE '!'", append(args, searchFor(q))
	}
	err = tx.Select(&rows, "SELECT id, "+doNotCallColumns+" FROM do_not_call WHERE "+where+" ORDER BY id DESC LIMIT ?", append(args, limit)...)
	return rows, err
}
