package bitrix24

import "time"

// bucket is the leaky bucket of the requests.
type bucket struct {
	level float64
	at    time.Time
}

// overflows reports whether one more request is too many.
func (b *bucket) overflows(now time.Time, rate, burst float64) bool {
	if rate < 0 {
		return false
	}
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.level, b.at = max(0, b.level-passed*rate), now
	}
	if b.level+1 > burst {
		return true
	}
	b.level++
	return false
}

// What a method may run within a window.
const (
	operatingLimit  = 480.0
	operatingWindow = 10 * time.Minute
)

// spent is what a method took in a window.
type spent struct {
	seconds float64
	until   time.Time
}

// spend adds the cost of a request. False: the method is refused until the window
// ends.
func (p *Portal) spend(method string) (s *spent, ok bool) {
	now := p.opt.Now()
	s = p.operating[method]
	if s == nil || !now.Before(s.until) {
		s = &spent{until: now.Add(operatingWindow)}
		p.operating[method] = s
	}
	if s.seconds > operatingLimit {
		p.blocked++
		return s, false
	}
	s.seconds += p.opt.Cost
	return s, true
}

// timing is what stands in an answer as "time".
func (p *Portal) timing(s *spent) map[string]any {
	now := p.opt.Now()
	at := float64(now.UnixMilli()) / 1000
	out := map[string]any{"start": at, "finish": at + p.opt.Cost, "duration": p.opt.Cost, "processing": p.opt.Cost,
		"date_start": now.Format(time.RFC3339), "date_finish": now.Format(time.RFC3339)}
	if s != nil {
		out["operating"], out["operating_reset_at"] = s.seconds, s.until.Unix()
	}
	return out
}
