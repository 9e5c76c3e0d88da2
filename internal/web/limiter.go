package web

import (
	"sync"
	"time"
)

// Limiter lets each key through at a steady rate with a burst. It forgets a key
// once that key has its whole burst again, so its memory is bounded by what
// knocks within one refill; a flood of invented keys cannot grow it further
// than twice maxKeys.
type Limiter struct {
	step  time.Duration // between two at the steady rate
	burst time.Duration // how far a key may be ahead
	now   func() time.Time

	mu         sync.Mutex
	young, old map[string]time.Time // when the key will have its whole burst again
	turn       time.Time            // when young becomes old
}

// maxKeys is how many keys one generation holds.
const maxKeys = 1 << 16

// NewLimiter makes a limiter for perMinute events a minute and key, of which
// burst may come at once. Both are at least 1.
func NewLimiter(perMinute, burst int, now func() time.Time) *Limiter {
	step := time.Minute / time.Duration(max(1, perMinute))
	return &Limiter{step: step, burst: step * time.Duration(max(1, burst)), now: now, young: map[string]time.Time{}}
}

// Allow counts an event of the key, or returns how long to wait until the next one
// is allowed. A refused event does not count.
func (l *Limiter) Allow(key string) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.age(now)
	full, known := l.young[key]
	if !known {
		full = l.old[key]
	}
	if full.Before(now) {
		full = now
	}
	full = full.Add(l.step)
	if ahead := full.Sub(now) - l.burst; ahead > 0 {
		return ahead, false
	}
	l.young[key] = full
	return 0, true
}

// GiveBack undoes one Allow of the key.
func (l *Limiter) GiveBack(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, keys := range []map[string]time.Time{l.young, l.old} {
		if full, known := keys[key]; known {
			keys[key] = full.Add(-l.step)
			return
		}
	}
}

// age drops the older generation once each of its keys has its whole burst
// again, or when the younger one is full.
func (l *Limiter) age(now time.Time) {
	if now.Before(l.turn) && len(l.young) < maxKeys {
		return
	}
	l.old, l.young = l.young, map[string]time.Time{}
	l.turn = now.Add(l.burst)
}
