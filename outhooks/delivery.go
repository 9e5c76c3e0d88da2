package outhooks

import (
	"context"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
)

// DeliveryState is the state of a delivery.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting DeliveryState = "waiting" // for its first attempt or its next
	DeliveryDone    DeliveryState = "done"    // the receiver answered 2xx
	DeliveryDead    DeliveryState = "dead"    // after the last attempt; it can be replayed
)

// Values lists the states, for the API reference.
func (DeliveryState) Values() []string { return []string{"waiting", "done", "dead"} }

// Delivery is one entry of the journal on its way to one subscription, with what
// became of the last attempt.
type Delivery struct {
	ID       int64         `json:"id"`
	EntryID  int64         `json:"entry_id"` // of the journal
	Verb     string        `json:"verb"`
	At       time.Time     `json:"at"` // when it happened
	State    DeliveryState `json:"state"`
	Attempts int           `json:"attempts"`
	DueAt    *time.Time    `json:"due_at"`   // of the next attempt
	TriedAt  *time.Time    `json:"tried_at"` // the last attempt
	Status   int           `json:"status"`   // HTTP status of the last attempt; 0 without an answer
	Millis   int64         `json:"ms"`       // how long the last attempt took
	Error    string        `json:"error"`    // code of what went wrong; "" when nothing did
	Detail   string        `json:"detail"`   // the beginning of the receiver's answer, or what the network said
}

func (r deliveryRow) delivery() Delivery {
	d := Delivery{
		ID:       r.ID,
		EntryID:  r.EntryID,
		Verb:     r.Verb,
		At:       store.Time(r.EntryAt),
		State:    DeliveryState(r.State),
		Attempts: r.Attempts,
		Status:   r.Status,
		Millis:   r.Millis,
		Error:    r.Error,
		Detail:   r.Detail,
	}
	if d.State == DeliveryWaiting {
		due := store.Time(r.DueAt)
		d.DueAt = &due
	}
	if r.TriedAt != 0 {
		tried := store.Time(r.TriedAt)
		d.TriedAt = &tried
	}
	return d
}

// HookOutState is a subscription with the deliveries that wait for it.
type HookOutState struct {
	HookOut
	Waiting int64 `json:"waiting"` // deliveries that wait for an attempt
	Dead    int64 `json:"dead"`    // dead letters of the last 30 days
}

// Hooks returns every subscription by name.
func (c *Dispatcher) Hooks(ctx context.Context) ([]HookOutState, error) {
	tx := c.opt.DB.Read(ctx)
	rows, err := hooks.List(tx, store.Where{}, byName())
	if err != nil {
		return nil, err
	}
	counts, err := deliveryCounts(tx)
	if err != nil {
		return nil, err
	}
	list := make([]HookOutState, len(rows))
	for i, row := range rows {
		list[i].HookOut = row.HookOut
		for _, n := range counts {
			switch {
			case n.HookID == row.ID && n.State == string(DeliveryWaiting):
				list[i].Waiting = n.Count
			case n.HookID == row.ID && n.State == string(DeliveryDead):
				list[i].Dead = n.Count
			}
		}
	}
	return list, nil
}

// Hook returns one subscription, or fault.Missing.
func (c *Dispatcher) Hook(ctx context.Context, id int64) (HookOutState, error) {
	hooks, err := c.Hooks(ctx)
	for _, h := range hooks {
		if h.ID == id {
			return h, err
		}
	}
	if err == nil {
		err = fault.Missing("hook_out")
	}
	return HookOutState{}, err
}

// Deliveries returns up to limit deliveries of a subscription, newest first, those
// before an id unless it is 0; of one state, or of all with "". Of those that are
// done about the last 200 are remembered.
func (c *Dispatcher) Deliveries(ctx context.Context, hook int64, state DeliveryState, before int64, limit int) (
	[]Delivery, error) {
	tx := c.opt.DB.Read(ctx)
	if _, err := hooks.Find(tx, hook); err != nil {
		return nil, err
	}
	switch state {
	case "", DeliveryWaiting, DeliveryDone, DeliveryDead:
	default:
		return nil, fault.Invalid("state", "unknown_value")
	}
	rows, err := deliveriesOf(tx, hook, string(state), before, limit)
	list := make([]Delivery, len(rows))
	for i, row := range rows {
		list[i] = row.delivery()
	}
	return list, err
}

// Replay sends a delivery again, as if for the first time; with the same numbers,
// so that the receiver knows it again. One that waits is the conflict
// "delivery_waiting".
func (c *Dispatcher) Replay(ctx context.Context, by *access.User, hook, id int64) (d Delivery, err error) {
	err = c.write(ctx, by, func(a *journal.Act) error {
		row, err := deliveryByID(a.Tx, hook, id)
		if err != nil {
			return err
		}
		if row.State == string(DeliveryWaiting) {
			return fault.Conflict("delivery_waiting")
		}
		row.State, row.Attempts, row.DueAt = string(DeliveryWaiting), 0, store.Millis(a.Tx.Now())
		if err := store.Changed(updateDelivery(a.Tx, row)); err != nil {
			return err
		}
		d = row.delivery()
		a.Tx.Answer(d)
		return nil
	})
	return d, err
}

// ReplayDead sends all dead letters of a subscription again and returns how many there were.
func (c *Dispatcher) ReplayDead(ctx context.Context, by *access.User, hook int64) (count int64, err error) {
	err = c.write(ctx, by, func(a *journal.Act) error {
		if _, err := hooks.Find(a.Tx, hook); err != nil {
			return err
		}
		count, err = reviveDead(a.Tx, hook)
		a.Tx.Answer(Replayed{count})
		return err
	})
	return count, err
}

// testTime is longer than a delivery of TestHook takes.
const testTime = 30 * time.Second

// TestHook makes one delivery of the verb hook_out.tested now, also to a
// subscription that is off or wants other verbs, and returns its result. It is not
// tried again.
func (c *Dispatcher) TestHook(ctx context.Context, by *access.User, id int64) (Delivery, error) {
	var hook *hookRow
	var d deliveryRow
	var e journal.Entry
	err := c.write(ctx, by, func(a *journal.Act) error {
		var err error
		if hook, err = hooks.Find(a.Tx, id); err != nil {
			return err
		}
		e = journal.Entry{
			At:      a.Tx.Now(),
			Actor:   by.ID,
			Verb:    HookOutTested,
			Subject: journal.Ref{Kind: "hook_out", ID: id},
			Details: journal.Details(map[string]string{"name": hook.Name}),
		}
		if e.ID, err = c.opt.Journal.Record(a.Tx, e); err != nil {
			return err
		}
		d = newDelivery(id, e, a.Tx.Now().Add(testTime)) // ours: the round leaves it alone until then
		d.Version = 1
		d.ID, _, err = insertDelivery(a.Tx, d)
		return err
	})
	if err != nil {
		return Delivery{}, err
	}
	d, err = c.deliver(ctx, hook, d, e, jobs.Schedule(0))
	return d.delivery(), err
}
