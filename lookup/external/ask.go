package external

import (
	"context"
	"sync"
	"time"

	"callhue/lookup/query"
)

// flights are the questions that are on their way: lookups of the same number share one.
type flights struct {
	slots chan struct{} // as many as may be asked at a time

	mu      sync.Mutex
	numbers map[int64]*flight
}

// flight is one question.
type flight struct {
	probe  bool          // of the breaker
	landed chan struct{} // closed once rows and err are set
	rows   []Row
	err    error
}

// maxAsked is how many numbers a system is asked for at a time: a CRM must not feel that it is asked.
const maxAsked = 8

func newFlights() flights {
	return flights{slots: make(chan struct{}, maxAsked), numbers: map[int64]*flight{}}
}

// patience is how long a question may take after its lookup has given up: the answer is kept, and the grey card becomes
// what it should be.
const patience = 3 * time.Second

// rows returns the rows of a number. An answer that is a little too old is returned at once, and asked for again.
func (s *Source) rows(ctx context.Context, key int64) ([]Row, error) {
	rows, age := s.cache.find(key)
	switch age {
	case fresh:
		s.stats.hit()
		return rows, nil
	case stale:
		s.stats.hit()
		_, _ = s.flight(key) // nothing is lost when it cannot be asked now
		return rows, nil
	}
	f, err := s.flight(key)
	if err != nil {
		s.stats.fail(err)
		return nil, err
	}
	select {
	case <-f.landed:
		return f.rows, f.err
	case <-ctx.Done():
		err := failed(codeTimeout, ctx.Err())
		s.stats.fail(err)
		return nil, err
	}
}

// flight returns the question about a number that is on its way, or asks it.
func (s *Source) flight(key int64) (*flight, error) {
	s.flights.mu.Lock()
	defer s.flights.mu.Unlock()
	if f := s.flights.numbers[key]; f != nil {
		return f, nil
	}
	probe, ok := s.breaker.allow()
	if !ok {
		return nil, failed(codeOpen, nil)
	}
	select {
	case s.flights.slots <- struct{}{}:
	default:
		s.breaker.cancel(probe)
		return nil, failed(codeBusy, nil)
	}
	f := &flight{landed: make(chan struct{}), probe: probe}
	s.flights.numbers[key] = f
	age := s.cache.turn()
	go s.fly(key, f, age)
	return f, nil
}

// fly asks, and keeps the answer. It does not end with the lookup that wanted it.
func (s *Source) fly(key int64, f *flight, age uint64) {
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Budget+patience)
	defer cancel()
	start := s.cfg.Now()
	rows, err := s.asker.Ask(ctx, query.SpellingsOf(s.cfg.Plan, key, s.cfg.Form), nil)
	if f.rows = rows; err != nil {
		// What the system itself says may contain the number, and is logged further up: only the code goes there.
		f.err = failed(CodeOf(err), nil)
	}
	s.stats.asked(s.cfg.Now().Sub(start), f.err)
	s.breaker.done(f.probe, f.err == nil)
	if f.err == nil {
		s.cache.add(key, f.rows, start, age)
	} else {
		s.cfg.Log.Warn("a lookup source failed", "source", s.cfg.Name, "why", CodeOf(f.err))
	}
	s.flights.mu.Lock()
	delete(s.flights.numbers, key)
	s.flights.mu.Unlock()
	<-s.flights.slots
	close(f.landed)
}
