package crm

import "callhue/internal/store"

// recordChange is a row of record_changes: records of a kind that were written.
type recordChange struct {
	ID    int64 `db:"id"`
	Kind  Kind  `db:"kind"`
	First int64 `db:"first_id"`
	Last  int64 `db:"last_id"`
}

// markChanged leaves for the follower of data quality that a record was written.
func markChanged(tx *store.Tx, kind Kind, id int64) error {
	return markChanges(tx, kind, id, id, false)
}

// markChanges is markChanged for all records of a kind from one id to another.
func markChanges(tx *store.Tx, kind Kind, first, last int64, bulk bool) error {
	if first > last {
		return nil
	}
	_, err := tx.Insert("INSERT INTO record_changes (kind, first_id, last_id, bulk) VALUES (?, ?, ?, ?)", int64(kind),
		first, last, bulk)
	return err
}

// recordChanges returns the rows that are next, at most n of them.
func recordChanges(tx *store.Tx, n int) (rows []recordChange, err error) {
	err = tx.Select(&rows, "SELECT id, kind, first_id, last_id FROM record_changes ORDER BY bulk, id LIMIT ?", n)
	return rows, err
}

func removeRecordChanges(tx *store.Tx, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.Exec("DELETE FROM record_changes WHERE id IN (?)", ids)
	return err
}

// cutRecordChange leaves of a row what begins at an id.
func cutRecordChange(tx *store.Tx, id, first int64) error {
	_, err := tx.Exec("UPDATE record_changes SET first_id = ? WHERE id = ?", first, id)
	return err
}

// newestRecordChange returns the id of the youngest row of single writes, 0 for none.
func newestRecordChange(tx *store.Tx) (id int64, err error) {
	err = tx.Get(&id, "SELECT COALESCE(MAX(id), 0) FROM record_changes WHERE bulk = 0")
	return id, err
}

func oldestRecordChange(tx *store.Tx) (id int64, err error) {
	err = tx.Get(&id, "SELECT COALESCE(MIN(id), 0) FROM record_changes WHERE bulk = 0")
	return id, err
}

// pendingRecords returns how many records the follower has not looked at yet.
func pendingRecords(tx *store.Tx) (n int64, err error) {
	err = tx.Get(&n, "SELECT COALESCE(SUM(last_id - first_id + 1), 0) FROM record_changes")
	return n, err
}

// examinedRows reads the rows of records that are there, without phones, e-mails and links.
func examinedRows(tx *store.Tx, kind Kind, ids []int64) ([]examined, error) {
	var rows []struct {
		base
		Status    int64 `db:"status_id"`
		Converted int64 `db:"converted_at"`
	}
	more := map[Kind]string{KindCompany: "status_id, 0 AS converted_at",
		KindContact: "0 AS status_id, 0 AS converted_at", KindLead: "0 AS status_id, converted_at"}
	err := tx.Select(&rows, "SELECT id, name, owner_id, "+more[kind]+" FROM "+kind.table()+
		" WHERE id IN (?) AND deleted_at = 0", ids)
	list := make([]examined, len(rows))
	for i, r := range rows {
		list[i] = examined{base: r.base, status: r.Status, converted: r.Converted != 0}
	}
	return list, err
}

func contactsWithCompany(tx *store.Tx, ids []int64) (map[int64]bool, error) {
	var found []int64
	err := tx.Select(&found, "SELECT DISTINCT contact_id FROM contact_companies WHERE contact_id IN (?)", ids)
	linked := make(map[int64]bool, len(found))
	for _, id := range found {
		linked[id] = true
	}
	return linked, err
}

// ---- keys and counts

var recordKeysTable = table{"record_keys", "kind, record_id, sort, value, n"}

// keysOfRecords returns the keys that records had when the follower saw them last, those apart that follow from others.
func keysOfRecords(tx *store.Tx, kind Kind, ids []int64) (rows []recordValue, err error) {
	err = tx.Select(&rows, "SELECT kind, record_id, sort, value, n FROM record_keys "+
		"WHERE kind = ? AND record_id IN (?) AND sort < ?", int64(kind), ids, int64(keyLeadOfCompany))
	return rows, err
}

func changeKey(tx *store.Tx, v recordValue) error {
	_, err := tx.Exec("UPDATE record_keys SET n = ? WHERE kind = ? AND record_id = ? AND sort = ? AND value = ?", v.N,
		int64(v.Kind), v.ID, int64(v.Sort), v.Value)
	return err
}

func removeKey(tx *store.Tx, kind Kind, id int64, sort keySort, value int64) error {
	_, err := tx.Exec("DELETE FROM record_keys WHERE kind = ? AND record_id = ? AND sort = ? AND value = ?",
		int64(kind), id, int64(sort), value)
	return err
}

func addCount(tx *store.Tx, key keyValue, n int64) error {
	found, err := tx.Exec("UPDATE record_counts SET n = n + ? WHERE sort = ? AND value = ?", n, int64(key.sort),
		key.value)
	if err != nil || found > 0 {
		return err
	}
	_, err = tx.Exec("INSERT INTO record_counts (sort, value, n) VALUES (?, ?, ?)", int64(key.sort), key.value, n)
	return err
}

// countRow is how much there is of a key.
type countRow struct {
	Sort  keySort `db:"sort"`
	Value int64   `db:"value"`
	N     int64   `db:"n"`
}

func countRows(tx *store.Tx) (rows []countRow, err error) {
	err = tx.Select(&rows, "SELECT sort, value, n FROM record_counts WHERE n <> 0")
	return rows, err
}

// recordsWithKey returns records with a key in their order, after one of them.
func recordsWithKey(tx *store.Tx, sort keySort, after recordKey, size int) (rows []recordValue, err error) {
	err = tx.Select(&rows, `SELECT kind, record_id, sort, value, n FROM record_keys WHERE sort = ? AND value = 0
		AND kind >= ? AND (kind > ? OR record_id > ?) ORDER BY kind, record_id LIMIT ?`, int64(sort), int64(after.kind),
		int64(after.kind), after.id, size)
	return rows, err
}
