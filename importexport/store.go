package importexport

import (
	"errors"
	"maps"
	"slices"

	"callhue/internal/store"
)

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
