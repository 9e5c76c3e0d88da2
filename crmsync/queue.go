package crmsync

import (
	"context"
	"slices"
	"time"

	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/phone"
)

// Enqueue queues records of a source to be read again, one row per record however often it is reported, and
// wakes the work for the source.
func (s *Syncer) Enqueue(ctx context.Context, source int64, changes []Change) error {
	refs := make([]Ref, len(changes))
	for i, c := range changes {
		refs[i] = c.Ref
	}
	if refs = importable(refs); len(refs) == 0 {
		return nil
	}
	return s.enqueue(ctx, source, refs, s.DB.Clock())
}

// importable returns the references to records that are imported.
func importable(refs []Ref) []Ref {
	return slices.DeleteFunc(slices.Clone(refs), func(r Ref) bool {
		return !slices.Contains(recordKinds, r.Kind) || r.ID == "" || len(r.ID) > longestID
	})
}

// enqueue adds records to the queue, due at a time; the zero time goes before all others.
func (s *Syncer) enqueue(ctx context.Context, source int64, refs []Ref, due time.Time) error {
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		for _, r := range refs {
			if err := enqueue(tx, source, r, store.Millis(due)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.wake(source)
	}
	return err
}

// pollEvery is how often ImportByNumber checks whether its records are imported.
const pollEvery = 50 * time.Millisecond

// ImportByNumber finds a number in the CRM and returns when the records found there are imported: for a
// call from a number that is unknown here. This process asks the portal; the process that works for the
// source imports the records before anything else.
func (s *Syncer) ImportByNumber(ctx context.Context, source int64, n phone.Number) error {
	portal := s.portalOf(source)
	if portal == nil || n.Kind != phone.External {
		return nil
	}
	row, err := findSource(s.DB.Read(ctx), source)
	if err != nil {
		return err
	}
	var full fullSync
	if err := row.decode(&portalInfo{}, &full, &tally{}); err != nil || full.Number == 0 {
		return err // nothing is imported before the mapping is saved
	}
	refs, err := portal.Find(ctx, n)
	if err != nil {
		return err
	}
	refs = importable(refs)
	if len(refs) == 0 {
		return nil
	}
	if err := s.enqueue(ctx, source, refs, time.Time{}); err != nil {
		return err
	}
	return jobs.Until(ctx, pollEvery, func(ctx context.Context) (bool, error) {
		left, err := countUntried(s.DB.Read(ctx), source, refs)
		return left == 0, err
	})
}
