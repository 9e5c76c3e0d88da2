package crm

import "callhue/internal/store"

// putTouch stores when companies were in touch, where that is later than what is known.
func putTouch(tx *store.Tx, ids []int64, at int64) error {
	_, err := tx.Exec("UPDATE companies SET contact_at = ? WHERE id IN (?) AND contact_at < ?", at, ids, at)
	return err
}

// startGuard stores since when a company is protected for its owner.
func startGuard(tx *store.Tx, id, since int64) error {
	_, err := tx.Exec("UPDATE companies SET guarded_at = ? WHERE id = ?", since, id)
	return err
}

// keepGuard stores since when a company is protected, where that would change with its status.
func keepGuard(tx *store.Tx, id, since int64) error {
	_, err := tx.Exec("UPDATE companies SET guarded_at = ? WHERE id = ? AND guarded_at = 0", since, id)
	return err
}

func guardsOf(tx *store.Tx, ids []int64) (map[int64]guard, error) {
	var rows []guard
	err := tx.Select(&rows, `SELECT id, contact_at, CASE WHEN guarded_at > 0 THEN guarded_at ELSE status_at END AS since
		FROM companies WHERE id IN (?)`, ids)
	known := make(map[int64]guard, len(rows))
	for _, r := range rows {
		known[r.ID] = r
	}
	return known, err
}

func putGuard(tx *store.Tx, g guard) error {
	_, err := tx.Exec("UPDATE companies SET contact_at = ?, guarded_at = ? WHERE id = ?", g.Contact, g.Since, g.ID)
	return err
}
