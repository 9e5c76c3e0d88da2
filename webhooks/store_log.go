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

// insertLog writes a line of a source's log, unless the source is gone.
func insertLog(tx *store.Tx, source int64, row logRow) error {
	_, err := tx.Exec(`INSERT INTO source_log (source_id, at, status, refused, understood, request)
		SELECT id, ?, ?, ?, ?, ? FROM sources WHERE id = ?`, row.At, row.Status, row.Refused, row.Understood, row.Request, source)
	return err
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
