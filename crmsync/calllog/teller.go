package calllog

import (
	"context"
	"strconv"
	"sync"
	"time"

	"callhue/calls"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
)

// How often a process checks for due calls, and how many are sent at once.
const (
	tellerEvery   = 500 * time.Millisecond
	tellerAtOnce  = 8
	tellerLooks   = 200              // due calls checked together
	tellerTimeout = 20 * time.Second // for one step
	tellerGrace   = 2 * time.Second  // unless a test gives more
	toldKept      = 7 * 24 * time.Hour
)

// teller logs the calls of our other sources in one CRM and searches it for unknown numbers. It repeatedly
// compares the calls with what was sent, so a restart loses nothing; of several processes one does it,
// under a lease. It delays no call: it only reads them.
type teller struct {
	*Notifier
	source Source

	mu    sync.Mutex
	dirty map[int64]bool      // calls that changed
	busy  map[int64]bool      // calls being sent
	late  map[int64]bool      // calls with a step waiting for a retry
	asked map[int64]time.Time // when a number was last searched in the CRM
	wake  jobs.Signal         // when something is dirty
	work  sync.WaitGroup
	slots chan struct{}
}

func newTeller(h *Notifier, source Source) *teller {
	return &teller{Notifier: h, source: source, dirty: map[int64]bool{}, busy: map[int64]bool{}, late: map[int64]bool{},
		asked: map[int64]time.Time{}, wake: jobs.NewSignal(), slots: make(chan struct{}, tellerAtOnce)}
}

// hear picks calls out of the journal. It is quick: the journal waits for it.
func (t *teller) hear(list []journal.Entry) {
	for _, e := range list {
		switch e.Verb {
		case calls.CallStarted, calls.CallAnswered, calls.CallEnded, calls.CardShown, calls.CardClosed, calls.CardChanged:
			t.stir(e.Subject.ID)
		}
	}
}

func (t *teller) stir(call int64) {
	t.mu.Lock()
	t.dirty[call] = true
	t.mu.Unlock()
	t.wake.Notify()
}

// run logs calls until the context ends, while no other process does.
func (t *teller) run(ctx context.Context) {
	t.Jobs.RunWhileLeased(ctx, leaseName(t.source.ID), func(ctx context.Context, _ *jobs.Lease) {
		defer t.Journal.Listen(t.hear)()
		defer t.forget()
		defer t.work.Wait()
		first := true
		_ = jobs.Loop{Name: "logging calls to the CRM " + t.source.Name, Every: tellerEvery, Wake: t.wake, Log: t.Log, Do: func(ctx context.Context) error {
			err := t.round(ctx, first)
			first = err != nil
			return err
		}}.Run(ctx)
	})
}

// leaseName is the lease of the process that logs calls to a CRM.
func leaseName(source int64) string { return "call_log/" + strconv.FormatInt(source, 10) }

// forget drops the marked calls when this process stops.
func (t *teller) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.dirty)
	t.meter.waiting.Sub(float64(len(t.late)))
	clear(t.late)
}

// round sends what is due. The first round looks back for calls that began while no process ran.
func (t *teller) round(ctx context.Context, first bool) error {
	if first {
		if err := t.lookBack(ctx); err != nil {
			return err
		}
	}
	var due []int64
	if t.source.Phone != nil {
		var err error
		if due, err = dueTold(t.DB.Read(ctx), t.source.ID, tellerLooks); err != nil {
			return err
		}
	}
	t.mu.Lock()
	for _, call := range due {
		t.dirty[call] = true
	}
	t.mu.Unlock()
	for {
		call, more := t.next()
		if !more {
			return nil
		}
		select {
		case t.slots <- struct{}{}:
		default: // all slots are busy
			t.done(call)
			t.stir(call)
			return nil
		}
		t.work.Go(func() {
			defer func() { <-t.slots; t.done(call) }()
			if err := t.attend(ctx, call); err != nil && ctx.Err() == nil {
				t.Log.Warn("a call for a CRM waits", "source", t.source.Name, "call", call, "error", err)
			}
		})
	}
}

// next returns a changed call that is not being sent.
func (t *teller) next() (call int64, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for call := range t.dirty {
		if !t.busy[call] {
			delete(t.dirty, call)
			t.busy[call] = true
			return call, true
		}
	}
	return 0, false
}

func (t *teller) done(call int64) {
	t.mu.Lock()
	delete(t.busy, call)
	again := t.dirty[call]
	t.mu.Unlock()
	if again { // it changed meanwhile
		t.stir(call)
	}
}

// lookBack marks the calls of the last minutes.
func (t *teller) lookBack(ctx context.Context) error {
	tx := t.DB.Read(ctx)
	for last := (journal.Entry{At: tx.Now().Add(-registerWithin)}); ; {
		page, err := journal.Headlines(tx, last.At, last.ID, 500)
		if err != nil {
			return err
		}
		for _, e := range page {
			if e.Verb == calls.CallStarted {
				t.stir(e.Subject.ID)
			}
		}
		if len(page) < 500 {
			break
		}
		last = page[len(page)-1]
	}
	return nil
}

// forgetOld removes old rows.
func (h *Notifier) forgetOld(ctx context.Context, _ time.Time) error {
	return h.DB.Write(ctx, func(tx *store.Tx) error { return dropTold(tx, tx.Now().Add(-toldKept)) })
}
