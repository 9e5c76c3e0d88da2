package outhooks

import (
	"context"
	"slices"
	"strconv"
	"time"

	"callhue/internal/store"
	"callhue/journal"
)

// takePage is how many entries of the journal are looked at in one transaction.
const takePage = 500

// take makes a delivery of every entry that a subscription wants and has none of.
//
// Ids of entries are no order of commits, and an entry may become visible after
// younger ones. So take reads again what it read before: the last seconds when it
// is woken, and every few seconds (far) from a minute before its place on, which
// it then moves. The unique key of deliveries drops what is known. An entry is
// thus missed only if its transaction took longer than journal.LongAgo, and no
// request may.
func (c *Dispatcher) take(ctx context.Context, row *hookRow, far bool) error {
	begun := c.opt.DB.Read(ctx).Now()
	from := begun.Add(-journal.Overlap)
	if far {
		from = row.TakenAt.Time().Add(-journal.LongAgo)
	}
	if starts := row.StartsAt.Time(); from.Before(starts) {
		from = starts
	}
	for last := (journal.Entry{At: from}); ; {
		page, err := journal.Headlines(c.opt.DB.Read(ctx), last.At, last.ID, takePage)
		if err != nil {
			return err
		}
		wanted := slices.DeleteFunc(slices.Clone(page), func(e journal.Entry) bool { return !row.wants(e) })
		if err := c.addDeliveries(ctx, row.ID, wanted); err != nil {
			return err
		}
		if len(page) < takePage {
			break
		}
		last = page[len(page)-1]
	}
	if !far {
		return nil
	}
	return c.opt.DB.Write(ctx, func(tx *store.Tx) error { return takenUntil(tx, row.ID, begun) })
}

// addDeliveries makes deliveries of the entries that have none.
func (c *Dispatcher) addDeliveries(ctx context.Context, hook int64, entries []journal.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	ids := make([]int64, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	known, err := knownEntries(c.opt.DB.Read(ctx), hook, ids)
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e journal.Entry) bool { return slices.Contains(known, e.ID) })
	if len(entries) == 0 {
		return nil
	}
	return c.opt.DB.Write(ctx, func(tx *store.Tx) error {
		for _, e := range entries {
			if _, _, err := insertDelivery(tx, newDelivery(hook, e, tx.Now())); err != nil {
				return err
			}
		}
		return nil
	})
}

func newDelivery(hook int64, e journal.Entry, due time.Time) deliveryRow {
	return deliveryRow{HookID: hook, EntryID: e.ID, EntryAt: store.Millis(e.At), Verb: string(e.Verb), Lane: laneOf(e),
		State: string(DeliveryWaiting), DueAt: store.Millis(due)}
}

// laneOf names what an entry keeps its order with: the client that it concerns,
// else what it happened to.
func laneOf(e journal.Entry) string {
	of := e.Client
	if of.Kind == "" {
		of = e.Subject
	}
	return of.Kind + ":" + strconv.FormatInt(of.ID, 10)
}
