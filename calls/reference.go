package calls

import (
	"context"
	"sync"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/lookup"
	"callhue/rules"
)

// references are the companies of lookup sources that have made a card red. They get a record here, so that a permit
// can be asked for, an incident has a company, and its page a journal. The card does not wait for it: it is judged
// again as soon as the record is there.
type references struct {
	wake jobs.Signal

	mu      sync.Mutex
	waiting map[referenceKey]crm.Reference
	kept    map[referenceKey]crm.Reference // as they were stored last
}

type referenceKey struct{ source, id string }

// Bounds of what waits, and of what is remembered.
const (
	maxReferencesWaiting = 1000
	maxReferencesKept    = 10_000
)

func newReferences() *references {
	return &references{wake: jobs.NewSignal(), waiting: map[referenceKey]crm.Reference{},
		kept: map[referenceKey]crm.Reference{}}
}

// want asks for a record of the company that a verdict is about, when that stands elsewhere.
func (r *references) want(v *rules.Verdict, c *lookup.Company) {
	if c == nil || c.Origin == nil || v.Color != rules.Red {
		return
	}
	key := referenceKey{c.Origin.Source, c.Origin.ID}
	ref := crm.Reference{Source: c.Origin.Source, ID: c.Origin.ID, Name: c.Name, Owner: c.Owner, URL: c.Origin.URL}
	if c.Status.State == rules.StatusSet {
		ref.Status = c.Status.Code
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.LocalID() != 0 && r.kept[key] == ref || len(r.waiting) >= maxReferencesWaiting {
		return
	}
	r.waiting[key] = ref
	r.wake.Notify()
}

// next returns what waits.
func (r *references) next() map[referenceKey]crm.Reference {
	r.mu.Lock()
	defer r.mu.Unlock()
	waiting := r.waiting
	r.waiting = map[referenceKey]crm.Reference{}
	return waiting
}

// done remembers what was stored.
func (r *references) done(key referenceKey, ref crm.Reference) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) >= maxReferencesKept {
		clear(r.kept)
	}
	r.kept[key] = ref
}

// keepReferences stores the companies that wait. One that cannot be stored is tried again when a card is red the next
// time.
func (d *Tracker) keepReferences(ctx context.Context) error {
	for key, ref := range d.references.next() {
		if err := d.Records.KeepReference(ctx, ref); err != nil {
			if fault.Is(err, fault.KindInternal) || ctx.Err() != nil {
				return err
			}
			// Another process was faster, or the company cannot be stored as it is.
			d.Log.Warn("a company of a lookup source is not stored", "source", key.source, "error", fault.Of(err).Key)
		}
		d.references.done(key, ref)
	}
	return nil
}
