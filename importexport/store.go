package importexport

import (
	"errors"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// importRow is how far the import of a file has come.
type importRow struct {
	ID         int64 `db:"id"`
	Rows       int64 `db:"row_count"`
	Added      int64 `db:"added"`
	Changed    int64 `db:"changed"`
	Same       int64 `db:"same"`
	Refused    int64 `db:"refused"`
	ReportSize int64 `db:"report_size"`
	BegunAt    int64 `db:"begun_at"`
	DoneAt     int64 `db:"done_at"`
}

// importOf finds the import of a seal, or adds it.
func importOf(tx *store.Tx, seal, file string, kind Kind, user int64) (row importRow, err error) {
	now := store.Millis(tx.Now())
	_, _, err = tx.InsertNew(`INSERT INTO imports (seal, file, kind, user_id, row_count, added, changed, same, refused, report_size, begun_at, updated_at, done_at)
		VALUES (?, ?, ?, ?, 0, 0, 0, 0, 0, 0, ?, ?, 0)`, seal, file, string(kind), user, now, now)
	if err != nil {
		return row, err
	}
	return importIn(tx, seal)
}

// importIn gives the import of a seal; one that has not begun is empty.
func importIn(tx *store.Tx, seal string) (row importRow, err error) {
	err = tx.Get(&row, "SELECT id, row_count, added, changed, same, refused, report_size, begun_at, done_at FROM imports WHERE seal = ?", seal)
	if errors.Is(err, store.ErrNone) {
		return importRow{}, nil
	}
	return row, err
}

// saveImport moves an import on from the place where this process took it up: if
// another one has moved it meanwhile, that is the conflict import_runs_elsewhere.
func saveImport(tx *store.Tx, from int64, row importRow) error {
	found, err := tx.Exec(`UPDATE imports SET row_count = ?, added = ?, changed = ?, same = ?, refused = ?, report_size = ?, updated_at = ?, done_at = ?
		WHERE id = ? AND row_count = ?`, row.Rows, row.Added, row.Changed, row.Same, row.Refused, row.ReportSize, store.Millis(tx.Now()), row.DoneAt, row.ID, from)
	if err == nil && found == 0 {
		return fault.Conflict("import_runs_elsewhere")
	}
	return err
}

// forgetImport lets a file that was imported be read from its beginning.
func forgetImport(tx *store.Tx, seal string) error {
	_, err := tx.Exec("DELETE FROM imports WHERE seal = ?", seal)
	return err
}

type codeRow struct {
	Code   string `db:"code"`
	Record int64  `db:"record_id"`
}

// codesIn gives the records that have these codes.
func codesIn(tx *store.Tx, kind Kind, codes []string) (rows []codeRow, err error) {
	err = tx.Select(&rows, "SELECT code, record_id FROM codes WHERE kind = ? AND code IN (?)", int64(kind.of()), codes)
	return rows, err
}

// codesOf gives the codes of records.
func codesOf(tx *store.Tx, kind Kind, ids []int64) (rows []codeRow, err error) {
	err = tx.Select(&rows, "SELECT code, record_id FROM codes WHERE kind = ? AND record_id IN (?)", int64(kind.of()), ids)
	return rows, err
}

// addCodes keeps the codes of records; one that led to a record that is gone
// leads to the new one.
func addCodes(tx *store.Tx, kind Kind, rows []codeRow, gone []string) error {
	if len(gone) > 0 {
		if _, err := tx.Exec("DELETE FROM codes WHERE kind = ? AND code IN (?)", int64(kind.of()), gone); err != nil {
			return err
		}
	}
	values := make([][]any, len(rows))
	for i, r := range rows {
		values[i] = []any{int64(kind.of()), r.Code, r.Record}
	}
	err := tx.InsertAll("codes", "kind, code, record_id", values)
	if tx.Duplicate(err) { // another import has just brought it
		return fault.Stale().Because(err)
	}
	return err
}

// installation gives the tag of this database, and makes it of made when it has
// none.
func installation(tx *store.Tx, made string) (tag string, err error) {
	if _, _, err = tx.InsertNew("INSERT INTO exchange_marks (name, value) VALUES ('installation', ?)", made); err != nil {
		return "", err
	}
	return installationIn(tx)
}

// installationIn is installation for who only reads: "" when there is no tag.
func installationIn(tx *store.Tx) (tag string, err error) {
	err = tx.Get(&tag, "SELECT value FROM exchange_marks WHERE name = 'installation'")
	if errors.Is(err, store.ErrNone) {
		return "", nil
	}
	return tag, err
}

func forgetCodes(tx *store.Tx, kind Kind, ids []int64) error {
	_, err := tx.Exec("DELETE FROM codes WHERE kind = ? AND record_id IN (?)", int64(kind.of()), ids)
	return err
}
