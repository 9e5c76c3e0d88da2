package webhooks

import (
	"callhue/internal/fault"
	"callhue/internal/store"
)

// consentRow is a consent that was begun. Of its state only the hash is stored.
type consentRow struct {
	Hash     string `db:"hash"`
	SourceID int64  `db:"source_id"`
	UserID   int64  `db:"user_id"`
	UntilAt  int64  `db:"until_at"`
}

// insertConsent adds a consent and deletes those that ended a day ago.
func insertConsent(tx *store.Tx, r consentRow) error {
	if _, err := tx.Exec("DELETE FROM consents WHERE until_at < ?", store.Millis(tx.Now().Add(-consentKept))); err != nil {
		return err
	}
	_, err := tx.Exec("INSERT INTO consents (hash, source_id, user_id, until_at) VALUES (?, ?, ?, ?)",
		r.Hash, r.SourceID, r.UserID, r.UntilAt)
	return err
}

// takeConsent uses a consent up: only the first request of the user who began it gets it. The fault is fault.Missing.
func takeConsent(tx *store.Tx, hash string, user int64) (r consentRow, err error) {
	err = tx.Find("consent", &r, "SELECT hash, source_id, user_id, until_at FROM consents WHERE hash = ? AND user_id = ?",
		hash, user)
	if err != nil {
		return r, err
	}
	rows, err := tx.Exec("DELETE FROM consents WHERE hash = ?", hash)
	if err == nil && rows != 1 {
		err = fault.Missing("consent")
	}
	return r, err
}

func deleteConsents(tx *store.Tx, source int64) error {
	_, err := tx.Exec("DELETE FROM consents WHERE source_id = ?", source)
	return err
}
