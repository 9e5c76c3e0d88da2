package crmsync

import (
	"context"
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
)

// begin begins a whole import when one is wanted: the first one as soon as somebody
// has saved the mapping, or there is nothing to map.
func (w *work) begin(ctx context.Context, now time.Time) (begun bool, err error) {
	first := w.whole.Number == 0 && (w.row.MappingVersion > 0 || len(w.known.Fields) == 0)
	if w.whole.running() || !first && w.row.Wanted <= w.whole.Number {
		return false, nil
	}
	w.whole = fullSync{Number: max(w.whole.Number+1, w.row.Wanted), Phase: phaseStaff, Total: -1, StartedAt: store.Millis(now), Complete: w.whole.Complete}
	if w.whole.Complete == nil {
		w.whole.Complete = map[crm.Kind]bool{}
	}
	w.look = nil // the whole import sees all of it
	w.well()
	return true, w.saveNow(ctx)
}

// bringMore does the next page of a whole import.
func (w *work) bringMore(ctx context.Context) error {
	switch w.whole.Phase {
	case phaseStaff:
		if err := w.people(ctx); err != nil {
			return err
		}
		w.nextPhase(phaseStaff)
		return w.saveNow(ctx)
	case phaseGone:
		return w.sweep(ctx)
	}
	return w.page(ctx, w.kindOfPhase())
}

func (w *work) kindOfPhase() crm.Kind {
	at := slices.IndexFunc(records, func(kind crm.Kind) bool { return phaseOf(kind) == w.whole.Phase })
	return records[max(at, 0)]
}

// nextPhase goes on to the phase after one.
func (w *work) nextPhase(phase string) {
	phases := []string{phaseStaff}
	for _, kind := range w.mapping.kinds() {
		phases = append(phases, phaseOf(kind))
	}
	phases = append(phases, phaseGone)
	at := slices.Index(phases, phase) // -1 for a kind that is not wanted any more: from the beginning
	w.whole.Phase, w.whole.After, w.whole.Done, w.whole.Total = phases[at+1], "", 0, -1
}

// page brings the next page of a kind, and remembers in the same transaction where
// the import is.
func (w *work) page(ctx context.Context, kind crm.Kind) error {
	page, err := w.source.Portal.Page(ctx, Query{Kind: kind, After: w.whole.After, StatusField: w.mapping.StatusField})
	if err != nil {
		return err
	}
	before := w.whole
	w.whole.Done, w.whole.Total = before.Done+int64(len(page.Records)), page.Total
	last := page.Next == "" || page.Next == before.After
	return w.importBatch(ctx, kind, page.Records, func(*store.Tx) error {
		w.whole.After = page.Next
		if last {
			w.whole.Complete = withKind(before.Complete, kind)
			w.nextPhase(phaseOf(kind))
		}
		w.well()
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

// sweep looks after what no page had: it is gone, or only moved from page to page.
// Whatever was looked after is marked, so that a sweep that was cut goes on.
func (w *work) sweep(ctx context.Context) error {
	counts, err := linksByKind(w.DB.Read(ctx), w.source.ID)
	if err != nil {
		return err
	}
	for _, kind := range w.mapping.kinds() {
		var missing []string
		for after := ""; ; {
			ids, err := linksAfter(w.DB.Read(ctx), w.source.ID, kind, after, w.whole.Number, readAtOnce)
			if err != nil {
				return err
			}
			if len(ids) == 0 {
				break
			}
			after = ids[len(ids)-1]
			list, gone, err := w.readNow(ctx, kind, ids)
			if err != nil {
				return err
			}
			missing = append(missing, gone...)
			w.whole.Done += int64(len(ids))
			if err := w.importBatch(ctx, kind, list, nil); err != nil {
				return err
			}
		}
		if err := w.lose(ctx, kind, missing, believed(len(missing), int(counts[kind]))); err != nil {
			return err
		}
	}
	return w.finish(ctx)
}

// finish ends a whole import. What changed since it began is looked for next.
func (w *work) finish(ctx context.Context) error {
	return w.DB.Write(ctx, func(tx *store.Tx) error {
		w.whole.FinishedAt = store.Millis(tx.Now())
		w.row.CaughtUpAt = w.whole.StartedAt
		w.well()
		words := map[string]any{"source": w.source.Name, "number": w.whole.Number, "counts": w.counts}
		if _, err := w.Journal.Record(tx, journal.Entry{Verb: SyncImported, Subject: journal.Ref{Kind: "source", ID: w.source.ID}, Details: journal.Details(words)}); err != nil {
			return err
		}
		return w.save(tx)
	})
}
