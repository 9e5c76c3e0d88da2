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
	changes = slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return !c.importable() })
	if len(changes) == 0 {
		return nil
	}
	return s.enqueue(ctx, source, changes, s.DB.Clock())
}

// importable reports whether a reference is to a record that is imported.
func (r Ref) importable() bool {
	return slices.Contains(recordKinds, r.Kind) && r.ID != "" && len(r.ID) <= longestID
}

// importable returns the references to records that are imported.
func importable(refs []Ref) []Ref {
	return slices.DeleteFunc(slices.Clone(refs), func(r Ref) bool { return !r.importable() })
}

// enqueue adds records to the queue, due at a time; the zero time goes before all others. The removal of a record that
// is not here needs no reading.
func (s *Syncer) enqueue(ctx context.Context, source int64, changes []Change, due time.Time) error {
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		absent, err := absentRemovals(tx, source, changes)
		if err != nil {
			return err
		}
		for _, c := range changes {
			tries := 0
			if c.Guess || c.Removed {
				tries = len(rereadAfter) + 1 // not read again when it is not there
			}
			if absent[c.Ref] { // unless it is being read just now
				_, err = enqueueAgain(tx, source, c.Ref, tries, store.Millis(due))
			} else {
				err = enqueue(tx, source, c.Ref, tries, store.Millis(due))
			}
			if err != nil {
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

// absentRemovals returns the reported removals of records that are not here.
func absentRemovals(tx *store.Tx, source int64, changes []Change) (map[Ref]bool, error) {
	absent := map[Ref]bool{}
	for _, kind := range recordKinds {
		var ids []string
		for _, c := range changes {
			if c.Removed && c.Kind == kind {
				ids = append(ids, c.ID)
			}
		}
		links, err := linksOf(tx, source, kind, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if _, linked := links[id]; !linked {
				absent[Ref{kind, id}] = true
			}
		}
	}
	return absent, nil
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
	changes := make([]Change, len(refs))
	for i, r := range refs {
		changes[i] = Change{Ref: r}
	}
	if err := s.enqueue(ctx, source, changes, time.Time{}); err != nil {
		return err
	}
	return jobs.Until(ctx, pollEvery, func(ctx context.Context) (bool, error) {
		left, err := countUntried(s.DB.Read(ctx), source, refs)
		return left == 0, err
	})
}
