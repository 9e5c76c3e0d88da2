package crmsync

import (
	"context"
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/store"
)

const (
	overlap     = 10 * time.Minute // scanned twice: clocks differ, and changes become visible late
	verifyBatch = 500              // links of each kind that one scan verifies
)

// incrementalScan looks for changes that the CRM did not report: CRMs do not repeat lost events. It reads
// one page at a time. A CRM that allows reading for some minutes and then demands a pause would otherwise
// never reach the end of a long scan, for example after every record was changed there.
type incrementalScan struct {
	begun time.Time
	since time.Time
	kinds []crm.Kind // left to scan, the current one first
	after string     // the position within the current kind

	unfiltered bool // records came that did not change since
	unordered  bool // a page was read by its position
}

// continueScan does the next piece of a scan.
func (w *work) continueScan(ctx context.Context, now time.Time) error {
	switch {
	case w.scan == nil:
		return w.beginScan(ctx, now)
	case len(w.scan.kinds) == 0:
		w.row.CaughtUpAt = store.Millis(w.scan.begun)
		if !w.scan.unfiltered {
			w.removeNote(noteDateFilter)
		}
		if !w.scan.unordered {
			w.removeNote(noteOrder)
		}
		w.clearFailure()
		if err := w.saveNow(ctx); err != nil {
			return err
		}
		w.scan, w.scanDue = nil, false
		return nil
	}
	kind := w.scan.kinds[0]
	page, err := w.source.Portal.Page(
		ctx,
		Query{Kind: kind, After: w.scan.after, Since: w.scan.since, StatusField: w.mapping.StatusField},
	)
	if err != nil {
		return err
	}
	w.scan.unordered = w.scan.unordered || page.Unordered
	w.checkDateFilter(page.Records)
	w.notePage(kind, page)
	if err := w.importBatch(ctx, kind, page.Records, nil); err != nil {
		return err
	}
	if page.Next != "" && page.Next != w.scan.after {
		w.scan.after = page.Next
		return nil
	}
	if err := w.verifyLinks(ctx, kind, w.scan.begun); err != nil {
		return err
	}
	w.scan.kinds, w.scan.after = w.scan.kinds[1:], ""
	return nil
}

// beginScan begins a scan, with the staff first if they were not read for an hour.
func (w *work) beginScan(ctx context.Context, now time.Time) error {
	if now.Sub(store.Time(w.row.StaffAt)) >= time.Hour || w.scanDue {
		if err := w.syncStaff(ctx); err != nil {
			return err
		}
	}
	w.scan = &incrementalScan{begun: now, since: store.Time(w.row.CaughtUpAt).Add(-overlap), kinds: w.mapping.kinds()}
	return nil
}

// verifyLinks reads the links that were verified longest ago: a deletion may go unreported, and no page
// contains it.
func (w *work) verifyLinks(ctx context.Context, kind crm.Kind, now time.Time) error {
	ids, err := linksUnchecked(w.DB.Read(ctx), w.source.ID, kind, store.Millis(now), verifyBatch)
	if err != nil {
		return err
	}
	var missing []string
	for part := range slices.Chunk(ids, readAtOnce) {
		list, gone, err := w.readRecords(ctx, kind, part)
		if err != nil {
			return err
		}
		missing = append(missing, gone...)
		if err := w.importBatch(ctx, kind, list, nil); err != nil {
			return err
		}
	}
	return w.applyDeletions(ctx, kind, missing, keepReason(len(missing), len(ids)))
}

// keepReason returns tooManyGone if so many of the given records are missing that their deletion is not
// believed, else "".
func keepReason(missing, of int) (kept string) {
	if missing > 20 && missing > of/5 {
		return tooManyGone
	}
	return ""
}
