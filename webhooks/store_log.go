package webhooks

import (
	"errors"

	"callhue/internal/store"
)

type logRow struct {
	ID         int64  `db:"id"`
	At         int64  `db:"at"`
	Status     int    `db:"status"`
	Refused    string `db:"refused"`
	Understood string `db:"understood"`
	Request    string `db:"request"`
}

// sourcesThere returns which of some sources are there.
func sourcesThere(tx *store.Tx, ids []int64) (map[int64]bool, error) {
	var found []int64
	err := tx.Select(&found, "SELECT id FROM sources WHERE id IN (?)", ids)
	there := map[int64]bool{}
	for _, id := range found {
		there[id] = true
	}
	return there, err
}

// insertLog writes lines of sources' logs.
func insertLog(tx *store.Tx, lines []sourceLogRow) error {
	rows := make([][]any, len(lines))
	for i, l := range lines {
		rows[i] = []any{l.Source, l.At, l.Status, l.Refused, l.Understood, l.Request}
	}
	return tx.InsertAll("source_log", "source_id, at, status, refused, understood, request", rows)
}

// trimLog deletes all but the newest lines of a source.
func trimLog(tx *store.Tx, source int64, keep int) error {
	var oldest int64
	err := tx.Get(&oldest, "SELECT id FROM source_log WHERE source_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?", source, keep-1)
	if errors.Is(err, store.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec("DELETE FROM source_log WHERE source_id = ? AND id < ?", source, oldest)
	return err
}

func logRows(tx *store.Tx, source int64, limit int) (rows []logRow, err error) {
	err = tx.Select(&rows, `SELECT id, at, status, refused, understood, request FROM source_log
		WHERE source_id = ? ORDER BY id DESC LIMIT ?`, source, limit)
	return rows, err
}

// sourceLogRow is a line of any source's log.
type sourceLogRow struct {
	Source int64 `db:"source_id"`
	logRow
}

// wholeLog returns the log lines of all sources: only the newest of each are kept.
func wholeLog(tx *store.Tx) (rows []sourceLogRow, err error) {
	err = tx.Select(&rows, "SELECT source_id, id, at, status, refused, understood, request FROM source_log ORDER BY id")
	return rows, err
}

func deleteLogLines(tx *store.Tx, ids []int64) error {
	_, err := tx.Exec("DELETE FROM source_log WHERE id IN (?)", ids)
	return err
}

// deleteLog deletes the log of a source.
func deleteLog(tx *store.Tx, source int64) error {
	_, err := tx.Exec("DELETE FROM source_log WHERE source_id = ?", source)
	return err
}
