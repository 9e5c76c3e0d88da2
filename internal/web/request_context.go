package web

import (
	"context"
	"sync"
	"time"

	"callhue/internal/budget"
)

// requestTimeout is how long a handler may work; its context ends then.
const requestTimeout = 30 * time.Second

// requestContext is the context of one request: context.WithDeadline whose timer starts when the context is first used.
// Most requests are answered from memory and never use it: they save a timer and its allocations.
type requestContext struct {
	deadline time.Time
	step     time.Duration // how long one step of the database may take; 0: as long as the request

	mu     sync.Mutex
	inner  context.Context
	cancel context.CancelFunc
	over   bool
}

// shorten shortens the time, unless the context is in use already.
func (c *requestContext) shorten(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if end := time.Now().Add(d); c.inner == nil && end.Before(c.deadline) {
		c.deadline, c.step = end, 0
	}
}

// Deadline implements context.Context.
func (c *requestContext) Deadline() (time.Time, bool) { return c.deadline, true }

// Done implements context.Context.
func (c *requestContext) Done() <-chan struct{} { return c.start().Done() }

// Err implements context.Context.
func (c *requestContext) Err() error { return c.start().Err() }

// Value implements context.Context. Package context recognises its own kind by
// it, so that a context derived from this one needs no goroutine.
func (c *requestContext) Value(key any) any {
	if key == (budget.Key{}) {
		return c.step
	}
	return c.start().Value(key)
}

func (c *requestContext) start() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inner == nil {
		c.inner, c.cancel = context.WithDeadline(context.Background(), c.deadline)
		if c.over {
			c.cancel()
		}
	}
	return c.inner
}

// end cancels the context: the request is over.
func (c *requestContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.cancel != nil {
		c.cancel()
	}
}
