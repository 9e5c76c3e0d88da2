package outhooks

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
)

// How many deliveries of one subscription are under way at once, and how many that
// are due are looked at together.
const (
	atOnce    = 8
	lookAhead = 200
)

// schedule is how long after the attempt before it each attempt is made. After
// the last one a delivery is a dead letter.
var schedule = [...]time.Duration{0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 10 * time.Hour}

// longestPause bounds what a receiver's Retry-After can ask for.
const longestPause = 24 * time.Hour

// How many deliveries of a subscription are remembered, and how long its dead
// letters wait for someone.
const (
	keepDeliveries = 200
	keepDead       = 30 * 24 * time.Hour
)

// round takes what is new and delivers all that is due, for the holder of the
// subscription's lease. far looks far back into the journal. active is false when the
// subscription is off.
func (c *Dispatcher) round(ctx context.Context, hook int64, far bool) (active bool, err error) {
	row, err := hooks.Find(c.opt.DB.Read(ctx), hook)
	if err != nil || !row.Active {
		return false, err
	}
	if err := c.take(ctx, row, far); err != nil {
		return true, err
	}
	for {
		ready, more, err := c.ready(ctx, hook)
		if err != nil || !more {
			return true, err
		}
		for part := range slices.Chunk(ready, atOnce) {
			read := c.opt.DB.Read(ctx)
			row, err := hooks.Find(read, hook) // again: delivering takes its time
			if err != nil || !row.Active {
				return false, err
			}
			if store.MomentOf(read.Now()) < row.PausedUntil {
				return true, nil
			}
			if err := c.deliverAll(ctx, row, part); err != nil {
				return true, err
			}
		}
	}
}

// ready returns the first waiting delivery of each of some lanes, when its time has
// come. What is due behind one that is to be tried later is held back until then, so
// that a long lane is not looked at again and again. more is false when nothing is
// due.
func (c *Dispatcher) ready(ctx context.Context, hook int64) (list []deliveryRow, more bool, err error) {
	tx := c.opt.DB.Read(ctx)
	due, err := dueDeliveries(tx, hook, lookAhead)
	if err != nil || len(due) == 0 {
		return nil, false, err
	}
	lanes := map[string][]int64{}
	for _, d := range due {
		lanes[d.Lane] = append(lanes[d.Lane], d.ID)
	}
	now := store.Millis(tx.Now())
	for lane, ids := range lanes {
		head, err := headOfLane(tx, hook, lane)
		switch {
		case errors.Is(err, store.ErrNone): // someone else has just sent it
		case err != nil:
			return nil, false, err
		case head.DueAt <= now:
			list = append(list, head)
		default:
			if err := c.opt.DB.Write(ctx, func(tx *store.Tx) error {
				return holdBack(tx, ids, head.DueAt)
			}); err != nil {
				return nil, false, err
			}
		}
	}
	slices.SortFunc(list, func(a, b deliveryRow) int { return cmp.Compare(a.EntryID, b.EntryID) })
	return list, true, nil
}

// deliverAll sends deliveries of different lanes at once and waits for them.
func (c *Dispatcher) deliverAll(ctx context.Context, row *hookRow, due []deliveryRow) error {
	ids := make([]int64, len(due))
	for i, d := range due {
		ids[i] = d.EntryID
	}
	entries, err := journal.ByIDs(c.opt.DB.Read(ctx), ids)
	if err != nil {
		return err
	}
	byID := make(map[int64]journal.Entry, len(entries))
	for _, e := range entries {
		byID[e.ID] = e
	}
	var group errgroup.Group
	for _, d := range due {
		group.Go(func() error {
			_, err := c.deliver(ctx, row, d, byID[d.EntryID], jobs.Schedule(schedule[:]...))
			return err
		})
	}
	return group.Wait()
}

// deliver makes one attempt and records what became of it. When backoff allows no
// further attempt the delivery is a dead letter.
func (c *Dispatcher) deliver(ctx context.Context, row *hookRow, d deliveryRow, e journal.Entry,
	backoff jobs.Backoff) (deliveryRow, error) {
	if ctx.Err() != nil {
		return d, ctx.Err()
	}
	end, cancel := jobs.ToEnd(ctx) // an attempt that has begun may end, and its answer counts
	defer cancel()
	said := c.send(end, row, d, e)
	if ctx.Err() != nil && said.status == 0 { // cut short: the attempt does not count, and is made again
		return d, ctx.Err()
	}
	err := c.opt.DB.Write(end, func(tx *store.Tx) error {
		after := d
		after.apply(said, tx.Now(), backoff)
		found, err := updateDelivery(tx, after)
		if err != nil || found == 0 { // removed, or another process was faster: theirs counts
			return err
		}
		d = after
		switch {
		case said.outcome == outGone:
			return c.switchOff(tx, row.ID)
		case said.pause > 0:
			return pauseHook(tx, row.ID, tx.Now().Add(said.pause))
		}
		return nil
	})
	if err == nil {
		c.meter.count(said, d)
	}
	return d, err
}

// apply takes over what became of an attempt.
func (d *deliveryRow) apply(said answered, now time.Time, backoff jobs.Backoff) {
	d.Attempts++
	d.TriedAt, d.Status, d.Millis = store.Millis(now), said.status, said.took.Milliseconds()
	d.Error, d.Detail = said.why, said.detail
	due, again := backoff.Next(now, d.Attempts, said.pause)
	switch {
	case said.outcome == outDone:
		d.State = string(DeliveryDone)
	case said.outcome == outGone || !again:
		d.State = string(DeliveryDead)
	default:
		d.DueAt = store.Millis(due)
	}
}

// tidyAll forgets what is no longer needed of every subscription.
func (c *Dispatcher) tidyAll(ctx context.Context, _ time.Time) error {
	rows, err := hooks.List(c.opt.DB.Read(ctx), store.Where{}, byName())
	for _, row := range rows {
		err = errors.Join(err, c.tidy(ctx, row.ID))
	}
	return err
}

// tidy forgets what no one needs any more.
func (c *Dispatcher) tidy(ctx context.Context, hook int64) error {
	return c.opt.DB.Write(ctx, func(tx *store.Tx) error {
		row, err := hooks.Find(tx, hook)
		if err != nil {
			return err
		}
		settled := row.TakenAt.Time().Add(-2 * journal.LongAgo)
		return trimDeliveries(tx, hook, keepDeliveries, settled, tx.Now().Add(-keepDead))
	})
}
