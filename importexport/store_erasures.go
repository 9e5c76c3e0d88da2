package importexport

import "callhue/internal/store"

// erasureRow is an erasure under way.
type erasureRow struct {
	ID    int64        `db:"id"`
	At    store.Moment `db:"at,once"`
	State string       `db:"state"` // sealed
}

var erasuresTable = store.NewTable[erasureRow]("erasures", "erasure")

// importedRecord is a record as an import remembers it.
type importedRecord struct {
	Import int64 `db:"import_id"`
	Record int64 `db:"record_id"`
}

// findImported returns what imports of a kind remember of records.
func findImported(tx *store.Tx, kind Kind, ids []int64) (rows []importedRecord, err error) {
	err = tx.Select(&rows, `SELECT r.import_id, r.record_id FROM import_rows r JOIN imports i ON i.id = r.import_id
		WHERE r.record_id IN (?) AND i.kind = ?`, ids, string(kind))
	return rows, err
}

// eraseImported removes the values that an import remembers of a record.
func eraseImported(tx *store.Tx, r importedRecord) error {
	_, err := tx.Exec("UPDATE import_rows SET changes = '{}' WHERE import_id = ? AND record_id = ?", r.Import, r.Record)
	return err
}

// storedImport is an import whose file is stored.
type storedImport struct {
	ID   int64  `db:"id"`
	File string `db:"file"`
	Kind string `db:"kind"`
	planRow
}

// findStoredImports returns the imports that have a plan.
func findStoredImports(tx *store.Tx) (rows []storedImport, err error) {
	err = tx.Select(&rows, `SELECT i.id, i.file, i.kind, p.stored, p.options, p.format, p.trial
		FROM import_plans p JOIN imports i ON i.id = p.import_id ORDER BY i.id`)
	return rows, err
}

// findNamedImports returns the imports without a plan, those of the command line.
func findNamedImports(tx *store.Tx) (rows []storedImport, err error) {
	err = tx.Select(&rows, `SELECT i.id, i.file, i.kind, '' AS stored, '' AS options, '' AS format, '' AS trial
		FROM imports i WHERE NOT EXISTS (SELECT 1 FROM import_plans p WHERE p.import_id = i.id) ORDER BY i.id`)
	return rows, err
}

// savePlanTexts replaces the texts of a plan that may hold values of the file.
func savePlanTexts(tx *store.Tx, s storedImport) error {
	_, err := tx.Exec("UPDATE import_plans SET stored = ?, options = ?, format = ?, trial = ? WHERE import_id = ?",
		s.Stored, s.Options, s.Format, s.Trial, s.ID)
	return err
}

func renameImport(tx *store.Tx, id int64, file string) error {
	_, err := tx.Exec("UPDATE imports SET file = ? WHERE id = ?", file, id)
	return err
}
