package crmsync

import (
	"context"
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/store"
)

const (
	overlap    = 10 * time.Minute // looked at again: clocks differ, and a change is seen later than it was made
	patrolSize = 500              // links of each kind that are looked after with every look
)

// incrementalScan is a incrementalScan for changes that nobody told of: CRMs do not repeat what was lost. It
// is taken a page at a time. A CRM that lets us read for some minutes only and then
// wants rest would otherwise never see the end of a long one, as after somebody
// changed every record there.
type incrementalScan struct {
	begun time.Time
	since time.Time
	kinds []crm.Kind // to be looked through, the first of them now
	after string     // the place in that one
}

// catchUp does the next piece of a look.
func (w *work) catchUp(ctx context.Context, now time.Time) error {
	switch {
	case w.look == nil:
		return w.beginLook(ctx, now)
	case len(w.look.kinds) == 0:
		w.row.CaughtUpAt = store.Millis(w.look.begun)
		w.well()
		if err := w.saveNow(ctx); err != nil {
			return err
		}
		w.look, w.fresh = nil, false
		return nil
	}
	kind := w.look.kinds[0]
	page, err := w.source.Portal.Page(ctx, Query{Kind: kind, After: w.look.after, Since: w.look.since, StatusField: w.mapping.StatusField})
	if err != nil {
		return err
	}
	if err := w.importBatch(ctx, kind, page.Records, nil); err != nil {
		return err
	}
	if page.Next != "" && page.Next != w.look.after {
		w.look.after = page.Next
		return nil
	}
	if err := w.verifyLinks(ctx, kind, w.look.begun); err != nil {
		return err
	}
	w.look.kinds, w.look.after = w.look.kinds[1:], ""
	return nil
}

func (w *work) beginLook(ctx context.Context, now time.Time) error {
	if now.Sub(store.Time(w.row.StaffAt)) >= time.Hour || w.fresh {
		if err := w.people(ctx); err != nil {
			return err
		}
	}
	w.look = &incrementalScan{begun: now, since: store.Time(w.row.CaughtUpAt).Add(-overlap), kinds: w.mapping.kinds()}
	return nil
}

// verifyLinks looks after the links that nobody has looked at for longest: a record may
// be gone without a word, and its removal is on no page.
func (w *work) verifyLinks(ctx context.Context, kind crm.Kind, now time.Time) error {
	ids, err := linksUnchecked(w.DB.Read(ctx), w.source.ID, kind, store.Millis(now), patrolSize)
	if err != nil {
		return err
	}
	var missing []string
	for part := range slices.Chunk(ids, readAtOnce) {
		list, gone, err := w.readNow(ctx, kind, part)
		if err != nil {
			return err
		}
		missing = append(missing, gone...)
		if err := w.importBatch(ctx, kind, list, nil); err != nil {
			return err
		}
	}
	return w.lose(ctx, kind, missing, believed(len(missing), len(ids)))
}

// believed says whether so many of some records are missing that their removal is not
// believed: tooManyGone, else "".
func believed(missing, of int) (kept string) {
	if missing > 20 && missing > of/5 {
		return tooManyGone
	}
	return ""
}
