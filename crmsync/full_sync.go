package crmsync

import (
	"context"
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
)

// beginFullSync begins a full sync if one is due: the first as soon as the mapping is saved or there is
// nothing to map, later ones on request.
func (w *work) beginFullSync(ctx context.Context, now time.Time) (begun bool, err error) {
	first := w.full.Number == 0 && (w.row.MappingVersion > 0 || len(w.portal.Fields) == 0)
	if w.full.running() || !first && w.row.Requested <= w.full.Number {
		return false, nil
	}
	w.full = fullSync{
		Number:    max(w.full.Number+1, w.row.Requested),
		Phase:     phaseStaff,
		Total:     -1,
		StartedAt: store.Millis(now),
		Complete:  w.full.Complete,
	}
	if w.full.Complete == nil {
		w.full.Complete = map[crm.Kind]bool{}
	}
	w.scan = nil // the full sync covers it
	w.forgetUnreadable()
	w.removeNote(noteOrder)
	w.clearFailure()
	return true, w.saveNow(ctx)
}

// continueFullSync imports the next page of a full sync.
func (w *work) continueFullSync(ctx context.Context) error {
	switch w.full.Phase {
	case phaseStaff:
		if err := w.syncStaff(ctx); err != nil {
			return err
		}
		w.nextPhase(phaseStaff)
		return w.saveNow(ctx)
	case phaseDeletions:
		return w.importUnseen(ctx)
	}
	return w.importPage(ctx, w.kindOfPhase())
}

// kindOfPhase returns the kind of records that the current phase imports.
func (w *work) kindOfPhase() crm.Kind {
	at := slices.IndexFunc(recordKinds, func(kind crm.Kind) bool { return phaseOf(kind) == w.full.Phase })
	return recordKinds[max(at, 0)]
}

// nextPhase moves on to the phase after the given one.
func (w *work) nextPhase(phase string) {
	phases := []string{phaseStaff}
	for _, kind := range w.mapping.kinds() {
		phases = append(phases, phaseOf(kind))
	}
	phases = append(phases, phaseDeletions)
	at := slices.Index(phases, phase) // -1 for a kind that is no longer mapped: start again
	w.full.Phase, w.full.After, w.full.Done, w.full.Total = phases[at+1], "", 0, -1
}

// importPage imports the next page of a kind and stores the progress in the same transaction.
func (w *work) importPage(ctx context.Context, kind crm.Kind) error {
	page, err := w.source.Portal.Page(ctx, Query{Kind: kind, After: w.full.After, StatusField: w.mapping.StatusField})
	if err != nil {
		return err
	}
	before := w.full
	w.full.Done, w.full.Total = before.Done+int64(len(page.Records)), page.Total
	w.notePage(kind, page)
	last := page.Next == "" || page.Next == before.After
	return w.importBatch(ctx, kind, page.Records, func(*store.Tx) error {
		w.full.After = page.Next
		if last {
			w.full.Complete = withKind(before.Complete, kind)
			w.nextPhase(phaseOf(kind))
		}
		w.clearFailure()
		return nil
	})
}

func withKind(done map[crm.Kind]bool, kind crm.Kind) map[crm.Kind]bool {
	all := map[crm.Kind]bool{kind: true}
	for k, is := range done {
		all[k] = all[k] || is
	}
	return all
}

// importUnseen reads the linked records that no page contained: they were deleted, or moved between pages.
// Each is marked when it was read, so that an interrupted phase continues where it stopped.
func (w *work) importUnseen(ctx context.Context) error {
	counts, err := linksByKind(w.DB.Read(ctx), w.source.ID)
	if err != nil {
		return err
	}
	for _, kind := range w.mapping.kinds() {
		var missing []string
		for after := ""; ; {
			ids, err := linksAfter(w.DB.Read(ctx), w.source.ID, kind, after, w.full.Number, readAtOnce)
			if err != nil {
				return err
			}
			if len(ids) == 0 {
				break
			}
			after = ids[len(ids)-1]
			list, gone, err := w.readRecords(ctx, kind, ids)
			if err != nil {
				return err
			}
			missing = append(missing, gone...)
			w.full.Done += int64(len(ids))
			if err := w.importBatch(ctx, kind, list, nil); err != nil {
				return err
			}
		}
		if err := w.applyDeletions(ctx, kind, missing, keepReason(len(missing), int(counts[kind]))); err != nil {
			return err
		}
	}
	return w.finishFullSync(ctx)
}

// finishFullSync ends a full sync. The next scan covers what changed since it began.
func (w *work) finishFullSync(ctx context.Context) error {
	return w.DB.Write(ctx, func(tx *store.Tx) error {
		w.full.FinishedAt = store.Millis(tx.Now())
		w.row.CaughtUpAt = w.full.StartedAt
		w.clearFailure()
		details := map[string]any{"source": w.source.Name, "number": w.full.Number, "counts": w.counts}
		_, err := w.Journal.Record(
			tx,
			journal.Entry{
				Verb: SyncImported, Subject: journal.Ref{Kind: "source", ID: w.source.ID},
				Details: journal.Details(details),
			},
		)
		if err != nil {
			return err
		}
		return w.save(tx)
	})
}
