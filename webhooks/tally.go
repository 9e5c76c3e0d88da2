package webhooks

import (
	"context"
	"sync"
	"time"

	"callhue/internal/store"
)

// tallyKept is for how long requests are counted by the hour.
const tallyKept = 7 * 24 * time.Hour

// Count is how many requests of a source came to the same.
type Count struct {
	Outcome outcome   `json:"outcome"` // understood, ignored, refused (nobody whom we know), invalid (known, but not readable), limited (too much at once), failed (by us)
	Day     int64     `json:"day"`     // in the last 24 hours, begun ones whole
	Week    int64     `json:"week"`    // in the last 7 days
	Ever    int64     `json:"ever"`
	LastAt  time.Time `json:"last_at"`
}

// tallied is what is counted by itself. hour is its beginning in ms; 0 is ever.
type tallied struct {
	source  int64
	hour    int64
	outcome outcome
}

// tallyMark is how many requests were counted, and when the last of them came (ms).
type tallyMark struct{ requests, last int64 }

// tally counts the requests of every source: in memory, so that none waits for it,
// until flush adds it to the database.
type tally struct {
	db *store.DB

	mu      sync.Mutex
	pending map[tallied]tallyMark
	swept   time.Time // the hour in which hours that are over were forgotten last
}

func newTally(db *store.DB) *tally { return &tally{db: db, pending: map[tallied]tallyMark{}} }

// add counts a request.
func (t *tally) add(source int64, o outcome, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.more(tallied{source, store.Millis(at.Truncate(time.Hour)), o}, tallyMark{1, store.Millis(at)})
}

func (t *tally) more(of tallied, n tallyMark) {
	had := t.pending[of]
	t.pending[of] = tallyMark{had.requests + n.requests, max(had.last, n.last)}
}

// flush adds what was counted to the database, and once an hour forgets the hours that
// are over. What could not be written stays pending.
func (t *tally) flush(ctx context.Context) error {
	t.mu.Lock()
	pending, swept := t.pending, t.swept
	t.pending = map[tallied]tallyMark{}
	t.mu.Unlock()
	if len(pending) == 0 {
		return nil
	}
	var hour time.Time
	err := t.db.Write(ctx, func(tx *store.Tx) error {
		for of, n := range pending {
			for _, begin := range []int64{of.hour, 0} {
				if err := countMore(tx, tallied{of.source, begin, of.outcome}, n); err != nil {
					return err
				}
			}
		}
		if hour = tx.Now().Truncate(time.Hour); hour.Equal(swept) {
			return nil
		}
		return dropCounts(tx, tx.Now().Add(-tallyKept-time.Hour))
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.swept = hour
		return nil
	}
	for of, n := range pending {
		t.more(of, n)
	}
	return err
}

// counts gives what became of the requests of all sources, by their ids, most
// frequent first.
func (d *Receiver) counts(ctx context.Context) (map[int64][]Count, error) {
	if err := d.log.flush(ctx); err != nil {
		return nil, err
	}
	tx := d.opt.DB.Read(ctx)
	now := d.opt.Now()
	return countsSince(tx, now.Add(-24*time.Hour), now.Add(-tallyKept))
}

// heardAt is when the source last said something that was understood.
func heardAt(counts []Count) *time.Time {
	var last *time.Time
	for _, c := range counts {
		if (c.Outcome == outcomeUnderstood || c.Outcome == outcomeIgnored) && (last == nil || c.LastAt.After(*last)) {
			last = &c.LastAt
		}
	}
	return last
}
