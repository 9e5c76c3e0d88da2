package calllog

import (
	"context"
	"sync"
	"time"

	"callhue/internal/store"
	"callhue/journal"
)

// How long a process tells a CRM without another word, when it says that word, how
// often it looks for what is due, and how many calls are told at once.
const (
	tellerLease   = 30 * time.Second
	tellerRenew   = 10 * time.Second
	tellerEvery   = 500 * time.Millisecond
	tellerAtOnce  = 8
	tellerLooks   = 200              // calls that are due, looked at together
	tellerTimeout = 20 * time.Second // for one thing told
	tellerGrace   = 2 * time.Second  // unless a test gives more
	toldKept      = 7 * 24 * time.Hour
)

// teller tells one CRM of the calls of our other sources, and has it asked who an
// unknown number is. It compares how calls stand with what was told, again and again,
// so that nothing is lost by a restart; of several processes one does it, by a lease.
// It holds up no call: it only reads them.
type teller struct {
	*Notifier
	source Source

	mu    sync.Mutex
	dirty map[int64]bool      // calls of which something was heard
	busy  map[int64]bool      // those that are being told
	late  map[int64]bool      // those of which it has not taken something
	asked map[int64]time.Time // numbers, by when the CRM was asked last
	wake  chan struct{}       // holds one while something is dirty
	work  sync.WaitGroup
	slots chan struct{}
}

func newTeller(h *Notifier, source Source) *teller {
	return &teller{Notifier: h, source: source, dirty: map[int64]bool{}, busy: map[int64]bool{}, late: map[int64]bool{},
		asked: map[int64]time.Time{}, wake: make(chan struct{}, 1), slots: make(chan struct{}, tellerAtOnce)}
}

// hear picks calls out of the journal. It is quick: whoever told it waits.
func (t *teller) hear(list []journal.Entry) {
	for _, e := range list {
		switch e.Verb {
		case journal.CallStarted, journal.CallAnswered, journal.CallEnded, journal.CardShown, journal.CardClosed, journal.CardChanged:
			t.stir(e.Subject.ID)
		}
	}
}

func (t *teller) stir(call int64) {
	t.mu.Lock()
	t.dirty[call] = true
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// run tells until the context ends.
func (t *teller) run(ctx context.Context) {
	defer t.Journal.Listen(t.hear)()
	defer t.letGo(ctx)
	tick := time.NewTicker(tellerEvery)
	defer tick.Stop()
	var had, failing bool
	for {
		held, err := t.hold(ctx)
		if err == nil && held {
			err = t.round(ctx, !had)
		}
		if !held {
			t.forget()
		}
		if had = held && err == nil; err != nil && ctx.Err() == nil && !failing {
			t.Log.Error("telling a CRM of calls is held up", "source", t.source.Name, "error", err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			t.work.Wait()
			t.forget()
			return
		case <-t.wake:
		case <-tick.C:
		}
	}
}

// forget drops what was heard while another process tells, or nobody.
func (t *teller) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.dirty)
	t.meter.waiting.Sub(float64(len(t.late)))
	clear(t.late)
}

// hold makes sure that this process is the one that tells.
func (t *teller) hold(ctx context.Context) (held bool, err error) {
	now := t.DB.Read(ctx).Now()
	by, till, err := tellerOf(t.DB.Read(ctx), t.source.ID)
	switch {
	case err != nil:
		return false, err
	case by == t.name && store.Time(till).Sub(now) > tellerLease-tellerRenew:
		return true, nil
	case by != t.name && till >= store.Millis(now):
		return false, nil
	}
	err = t.DB.Write(ctx, func(tx *store.Tx) error {
		held, err = leaseTeller(tx, t.source.ID, t.name, tx.Now().Add(tellerLease))
		return err
	})
	return held, err
}

func (t *teller) letGo(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	err := t.DB.Write(ctx, func(tx *store.Tx) error { return unleaseTeller(tx, t.source.ID, t.name) })
	if err != nil { // it runs out by itself
		t.Log.Info("the lease of a teller was not given up", "source", t.source.Name, "error", err)
	}
}

// round begins to tell whatever there is to tell. At first it looks back for calls
// that began while nobody told.
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
		default: // all hands are full
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

// next takes a call of which something was heard and which nobody tells just now.
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
	if again { // something was heard of it meanwhile
		t.stir(call)
	}
}

// lookBack stirs the calls of the last minutes, and forgets what was told long ago.
func (t *teller) lookBack(ctx context.Context) error {
	tx := t.DB.Read(ctx)
	for last := (journal.Entry{At: tx.Now().Add(-registerWithin)}); ; {
		page, err := journal.Headlines(tx, last.At, last.ID, 500)
		if err != nil {
			return err
		}
		for _, e := range page {
			if e.Verb == journal.CallStarted {
				t.stir(e.Subject.ID)
			}
		}
		if len(page) < 500 {
			break
		}
		last = page[len(page)-1]
	}
	return t.DB.Write(ctx, func(tx *store.Tx) error { return dropTold(tx, tx.Now().Add(-toldKept)) })
}
