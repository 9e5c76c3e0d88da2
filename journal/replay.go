package journal

import (
	"time"

	"callhue/internal/store"
)

// Since returns up to limit entries from a time on, in the order of time and id; those of exactly that time only above
// an id.
func Since(tx *store.Tx, at time.Time, id int64, limit int) ([]Entry, error) {
	return since(tx, store.Millis(at), id, limit)
}

// WrittenAt returns when an entry was written; for an id that is not there, the one below it; 1970 when there is none.
func WrittenAt(tx *store.Tx, id int64) (time.Time, error) {
	at, err := timeOf(tx, id)
	return time.UnixMilli(at), err
}

// Following reports whether the entries of other processes are delivered, from now on and without a gap.
func (j *Journal) Following() bool { return j.started.Load() != 0 }
