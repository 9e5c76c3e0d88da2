package webhooks

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"callhue/internal/store"
	"callhue/webhooks/sources"
)

// countsKept is how long requests are counted by the hour.
const countsKept = 7 * 24 * time.Hour

// countKey is what is counted by itself. hour is when the hour begins, in ms; 0 counts since ever.
type countKey struct {
	source  int64
	hour    int64
	outcome sources.Outcome
}

// countDelta is how many requests came, and when the last of them did, in ms.
type countDelta struct{ requests, last int64 }

// requestCounter counts the requests of every source: in memory, so that none waits for it, until flush adds them to
// the database.
type requestCounter struct {
	db *store.DB

	mu      sync.Mutex
	pending map[countKey]countDelta
}

func newRequestCounter(db *store.DB) *requestCounter {
	return &requestCounter{db: db, pending: map[countKey]countDelta{}}
}

// add counts a request.
func (c *requestCounter) add(source int64, outcome sources.Outcome, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.merge(countKey{source, store.Millis(at.Truncate(time.Hour)), outcome}, countDelta{1, store.Millis(at)})
}

func (c *requestCounter) merge(key countKey, n countDelta) {
	had := c.pending[key]
	c.pending[key] = countDelta{had.requests + n.requests, max(had.last, n.last)}
}

// take returns what was counted and forgets it.
func (c *requestCounter) take() map[countKey]countDelta {
	c.mu.Lock()
	defer c.mu.Unlock()
	pending := c.pending
	c.pending = map[countKey]countDelta{}
	return pending
}

// putBack counts again what could not be written.
func (c *requestCounter) putBack(pending map[countKey]countDelta) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, n := range pending {
		c.merge(key, n)
	}
}

// writeCounts adds counts of the sources that are still there.
func writeCounts(tx *store.Tx, pending map[countKey]countDelta, there map[int64]bool) error {
	rows := map[countKey]countDelta{}
	for key, n := range pending {
		if !there[key.source] {
			continue
		}
		for _, begin := range []int64{key.hour, 0} {
			row := countKey{key.source, begin, key.outcome}
			had := rows[row]
			rows[row] = countDelta{had.requests + n.requests, max(had.last, n.last)}
		}
	}
	// Several processes lock these rows: in one order, or they would wait for each other.
	return addCounts(tx, slices.SortedFunc(maps.Keys(rows), countKey.compare), rows)
}

func (k countKey) compare(other countKey) int {
	return cmp.Or(cmp.Compare(k.source, other.source), cmp.Compare(k.hour, other.hour),
		cmp.Compare(k.outcome, other.outcome))
}

// sweep deletes the hours that are no longer shown.
func (c *requestCounter) sweep(ctx context.Context) error {
	return c.db.Write(ctx, func(tx *store.Tx) error { return deleteOldCounts(tx, tx.Now().Add(-countsKept-time.Hour)) })
}

// Counts returns what became of the requests of all sources, by their ids, most frequent first. It is part of
// sources.Runtime.
func (rc *Receiver) Counts(ctx context.Context) (map[int64][]sources.RequestCount, error) {
	if err := rc.log.flush(ctx); err != nil {
		return nil, err
	}
	now := rc.opt.Now()
	return countsSince(rc.opt.DB.Read(ctx), now.Add(-24*time.Hour), now.Add(-countsKept))
}
