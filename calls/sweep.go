package calls

import (
	"context"
	"time"

	"callhue/internal/store"
)

const (
	repaintEvery = 2 * time.Second
	// forgetAfter closes a call whose end never came.
	forgetAfter = 4 * time.Hour
	// eventsKept is how long a repeated event is known as such.
	eventsKept = 48 * time.Hour
)

// closeForgotten ends calls whose end was never told, and forgets old events.
func (d *Tracker) closeForgotten(ctx context.Context) error {
	now := d.DB.Clock().UTC()
	ids, err := forgotten(d.DB.Read(ctx), now.Add(-forgetAfter))
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := d.onCall(ctx, id, func(tx *store.Tx, o *onCall) error {
			if o.call.EndedAt != 0 {
				return nil
			}
			o.call.State, o.call.Final = StateEnded, true
			// How long they talked is not known: the call counts as over when it
			// was last heard of.
			last := store.Time(max(o.call.StartedAt, o.call.AnsweredAt))
			if err := o.end(tx, last, "", 0); err != nil {
				return err
			}
			if err := saveCall(tx, o.call); err != nil {
				return err
			}
			return o.tell(tx, CallEnded)
		})
		if err != nil {
			return err
		}
	}
	return d.DB.Write(ctx, func(tx *store.Tx) error { return dropEvents(tx, now.Add(-eventsKept)) })
}

// onCall runs a change of one call under its lock.
func (d *Tracker) onCall(ctx context.Context, id int64, change func(tx *store.Tx, o *onCall) error) error {
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
		return change(tx, &onCall{desk: d, org: org, call: call, cards: cards})
	})
}
