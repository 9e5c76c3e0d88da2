package crm

import (
	"strconv"

	"callhue/internal/store"
)

// numberRowsAt returns every record that a number leads to.
func numberRowsAt(tx *store.Tx, key int64) (rows []numberRow, err error) {
	err = tx.Select(&rows, `SELECT number_key, kind, entity_id, company_id, since, is_primary FROM numbers
		WHERE number_key = ? ORDER BY kind, entity_id, company_id`, key)
	return rows, err
}

// findAllNames returns the names of records, removed ones included.
func findAllNames(tx *store.Tx, kind Kind, ids []int64) (names []string, err error) {
	query := "SELECT name FROM " + kind.table() + " WHERE id IN (?) AND name <> ''"
	if kind == KindLead {
		err = tx.Select(&names, query+" UNION SELECT title FROM leads WHERE id IN (?) AND title <> ''", ids, ids)
		return names, err
	}
	err = tx.Select(&names, query, ids)
	return names, err
}

// eraseRecords empties records and removes them unless they are removed already.
func eraseRecords(tx *store.Tx, kind Kind, ids []int64, now, by int64) error {
	if len(ids) == 0 {
		return nil
	}
	own := "post = ''"
	if kind == KindLead {
		own = "title = '" + Masked + "', source = ''"
	}
	for _, id := range ids {
		if err := hideSearch(tx, kind, id); err != nil {
			return err
		}
	}
	_, err := tx.Exec("UPDATE "+kind.table()+" SET name = ?, search = '', "+own+
		`, version = version + 1, updated_at = ?, updated_by = ?,
		deleted_at = CASE deleted_at WHEN 0 THEN ? ELSE deleted_at END WHERE id IN (?)`, Masked, now, by, now, ids)
	if err != nil {
		return err
	}
	if err := eraseSnapshots(tx, kind, ids); err != nil {
		return err
	}
	if err := removeExternalIDsOf(tx, kind, ids); err != nil {
		return err
	}
	for _, id := range ids {
		if err := markChanged(tx, kind, id); err != nil {
			return err
		}
	}
	for _, table := range []string{"phones", "emails", "numbers"} {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE kind = ? AND entity_id IN (?)", int64(kind),
			ids); err != nil {
			return err
		}
	}
	if kind == KindContact {
		_, err = tx.Exec("DELETE FROM contact_companies WHERE contact_id IN (?)", ids)
	}
	return err
}

// eraseReasons masks the reasons of do-not-call entries; number and dates stay, so that the number
// is not called again.
func eraseReasons(tx *store.Tx, keys []int64) error {
	for _, key := range keys {
		_, err := tx.Exec("UPDATE do_not_call SET reason = ?, search = ? WHERE number_key = ?", Masked,
			strconv.FormatInt(key, 10), key)
		if err != nil {
			return err
		}
	}
	return nil
}
