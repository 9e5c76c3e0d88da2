package outhooks

import (
	"errors"
	"time"

	"callhue/internal/store"
)

// hookRow is a subscription as it is stored. What a round of deliveries writes is written by the functions below.
type hookRow struct {
	HookOut
	Secrets     string       `db:"secrets"`          // sealed
	StartsAt    store.Moment `db:"starts_at,once"`   // it receives what happened from then on
	TakenAt     store.Moment `db:"taken_at,once"`    // until then the journal was read for it
	PausedUntil store.Moment `db:"paused_till,once"` // as the receiver has asked
}

var hooks = store.NewTable[hookRow]("hooks_out", "hook_out").Unique("name", "name_taken")

// byName is the order of every list of subscriptions.
func byName() store.Order { return store.By("name") }

// setFirstSecret stores the secret of a new subscription, which is sealed for its id.
func setFirstSecret(tx *store.Tx, id int64, sealed string) error {
	_, err := tx.Exec("UPDATE hooks_out SET secrets = ? WHERE id = ?", sealed, id)
	return err
}

// startHook has a subscription receive what happens from now on.
func startHook(tx *store.Tx, id int64) error {
	now := store.Millis(tx.Now())
	_, err := tx.Exec("UPDATE hooks_out SET starts_at = ?, taken_at = ?, paused_till = 0 WHERE id = ?", now, now, id)
	return err
}

func removeDeliveries(tx *store.Tx, hook int64) error {
	_, err := tx.Exec("DELETE FROM hook_deliveries WHERE hook_id = ?", hook)
	return err
}

// takenUntil moves a subscription's place in the journal forward, never back.
func takenUntil(tx *store.Tx, id int64, at time.Time) error {
	_, err := tx.Exec("UPDATE hooks_out SET taken_at = ? WHERE id = ? AND taken_at < ?", store.Millis(at), id,
		store.Millis(at))
	return err
}

func pauseHook(tx *store.Tx, id int64, until time.Time) error {
	_, err := tx.Exec("UPDATE hooks_out SET paused_till = ? WHERE id = ?", store.Millis(until), id)
	return err
}

type deliveryRow struct {
	ID       int64  `db:"id"`
	HookID   int64  `db:"hook_id"`
	EntryID  int64  `db:"entry_id"`
	EntryAt  int64  `db:"entry_at"`
	Verb     string `db:"verb"`
	Lane     string `db:"lane"`
	State    string `db:"state"`
	Attempts int    `db:"attempts"`
	DueAt    int64  `db:"due_at"`
	TriedAt  int64  `db:"tried_at"`
	Status   int    `db:"status"`
	Millis   int64  `db:"ms"`
	Error    string `db:"error"`
	Detail   string `db:"detail"`
	Version  int64  `db:"version"`
}

const deliveryColumns = "id, hook_id, entry_id, entry_at, verb, lane, state, attempts, due_at, tried_at, status, ms, error, detail, version"

// knownEntries returns those of the entries that a subscription has a delivery of.
func knownEntries(tx *store.Tx, hook int64, entries []int64) (known []int64, err error) {
	err = tx.Select(&known, "SELECT entry_id FROM hook_deliveries WHERE hook_id = ? AND entry_id IN (?)", hook, entries)
	return known, err
}

// insertDelivery adds the delivery of an entry, unless there is one.
func insertDelivery(tx *store.Tx, d deliveryRow) (id int64, fresh bool, err error) {
	return tx.InsertNew(`INSERT INTO hook_deliveries (hook_id, entry_id, entry_at, verb, lane, state, attempts, due_at, tried_at, status, ms, error, detail, version)
		VALUES (?, ?, ?, ?, ?, ?, 0, ?, 0, 0, 0, '', '', 1)`, d.HookID, d.EntryID, d.EntryAt, d.Verb, d.Lane, d.State, d.DueAt)
}

// dueDeliveries returns the waiting deliveries whose time has come, whether or not
// something of their lane is before them.
func dueDeliveries(tx *store.Tx, hook int64, limit int) (rows []deliveryRow, err error) {
	err = tx.Select(&rows, "SELECT "+deliveryColumns+
		" FROM hook_deliveries WHERE hook_id = ? AND state = 'waiting' AND due_at <= ? ORDER BY due_at LIMIT ?", hook,
		store.Millis(tx.Now()), limit)
	return rows, err
}

