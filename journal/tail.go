package journal

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"callhue/store"
)

// Tail follows the journal and tells its listeners each entry once: those of
// this process at their commit, those of other processes within a poll.
//
// Ids are no order of commits: MySQL hands them out before the commit, Galera
// interleaves them per node, TiDB gives each server a batch. So the tail never
// trusts "greater than the last id" alone: it looks again at every id of the
// last seconds and tells what it has not told yet.
type Tail struct {
	db  *store.DB
	log *slog.Logger

	telling   sync.Mutex // held while listeners are told: who finds an entry told may rely on it
	mu        sync.Mutex
	listeners map[int]func([]Entry)
	next      int
	told      map[int64]int64 // id -> when it was told, ms; not older than overlap
	floor     int64           // every id up to here was told or is too old

	alive atomic.Int64 // last good poll, ms
}

const (
	pollEvery = 200 * time.Millisecond
	overlap   = 10 * time.Second // longer than any transaction of ours may take
)

// NewTail makes the journal of a database. Until Run is called it tells only
// what this process writes.
func NewTail(db *store.DB, log *slog.Logger) *Tail {
	return &Tail{db: db, log: log, listeners: map[int]func([]Entry){}, told: map[int64]int64{}}
}

// Listen has f called with new entries until stop is called. f runs in the
// goroutine that committed or polled: it must be quick and must not write.
func (t *Tail) Listen(f func([]Entry)) (stop func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id := t.next
	t.next++
	t.listeners[id] = f
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.listeners, id)
	}
}

// Run follows the journal until the context ends. It begins at its present
// end.
func (t *Tail) Run(ctx context.Context) error {
	floor, err := newestID(t.db.Read(ctx))
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.floor = max(t.floor, floor)
	t.mu.Unlock()
	t.alive.Store(time.Now().UnixMilli())
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := t.poll(ctx); err != nil && ctx.Err() == nil {
				t.log.Error("journal tail", "error", err)
			}
		}
	}
}

// Alive says how long ago the tail last read the journal.
func (t *Tail) Alive() time.Duration {
	return time.Since(time.UnixMilli(t.alive.Load()))
}

// poll tells what other processes have written.
func (t *Tail) poll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	tx := t.db.Read(ctx)
	t.mu.Lock()
	floor := t.floor
	t.mu.Unlock()
	ids, err := idsAfter(tx, floor)
	if err != nil {
		return err
	}
	if ids = t.untold(ids); len(ids) > 0 {
		for part := range slices.Chunk(ids, 500) {
			list, err := byIDs(tx, part)
			if err != nil {
				return err
			}
			t.hear(list)
		}
	}
	t.forget(tx.Now().Add(-overlap).UnixMilli())
	t.alive.Store(time.Now().UnixMilli())
	return nil
}

func (t *Tail) untold(ids []int64) []int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.DeleteFunc(ids, func(id int64) bool { _, told := t.told[id]; return told })
}

// hear tells entries that were not told yet.
func (t *Tail) hear(list []Entry) {
	t.telling.Lock()
	defer t.telling.Unlock()
	t.mu.Lock()
	now := t.db.Clock().UnixMilli()
	list = slices.DeleteFunc(list, func(e Entry) bool {
		_, told := t.told[e.ID]
		t.told[e.ID] = now
		return told
	})
	listeners := make([]func([]Entry), 0, len(t.listeners))
	for _, f := range t.listeners {
		listeners = append(listeners, f)
	}
	t.mu.Unlock()
	if len(list) == 0 {
		return
	}
	for _, f := range listeners {
		f(list)
	}
}

// forget moves the floor over what was told before a time.
func (t *Tail) forget(before int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, at := range t.told {
		if at < before {
			t.floor = max(t.floor, id)
			delete(t.told, id)
		}
	}
}
