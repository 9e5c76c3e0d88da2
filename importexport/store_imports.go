package importexport

import (
	"errors"

	"callhue/internal/fault"
	"callhue/internal/paging"
	"callhue/internal/store"
)

// importRow is one import.
type importRow struct {
	ID          int64        `db:"id"`
	Fingerprint string       `db:"seal"`
	File        string       `db:"file"`
	Kind        string       `db:"kind"`
	UserID      int64        `db:"user_id"` // 0 for the command line
	Rows        int64        `db:"row_count"`
	Added       int64        `db:"added"`
	Changed     int64        `db:"changed"`
	Same        int64        `db:"same"`
	Refused     int64        `db:"refused"`
	Dropped     int64        `db:"dropped"`
	ReportSize  int64        `db:"report_size"`
	BegunAt     store.Moment `db:"begun_at"`
	UpdatedAt   store.Moment `db:"updated_at"`
	DoneAt      store.Moment `db:"done_at"`
	State       string       `db:"state"`
	Size        int64        `db:"size"`
	BytesDone   int64        `db:"bytes_done"`
	Error       string       `db:"error"`
	Undone      int64        `db:"undone"`
	Kept        int64        `db:"kept"`
	UndoneAt    store.Moment `db:"undone_at"`
	UndoBy      int64        `db:"undo_by"`
	UndoBelow   int64        `db:"undo_below"`
}

var importsTable = store.NewTable[importRow]("imports", "import")

// findByFingerprint returns the import with a fingerprint, nil if there is none. The fingerprint identifies content,
// mapping and user.
func findByFingerprint(tx *store.Tx, fingerprint string) (*importRow, error) {
	return importsTable.First(tx, store.Equal("seal", fingerprint))
}

func addImport(tx *store.Tx, row *importRow) error {
	row.BegunAt, row.UpdatedAt = store.MomentOf(tx.Now()), store.MomentOf(tx.Now())
	return importsTable.Insert(tx, row)
}

// changeImport advances an import that stood at row number from. Fault: import_runs_elsewhere if
// another process has advanced it.
func changeImport(tx *store.Tx, from int64, row importRow) error {
	found, err := tx.Exec(`UPDATE imports SET row_count = ?, added = ?, changed = ?, same = ?, refused = ?,
			dropped = ?, report_size = ?, bytes_done = ?, state = ?, updated_at = ?, done_at = ?
		WHERE id = ? AND row_count = ? AND state = 'running'`, row.Rows, row.Added, row.Changed, row.Same, row.Refused,
		row.Dropped, row.ReportSize, row.BytesDone, row.State, store.Millis(tx.Now()), row.DoneAt, row.ID, from)
	if err == nil && found == 0 {
		return fault.Conflict("import_runs_elsewhere")
	}
	return err
}

// moveImport changes the state of an import that is in one of some states. Fault: import_state.
func moveImport(tx *store.Tx, id int64, to State, from ...State) error {
	states := make([]string, len(from))
	for i, s := range from {
		states[i] = string(s)
	}
	found, err := tx.Exec("UPDATE imports SET state = ?, error = '', updated_at = ? WHERE id = ? AND state IN (?)",
		string(to), store.Millis(tx.Now()), id, states)
	if err == nil && found == 0 {
		return fault.Conflict("import_state")
	}
	return err
}

// failImport ends an import with the code of a fault.
func failImport(tx *store.Tx, id int64, code string) error {
	_, err := tx.Exec("UPDATE imports SET state = 'failed', error = ?, updated_at = ? WHERE id = ?", code,
		store.Millis(tx.Now()), id)
	return err
}

// beginImport sets what is known of an import only when it begins to run.
func beginImport(tx *store.Tx, id int64, kind Kind) error {
	_, err := tx.Exec("UPDATE imports SET kind = ?, updated_at = ? WHERE id = ?", string(kind), store.Millis(tx.Now()),
		id)
	return err
}

// retireFingerprint lets a file be imported from its beginning again: the earlier import keeps its row under a
// fingerprint that no file has.
func retireFingerprint(tx *store.Tx, id int64, other string) error {
	_, err := tx.Exec("UPDATE imports SET seal = ? WHERE id = ?", other, id)
	return err
}

