package crmsync

import (
	"context"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// Why records that are missing in the CRM are kept here.
const (
	tooManyGone = "too_many_removed" // at once: more likely the CRM hides them from us
	notShown    = "not_shown"        // they exist and are hidden from us
)

// applyDeletions removes the records that were deleted in the CRM, each by itself. One that may not be
// removed here stays, with a conflict; so do all of them if kept names a reason not to believe the
// deletion.
func (w *work) applyDeletions(ctx context.Context, kind crm.Kind, ids []string, kept string) error {
	if len(ids) == 0 {
		return nil
	}
	tx := w.DB.Read(ctx)
	links, err := w.resolveLinks(tx, kind, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		link, known := links[id]
		switch {
		case !known:
			continue
		case link.OurID == 0 && kept == "":
			err = w.unlink(ctx, kind, id)
		case link.OurID != 0:
			err = w.applyDeletion(ctx, kind, link, kept)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unlink removes the link of a record that is gone on both sides.
func (w *work) unlink(ctx context.Context, kind crm.Kind, id string) error {
	return w.DB.Write(ctx, func(tx *store.Tx) error {
		if err := dropLink(tx, w.source.ID, kind, id); err != nil {
			return err
		}
		if err := dropConflicts(tx, w.source.ID, kind, id); err != nil {
			return err
		}
		return w.save(tx)
	})
}

// applyDeletion removes one record of ours, unless another record of theirs is linked to it: then they were
// merged.
func (w *work) applyDeletion(ctx context.Context, kind crm.Kind, link linkRow, kept string) error {
	const tries = 5
	for try := 1; ; try++ {
		err := w.tryDeletion(ctx, kind, link, kept)
		if try == tries || err == nil || fault.Of(err).Key != "stale_version" {
			return err
		}
	}
}

func (w *work) tryDeletion(ctx context.Context, kind crm.Kind, link linkRow, kept string) error {
	tx := w.DB.Read(ctx)
	same, err := linksTo(tx, w.source.ID, kind, []int64{link.OurID})
	if err != nil {
		return err
	}
	for _, l := range same {
		if kept == "" && l.TheirID != link.TheirID && l.Removed == 0 {
			return w.unlink(ctx, kind, link.TheirID)
		}
	}
	t, err := w.newTranslator(ctx, tx, nil, nil)
	if err != nil {
		return err
	}
	held, err := heldFor(tx, kind, link.OurID, change{Part: partRemoval})
	if err != nil {
		return err
	}
	a := &attempt{work: w, translator: t, kind: kind}
	return w.Records.Batch(ctx, systemUser, held, func(b *crm.Batch) error {
		if kept != "" {
			return a.keepDeleted(b.Tx, link, kept)
		}
		as, err := a.actingAs(b, "") // CRMs do not report who deleted it
		if err != nil {
			return err
		}
		refused, fatal := as.Remove(kind, link.OurID)
		switch {
		case fatal != nil:
			return fatal
		case refused != nil:
			return a.keepDeleted(b.Tx, link, fault.Of(refused).Key)
		}
		if err := dropLink(b.Tx, w.source.ID, kind, link.TheirID); err != nil {
			return err
		}
		if err := dropConflicts(b.Tx, w.source.ID, kind, link.TheirID); err != nil {
			return err
		}
		return w.save(b.Tx)
	})
}

// keepDeleted stores that a record is missing in the CRM and stays here.
func (a *attempt) keepDeleted(tx *store.Tx, link linkRow, code string) error {
	i := &item{record: Record{Kind: a.kind, ID: link.TheirID}, ourID: link.OurID}
	if err := a.recordConflict(tx, i, change{Part: partRemoval}, code, state{}); err != nil {
		return err
	}
	link.Removed, link.Mark = removedThere, a.full.Number
	if err := putLink(tx, a.work.source.ID, link); err != nil {
		return err
	}
	return a.save(tx)
}
