package demo

import "callhue/internal/store"

// clearStatus removes a status from its companies, as if they were older than the directory. No API does that: today a
// company always has a status.
func clearStatus(tx *store.Tx, status int64) error {
	_, err := tx.Exec("UPDATE companies SET status_id = 0, status_at = 0, status_by = 0 WHERE status_id = ?", status)
	return err
}