// listImports returns a page of imports, the newest first; users are those whose imports are listed, nil for all.
func listImports(tx *store.Tx, users []int64, page paging.Query) (paging.List[*importRow], error) {
	var where store.Where
	if users != nil {
		where = store.In("user_id", users)
	}
	return importsTable.Page(tx, where, store.By("id").Descending(), page)
}

// planRow is how an uploaded file is to be read.
type planRow struct {
	Stored  string `db:"stored"`
	Options string `db:"options"`
	Format  string `db:"format"`
	Trial   string `db:"trial"`
}

// findPlan returns the plan of an import, nil for one without a plan.
func findPlan(tx *store.Tx, id int64) (*planRow, error) {
	var row planRow
	err := tx.Get(&row, "SELECT stored, options, format, trial FROM import_plans WHERE import_id = ?", id)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	return &row, err
}

func savePlan(tx *store.Tx, id int64, row planRow) error {
	return tx.Upsert("import_plans", []store.Column{{Name: "import_id", Value: id}}, []store.Column{
		{Name: "stored", Value: row.Stored}, {Name: "options", Value: row.Options},
		{Name: "format", Value: row.Format}, {Name: "trial", Value: row.Trial}})
}

// oldImport is a file that is not needed any more.
type oldImport struct {
	ID     int64  `db:"id"`
	Stored string `db:"stored"`
}

// findOldFiles returns the stored files of imports that have not moved since a moment.
func findOldFiles(tx *store.Tx, before store.Moment) (rows []oldImport, err error) {
	err = tx.Select(&rows, `SELECT i.id, p.stored FROM import_plans p JOIN imports i ON i.id = p.import_id
		WHERE p.stored <> '' AND i.updated_at < ? AND i.state NOT IN ('checking', 'running', 'undoing') LIMIT 100`,
		int64(before))
	return rows, err
}

func forgetFile(tx *store.Tx, id int64) error {
	_, err := tx.Exec("UPDATE import_plans SET stored = '' WHERE import_id = ?", id)
	return err
}

// addedRange is a range of records that an import has added.
type addedRange struct {
	First int64 `db:"first_id"`
	Last  int64 `db:"last_id"`
}

// addAdded remembers the new records of a batch; ids rise.
func addAdded(tx *store.Tx, imported int64, ids []int64) error {
	var rows [][]any
	for i := 0; i < len(ids); {
		end := i
		for end+1 < len(ids) && ids[end+1] == ids[end]+1 {
			end++
		}
		rows = append(rows, []any{imported, ids[i], ids[end]})
		i = end + 1
	}
	return tx.InsertAll("import_added", "import_id, first_id, last_id", rows)
}

// findAdded returns the ranges below an id, the highest first.
func findAdded(tx *store.Tx, imported, below int64, limit int) (list []addedRange, err error) {
	err = tx.Select(&list, `SELECT first_id, last_id FROM import_added WHERE import_id = ? AND first_id < ?
		ORDER BY first_id DESC LIMIT ?`, imported, below, limit)
	return list, err
}

// isAdded reports which of some records the import has added.
func isAdded(tx *store.Tx, imported int64, id int64) (bool, error) {
	var last int64
	err := tx.Get(&last, `SELECT last_id FROM import_added WHERE import_id = ? AND first_id <= ?
		ORDER BY first_id DESC LIMIT 1`, imported, id)
	if errors.Is(err, store.ErrNone) {
		return false, nil
	}
	return last >= id, err
}

// changedRow is a record that an import has changed, or that an undo could not take back.
type changedRow struct {
	ID      int64  `db:"record_id"`
	Added   bool   `db:"added"`
	Version int64  `db:"version"`
	Changes string `db:"changes"`
	State   int    `db:"state"`
	Reason  string `db:"reason"`
}

const changedColumns = "record_id, added, version, changes, state, reason"

// The states of a changed record.
const (
	rowStands = 0
	rowUndone = 1
	rowKept   = 2
)

// findChanged returns those of the records that the import has changed before.
func findChanged(tx *store.Tx, imported int64, ids []int64) (rows []changedRow, err error) {
	err = tx.Select(&rows, "SELECT "+changedColumns+" FROM import_rows WHERE import_id = ? AND record_id IN (?)",
		imported, ids)
	return rows, err
}

