package journal

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"callhue/internal/store"
)

// Journal follows the journal and tells its listeners each entry once: those of
// this process at their commit, those of other processes within a poll.
//
// Ids are no order of commits: MySQL hands them out before the commit, Galera
// interleaves them per node, TiDB gives each server a batch. So the tail never
// trusts "greater than the last id" alone: it looks again at all that was
// written in the last seconds and tells what it has not told yet. Every few
// seconds it looks back further, for transactions that took long to commit.
type Journal struct {
	db  *store.DB
	log *slog.Logger

	telling sync.Mutex // one batch after the other: what was told is heard

	mu        sync.Mutex
	listeners map[int]func([]Entry)
	next      int
	told      map[int64]int64 // id -> when it was told, ms; not older than longAgo
	newest    int64           // the highest id told
	floor     int64           // the highest id told longAgo

	verbsMu sync.Mutex // held while verbs are registered
	verbs   atomic.Pointer[map[Verb]VerbInfo]

	alive atomic.Int64  // last good poll, ms
	begun atomic.Uint64 // 1 once the tail knows where it began
}

const (
	pollEvery = 200 * time.Millisecond
	overlap   = 10 * time.Second // longer than a usual transaction, its retries and the difference of clocks
	longAgo   = time.Minute      // longer than any transaction: a request has 30 s
	// mostUnfollowed is how many told entries are remembered while Run is not called.
	mostUnfollowed = 50_000
	wideEvery      = 25 // polls: every five seconds one looks back to longAgo
)

// New makes the journal of a database. Until Run is called it tells only
// what this process writes.
func New(db *store.DB, log *slog.Logger) *Journal {
	j := &Journal{db: db, log: log, listeners: map[int]func([]Entry){}, told: map[int64]int64{}}
	j.verbs.Store(&map[Verb]VerbInfo{})
	j.Register(Verbs()...)
	return j
}

// Listen has f called with new entries until stop is called. f runs in the
// goroutine that committed or polled, one call at a time: it must be quick and
// must not write. When Write returns, f has heard what was written.
func (t *Journal) Listen(f func([]Entry)) (stop func()) {
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
func (t *Journal) Run(ctx context.Context) error {
	if err := t.begin(ctx); err != nil {
		return err
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var lost error // one line when the database goes and one when it is back, not five a second between
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := t.poll(ctx, n%wideEvery == 0)
		switch {
		case ctx.Err() != nil:
		case err != nil && lost == nil:
			t.log.Error("the journal cannot be read", "error", err)
		case err == nil && lost != nil:
			t.log.Info("the journal can be read again")
		}
		lost = err
	}
}

// begin counts everything that stands in the journal as told.
func (t *Journal) begin(ctx context.Context) error {
	tx := t.db.Read(ctx)
	newest, err := newestID(tx)
	if err != nil {
		return err
	}
	now := tx.Now()
	ids, err := idsSince(tx, newest, now.Add(-longAgo).UnixMilli())
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.floor, t.newest = max(t.floor, newest), max(t.newest, newest)
	for _, id := range ids {
		t.told[id] = now.UnixMilli()
	}
	t.begun.Store(1)
	t.alive.Store(time.Now().UnixMilli())
	return nil
}

// Alive says how long ago the tail last read the journal.
func (t *Journal) Alive() time.Duration {
	return time.Since(time.UnixMilli(t.alive.Load()))
}

// poll tells what other processes have written.
func (t *Journal) poll(ctx context.Context, wide bool) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	tx := t.db.Read(ctx)
	t.mu.Lock()
	floor, since := t.newest, tx.Now().Add(-overlap)
	if wide {
		floor, since = t.floor, tx.Now().Add(-longAgo)
	}
	t.mu.Unlock()
	ids, err := idsSince(tx, floor, since.UnixMilli())
	if err != nil {
		return err
	}
	for part := range slices.Chunk(t.untold(ids), 500) {
		list, err := byIDs(tx, part)
		if err != nil {
			return err
		}
		t.hear(list)
	}
	t.forget(tx.Now().Add(-longAgo).UnixMilli())
	t.alive.Store(time.Now().UnixMilli())
	return nil
}

func (t *Journal) untold(ids []int64) []int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.DeleteFunc(ids, func(id int64) bool { _, told := t.told[id]; return told })
}

// hear tells entries that were not told yet. It returns when every listener has
// heard them, also if another goroutine is telling them just now.
func (t *Journal) hear(list []Entry) {
	t.telling.Lock()
	defer t.telling.Unlock()
	t.mu.Lock()
	if t.begun.Load() == 0 && len(t.told) > mostUnfollowed {
		clear(t.told) // no one polls, so no one would tell them again: an import from the command line
	}
	now := t.db.Clock().UnixMilli()
	list = slices.DeleteFunc(list, func(e Entry) bool {
		_, told := t.told[e.ID]
		t.told[e.ID] = now
		t.newest = max(t.newest, e.ID)
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

// forget drops what was told before a time and moves the floor over it.
func (t *Journal) forget(before int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, at := range t.told {
		if at < before {
			t.floor = max(t.floor, id)
			delete(t.told, id)
		}
	}
}
