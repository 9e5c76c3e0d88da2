package journal

import (
	"time"

	"callhue/internal/store"
)

// For readers that keep a place of their own in the journal. An entry may become visible after younger ones: Overlap after
// them as a rule, LongAgo at most. A reader that reads again from that long before its place, and drops the ids that it
// knows, misses nothing.
const (
	Overlap = overlap
	LongAgo = longAgo
)

// Headlines returns up to limit entries from a time on without their details, in the order of time and id; those of exactly
// that time only above an id.
func Headlines(tx *store.Tx, at time.Time, id int64, limit int) ([]Entry, error) {
	var rows []row
	err := tx.Select(&rows, `SELECT id, at, actor_id, team_id, verb, subject_kind, subject_id, client_kind, client_id, amount, '' AS words
		FROM journal WHERE at >= ? AND (at > ? OR id > ?) ORDER BY at, id LIMIT ?`, store.Millis(at), store.Millis(at), id, limit)
	return entries(rows), err
}

// ByIDs returns the entries of these ids in the order of ids.
func ByIDs(tx *store.Tx, ids []int64) ([]Entry, error) { return byIDs(tx, ids) }
