package crmsync

import (
	"context"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// Why records that are missing there are kept here all the same.
const (
	tooManyGone = "too_many_removed" // at once: rather the CRM shows us less than it did
	notShown    = "not_shown"        // they are there, and we may not see them
)

// lose removes the records that are gone there, each by itself. What may not be
// removed here stays, as a difference; so do all of them where kept says why none is
// believed to be gone.
func (w *work) lose(ctx context.Context, kind crm.Kind, ids []string, kept string) error {
	if len(ids) == 0 {
		return nil
	}
	tx := w.DB.Read(ctx)
	links, err := w.where(tx, kind, ids)
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
			err = w.loseOne(ctx, kind, link, kept)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unlink forgets a record that is gone on both sides.
func (w *work) unlink(ctx context.Context, kind crm.Kind, id string) error {
	return w.DB.Write(ctx, func(tx *store.Tx) error {
		if err := dropLink(tx, w.source.ID, kind, id); err != nil {
			return err
		}
		if err := dropDifferences(tx, w.source.ID, kind, id); err != nil {
			return err
		}
		return w.save(tx)
	})
}

// loseOne removes a record of ours, unless another one of theirs is the same here:
// then both were merged.
func (w *work) loseOne(ctx context.Context, kind crm.Kind, link linkRow, kept string) error {
	const tries = 5
	for try := 1; ; try++ {
		err := w.tryLose(ctx, kind, link, kept)
		if try == tries || err == nil || fault.Of(err).Key != "stale_version" {
			return err
		}
	}
}

func (w *work) tryLose(ctx context.Context, kind crm.Kind, link linkRow, kept string) error {
	tx := w.DB.Read(ctx)
	same, err := linksTo(tx, w.source.ID, kind, []int64{link.OurID})
	if err != nil {
		return err
	}
	for _, l := range same {
		if kept == "" && l.TheirID != link.TheirID && l.Gone == 0 {
			return w.unlink(ctx, kind, link.TheirID)
		}
	}
	t, err := w.terms(ctx, tx, nil, nil)
	if err != nil {
		return err
	}
	held, err := heldFor(tx, kind, link.OurID, change{Part: partRemoval})
	if err != nil {
		return err
	}
	a := &attempt{work: w, translator: t, kind: kind}
	return w.Records.Batch(ctx, house, held, func(b *crm.Batch) error {
		if kept != "" {
			return a.missed(b.Tx, link, kept)
		}
		as, err := a.as(b, "") // nobody says who removed it there
		if err != nil {
			return err
		}
		refused, fatal := as.Remove(kind, link.OurID)
		switch {
		case fatal != nil:
			return fatal
		case refused != nil:
			return a.missed(b.Tx, link, fault.Of(refused).Key)
		}
		if err := dropLink(b.Tx, w.source.ID, kind, link.TheirID); err != nil {
			return err
		}
		if err := dropDifferences(b.Tx, w.source.ID, kind, link.TheirID); err != nil {
			return err
		}
		return w.save(b.Tx)
	})
}

// missed notes that a record is missing there and stays here.
func (a *attempt) missed(tx *store.Tx, link linkRow, code string) error {
	i := &item{record: Record{Kind: a.kind, ID: link.TheirID}, ours: link.OurID}
	if err := a.recordConflict(tx, i, change{Part: partRemoval}, code, state{}); err != nil {
		return err
	}
	link.Gone, link.Mark = goneThere, a.whole.Number
	if err := putLink(tx, a.work.source.ID, link); err != nil {
		return err
	}
	return a.save(tx)
}
