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

// idleRow is a company as EachIdle reads it.
type idleRow struct {
	guard
	Name     string `db:"name"`
	OwnerID  int64  `db:"owner_id"`
	StatusID int64  `db:"status_id"`
	StatusAt int64  `db:"status_at"`
	Warned   int64  `db:"warned"` // the last touch that a warning was about; 0 for none
}

// idleRows returns companies with an owner that were last touched before a moment, by id behind one.
func idleRows(tx *store.Tx, after, before int64, most int) (rows []idleRow, err error) {
	err = tx.Select(&rows, `SELECT c.id, c.contact_at,
		CASE WHEN c.guarded_at > 0 THEN c.guarded_at ELSE c.status_at END AS since,
		c.name, c.owner_id, c.status_id, c.status_at, COALESCE(w.touched_at, 0) AS warned
		FROM companies c LEFT JOIN idle_warnings w ON w.company_id = c.id
		WHERE c.id > ? AND c.deleted_at = 0 AND c.owner_id <> 0 AND c.contact_at < ?
		AND CASE WHEN c.guarded_at > 0 THEN c.guarded_at ELSE c.status_at END < ? ORDER BY c.id LIMIT ?`,
		after, before, before, most)
	return rows, err
}

func putWarning(tx *store.Tx, company, touched, now int64) error {
	return tx.Upsert("idle_warnings", []store.Column{{Name: "company_id", Value: company}},
		[]store.Column{{Name: "touched_at", Value: touched}, {Name: "warned_at", Value: now}})
}
