package amocrm

import (
	"context"
	"sync"
	"time"

	"callhue/crmsync"
	"callhue/internal/web"
)

// interval is the distance between requests: an account allows an integration seven a second; we stay below
// that, evenly spaced.
const interval = time.Second / 6

// longestWait is how long a request waits for its turn; beyond that the fault is crm_busy with the time to
// wait.
const longestWait = 20 * time.Second

// throttle spaces requests.
type throttle struct {
	now         func() time.Time
	mu          sync.Mutex
	next        time.Time // when the next request may be sent
	pausedUntil time.Time // no request is sent before
}

func newThrottle(now func() time.Time) *throttle { return &throttle{now: now} }

// wait waits until a request may be sent.
func (p *throttle) wait(ctx context.Context) error {
	wait, err := p.reserve()
	if err != nil {
		return err
	}
	return web.Sleep(ctx, wait)
}

func (p *throttle) reserve() (time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	at := now
	for _, t := range []time.Time{p.next, p.pausedUntil} {
		if t.After(at) {
			at = t
		}
	}
	if wait := at.Sub(now); wait > longestWait {
		return 0, crmsync.Busy(wait)
	}
	p.next = at.Add(interval)
	return at.Sub(now), nil
}

// pause stops all requests for a while, as the account demanded.
func (p *throttle) pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.now().Add(d); until.After(p.pausedUntil) {
		p.pausedUntil = until
	}
}