// saveChanged stores changed records over what was stored of them before.
func saveChanged(tx *store.Tx, imported int64, list []changedRow) error {
	ids, rows := make([]int64, len(list)), make([][]any, len(list))
	for i, r := range list {
		ids[i], rows[i] = r.ID, []any{imported, r.ID, r.Added, r.Version, r.Changes, r.State, r.Reason}
	}
	if len(list) == 0 {
		return nil
	}
	_, err := tx.Exec("DELETE FROM import_rows WHERE import_id = ? AND record_id IN (?)", imported, ids)
	if err != nil {
		return err
	}
	return tx.InsertAll("import_rows", "import_id, "+changedColumns, rows)
}

// findStanding returns changed records that are not undone yet.
func findStanding(tx *store.Tx, imported int64, limit int) (rows []changedRow, err error) {
	err = tx.Select(&rows, "SELECT "+changedColumns+` FROM import_rows
		WHERE import_id = ? AND state = 0 AND added = 0 ORDER BY record_id DESC LIMIT ?`, imported, limit)
	return rows, err
}

// findKept returns records that an undo had to keep, after an id.
func findKept(tx *store.Tx, imported, after int64, limit int) (rows []changedRow, err error) {
	err = tx.Select(&rows, "SELECT "+changedColumns+` FROM import_rows
		WHERE import_id = ? AND state = 2 AND record_id > ? ORDER BY record_id LIMIT ?`, imported, after, limit)
	return rows, err
}

// changeUndo advances an undo.
func changeUndo(tx *store.Tx, row importRow) error {
	found, err := tx.Exec(`UPDATE imports SET undone = ?, kept = ?, undo_below = ?, state = ?, undone_at = ?,
			updated_at = ?
		WHERE id = ? AND state = 'undoing'`, row.Undone, row.Kept, row.UndoBelow, row.State, row.UndoneAt,
		store.Millis(tx.Now()), row.ID)
	if err == nil && found == 0 {
		return fault.Conflict("import_state")
	}
	return err
}

// beginUndo moves an import to its undo.
func beginUndo(tx *store.Tx, id, by int64) error {
	_, err := tx.Exec(`UPDATE imports SET undo_by = ?, undo_below = CASE WHEN undo_below = 0 THEN ? ELSE undo_below END
		WHERE id = ?`, by, int64(1)<<62, id)
	return err
}

// removeUndoData removes what an undo would need from imports that ended before a moment, and reports whether there was
// any.
func removeUndoData(tx *store.Tx, before store.Moment) (more bool, err error) {
	var ids []int64
	err = tx.Select(&ids, `SELECT DISTINCT a.import_id FROM import_added a JOIN imports i ON i.id = a.import_id
		WHERE i.updated_at < ? AND i.state IN ('done', 'undone', 'failed', 'stopped') LIMIT 20`, int64(before))
	if err != nil {
		return false, err
	}
	var changed []int64
	err = tx.Select(&changed, `SELECT DISTINCT r.import_id FROM import_rows r JOIN imports i ON i.id = r.import_id
		WHERE i.updated_at < ? AND i.state IN ('done', 'undone', 'failed', 'stopped') LIMIT 20`, int64(before))
	ids = append(ids, changed...)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	if _, err := tx.Exec("DELETE FROM import_added WHERE import_id IN (?)", ids); err != nil {
		return false, err
	}
	_, err = tx.Exec("DELETE FROM import_rows WHERE import_id IN (?)", ids)
	return true, err
}

// noteBytes notes how far a dry run is.
func noteBytes(tx *store.Tx, id, bytes int64) error {
	_, err := tx.Exec("UPDATE imports SET bytes_done = ? WHERE id = ? AND state = 'checking'", bytes, id)
	return err
}

// removeUploaded removes an import that has written nothing.
func removeUploaded(tx *store.Tx, id int64) error {
	if _, err := tx.Exec("DELETE FROM import_plans WHERE import_id = ?", id); err != nil {
		return err
	}
	return importsTable.Remove(tx, id)
}
