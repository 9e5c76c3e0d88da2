// Package outhooks tells other programs what happened, by signed webhooks.
//
// The Courier reads the journal for each subscription (a HookOut) and posts what
// that one wants, at least once, in the order of each client. All that it knows is
// in the database: subscriptions, deliveries with their attempts, and who attends
// to which subscription, so that of several processes one delivers and another goes
// on where that one was killed. It is called by nobody but its own API and never
// holds up what it tells of.
//
// Read next: take.go (from the journal to deliveries), round.go (from deliveries
// to requests), send.go (one request), hook.go (subscriptions).
package outhooks

import (
	"context"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/staff"
)

// DispatcherOptions are what a courier is built from.
type DispatcherOptions struct {
	DB      *store.DB // its clock is the clock of the schedule
	Journal *journal.Journal
	Roster  *staff.Roster
	Seal    *secrets.Seal
	// AllowPrivate lets deliveries go to private, loopback and link-local
	// addresses; else they are refused when the connection is made.
	AllowPrivate bool
	Metrics      prometheus.Registerer
	Log          *slog.Logger
	Random       io.Reader
}

// Dispatcher is the room's one struct.
type Dispatcher struct {
	opt     DispatcherOptions
	name    string // of this process in leases
	client  *http.Client
	hooks   *journal.Snapshot[[]HookOut]
	meter   *outMeter
	waiters atomic.Pointer[[]*waiter]
}

// waiter is the goroutine that attends to one subscription.
type waiter struct {
	hook HookOut
	wake chan struct{} // holds one when there may be something to take
	stop context.CancelFunc
}

const (
	attendEvery = time.Second     // deliveries that are due, a lease that is free
	lookEvery   = 5 * time.Second // far back into the journal: sooner than a look at its end would leave a gap
	tidyEvery   = time.Minute     // forgetting old deliveries
)

// New gives the courier of a database. Run delivers.
func New(opt DispatcherOptions) (*Dispatcher, error) {
	if opt.Seal == nil {
		return nil, fault.Invalid("seal", "required")
	}
	name := make([]byte, 12)
	if _, err := io.ReadFull(opt.Random, name); err != nil {
		return nil, err
	}
	c := &Dispatcher{opt: opt, name: hex.EncodeToString(name), client: web.NewClient(opt.AllowPrivate), meter: newOutMeter(opt.Metrics)}
	c.waiters.Store(&[]*waiter{})
	c.hooks = journal.NewSnapshot(opt.Journal, c.readHooks, journal.HookOutAdded, journal.HookOutChanged, journal.HookOutRemoved)
	return c, nil
}

// Run delivers until the context ends. Each active subscription has a goroutine
// of its own, so that a slow receiver holds up nobody else.
func (c *Dispatcher) Run(ctx context.Context) error {
	defer c.opt.Journal.Listen(c.hear)()
	group, ctx := errgroup.WithContext(ctx)
	tick := time.NewTicker(attendEvery / 4)
	defer tick.Stop()
	lost := false
	for {
		hooks, err := c.hooks.Get(ctx)
		switch {
		case ctx.Err() != nil:
			return group.Wait()
		case err != nil && !lost:
			c.opt.Log.Error("the subscriptions cannot be read", "error", err)
		case err == nil:
			c.assign(ctx, group, *hooks)
		}
		lost = err != nil
		select {
		case <-ctx.Done():
			return group.Wait()
		case <-tick.C:
		}
	}
}

// assign has a goroutine for each active subscription as it is now.
func (c *Dispatcher) assign(ctx context.Context, group *errgroup.Group, hooks []HookOut) {
	var stay []*waiter
	for _, w := range *c.waiters.Load() {
		if slices.ContainsFunc(hooks, func(h HookOut) bool { return h.Active && h.ID == w.hook.ID && h.Version == w.hook.Version }) {
			stay = append(stay, w)
		} else {
			w.stop()
		}
	}
	for _, h := range hooks {
		if !h.Active || slices.ContainsFunc(stay, func(w *waiter) bool { return w.hook.ID == h.ID }) {
			continue
		}
		own, stop := context.WithCancel(ctx)
		w := &waiter{hook: h, wake: make(chan struct{}, 1), stop: stop}
		stay = append(stay, w)
		group.Go(func() error {
			defer stop()
			c.attend(own, w)
			return nil
		})
	}
	c.waiters.Store(&stay)
}

// hear wakes those whom an entry may concern.
func (c *Dispatcher) hear(list []journal.Entry) {
	for _, w := range *c.waiters.Load() {
		if !slices.ContainsFunc(list, w.hook.wants) {
			continue
		}
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// attend works for one subscription until its context ends, whenever no other
// process does.
func (c *Dispatcher) attend(ctx context.Context, w *waiter) {
	tick := time.NewTicker(attendEvery)
	defer tick.Stop()
	var looked, tidied time.Time // zero: the first round looks back and tidies
	lost := false
	for {
		now := c.opt.DB.Clock()
		far := now.Sub(looked) >= lookEvery
		held, err := c.round(ctx, w.hook.ID, far)
		if err == nil && held && now.Sub(tidied) >= tidyEvery {
			tidied, err = now, c.tidy(ctx, w.hook.ID)
		}
		if far && held && err == nil {
			looked = now
		}
		if err != nil && ctx.Err() == nil && !lost {
			c.opt.Log.Error("deliveries are held up", "hook_out", w.hook.Name, "error", err)
		}
		lost = err != nil
		select {
		case <-ctx.Done():
			c.letGo(ctx, w.hook.ID)
			return
		case <-tick.C:
		case <-w.wake:
		}
	}
}
