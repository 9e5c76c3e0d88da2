// Package outhooks posts what happens to other programs, as signed webhooks.
//
// The Dispatcher reads the journal for each subscription (a HookOut) and posts what that one wants, at least once, in
// the order of each client. Its state is in the database: subscriptions, deliveries with their attempts, and which
// process holds the lease of which subscription, so that of several processes one delivers and another goes on where
// that one was killed. Only its own API calls it, and it never holds up what it reports.
//
// Read next: take.go (from the journal to deliveries), round.go (from deliveries to requests), send.go (one request),
// hook.go and change.go (subscriptions), delivery.go (deliveries as the API shows them).
package outhooks

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/staff"
)

// DispatcherOptions are what a Dispatcher is built from.
type DispatcherOptions struct {
	DB      *store.DB // its clock is the clock of the schedule
	Jobs    *jobs.Runner
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

// Dispatcher delivers to the subscriptions of a database.
type Dispatcher struct {
	opt     DispatcherOptions
	client  *http.Client
	hooks   *journal.Snapshot[[]HookOut]
	meter   *outMeter
	waiters atomic.Pointer[[]*waiter]
}

// waiter is the goroutine that delivers to one subscription.
type waiter struct {
	hook HookOut
	wake jobs.Signal // when there may be something to take
	stop context.CancelFunc
}

const (
	assignEvery = time.Second / 4
	roundEvery  = time.Second     // deliveries that are due
	lookEvery   = 5 * time.Second // far back into the journal, before a look at its end could leave a gap
	tidyEvery   = time.Minute     // forgetting old deliveries
)

// New returns the dispatcher of a database. Run delivers.
func New(opt DispatcherOptions) (*Dispatcher, error) {
	opt.Journal.Register(Verbs()...)
	if opt.Seal == nil {
		return nil, fault.Invalid("seal", "required")
	}
	c := &Dispatcher{opt: opt, client: web.NewClient(opt.AllowPrivate), meter: newOutMeter(opt.Metrics)}
	c.waiters.Store(&[]*waiter{})
	c.hooks = journal.NewSnapshot(opt.Journal, c.readHooks, HookOutAdded, HookOutChanged, HookOutRemoved)
	opt.Jobs.Tick(jobs.Tick{Name: "outhooks.tidy", Next: jobs.Every(tidyEvery), Run: c.tidyAll})
	return c, nil
}

// Run delivers until the context ends. Each active subscription has a goroutine
// of its own, so that a slow receiver does not hold up the others.
func (c *Dispatcher) Run(ctx context.Context) error {
	defer c.opt.Journal.Listen(c.wake)()
	group, ctx := errgroup.WithContext(ctx)
	assign := func(ctx context.Context) error {
		hooks, err := c.hooks.Get(ctx)
		if err == nil {
			c.assign(ctx, group, *hooks)
		}
		return err
	}
	_ = jobs.Loop{Name: "reading the subscriptions", Every: assignEvery, Log: c.opt.Log, Do: assign}.Run(ctx)
	return group.Wait()
}

// assign has a goroutine for each active subscription as it is now.
func (c *Dispatcher) assign(ctx context.Context, group *errgroup.Group, hooks []HookOut) {
	var stay []*waiter
	for _, w := range *c.waiters.Load() {
		same := func(h HookOut) bool { return h.Active && h.ID == w.hook.ID && h.Version == w.hook.Version }
		if slices.ContainsFunc(hooks, same) {
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
		w := &waiter{hook: h, wake: jobs.NewSignal(), stop: stop}
		stay = append(stay, w)
		group.Go(func() error {
			defer stop()
			c.serve(own, w)
			return nil
		})
	}
	c.waiters.Store(&stay)
}

// wake wakes the waiters that an entry may concern.
func (c *Dispatcher) wake(list []journal.Entry) {
	for _, w := range *c.waiters.Load() {
		if slices.ContainsFunc(list, w.hook.wants) {
			w.wake.Notify()
		}
	}
}

// serve delivers to one subscription until its context ends, whenever this process holds the lease.
func (c *Dispatcher) serve(ctx context.Context, w *waiter) {
	c.opt.Jobs.RunWhileLeased(ctx, leaseName(w.hook.ID), func(ctx context.Context, _ *jobs.Lease) {
		var looked time.Time // zero: the first round looks back
		round := func(ctx context.Context) error {
			now := c.opt.DB.Clock()
			far := now.Sub(looked) >= lookEvery
			_, err := c.round(ctx, w.hook.ID, far)
			if err == nil && far {
				looked = now
			}
			return err
		}
		_ = jobs.Loop{
			Name:  "delivering to " + w.hook.Name,
			Every: roundEvery,
			Wake:  w.wake,
			Log:   c.opt.Log,
			Do:    round,
		}.Run(ctx)
	})
}

// readHooks reads every subscription by name.
func (c *Dispatcher) readHooks(ctx context.Context) (*[]HookOut, error) {
	rows, err := hooks.List(c.opt.DB.Read(ctx), store.Where{}, byName())
	list := make([]HookOut, len(rows))
	for i, row := range rows {
		list[i] = row.HookOut
	}
	return &list, err
}

// leaseName is the lease of the process that delivers to a subscription.
func leaseName(hook int64) string { return "hook_out/" + strconv.FormatInt(hook, 10) }
