package lookup

import (
	"sync"
	"time"
)

// queue brings those who ask at the same moment to one question: while the
// database answers, the next ones gather, and go together in one round trip.
// Whoever asks alone waits for nobody.
//
// A question is put after everybody in it has asked, so what it reads is never
// older than the asking; two who ask for one number share its answer.
type queue struct {
	read func(batch []*asked) // answers every one of a batch
	now  func() time.Time

	mu      sync.Mutex
	waiting []*asked
	numbers map[int64]*asked // of those who wait
	reading int              // questions under way
}

// asked is a number that somebody waits for.
type asked struct {
	key   int64
	until time.Time     // nobody waits any longer
	ready chan struct{} // closed once match and err stand
	match *Match
	err   error
}

// readers is how many questions may be under way: enough for one that hangs
// not to stop the others, few enough to gather something.
const readers = 2

// ask joins the next question.
func (q *queue) ask(key int64, until time.Time) *asked {
	q.mu.Lock()
	defer q.mu.Unlock()
	if a := q.numbers[key]; a != nil {
		if until.After(a.until) {
			a.until = until
		}
		return a
	}
	a := &asked{key: key, until: until, ready: make(chan struct{})}
	q.numbers[key] = a
	q.waiting = append(q.waiting, a)
	if q.reading < readers {
		q.reading++
		go q.work()
	}
	return a
}

// work puts questions until nobody waits.
func (q *queue) work() {
	for {
		batch := q.next()
		if batch == nil {
			return
		}
		q.read(batch)
		for _, a := range batch {
			close(a.ready)
		}
	}
}

// next takes those who have waited longest, and drops those whose time is over:
// a database that hangs must not gather a crowd.
func (q *queue) next() []*asked {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	var batch []*asked
	for i, a := range q.waiting {
		if len(batch) == maxBatch {
			q.waiting = append([]*asked(nil), q.waiting[i:]...)
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
	}
	return batch
}
