package lookup

import (
	"sync"
	"time"
)

// queue joins lookups of the same moment in one database query: while one query runs, further lookups gather, and
// the next query answers them all in one round trip. A single lookup does not wait.
//
// A query starts after all of its lookups have arrived, so that what it reads is never older than they are. Lookups
// of the same number share its answer.
type queue struct {
	read func(batch []*pending) // answers every lookup of a batch
	now  func() time.Time

	mu      sync.Mutex
	waiting []*pending
	numbers map[int64]*pending // those that wait, by their key
	reading int                // goroutines with a query
	resting int                // goroutines without one
	wake    chan struct{}      // calls one of these back
}

// pending is a lookup that waits for its answer.
type pending struct {
	key   int64
	until time.Time     // its last caller goes away
	ready chan struct{} // closed once match and err are set
	match *Match
	err   error
}

// readers is how many queries may run at a time: enough that one that hangs does not stop the others, few enough that
// lookups gather.
const readers = 2

// restFor is how long a goroutine waits for the next lookup: a new one would grow its stack to the depth of the
// database driver each time, which costs a seventh of a lookup in SQLite.
const restFor = time.Second

// add puts a lookup into the next query.
func (q *queue) add(key int64, until time.Time) *pending {
	q.mu.Lock()
	defer q.mu.Unlock()
	if a := q.numbers[key]; a != nil {
		if until.After(a.until) {
			a.until = until
		}
		return a
	}
	a := &pending{key: key, until: until, ready: make(chan struct{})}
	q.numbers[key] = a
	q.waiting = append(q.waiting, a)
	q.start()
	return a
}

// start has a goroutine run the next query, unless enough of them run; the caller holds mu.
func (q *queue) start() {
	if q.wake == nil {
		q.wake = make(chan struct{}, readers)
	}
	switch {
	case q.resting > 0:
		q.resting--
		q.reading++
		q.wake <- struct{}{} // never waits: there are no more goroutines than places
	case q.reading < readers:
		q.reading++
		go q.work()
	}
}

// work runs queries until no lookup has come for a while.
func (q *queue) work() {
	for {
		batch := q.next()
		if batch == nil && q.rest() {
			continue
		}
		if batch == nil {
			return
		}
		q.read(batch)
		for _, a := range batch {
			close(a.ready)
		}
	}
}

// rest waits for the next lookup; it reports whether there is one.
func (q *queue) rest() bool {
	timeout := time.NewTimer(restFor)
	defer timeout.Stop()
	select {
	case <-q.wake:
		return true
	case <-timeout.C:
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-q.wake: // called back at the same moment
		return true
	default:
	}
	q.resting--
	return false
}

// next returns the lookups that have waited longest, and drops those whose time is over: they must not pile up
// before a database that hangs.
func (q *queue) next() []*pending {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	var batch []*pending
	for i, a := range q.waiting {
		if len(batch) == maxBatch {
			q.waiting = append([]*pending(nil), q.waiting[i:]...)
			return batch
		}
		delete(q.numbers, a.key)
		if now.Before(a.until) {
			batch = append(batch, a)
		}
	}
	q.waiting = nil
	if batch == nil {
		q.reading--
		q.resting++
	}
	return batch
}
