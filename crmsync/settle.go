package crmsync

import (
	"context"

	"callhue/internal/access"
	"callhue/internal/fault"
)

// mostAtOnce is how many differences one request settles.
const mostAtOnce = 200

// Settled is what came of one difference of many.
type Settled struct {
	ID   int64          `json:"id"`
	Done bool           `json:"done"`
	Code string         `json:"code"` // why it was not done; "" when it was
	Args map[string]any `json:"args,omitempty"`
}

// AcceptAll is Accept of many differences, DismissAll Dismiss: each one by itself, in
// the given order, in a transaction of its own and with its own rights, so that one
// which is refused holds up no other. Faults, before anything is done: ids required,
// too_many (above 200).
func (m *Syncer) AcceptAll(ctx context.Context, by *access.User, source int64, ids []int64) ([]Settled, error) {
	return m.settleAll(ctx, ids, func(id int64) error { return m.Accept(ctx, by, source, id) })
}

// DismissAll keeps many records as they are here.
func (m *Syncer) DismissAll(ctx context.Context, by *access.User, source int64, ids []int64) ([]Settled, error) {
	return m.settleAll(ctx, ids, func(id int64) error { return m.Dismiss(ctx, by, source, id) })
}

func (m *Syncer) settleAll(ctx context.Context, ids []int64, settle func(id int64) error) ([]Settled, error) {
	switch {
	case len(ids) == 0:
		return nil, fault.Invalid("ids", "required")
	case len(ids) > mostAtOnce:
		return nil, fault.Invalid("ids", "too_many")
	}
	list := make([]Settled, len(ids))
	for i, id := range ids {
		list[i] = Settled{ID: id}
		if ctx.Err() != nil { // the time of the request is over
			list[i].Code = "not_reached"
			continue
		}
		switch f := fault.Of(settle(id)); {
		case f == nil:
			list[i].Done = true
		case f.Kind == fault.KindInternal:
			m.Log.Error("a difference was not settled", "difference", id, "error", f)
			list[i].Code = f.Key
		default:
			list[i].Code, list[i].Args = f.Key, f.Args
		}
	}
	return list, nil
}
