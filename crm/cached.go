package crm

import (
	"context"
	"time"

	"callhue/internal/store"
	"callhue/rules"
	"callhue/staff"
)

// Found is a record as duplicates and reports list it.
type Found struct {
	Kind      rules.Kind    `json:"kind"`
	ID        int64         `json:"id"`
	Name      string        `json:"name"` // for a lead its title
	Owner     *staff.Person `json:"owner"`
	Status    *StatusMark   `json:"status"` // for a company
	UpdatedAt time.Time     `json:"updated_at"`
	URL       string        `json:"url"`
}

// recordKey identifies a record of any kind.
type recordKey struct {
	kind Kind
	id   int64
}

// found reads records of any kind; removed ones are absent.
func (v view) found(keys []recordKey) (map[recordKey]Found, error) {
	all := make(map[recordKey]Found, len(keys))
	for _, kind := range []Kind{KindCompany, KindContact, KindLead} {
		var ids []int64
		for _, k := range keys {
			if k.kind == kind {
				ids = append(ids, k.id)
			}
		}
		rows, err := foundRows(v.tx, kind, ids)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			one := Found{Kind: rules.Kind(kind.String()), ID: r.ID, Name: r.Name, Owner: v.person(r.OwnerID),
				UpdatedAt: store.Time(r.UpdatedAt), URL: urlOf(kind, r.ID)}
			if s := v.set.ByID(r.StatusID); s != nil {
				one.Status = &StatusMark{s.Code, s.Name, s.Color}
			}
			all[recordKey{kind, r.ID}] = one
		}
	}
	return all, nil
}

// cached keeps an expensive result for twenty times as long as it took to compute, one minute at
// most: cheap results stay fresh, expensive ones are not computed all the time. The result itself
// says when it was computed.
type cached[T any] struct {
	find  func(ctx context.Context) (T, error)
	lock  chan struct{} // guards the fields below
	value T
	until time.Time
}

func newCached[T any](find func(ctx context.Context) (T, error)) *cached[T] {
	return &cached[T]{find: find, lock: make(chan struct{}, 1)}
}

const maxCacheTime = time.Minute

func (m *cached[T]) get(ctx context.Context) (none T, err error) {
	select { // one computes, the others wait
	case m.lock <- struct{}{}:
		defer func() { <-m.lock }()
	case <-ctx.Done():
		return none, ctx.Err()
	}
	start := time.Now()
	if start.Before(m.until) {
		return m.value, nil
	}
	what, err := m.find(ctx)
	if err != nil {
		return none, err
	}
	took := time.Since(start)
	m.value, m.until = what, start.Add(took+min(20*took, maxCacheTime))
	return what, nil
}
