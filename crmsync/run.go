package crmsync

import (
	"context"
	"strconv"
	"time"

	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
)

// roundEvery is how often a process checks whether there is work to do.
const roundEvery = time.Second

// Run keeps the records of a source in sync until the context ends, while no other process does: first
// everything, then every change. What fails is retried later and shown in the status of the source.
func (s *Syncer) Run(ctx context.Context, source Source) {
	if source.Plan == nil {
		source.Plan = s.Plan
	}
	if source.Every <= 0 {
		source.Every = 5 * time.Minute
	}
	defer s.registerPortal(source)()
	s.ensureRow(ctx, source)
	s.Jobs.RunWhileLeased(ctx, leaseName(source.ID), func(ctx context.Context, lease *jobs.Lease) {
		w := &work{Syncer: s, source: source, lease: lease, scanDue: true}
		_ = jobs.Loop{
			Name:  "sync of the CRM " + source.Name,
			Every: roundEvery,
			Wake:  s.wakeOf(source.ID),
			Log:   s.Log,
			Do:    w.round,
		}.Run(
			ctx,
		)
	})
}

// leaseName returns the name of the lease under which a process works for a source.
func leaseName(source int64) string { return "crm_sync/" + strconv.FormatInt(source, 10) }

// registerPortal makes the portal of a source available to ImportByNumber; unregister undoes it.
func (s *Syncer) registerPortal(source Source) (unregister func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.portals[source.ID] = source.Portal
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.portals[source.ID] == source.Portal {
			delete(s.portals, source.ID)
		}
	}
}

// portalOf returns the portal of a source that this process runs, nil if it does not run it.
func (s *Syncer) portalOf(source int64) Portal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.portals[source]
}

// ensureRow adds the row of a source if there is none. It does this once, before the work begins: a source
// may be removed before this process learns of it and must not be imported again.
func (s *Syncer) ensureRow(ctx context.Context, source Source) {
	ctx, done := context.WithCancel(ctx)
	_ = jobs.Loop{
		Name:  "preparing the sync of the CRM " + source.Name,
		Every: roundEvery,
		Log:   s.Log,
		Do: func(ctx context.Context) error {
			err := s.DB.Write(ctx, func(tx *store.Tx) error { return ensureSource(tx, source.ID, source.Name) })
			if err == nil {
				done()
			}
			return err
		},
	}.Run(
		ctx,
	)
}

// round works until nothing is left to do now. A source that was removed needs no work.
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
