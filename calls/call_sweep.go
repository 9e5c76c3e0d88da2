package calls

import (
	"context"
	"time"

	"callhue/internal/store"
)

const (
	reevaluateEvery = 2 * time.Second
	// unfinishedAfter is when a call without an end counts as ended.
	unfinishedAfter = 4 * time.Hour
	// eventsKept is how long a repeated event is recognised.
	eventsKept = 48 * time.Hour
)

// closeUnfinished closes calls whose end never came, and removes old events.
func (d *Tracker) closeUnfinished(ctx context.Context) error {
	now := d.DB.Clock().UTC()
	ids, err := unfinishedCalls(d.DB.Read(ctx), now.Add(-unfinishedAfter))
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := d.onCall(ctx, id, func(tx *store.Tx, o *lockedCall) error {
			if o.call.EndedAt != 0 {
				return nil
			}
			o.call.State, o.call.Final, o.call.EndUnknown = StateEnded, true, true
			// The duration of the conversation is unknown: the call ends at its last event.
			last := store.Time(max(o.call.StartedAt, o.call.AnsweredAt))
			if err := o.end(tx, stamp{at: store.Millis(last)}, ""); err != nil {
				return err
			}
			if err := saveCall(tx, o.call); err != nil {
				return err
			}
			return o.record(tx, CallEnded)
		})
		if err != nil {
			return err
		}
	}
	return d.DB.Write(ctx, func(tx *store.Tx) error {
		if err := removeClaims(tx, now.Add(-unfinishedAfter)); err != nil {
			return err
		}
		return removeEvents(tx, now.Add(-eventsKept))
	})
}

// onCall runs a change of one call under its lock.
func (d *Tracker) onCall(ctx context.Context, id int64, change func(tx *store.Tx, o *lockedCall) error) error {
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return err
	}
	return d.DB.Write(ctx, func(tx *store.Tx) error {
		call, err := lockCallByID(tx, id)
		if err != nil {
			return err
		}
		cards, err := cardsOf(tx, id)
		if err != nil {
			return err
		}
		return change(tx, &lockedCall{tracker: d, org: org, call: call, cards: cards})
	})
}
