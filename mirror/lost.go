package mirror

import (
	"context"
	"errors"

	"callhue/crm"
	"callhue/fault"
	"callhue/store"
)

// tooManyGone says that so many records are missing at once that the CRM shows us
// less than it did, rather than that they were removed.
const tooManyGone = "too_many_removed"

// errManyGone holds back what a sweep does not find any more.
var errManyGone = errors.New("mirror: too many records are missing")

// lose removes the records that are gone there, each by itself. What may not be
// removed here stays, as a difference. held back says that none of them is to be
// believed gone.
func (w *work) lose(ctx context.Context, kind crm.Kind, ids []string, heldBack bool) error {
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
		case link.OurID == 0:
			err = w.unlink(ctx, kind, id)
		default:
			err = w.loseOne(ctx, kind, link, heldBack)
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
func (w *work) loseOne(ctx context.Context, kind crm.Kind, link linkRow, heldBack bool) error {
	const tries = 5
	for try := 1; ; try++ {
		err := w.tryLose(ctx, kind, link, heldBack)
		if try == tries || err == nil || fault.Of(err).Key != "stale_version" {
			return err
		}
	}
}

func (w *work) tryLose(ctx context.Context, kind crm.Kind, link linkRow, heldBack bool) error {
	tx := w.DB.Read(ctx)
	same, err := linksTo(tx, w.source.ID, kind, []int64{link.OurID})
	if err != nil {
		return err
	}
	for _, l := range same {
		if l.TheirID != link.TheirID && l.Gone == 0 {
			return w.unlink(ctx, kind, link.TheirID)
		}
	}
	t, err := w.terms(ctx, tx, nil, nil)
	if err != nil {
		return err
	}
	held, err := heldFor(tx, kind, link.OurID, wish{Part: partRemoval})
	if err != nil {
		return err
	}
	a := &attempt{work: w, terms: t, kind: kind}
	return w.Book.Batch(ctx, house, held, func(b *crm.Batch) error {
		refused := errManyGone
		if !heldBack {
			// Nobody says who removed it there.
			as, err := a.as(b, "")
			if err != nil {
				return err
			}
			var fatal error
			if refused, fatal = as.Remove(kind, link.OurID); fatal != nil {
				return fatal
			}
		}
		if refused == nil {
			if err := dropLink(b.Tx(), w.source.ID, kind, link.TheirID); err != nil {
				return err
			}
			if err := dropDifferences(b.Tx(), w.source.ID, kind, link.TheirID); err != nil {
				return err
			}
			return w.save(b.Tx())
		}
		return a.missed(b.Tx(), link, refused)
	})
}

// missed notes that a record is gone there and stays here.
func (a *attempt) missed(tx *store.Tx, link linkRow, refused error) error {
	code := tooManyGone
	if !errors.Is(refused, errManyGone) {
		code = fault.Of(refused).Key
	}
	i := &item{record: Record{Kind: a.kind, ID: link.TheirID}, ours: link.OurID}
	if err := a.differ(tx, i, wish{Part: partRemoval}, code, face{}); err != nil {
		return err
	}
	link.Gone, link.Mark = goneThere, a.whole.Number
	if err := putLink(tx, a.work.source.ID, link); err != nil {
		return err
	}
	return a.save(tx)
}
