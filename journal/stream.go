package journal

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrSlow ends a Follow whose tell could not keep up: the client comes again
// with the id of the last entry that it got.
var ErrSlow = errors.New("journal: the reader is too slow")

const (
	waiting  = 256            // entries that a reader may lag behind
	resumeTo = 24 * time.Hour // nothing older is told again
)

// Follow tells the wanted entries until the context ends, tell fails or falls
// too far behind (ErrSlow). With from = 0 it begins now; else with what was
// written since the entry `from`, and there is no gap between the two.
//
// A few seconds before that entry are told again, because a slower transaction
// may have committed after it: a reader drops the ids that it knows. Within one
// Follow each entry is told once.
//
// tell runs in the caller's goroutine and may take its time; want runs where
// the entry was committed and must be quick.
func (t *Journal) Follow(ctx context.Context, from int64, want func(Entry) bool, tell func(Entry) error) error {
	live := newQueue(want)
	defer t.Listen(live.put)()
	told := map[int64]bool{}
	if from > 0 {
		err := t.missed(ctx, from, func(e Entry) error {
			if !want(e) {
				return nil
			}
			told[e.ID] = true
			return tell(e)
		})
		if err != nil {
			return err
		}
	}
	for {
		list, err := live.take(ctx)
		if err != nil {
			return err
		}
		for _, e := range list {
			if told[e.ID] {
				continue
			}
			if err := tell(e); err != nil {
				return err
			}
		}
	}
}

// missed tells what was written since an entry, from a little before it on.
func (t *Journal) missed(ctx context.Context, from int64, tell func(Entry) error) error {
	const size = 500
	tx := t.db.Read(ctx)
	at, err := timeOf(tx, from)
	if err != nil {
		return err
	}
	at = max(at-overlap.Milliseconds(), tx.Now().Add(-resumeTo).UnixMilli())
	for id := int64(0); ; {
		list, err := since(tx, at, id, size)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := tell(e); err != nil {
				return err
			}
			at, id = e.At.UnixMilli(), e.ID
		}
		if len(list) < size {
			return nil
		}
	}
}

// queue holds the entries that wait for one reader. It takes no memory while
// nothing waits, and putting never blocks.
type queue struct {
	want func(Entry) bool
	more chan struct{} // holds one while something waits

	mu   sync.Mutex
	list []Entry
	full bool
}

func newQueue(want func(Entry) bool) *queue {
	return &queue{want: want, more: make(chan struct{}, 1)}
}

func (q *queue) put(list []Entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	before := len(q.list)
	for _, e := range list {
		if !q.full && q.want(e) {
			q.list = append(q.list, e)
			q.full = len(q.list) > waiting
		}
	}
	if len(q.list) == before {
		return
	}
	select {
	case q.more <- struct{}{}:
	default:
	}
}

func (q *queue) take(ctx context.Context) ([]Entry, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-q.more:
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.full {
		return nil, ErrSlow
	}
	list := q.list
	q.list = nil
	return list, nil
}
