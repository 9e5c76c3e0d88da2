package crm

import "callhue/internal/store"

var externalIDsTable = table{"external_ids", "kind, system_name, external_id, record_id, url"}

// externalIDRow is what a system calls a record.
type externalIDRow struct {
	System string `db:"system_name"`
	ID     string `db:"external_id"`
	Record int64  `db:"record_id"`
	URL    string `db:"url"`
}

const externalIDColumns = "system_name, external_id, record_id, url"

func externalIDsNamed(tx *store.Tx, kind Kind, system string, ids []string) (rows []externalIDRow, err error) {
	err = tx.Select(&rows, "SELECT "+externalIDColumns+" FROM external_ids WHERE kind = ? AND system_name = ? AND "+
		"external_id IN (?)", int64(kind), system, ids)
	return rows, err
}

func externalIDsOf(tx *store.Tx, kind Kind, records []int64) (rows []externalIDRow, err error) {
	err = tx.Select(&rows, "SELECT "+externalIDColumns+" FROM external_ids WHERE kind = ? AND record_id IN (?) "+
		"ORDER BY record_id, system_name, external_id", int64(kind), records)
	return rows, err
}

// isKnownTo reports whether a system knows a record by an id.
func isKnownTo(tx *store.Tx, kind Kind, record int64, system string) (bool, error) {
	var n int64
	err := tx.Get(&n, "SELECT COUNT(*) FROM external_ids WHERE kind = ? AND record_id = ? AND system_name = ?",
		int64(kind), record, system)
	return n > 0, err
}

func removeExternalIDs(tx *store.Tx, kind Kind, system string, ids []string) error {
	_, err := tx.Exec("DELETE FROM external_ids WHERE kind = ? AND system_name = ? AND external_id IN (?)", int64(kind),
		system, ids)
	return err
}

// removeExternalIDsOf removes everything that other systems call some records.
func removeExternalIDsOf(tx *store.Tx, kind Kind, records []int64) error {
	_, err := tx.Exec("DELETE FROM external_ids WHERE kind = ? AND record_id IN (?)", int64(kind), records)
	return err
}

// moveExternalIDs moves the external ids of merged records to the one that stays.
func moveExternalIDs(tx *store.Tx, kind Kind, into int64, from []int64) error {
	_, err := tx.Exec("UPDATE external_ids SET record_id = ? WHERE kind = ? AND record_id IN (?)", into, int64(kind),
		from)
	return err
}