// headOfLane returns the waiting delivery that goes before all others of its lane.
func headOfLane(tx *store.Tx, hook int64, lane string) (row deliveryRow, err error) {
	err = tx.Get(&row,
		"SELECT "+deliveryColumns+
			" FROM hook_deliveries WHERE hook_id = ? AND state = 'waiting' AND lane = ? ORDER BY entry_id LIMIT 1",
		hook, lane)
	return row, err
}

// holdBack has deliveries wait until the one before them is tried again.
func holdBack(tx *store.Tx, ids []int64, due int64) error {
	_, err := tx.Exec("UPDATE hook_deliveries SET due_at = ? WHERE state = 'waiting' AND due_at < ? AND id IN (?)", due,
		due, ids)
	return err
}

func deliveryByID(tx *store.Tx, hook, id int64) (row deliveryRow, err error) {
	err = tx.Find("delivery", &row, "SELECT "+deliveryColumns+
		" FROM hook_deliveries WHERE id = ? AND hook_id = ?", id, hook)
	return row, err
}

// updateDelivery writes what became of an attempt, unless someone else did
// something with the delivery meanwhile; it returns how many rows were found.
func updateDelivery(tx *store.Tx, d deliveryRow) (int64, error) {
	return tx.Exec(`UPDATE hook_deliveries SET state = ?, attempts = ?, due_at = ?, tried_at = ?, status = ?, ms = ?, error = ?, detail = ?, version = version + 1
		WHERE id = ? AND version = ?`, d.State, d.Attempts, d.DueAt, d.TriedAt, d.Status, d.Millis, d.Error, d.Detail, d.ID, d.Version)
}

// deliveriesOf returns up to limit deliveries of a subscription, newest first, below
// an id if one is given; of one state or, with "", of all.
func deliveriesOf(tx *store.Tx, hook int64, state string, before int64, limit int) (rows []deliveryRow, err error) {
	where, args := "hook_id = ?", []any{hook}
	if state != "" {
		where, args = where+" AND state = ?", append(args, state)
	}
	if before != 0 {
		where, args = where+" AND id < ?", append(args, before)
	}
	err = tx.Select(&rows, "SELECT "+deliveryColumns+" FROM hook_deliveries WHERE "+where+" ORDER BY id DESC LIMIT ?",
		append(args, limit)...)
	return rows, err
}

// reviveDead has all dead letters of a subscription sent again.
func reviveDead(tx *store.Tx, hook int64) (int64, error) {
	return tx.Exec(`UPDATE hook_deliveries SET state = 'waiting', attempts = 0, due_at = ?, version = version + 1
		WHERE hook_id = ? AND state = 'dead'`, store.Millis(tx.Now()), hook)
}

type stateCount struct {
	HookID int64  `db:"hook_id"`
	State  string `db:"state"`
	Count  int64  `db:"n"`
}

func deliveryCounts(tx *store.Tx) (counts []stateCount, err error) {
	err = tx.Select(&counts,
		"SELECT hook_id, state, COUNT(*) AS n FROM hook_deliveries WHERE state <> 'done' GROUP BY hook_id, state")
	return counts, err
}

// trimDeliveries forgets what was delivered, but for the newest, and dead letters
// of long ago. Entries that the journal may still show us are kept, whatever their
// number: their delivery is how we know that we have them.
func trimDeliveries(tx *store.Tx, hook int64, keep int, settled, dead time.Time) error {
	if _, err := tx.Exec("DELETE FROM hook_deliveries WHERE hook_id = ? AND state = 'dead' AND tried_at < ?", hook, store.Millis(dead)); err != nil {
		return err
	}
	var newest int64
	err := tx.Get(&newest, "SELECT id FROM hook_deliveries WHERE hook_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?", hook,
		keep-1)
	if errors.Is(err, store.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec("DELETE FROM hook_deliveries WHERE hook_id = ? AND state = 'done' AND id < ? AND entry_at < ?",
		hook, newest, store.Millis(settled))
	return err
}

// eachDetail calls f with the deliveries whose receiver answered something.
func eachDetail(tx *store.Tx, f func(row deliveryRow)) error {
	var rows []deliveryRow
	err := tx.Select(&rows, "SELECT "+deliveryColumns+" FROM hook_deliveries WHERE detail <> '' ORDER BY id")
	for _, row := range rows {
		f(row)
	}
	return err
}

func forgetDetails(tx *store.Tx, ids []int64) error {
	_, err := tx.Exec("UPDATE hook_deliveries SET detail = '' WHERE id IN (?)", ids)
	return err
}
