package amocrm

import (
	"context"
	"sync"
	"time"

	"callhue/crmsync"
	"callhue/internal/web"
)

// An account allows seven requests a second from all of an integration; we keep
// below, and ask evenly, so that no second sees more.
const interval = time.Second / 6

// patience is how long a request waits for its turn; what would take longer is
// crm_busy, with how long it would take.
const patience = 20 * time.Second

// pace gives requests their turns.
type pace struct {
	now  func() time.Time
	mu   sync.Mutex
	next time.Time // when the next turn is free
	held time.Time // nobody has a turn before
}

func newPace(now func() time.Time) *pace { return &pace{now: now} }

// turn waits until a request may be sent.
func (p *pace) turn(ctx context.Context) error {
	wait, err := p.take()
	if err != nil {
		return err
	}
	return web.Sleep(ctx, wait)
}

func (p *pace) take() (time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	at := now
	for _, t := range []time.Time{p.next, p.held} {
		if t.After(at) {
			at = t
		}
	}
	if wait := at.Sub(now); wait > patience {
		return 0, crmsync.Busy(wait)
	}
	p.next = at.Add(interval)
	return at.Sub(now), nil
}

// hold stops all requests for a while, because the account asked for it.
func (p *pace) hold(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.now().Add(d); until.After(p.held) {
		p.held = until
	}
}
