package crm

import "callhue/internal/store"

// lockWithRemoved is lock for records that may be removed.
func lockWithRemoved(tx *store.Tx, kind Kind, ids []int64) error {
	_, err := tx.Exec("UPDATE "+kind.table()+" SET holds = holds + 1 WHERE id IN (?)", ids)
	return err
}

// markUndone marks a merge as undone; false: it was before.
func markUndone(tx *store.Tx, op *mergeOperation) (bool, error) {
	found, err := tx.Exec("UPDATE merge_operations SET undone_at = ?, undone_by = ? WHERE id = ? AND undone_at = 0",
		op.UndoneAt, op.UndoneBy, op.ID)
	return found > 0, err
}

func removedCompanies(tx *store.Tx, ids []int64) (rows []companyRow, err error) {
	err = tx.Select(&rows, "SELECT "+companyColumns+" FROM companies WHERE id IN (?) AND deleted_at <> 0 ORDER BY id",
		ids)
	return rows, err
}

func removedContacts(tx *store.Tx, ids []int64) (rows []contactRow, err error) {
	err = tx.Select(&rows, "SELECT "+contactColumns+" FROM contacts WHERE id IN (?) AND deleted_at <> 0 ORDER BY id",
		ids)
	return rows, err
}

// bringBack makes a removed record one that is there.
func bringBack(tx *store.Tx, kind Kind, id, now, by int64) error {
	_, err := tx.Exec("UPDATE "+kind.table()+" SET deleted_at = 0, updated_at = ?, updated_by = ?, "+
		"version = version + 1 WHERE id = ?", now, by, id)
	if err != nil {
		return err
	}
	if err := showSearch(tx, kind, id); err != nil {
		return err
	}
	return markChanged(tx, kind, id)
}

// returnExternalID moves an external id back to a merged record, unless another record has it by now.
func returnExternalID(tx *store.Tx, kind Kind, row externalIDRow, into int64) error {
	_, err := tx.Exec("UPDATE external_ids SET record_id = ? WHERE kind = ? AND system_name = ? AND external_id = ? "+
		"AND record_id = ?", row.Record, int64(kind), row.System, row.ID, into)
	return err
}

// removeMerges forgets that records were merged. earlier are those that had gone into them before.
func removeMerges(tx *store.Tx, kind Kind, into int64, from []int64, earlier map[int64]int64) error {
	if _, err := tx.Exec("DELETE FROM merges WHERE kind = ? AND into_id = ? AND record_id IN (?)", int64(kind), into,
		from); err != nil {
		return err
	}
	for _, id := range sortedKeys(earlier) {
		if _, err := tx.Exec("UPDATE merges SET into_id = ? WHERE kind = ? AND record_id = ? AND into_id = ?",
			earlier[id], int64(kind), id, into); err != nil {
			return err
		}
	}
	return nil
}

// namesOfRecords returns the names of records, removed ones included.
func namesOfRecords(tx *store.Tx, kind Kind, ids []int64) (map[int64]string, error) {
	var rows []foundRow
	err := tx.Select(&rows, "SELECT id, name FROM "+kind.table()+" WHERE id IN (?)", ids)
	names := make(map[int64]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, err
}
