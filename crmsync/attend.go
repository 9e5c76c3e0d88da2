package crmsync

import (
	"context"
	"strconv"
	"time"

	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
)

// lookEvery is how often a process looks whether there is something to do.
const lookEvery = time.Second

// Attend works for a source until the context ends, whenever no other process does:
// it brings everything in, then whatever changes. What fails is tried again later
// and shown in the state of the source.
func (m *Syncer) Run(ctx context.Context, s Source) {
	if s.Plan == nil {
		s.Plan = m.Plan
	}
	if s.Every <= 0 {
		s.Every = 5 * time.Minute
	}
	defer m.registerPortal(s)()
	m.ensureRow(ctx, s)
	m.Jobs.RunWhileLeased(ctx, leaseName(s.ID), func(ctx context.Context, lease *jobs.Lease) {
		w := &work{Syncer: m, source: s, lease: lease, fresh: true}
		_ = jobs.Loop{Name: "the sync of the CRM " + s.Name, Every: lookEvery, Wake: m.wakeOf(s.ID), Log: m.Log, Do: w.round}.Run(ctx)
	})
}

// leaseName is the lease of the process that works for a source.
func leaseName(source int64) string { return "crm_sync/" + strconv.FormatInt(source, 10) }

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

// ensureRow makes the row of a source that has none, when this process begins to attend
// to it and never later: the source may be removed before this process hears of it, and
// must not be brought in once more.
func (m *Syncer) ensureRow(ctx context.Context, s Source) {
	ctx, done := context.WithCancel(ctx)
	_ = jobs.Loop{Name: "preparing the sync of the CRM " + s.Name, Every: lookEvery, Log: m.Log, Do: func(ctx context.Context) error {
		err := m.DB.Write(ctx, func(tx *store.Tx) error { return beginMirror(tx, s.ID, s.Name) })
		if err == nil {
			done()
		}
		return err
	}}.Run(ctx)
}

// round works until nothing is left to do now. For a source that was removed there is
// nothing to do.
func (w *work) round(ctx context.Context) error {
	for {
		more, err := w.step(ctx)
		switch {
		case fault.Is(err, fault.KindMissing), err != nil && fault.Of(err).Key == jobs.LeaseLost:
			return nil
		case err != nil || !more:
			return err
		}
	}
}
