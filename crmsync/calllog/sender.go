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
	pollEvery   = 500 * time.Millisecond
	sendsAtOnce = 8
	dueAtOnce   = 200              // due calls checked together
	stepTimeout = 20 * time.Second // for one step
	stopGrace   = 2 * time.Second  // unless a test gives more
	loggedKept  = 7 * 24 * time.Hour
)

// sender logs the calls of our other sources in one CRM and searches it for unknown numbers. It repeatedly
// compares the calls with what was sent, so a restart loses nothing; of several processes one does it,
// under a lease. It delays no call: it only reads them.
type sender struct {
	*Notifier
	source Source

	mu       sync.Mutex
	dirty    map[int64]bool      // calls that changed
	busy     map[int64]bool      // calls being sent
	late     map[int64]bool      // calls with a step waiting for a retry
	searched map[int64]time.Time // when a number was last searched in the CRM
	wake     jobs.Signal         // when something is dirty
	work     sync.WaitGroup
	slots    chan struct{}
}

func newSender(n *Notifier, source Source) *sender {
	return &sender{Notifier: n, source: source, dirty: map[int64]bool{}, busy: map[int64]bool{}, late: map[int64]bool{},
		searched: map[int64]time.Time{}, wake: jobs.NewSignal(), slots: make(chan struct{}, sendsAtOnce)}
}

// onEntries marks the calls of new journal entries. It is quick: the journal waits for it.
func (s *sender) onEntries(list []journal.Entry) {
	for _, e := range list {
		switch e.Verb {
		case calls.CallStarted, calls.CallAnswered, calls.CallEnded, calls.CardShown, calls.CardClosed,
			calls.CardChanged:
			s.markDirty(e.Subject.ID)
		}
	}
}

func (s *sender) markDirty(call int64) {
	s.mu.Lock()
	s.dirty[call] = true
	s.mu.Unlock()
	s.wake.Notify()
}

// run logs calls until the context ends, while no other process does.
func (s *sender) run(ctx context.Context) {
	s.Jobs.RunWhileLeased(ctx, leaseName(s.source.ID), func(ctx context.Context, _ *jobs.Lease) {
		defer s.Journal.Listen(s.onEntries)()
		defer s.reset()
		defer s.work.Wait()
		first := true
		_ = jobs.Loop{Name: "logging calls to the CRM " + s.source.Name, Every: pollEvery, Wake: s.wake, Log: s.Log,
			Do: func(ctx context.Context) error {
				err := s.round(ctx, first)
				first = err != nil
				return err
			}}.Run(ctx)
	})
}

// leaseName is the lease of the process that logs calls to a CRM.
func leaseName(source int64) string { return "call_log/" + strconv.FormatInt(source, 10) }

// reset clears the marked calls when this process stops.
func (s *sender) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.dirty)
	s.meter.waiting.Sub(float64(len(s.late)))
	clear(s.late)
}

// round sends what is due. The first round looks back for calls that began while no process ran.
func (s *sender) round(ctx context.Context, first bool) error {
	if first {
		if err := s.lookBack(ctx); err != nil {
			return err
		}
	}
	var due []int64
	if s.source.Phone != nil {
		var err error
		if due, err = dueCalls(s.DB.Read(ctx), s.source.ID, dueAtOnce); err != nil {
			return err
		}
	}
	s.mu.Lock()
	for _, call := range due {
		s.dirty[call] = true
	}
	s.mu.Unlock()
	for {
		call, more := s.next()
		if !more {
			return nil
		}
		select {
		case s.slots <- struct{}{}:
		default: // all slots are busy
			s.done(call)
			s.markDirty(call)
			return nil
		}
		s.work.Go(func() {
			defer func() { <-s.slots; s.done(call) }()
			if err := s.logCall(ctx, call); err != nil && ctx.Err() == nil {
				s.Log.Warn("a call for a CRM waits", "source", s.source.Name, "call", call, "error", err)
			}
		})
	}
}

// next returns a changed call that is not being sent.
func (s *sender) next() (call int64, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for call := range s.dirty {
		if !s.busy[call] {
			delete(s.dirty, call)
			s.busy[call] = true
			return call, true
		}
	}
	return 0, false
}

func (s *sender) done(call int64) {
	s.mu.Lock()
	delete(s.busy, call)
	again := s.dirty[call]
	s.mu.Unlock()
	if again { // it changed meanwhile
		s.markDirty(call)
	}
}

// lookBack marks the calls of the last minutes.
func (s *sender) lookBack(ctx context.Context) error {
	tx := s.DB.Read(ctx)
	for last := (journal.Entry{At: tx.Now().Add(-registerWithin)}); ; {
		page, err := journal.Headlines(tx, last.At, last.ID, 500)
		if err != nil {
			return err
		}
		for _, e := range page {
			if e.Verb == calls.CallStarted {
				s.markDirty(e.Subject.ID)
			}
		}
		if len(page) < 500 {
			break
		}
		last = page[len(page)-1]
	}
	return nil
}

// removeOld removes old rows.
func (n *Notifier) removeOld(ctx context.Context, _ time.Time) error {
	return n.DB.Write(ctx, func(tx *store.Tx) error { return removeLoggedBefore(tx, tx.Now().Add(-loggedKept)) })
}
