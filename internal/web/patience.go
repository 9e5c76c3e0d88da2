package web

import (
	"context"
	"sync"
	"time"
)

// timeLimit is how long a handler may work; its context ends then.
const timeLimit = 30 * time.Second

// requestContext is the context of one request: context.WithDeadline whose timer
// starts when someone first waits for it. Most requests are answered from
// memory and never do; they are spared a timer and its allocations.
type requestContext struct {
	deadline time.Time

	mu     sync.Mutex
	inner  context.Context
	cancel context.CancelFunc
	over   bool
}

// within shortens the time, unless someone waits for its end already.
func (p *requestContext) within(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if end := time.Now().Add(d); p.inner == nil && end.Before(p.deadline) {
		p.deadline = end
	}
}

// Deadline implements context.Context.
func (p *requestContext) Deadline() (time.Time, bool) { return p.deadline, true }

// Done implements context.Context.
func (p *requestContext) Done() <-chan struct{} { return p.begin().Done() }

// Err implements context.Context.
func (p *requestContext) Err() error { return p.begin().Err() }

// Value implements context.Context. Package context recognises its own kind by
// it, so that a context derived from this one needs no goroutine.
func (p *requestContext) Value(key any) any { return p.begin().Value(key) }

func (p *requestContext) begin() context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inner == nil {
		p.inner, p.cancel = context.WithDeadline(context.Background(), p.deadline)
		if p.over {
			p.cancel()
		}
	}
	return p.inner
}

// end releases the one who still waits: the request is over.
func (p *requestContext) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	if p.cancel != nil {
		p.cancel()
	}
}
