package crm

import (
	"context"
	"time"

	"callhue/internal/store"
	"callhue/rules"
)

// Found is a record as the lists of duplicates and the reports name it.
type Found struct {
	Kind      rules.Kind  `json:"kind"`
	ID        int64       `json:"id"`
	Name      string      `json:"name"` // of a lead: its title
	Owner     *Person     `json:"owner"`
	Status    *StatusMark `json:"status"` // of a company
	UpdatedAt time.Time   `json:"updated_at"`
	URL       string      `json:"url"`
}

// recordKey names a record of any kind.
type recordKey struct {
	kind Kind
	id   int64
}

// found reads records of any kinds; those that are gone are not in it.
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
			one := Found{Kind: rules.Kind(kind.String()), ID: r.ID, Name: r.Name, Owner: v.person(r.OwnerID), UpdatedAt: store.Time(r.UpdatedAt), URL: urlOf(kind, r.ID)}
			if s := v.set.ByID(r.StatusID); s != nil {
				one.Status = &StatusMark{s.Code, s.Name, s.Color}
			}
			all[recordKey{kind, r.ID}] = one
		}
	}
	return all, nil
}

// memory keeps what costs much to find out: for twenty times as long as that
// took, and at most a minute, so that little is counted anew each time and much
// is not counted all the time. What it gives says when it was found out.
type cached[T any] struct {
	find  func(ctx context.Context) (T, error)
	lock  chan struct{} // guards what follows
	value T
	until time.Time
}

func newCached[T any](find func(ctx context.Context) (T, error)) *cached[T] {
	return &cached[T]{find: find, lock: make(chan struct{}, 1)}
}

const maxCacheTime = time.Minute

func (m *cached[T]) get(ctx context.Context) (none T, err error) {
	select { // one finds out, the others wait for him
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
