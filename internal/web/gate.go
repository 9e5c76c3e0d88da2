package web

import (
	"sync"
	"time"

	"callhue/internal/fault"
)

// Gate lets a number of pieces of work go on at once. The others wait in order, those that matter first, as long as
// they have a chance to be served in time: one that has none is refused at once instead of making the queue longer.
type Gate struct {
	now func() time.Time

	mu     sync.Mutex
	places int           // in all
	taken  int           // places in use
	took   time.Duration // what a piece of work takes, as a moving average
	first  []*visitor    // who wait, the oldest first
	rest   []*visitor
}

// visitor waits at a gate.
type visitor struct {
	admitted chan struct{} // closed once they have a place
	left     bool          // they wait no longer
}

// NewGate returns a gate with so many places.
func NewGate(places int, now func() time.Time) *Gate { return &Gate{places: places, now: now} }

// Enter takes a place, and waits for one at most so long; what is first goes before what is not. leave frees the place.
// The fault is unavailable "overloaded".
func (g *Gate) Enter(first bool, within time.Duration) (leave func(), err error) {
	g.mu.Lock()
	if g.taken < g.places {
		g.taken++
		g.mu.Unlock()
		return g.leaving(), nil
	}
	if g.expected(first) > within {
		g.mu.Unlock()
		return nil, overloaded()
	}
	v := &visitor{admitted: make(chan struct{})}
	if first {
		g.first = append(g.first, v)
	} else {
		g.rest = append(g.rest, v)
	}
	g.mu.Unlock()
	wait := time.NewTimer(within)
	defer wait.Stop()
	select {
	case <-v.admitted:
		return g.leaving(), nil
	case <-wait.C:
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-v.admitted: // at the last moment
		return g.leaving(), nil
	default:
		v.left = true
		return nil, overloaded()
	}
}

func overloaded() *fault.Error { return fault.Unavailable("overloaded", time.Second) }

// expected returns how long a new visitor would wait. The caller holds mu.
func (g *Gate) expected(first bool) time.Duration {
	ahead := len(g.first)
	if !first {
		ahead += len(g.rest)
	}
	return g.took * time.Duration(ahead+1) / time.Duration(g.places)
}

// leaving returns the function that frees a place and hands it on.
func (g *Gate) leaving() func() {
	began := g.now()
	var once sync.Once
	return func() {
		once.Do(func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.took += (g.now().Sub(began) - g.took) / 8
			if !admit(&g.first) && !admit(&g.rest) {
				g.taken--
			}
		})
	}
}

// admit admits the first of a queue who still waits, and reports whether there is one.
func admit(queue *[]*visitor) bool {
	for len(*queue) > 0 {
		v := (*queue)[0]
		(*queue)[0] = nil
		*queue = (*queue)[1:]
		if !v.left {
			close(v.admitted)
			return true
		}
	}
	return false
}
