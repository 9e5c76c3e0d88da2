package journal

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"callhue/internal/access"
	"callhue/internal/store"
)

// Journal reads the journal and delivers each entry once to its listeners: those of this process at their commit, those
// of other processes within a poll.
//
// Ids are no order of commits: MySQL assigns them before the commit, Galera interleaves them per node, TiDB assigns each
// server a batch. So a poll never relies on "greater than the last id" alone (see tail.go).
type Journal struct {
	db  *store.DB
	log *slog.Logger
	key []byte // of the chain

	headLogged atomic.Int64 // the hour

	delivering sync.Mutex // one batch after the other: every listener has got a batch before the next

	mu        sync.Mutex
	listeners map[int]func([]Entry)
	next      int
	delivered map[int64]int64 // id -> when it was delivered, ms; not older than longAgo
	floor     int64           // the highest id delivered longAgo

	tail tail // of Run alone

	verbsMu sync.Mutex // held while verbs are registered
	verbs   atomic.Pointer[map[Verb]VerbInfo]

	propose   func(ctx context.Context, by *access.User, p *Proposal) error // nil: no change can wait
	relations relations

	lastRead atomic.Int64  // last good poll, ms
	started  atomic.Uint64 // 1 once it is known where reading began
}

const (
	pollEvery = 200 * time.Millisecond
	overlap   = 10 * time.Second // longer than a usual transaction, its retries and the difference of clocks
	longAgo   = time.Minute      // longer than any transaction: a request has 30 s
	// maxUnfollowed is how many delivered entries are remembered while Run is not called.
	maxUnfollowed = 50_000
)

// New returns the journal of a database. Until Run is called it delivers only the entries of this process.
func New(db *store.DB, log *slog.Logger) *Journal {
	j := &Journal{db: db, log: log, listeners: map[int]func([]Entry){}, delivered: map[int64]int64{}}
	j.verbs.Store(&map[Verb]VerbInfo{})
	j.Register(Verbs()...)
	return j
}

// Listen calls f with new entries until stop is called. f runs in the goroutine that committed or polled, one call at a
// time: it must be quick and must not write. When Write returns, f has got the entries of that write.
func (j *Journal) Listen(f func([]Entry)) (stop func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	id := j.next
	j.next++
	j.listeners[id] = f
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.listeners, id)
	}
}

// Run polls the journal until the context ends. It begins at the present end.
func (j *Journal) Run(ctx context.Context) error {
	if err := j.startReading(ctx); err != nil {
		return err
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var lost error // one line when the database goes and one when it is back, not five a second between
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := j.poll(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil && lost == nil:
			j.log.Error("the journal cannot be read", "error", err)
		case err == nil && lost != nil:
			j.log.Info("the journal can be read again")
		}
		lost = err
	}
}

// startReading marks everything in the journal as delivered.
func (j *Journal) startReading(ctx context.Context) error {
	tx := j.db.Read(ctx)
	newest, err := newestID(tx)
	if err != nil {
		return err
	}
	now := tx.Now()
	ids, err := idsSince(tx, newest, now.Add(-longAgo).UnixMilli())
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.floor = max(j.floor, newest)
	j.tail = newTail(newest, ids, now)
	for _, id := range ids {
		j.delivered[id] = now.UnixMilli()
	}
	j.started.Store(1)
	j.lastRead.Store(time.Now().UnixMilli())
	return nil
}

// SinceRead returns how long ago the journal was last read.
func (j *Journal) SinceRead() time.Duration {
	return time.Since(time.UnixMilli(j.lastRead.Load()))
}

// poll delivers the entries of other processes.
func (j *Journal) poll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	tx := j.db.Read(ctx)
	j.mu.Lock()
	floor := j.floor
	j.mu.Unlock()
	ids, err := j.tail.read(tx, floor)
	if err != nil {
		return err
	}
	undelivered := j.undelivered(ids)
	for part := range slices.Chunk(undelivered, 500) {
		list, err := byIDs(tx, part)
		if err != nil {
			return err
		}
		j.deliver(list)
	}
	j.tail.advance(ids, undelivered, tx.Now())
	j.forgetDelivered(tx.Now().Add(-longAgo).UnixMilli())
	j.lastRead.Store(time.Now().UnixMilli())
	return nil
}

func (j *Journal) undelivered(ids []int64) []int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	known := func(id int64) bool { _, sent := j.delivered[id]; return sent }
	return slices.DeleteFunc(slices.Clone(ids), known)
}

// deliver delivers entries that were not delivered yet. It returns when every listener has got them, also if another
// goroutine delivers them just now.
func (j *Journal) deliver(list []Entry) {
	j.delivering.Lock()
	defer j.delivering.Unlock()
	j.mu.Lock()
	if j.started.Load() == 0 && len(j.delivered) > maxUnfollowed {
		clear(j.delivered) // without polls none would be delivered twice: an import from the command line
	}
	now := j.db.Clock().UnixMilli()
	list = slices.DeleteFunc(list, func(e Entry) bool {
		_, sent := j.delivered[e.ID]
		j.delivered[e.ID] = now
		return sent
	})
	listeners := make([]func([]Entry), 0, len(j.listeners))
	for _, f := range j.listeners {
		listeners = append(listeners, f)
	}
	j.mu.Unlock()
	if len(list) == 0 {
		return
	}
	for _, f := range listeners {
		f(list)
	}
}

// forgetDelivered drops the ids delivered before a time and moves the floor over them.
func (j *Journal) forgetDelivered(before int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for id, at := range j.delivered {
		if at < before {
			j.floor = max(j.floor, id)
			delete(j.delivered, id)
		}
	}
}
