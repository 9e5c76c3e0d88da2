package bitrix24

import (
	"encoding/json"
	"sync"
	"time"
)

// Our share of what the portal allows: others use it too, and its clock differs from ours.
const (
	shareOfRate  = 0.9
	shareOfBurst = 0.8
)

// A method may run for 480 s within ten minutes, then the portal refuses it to everyone. Near that limit we
// pause it before the portal does.
const (
	nearLimit    = 400.0 // seconds
	longestPause = 10 * time.Minute
	longestWait  = 20 * time.Second // longer pauses are left to the caller
)

// limits keeps us below the portal's limits: a leaky bucket for requests, and paused methods.
type limits struct {
	mu          sync.Mutex
	rate        float64 // requests a second
	burst       float64
	level       float64 // requests in the bucket, including waiting ones
	at          time.Time
	pausedUntil map[string]time.Time // by method
}

func newLimits(rate, burst float64) *limits {
	return &limits{rate: rate * shareOfRate, burst: max(1, burst*shareOfBurst), pausedUntil: map[string]time.Time{}}
}

// take adds a request to the bucket and returns how long it has to wait.
func (l *limits) take(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if passed := now.Sub(l.at).Seconds(); passed > 0 {
		l.level, l.at = max(0, l.level-passed*l.rate), now
	}
	l.level++
	return time.Duration(max(0, l.level-l.burst) / l.rate * float64(time.Second))
}

// fill fills the bucket, because the portal's own has overflowed.
func (l *limits) fill() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.level = max(l.level, l.burst)
}

// pauseLeft returns the rest of the longest pause of some methods.
func (l *limits) pauseLeft(now time.Time, methods []string) (left time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, method := range methods {
		left = max(left, l.pausedUntil[method].Sub(now))
	}
	return left
}

// pause pauses a method until a time; the zero time means the longest pause.
func (l *limits) pause(now time.Time, method string, until time.Time) {
	latest := now.Add(longestPause)
	if until.IsZero() || until.After(latest) {
		until = latest
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.pausedUntil[method]) {
		l.pausedUntil[method] = until
	}
}

// timing is the portal's report of the time that a method took.
type timing struct {
	Operating number `json:"operating"`          // seconds within the last ten minutes
	ResetAt   number `json:"operating_reset_at"` // Unix time at which some of them expire
}

// UnmarshalJSON accepts a report that is no object, such as the empty list of PHP, as no report.
func (t *timing) UnmarshalJSON(raw []byte) error {
	*t = timing{}
	if raw[0] != '{' {
		return nil
	}
	type plain timing
	return json.Unmarshal(raw, (*plain)(t))
}

func (t timing) resetAt() time.Time {
	if t.ResetAt <= 0 {
		return time.Time{}
	}
	return time.Unix(int64(t.ResetAt)+1, 0)
}

// observe pauses a method that has used nearly all its time.
func (l *limits) observe(now time.Time, method string, t timing) {
	if t.Operating >= nearLimit {
		l.pause(now, method, t.resetAt())
	}
}
