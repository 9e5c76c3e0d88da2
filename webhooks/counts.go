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

// flush adds what was counted to the database. What could not be written stays pending.
func (c *requestCounter) flush(ctx context.Context) error {
	c.mu.Lock()
	pending := c.pending
	c.pending = map[countKey]countDelta{}
	c.mu.Unlock()
	if len(pending) == 0 {
		return nil
	}
	err := c.write(ctx, pending)
	if err == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, n := range pending {
		c.merge(key, n)
	}
	return err
}

// write adds counts to the database.
func (c *requestCounter) write(ctx context.Context, pending map[countKey]countDelta) error {
	return c.db.Write(ctx, func(tx *store.Tx) error {
		rows := map[countKey]countDelta{}
		for key, n := range pending {
			for _, begin := range []int64{key.hour, 0} {
				row := countKey{key.source, begin, key.outcome}
				had := rows[row]
				rows[row] = countDelta{had.requests + n.requests, max(had.last, n.last)}
			}
		}
		// Several processes lock these rows: in one order, or they would wait for each other.
		for _, row := range slices.SortedFunc(maps.Keys(rows), countKey.compare) {
			if err := addCount(tx, row, rows[row]); err != nil {
				return err
			}
		}
		return nil
	})
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
