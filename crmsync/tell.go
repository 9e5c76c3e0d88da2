package crmsync

import (
	"context"
	"slices"
	"time"

	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/phone"
)

// Tell remembers that records of a source have to be read again: one row for each,
// however often it is told. Who attends to the source is woken.
func (m *Syncer) Enqueue(ctx context.Context, source int64, changes []Change) error {
	refs := make([]Ref, len(changes))
	for i, c := range changes {
		refs[i] = c.Ref
	}
	if refs = keepable(refs); len(refs) == 0 {
		return nil
	}
	return m.queue(ctx, source, refs, m.DB.Clock())
}

// keepable are those of some references that lead to records as they are kept here.
func keepable(refs []Ref) []Ref {
	return slices.DeleteFunc(slices.Clone(refs), func(r Ref) bool {
		return !slices.Contains(records, r.Kind) || r.ID == "" || len(r.ID) > longestID
	})
}

// queue puts records into the queue, due at a time; the zero time is before all
// others.
func (m *Syncer) queue(ctx context.Context, source int64, refs []Ref, due time.Time) error {
	err := m.DB.Write(ctx, func(tx *store.Tx) error {
		for _, r := range refs {
			if err := putChange(tx, source, r, store.Millis(due)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		m.wake(source)
	}
	return err
}

// askEvery is how often Ask looks whether what it asked for has come.
const askEvery = 50 * time.Millisecond

// Ask looks a number up in the CRM now, and ends when what it found there is here:
// for a call of a number that nobody here has. The portal is asked by this process;
// the records are brought by whoever attends to the source, before anything else.
func (m *Syncer) Ask(ctx context.Context, source int64, n phone.Number) error {
	portal := m.portalOf(source)
	if portal == nil || n.Kind != phone.External {
		return nil
	}
	row, err := sourceOf(m.DB.Read(ctx), source)
	if err != nil {
		return err
	}
	var w fullSync
	if err := row.read(&known{}, &w, &tally{}); err != nil || w.Number == 0 {
		return err // nothing is brought before somebody has said how
	}
	refs, err := portal.Find(ctx, n)
	if err != nil {
		return err
	}
	refs = keepable(refs)
	if len(refs) == 0 {
		return nil
	}
	if err := m.queue(ctx, source, refs, time.Time{}); err != nil {
		return err
	}
	return jobs.Until(ctx, askEvery, func(ctx context.Context) (bool, error) {
		left, err := waiting(m.DB.Read(ctx), source, refs)
		return left == 0, err
	})
}
