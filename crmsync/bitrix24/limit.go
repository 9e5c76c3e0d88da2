package bitrix24

import (
	"sync"
	"time"
)

// What we take of what the portal bears: others ask it too, and its clock and ours
// are not the same.
const (
	shareOfRate  = 0.9
	shareOfBurst = 0.8
)

// A method may run for 480 s within ten minutes, then the portal refuses it to
// everybody. Near that we let it rest before the portal does.
const (
	nearTheEnd = 400.0 // seconds
	restTime   = 10 * time.Minute
	patience   = 20 * time.Second // a longer rest is the caller's matter
)

// limits keeps us below the portal's limits: a leaky bucket for the requests, and
// the methods that rest.
type limits struct {
	mu    sync.Mutex
	rate  float64 // requests a second
	burst float64
	level float64 // requests in the bucket, those that wait included
	at    time.Time
	rests map[string]time.Time // until when, by method
}

func newLimits(rate, burst float64) *limits {
	return &limits{rate: rate * shareOfRate, burst: max(1, burst*shareOfBurst), rests: map[string]time.Time{}}
}

// take puts a request into the bucket and says how long it has to wait for that.
func (l *limits) take(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if passed := now.Sub(l.at).Seconds(); passed > 0 {
		l.level, l.at = max(0, l.level-passed*l.rate), now
	}
	l.level++
	return time.Duration(max(0, l.level-l.burst) / l.rate * float64(time.Second))
}

// full says that the portal's own bucket runs over: ours is as full.
func (l *limits) full() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.level = max(l.level, l.burst)
}

// resting says how long the longest rest of some methods still takes.
func (l *limits) resting(now time.Time, methods []string) (left time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, method := range methods {
		left = max(left, l.rests[method].Sub(now))
	}
	return left
}

// rest lets a method rest until a moment; a zero one is the longest rest.
func (l *limits) rest(now time.Time, method string, until time.Time) {
	latest := now.Add(restTime)
	if until.IsZero() || until.After(latest) {
		until = latest
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.rests[method]) {
		l.rests[method] = until
	}
}

// timing is what the portal says of the time that a method took.
type timing struct {
	Operating float64 `json:"operating"`          // seconds within the last ten minutes
	ResetAt   float64 `json:"operating_reset_at"` // Unix time at which some of them are forgotten
}

func (t timing) resetAt() time.Time {
	if t.ResetAt <= 0 {
		return time.Time{}
	}
	return time.Unix(int64(t.ResetAt)+1, 0)
}

// heed lets a method rest when it took nearly all the time that it has.
func (l *limits) heed(now time.Time, method string, t timing) {
	if t.Operating >= nearTheEnd {
		l.rest(now, method, t.resetAt())
	}
}
