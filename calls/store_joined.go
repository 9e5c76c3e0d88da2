package calls

import (
	"errors"
	"time"

	"callhue/internal/store"
)

// callOf returns the call of an event, nil when it is new.
func callOf(tx *store.Tx, e *Event) (*callRow, error) {
	call, err := callBySource(tx, e.Source, e.CallID)
	if call != nil || err != nil || !e.shared {
		return call, err
	}
	return callByAlias(tx, e.Source, e.CallID)
}

// callByAlias returns the call that a source reports beside the one that leads, nil when there is none.
func callByAlias(tx *store.Tx, source, callID string) (*callRow, error) {
	var c callRow
	err := tx.Get(&c, "SELECT "+callColumns+` FROM calls
		WHERE id = (SELECT lead_id FROM call_aliases WHERE source = ? AND call_id = ?)`, source, callID)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	return &c, err
}

// lockCallByAlias is lockCall for a call that another source leads; nil when there is none.
func lockCallByAlias(tx *store.Tx, e *Event) (*callRow, error) {
	found, err := tx.Exec(`UPDATE calls SET version = version + 1
		WHERE id = (SELECT lead_id FROM call_aliases WHERE source = ? AND call_id = ?)`, e.Source, e.CallID)
	if err != nil || found == 0 {
		return nil, err
	}
	return callByAlias(tx, e.Source, e.CallID)
}

// addAlias stores what a source calls the call of another one. It reports false when it is stored already, or the
// source has another name for that call.
func addAlias(tx *store.Tx, e *Event, lead int64) (added bool, err error) {
	_, added, err = tx.InsertNew("INSERT INTO call_aliases (source, call_id, lead_id) VALUES (?, ?, ?)",
		e.Source, e.CallID, lead)
	return added, err
}

func removeAlias(tx *store.Tx, e *Event) error {
	_, err := tx.Exec("DELETE FROM call_aliases WHERE source = ? AND call_id = ?", e.Source, e.CallID)
	return err
}

// lockClaim keeps all other transactions from a name until this one ends. It comes before every SELECT.
func lockClaim(tx *store.Tx, name string) error {
	return tx.Upsert("call_claims", []store.Column{{Name: "name", Value: name}},
		[]store.Column{{Name: "at", Value: store.Millis(tx.Now())}})
}

// leadOf returns the call that began last under a name, nil when there is none.
func leadOf(tx *store.Tx, name string) (*callRow, error) {
	var c callRow
	err := tx.Get(&c, "SELECT "+callColumns+` FROM calls
		WHERE id = (SELECT lead_id FROM call_claims WHERE name = ?)`, name)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	return &c, err
}

func saveClaim(tx *store.Tx, name string, lead int64) error {
	_, err := tx.Exec("UPDATE call_claims SET lead_id = ? WHERE name = ?", lead, name)
	return err
}

// eraseClaims removes the claims of calls whose number is erased.
func eraseClaims(tx *store.Tx, calls []int64) error {
	_, err := tx.Exec("DELETE FROM call_claims WHERE lead_id IN (?)", calls)
	return err
}

// removeClaims removes claims under which no call has begun for a while.
func removeClaims(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec("DELETE FROM call_claims WHERE at < ?", store.Millis(before))
	return err
}

func saveAlso(tx *store.Tx, c *callRow) error {
	_, err := tx.Exec("UPDATE calls SET also = ? WHERE id = ?", c.Also, c.ID)
	return err
}
