package external

import (
	"sync"
	"time"
)

// cache keeps the rows of numbers. Its own, and not that of lookup: what is in there is dropped when our journal
// mentions a record, and the journal knows nothing of what changes elsewhere.
type cache struct {
	fresh time.Duration
	now   func() time.Time

	mu      sync.Mutex
	age     uint64 // rises when everything is forgotten: what was asked before is not stored
	numbers map[int64]kept
}

// kept is an answer and when it was asked for.
type kept struct {
	rows []Row
	at   time.Time
}

// maxCached is how many numbers are kept; beyond it any of them leave.
const maxCached = 20_000

// maxStale is how long after its time an answer may still be shown while a newer one is fetched.
const maxStale = 30 * time.Second

// freshness is how far an answer can be relied on.
type freshness int

const (
	unknown freshness = iota
	stale             // it is shown once more, and asked for again
	fresh
)

func newCache(freshFor time.Duration, now func() time.Time) *cache {
	return &cache{fresh: freshFor, now: now, numbers: map[int64]kept{}}
}

func (c *cache) find(key int64) ([]Row, freshness) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, found := c.numbers[key]
	if !found {
		return nil, unknown
	}
	switch age := c.now().Sub(k.at); {
	case age < c.fresh:
		return k.rows, fresh
	case age < c.fresh+min(c.fresh, maxStale):
		return k.rows, stale
	}
	delete(c.numbers, key)
	return nil, unknown
}

// turn returns the age of the cache, for add.
func (c *cache) turn() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.age
}

// add keeps an answer to a question that was asked at a time and an age.
func (c *cache) add(key int64, rows []Row, at time.Time, age uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fresh <= 0 || c.age != age {
		return
	}
	if len(c.numbers) >= maxCached {
		for old := range c.numbers {
			delete(c.numbers, old)
			if len(c.numbers) < maxCached*9/10 {
				break
			}
		}
	}
	c.numbers[key] = kept{rows, at}
}

func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.age++
	clear(c.numbers)
}
