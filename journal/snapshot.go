package journal

import (
	"context"
	"slices"
	"sync/atomic"
)

// Snapshot keeps an immutable picture of some tables in memory until the
// journal mentions a change of them. What this process commits is in the
// picture of the next Get; what others commit is there within a poll of the tail.
type Snapshot[T any] struct {
	journal *Journal
	load    func(ctx context.Context) (*T, error)
	changes atomic.Uint64
	kept    atomic.Pointer[picture[T]]
	loading chan struct{}
}

// picture knows how many changes had been heard of before it was read: one that
// was read before a commit and kept after it is never mistaken for a fresh one.
type picture[T any] struct {
	of    *T
	after uint64
}

// NewSnapshot returns the snapshot that load reads; entries with one of these verbs
// outdate it.
func NewSnapshot[T any](t *Journal, load func(ctx context.Context) (*T, error), verbs ...Verb) *Snapshot[T] {
	s := &Snapshot[T]{journal: t, load: load, loading: make(chan struct{}, 1)}
	t.Listen(func(list []Entry) {
		if slices.ContainsFunc(list, func(e Entry) bool { return slices.Contains(verbs, e.Verb) }) {
			s.changes.Add(1)
		}
	})
	return s
}

// Get returns the picture, read again if it is outdated. No one may change it.
func (s *Snapshot[T]) Get(ctx context.Context) (*T, error) {
	if p := s.fresh(); p != nil {
		return p, nil
	}
	select { // one reads, the others wait for him
	case s.loading <- struct{}{}:
		defer func() { <-s.loading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if p := s.fresh(); p != nil {
		return p, nil
	}
	after := s.heard()
	of, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	s.kept.Store(&picture[T]{of, after})
	return of, nil
}

func (s *Snapshot[T]) fresh() *T {
	if p := s.kept.Load(); p != nil && p.after == s.heard() {
		return p.of
	}
	return nil
}

// heard counts what outdates a picture: changes, and the beginning of the tail,
// for what others committed before it was heard of by no one here.
func (s *Snapshot[T]) heard() uint64 { return s.changes.Load() + s.journal.begun.Load() }
