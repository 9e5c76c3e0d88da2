package demo

import "callhue/internal/store"

// forgetStatus takes a status off its companies, as if they were older than the
// directory. No door does that: a company is never without a status any more.
func forgetStatus(tx *store.Tx, status int64) error {
	_, err := tx.Exec("UPDATE companies SET status_id = 0, status_at = 0, status_by = 0 WHERE status_id = ?", status)
	return err
}
