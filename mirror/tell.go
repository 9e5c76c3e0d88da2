package mirror

import (
	"context"
	"time"

	"callhue/crm"
	"callhue/phone"
	"callhue/store"
)

// Tell remembers that records of a source have to be read again: one row for each,
// however often it is told. Who attends to the source is woken.
func (m *Mirror) Tell(ctx context.Context, source int64, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	refs := make([]Ref, len(changes))
	for i, c := range changes {
		refs[i] = c.Ref
	}
	return m.queue(ctx, source, refs, m.DB.Clock())
}

// queue puts records into the queue, due at a time; the zero time is before all
// others.
func (m *Mirror) queue(ctx context.Context, source int64, refs []Ref, due time.Time) error {
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
func (m *Mirror) Ask(ctx context.Context, source int64, n phone.Number) error {
	portal := m.portalOf(source)
	if portal == nil || n.Kind != phone.External {
		return nil
	}
	refs, err := portal.Find(ctx, n)
	if err != nil {
		return err
	}
	known := refs[:0:0]
	for _, r := range refs {
		if r.Kind == crm.KindCompany || r.Kind == crm.KindContact || r.Kind == crm.KindLead {
			known = append(known, r)
		}
	}
	if len(known) == 0 {
		return nil
	}
	if err := m.queue(ctx, source, known, time.Time{}); err != nil {
		return err
	}
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		left, err := waiting(m.DB.Read(ctx), source, known)
		if err != nil || left == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
