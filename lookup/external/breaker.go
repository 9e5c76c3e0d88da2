package external

import (
	"sync"
	"time"
)

// breaker stops asking a system that fails again and again. While it is open every lookup fails at once; after a time
// one question is let through, and its answer closes the breaker or opens it for twice as long.
type breaker struct {
	now func() time.Time

	mu       sync.Mutex
	failures int // in a row
	rest     time.Duration
	until    time.Time // it rests until then; zero while it is closed
	probing  bool      // one question is on its way
}

// When the breaker opens, and for how long.
const (
	failuresToOpen = 5
	firstRest      = time.Second
	longestRest    = time.Minute
)

// allow reports whether the system may be asked; probe is set for the one question that is let through while the
// breaker is open. done or cancel must follow.
func (b *breaker) allow() (probe, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until.IsZero() {
		return false, true
	}
	if b.probing || b.now().Before(b.until) {
		return false, false
	}
	b.probing = true
	return true, true
}

// cancel takes back what allow has let through: it was not asked after all.
func (b *breaker) cancel(probe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = b.probing && !probe
}

// done takes the outcome of a question. Those that were on their way when the breaker opened do not open it further.
func (b *breaker) done(probe, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = b.probing && !probe
	switch isOpen := !b.until.IsZero(); {
	case ok:
		b.failures, b.rest, b.until = 0, 0, time.Time{}
	case isOpen && !probe:
	case !isOpen && b.failures+1 < failuresToOpen:
		b.failures++
	default:
		b.rest = min(max(2*b.rest, firstRest), longestRest)
		b.until = b.now().Add(b.rest)
	}
}

// resting returns until when the system is not asked; zero while it is.
func (b *breaker) resting() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.until
}
