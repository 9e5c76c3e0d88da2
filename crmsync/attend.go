package crmsync

import (
	"context"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// How long a process works for a source without another word, when it says that
// word, and how often it looks whether there is something to do.
const (
	leaseTime  = 30 * time.Second
	leaseRenew = 10 * time.Second
	lookEvery  = time.Second
)

// Attend works for a source until the context ends, whenever no other process does:
// it brings everything in, then whatever changes. What fails is tried again later
// and shown in the state of the source.
func (m *Syncer) Attend(ctx context.Context, s Source) {
	if s.Plan == nil {
		s.Plan = m.Plan
	}
	if s.Every <= 0 {
		s.Every = 5 * time.Minute
	}
	defer m.registerPortal(s)()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	w := &work{Syncer: m, source: s}
	admitted, lost := false, false
	for {
		err := error(nil)
		if !admitted {
			err = m.ensureRow(ctx, s)
			admitted = err == nil
		}
		if admitted {
			err = m.runWhileLeased(ctx, w)
		}
		if err != nil && ctx.Err() == nil && !lost {
			m.Log.Error("the mirror of a CRM is held up", "source", s.Name, "error", err)
		}
		lost = err != nil
		select {
		case <-ctx.Done():
			m.releaseLease(ctx, s.ID)
			return
		case <-m.wakeOf(s.ID):
		case <-tick.C:
		}
	}
}

// registerPortal remembers a source that this process attends to, for Ask.
func (m *Syncer) registerPortal(s Source) (part func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.portals[s.ID] = s.Portal
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.portals[s.ID] == s.Portal {
			delete(m.portals, s.ID)
		}
	}
}

func (m *Syncer) portalOf(source int64) Portal {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.portals[source]
}

// runWhileLeased works until nothing is left to do, if nobody else does.
func (m *Syncer) runWhileLeased(ctx context.Context, w *work) error {
	held, err := m.acquireLease(ctx, w.source)
	if err != nil || !held {
		w.met = time.Time{}
		return err
	}
	if w.met.IsZero() {
		w.fresh, w.look = true, nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go m.renewLease(ctx, stop, w.source)
	for {
		more, err := w.step(ctx)
		switch {
		case err != nil && fault.Of(err).Key == leaseLost:
			w.met = time.Time{}
			return nil
		case ctx.Err() != nil:
			return nil
		case err != nil || !more:
			return err
		}
	}
}

// ensureRow makes the row of a source that nobody has attended to yet.
func (m *Syncer) ensureRow(ctx context.Context, s Source) error {
	return m.DB.Write(ctx, func(tx *store.Tx) error { return beginMirror(tx, s.ID, s.Name) })
}

// acquireLease takes the lease of a source. Nobody holds one that was removed meanwhile: a
// process may hear of that later than it happens, and must not begin to bring
// everything in once more.
func (m *Syncer) acquireLease(ctx context.Context, s Source) (held bool, err error) {
	row, err := sourceOf(m.DB.Read(ctx), s.ID)
	switch {
	case fault.Is(err, fault.KindMissing):
		return false, nil
	case err != nil:
		return false, err
	case row.LeaseBy != m.name && row.LeaseTill >= store.Millis(m.DB.Clock()):
		return false, nil
	case row.LeaseBy == m.name && store.Time(row.LeaseTill).Sub(m.DB.Clock()) > leaseTime-leaseRenew:
		return true, nil
	}
	err = m.DB.Write(ctx, func(tx *store.Tx) error {
		held, err = leaseSource(tx, s.ID, m.name, tx.Now().Add(leaseTime))
		return err
	})
	return held, err
}

// renewLease prolongs the lease while a turn lasts: a CRM may let us wait for long. When it
// is lost the turn is stopped.
func (m *Syncer) renewLease(ctx context.Context, stop func(), s Source) {
	tick := time.NewTicker(leaseRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if held, err := m.acquireLease(ctx, s); err == nil && !held {
			stop()
			return
		}
	}
}

// releaseLease gives the lease up when this process ends, so that another one goes on at
// once.
func (m *Syncer) releaseLease(ctx context.Context, source int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	err := m.DB.Write(ctx, func(tx *store.Tx) error { return unleaseSource(tx, source, m.name) })
	if err != nil { // it runs out by itself
		m.Log.Info("the lease of a CRM was not given up", "source", source, "error", err)
	}
}
