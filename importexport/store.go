package importexport

import (
	"errors"
	"maps"
	"slices"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// importRow is the progress of one file.
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

// findOrAddImport returns the import with a fingerprint, adding it if there is none. The fingerprint identifies
// content, mapping and user.
func findOrAddImport(tx *store.Tx, fingerprint, file string, kind Kind, user int64) (row importRow, err error) {
	now := store.Millis(tx.Now())
	_, _, err = tx.InsertNew(`INSERT INTO imports (seal, file, kind, user_id, row_count, added, changed, same,
			refused, report_size, begun_at, updated_at, done_at)
		VALUES (?, ?, ?, ?, 0, 0, 0, 0, 0, 0, ?, ?, 0)`, fingerprint, file, string(kind), user, now, now)
	if err != nil {
		return row, err
	}
	return findImport(tx, fingerprint)
}

// findImport returns the import with a fingerprint, a zero row if there is none.
func findImport(tx *store.Tx, fingerprint string) (row importRow, err error) {
	err = tx.Get(&row, "SELECT id, row_count, added, changed, same, refused, report_size, begun_at, done_at FROM "+
		"imports WHERE seal = ?", fingerprint)
	if errors.Is(err, store.ErrNone) {
		return importRow{}, nil
	}
	return row, err
}

// changeImport advances an import that stood at row number from. Fault: import_runs_elsewhere if
// another process has advanced it.
func changeImport(tx *store.Tx, from int64, row importRow) error {
	found, err := tx.Exec(`UPDATE imports SET row_count = ?, added = ?, changed = ?, same = ?, refused = ?,
			report_size = ?, updated_at = ?, done_at = ?
		WHERE id = ? AND row_count = ?`, row.Rows, row.Added, row.Changed, row.Same, row.Refused, row.ReportSize,
		store.Millis(tx.Now()), row.DoneAt, row.ID, from)
	if err == nil && found == 0 {
		return fault.Conflict("import_runs_elsewhere")
	}
	return err
}

// removeImport makes an imported file readable from its beginning again.
func removeImport(tx *store.Tx, fingerprint string) error {
	_, err := tx.Exec("DELETE FROM imports WHERE seal = ?", fingerprint)
	return err
}

// findOrAddInstallation returns the tag of this database; a database without one gets the given
// tag.
func findOrAddInstallation(tx *store.Tx, fresh string) (tag string, err error) {
	if _, _, err = tx.InsertNew("INSERT INTO exchange_marks (name, value) VALUES ('installation', ?)",
		fresh); err != nil {
		return "", err
	}
	return findInstallation(tx)
}

// findInstallation returns the tag of this database, "" if it has none.
func findInstallation(tx *store.Tx) (tag string, err error) {
	err = tx.Get(&tag, "SELECT value FROM exchange_marks WHERE name = 'installation'")
	if errors.Is(err, store.ErrNone) {
		return "", nil
	}
	return tag, err
}

// findOwnerNames returns the users by the names that earlier imports have mapped, 0 for no owner.
func findOwnerNames(tx *store.Tx) (map[string]int64, error) {
	var rows []struct {
		Name string `db:"name_key"`
		User int64  `db:"user_id"`
	}
	err := tx.Select(&rows, "SELECT name_key, user_id FROM import_owners")
	names := make(map[string]int64, len(rows))
	for _, r := range rows {
		names[r.Name] = r.User
	}
	return names, err
}

// keepOwnerNames stores users by names, for later imports.
func keepOwnerNames(tx *store.Tx, names map[string]int64) error {
	for _, name := range slices.Sorted(maps.Keys(names)) {
		err := tx.Upsert("import_owners", []store.Column{{Name: "name_key", Value: name}},
			[]store.Column{{Name: "user_id", Value: names[name]}})
		if err != nil {
			return err
		}
	}
	return nil
}
