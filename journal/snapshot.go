package journal

import (
	"context"
	"slices"
	"sync/atomic"
)

// Snapshot keeps an immutable value, read from some tables, in memory until the journal has a change of them. What this
// process commits is in the value of the next Get; what others commit is there within one poll.
type Snapshot[T any] struct {
	journal *Journal
	load    func(ctx context.Context) (*T, error)
	changes atomic.Uint64
	current atomic.Pointer[snapshot[T]]
	loading chan struct{}
}

// snapshot remembers how many changes had been seen before it was read: one that was read before a commit and stored after
// it is never mistaken for a fresh one.
type snapshot[T any] struct {
	of    *T
	after uint64
}

// NewSnapshot returns a snapshot of what load reads; entries with one of these verbs outdate it.
func NewSnapshot[T any](j *Journal, load func(ctx context.Context) (*T, error), verbs ...Verb) *Snapshot[T] {
	s := &Snapshot[T]{journal: j, load: load, loading: make(chan struct{}, 1)}
	j.Listen(func(list []Entry) {
		if slices.ContainsFunc(list, func(e Entry) bool { return slices.Contains(verbs, e.Verb) }) {
			s.changes.Add(1)
		}
	})
	return s
}

// Get returns the value, read again if it is outdated. It must not be changed.
func (s *Snapshot[T]) Get(ctx context.Context) (*T, error) {
	if p := s.fresh(); p != nil {
		return p, nil
	}
	select { // one reads, the others wait
	case s.loading <- struct{}{}:
		defer func() { <-s.loading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if p := s.fresh(); p != nil {
		return p, nil
	}
	after := s.seen()
	of, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	s.current.Store(&snapshot[T]{of, after})
	return of, nil
}

func (s *Snapshot[T]) fresh() *T {
	if p := s.current.Load(); p != nil && p.after == s.seen() {
		return p.of
	}
	return nil
}

// seen counts what outdates a snapshot: changes, and the start of reading, for entries that others committed before it were
// not delivered here.
func (s *Snapshot[T]) seen() uint64 { return s.changes.Load() + s.journal.started.Load() }
