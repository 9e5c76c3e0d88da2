package journal

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrSlow ends a Follow whose send could not keep up: the client connects again with the id of its last entry.
var ErrSlow = errors.New("journal: the reader is too slow")

const (
	waiting  = 256            // entries that a reader may lag behind
	resumeTo = 24 * time.Hour // nothing older is repeated
)

// Follow sends the wanted entries until the context ends, or until send fails or falls too far behind (ErrSlow). With
// from = 0 it begins now, otherwise with the entries written since the entry `from`, without a gap.
//
// The last seconds before that entry are repeated, because a slower transaction may have committed after it: a reader
// drops the ids that it knows. Within one Follow each entry is sent once.
//
// send runs in the caller's goroutine and may be slow; want runs where the entry was committed and must be quick.
func (j *Journal) Follow(ctx context.Context, from int64, want func(Entry) bool, send func(Entry) error) error {
	live := newQueue(want)
	defer j.Listen(live.put)()
	sent := map[int64]bool{}
	if from > 0 {
		err := j.replay(ctx, from, func(e Entry) error {
			if !want(e) {
				return nil
			}
			sent[e.ID] = true
			return send(e)
		})
		if err != nil {
			return err
		}
	}
	for {
		list, err := live.next(ctx)
		if err != nil {
			return err
		}
		for _, e := range list {
			if sent[e.ID] {
				continue
			}
			if err := send(e); err != nil {
				return err
			}
		}
	}
}

// replay sends the entries written since an entry, from a little before it on.
func (j *Journal) replay(ctx context.Context, from int64, send func(Entry) error) error {
	const size = 500
	tx := j.db.Read(ctx)
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
			if err := send(e); err != nil {
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

func (q *queue) next(ctx context.Context) ([]Entry, error) {
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
