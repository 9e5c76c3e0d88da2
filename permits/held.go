package permits

import (
	"context"
	"time"

	"callhue/internal/store"
)

// Held is every permit that runs at one moment. It is immutable and safe for any
// number of readers.
type Held struct {
	of map[hold]*permitRow // the latest of an agent and company
}

type hold struct{ agent, company int64 }

// Pass is a permit as a card needs it.
type Pass struct {
	ID    int64
	By    int64 // the user who gave it
	Until time.Time
}

// HeldIn reads the permits that run, for who must not miss what was committed a
// moment ago.
func HeldIn(tx *store.Tx) (*Held, error) {
	rows, err := allRunning(tx)
	if err != nil {
		return nil, err
	}
	h := &Held{of: make(map[hold]*permitRow, len(rows))}
	for _, r := range rows {
		h.of[hold{r.AgentID, r.CompanyID}] = r
	}
	return h, nil
}

// HeldOf makes the picture of permits that are in no database, for trials of the
// rule; of each only its agent, company, owner and times count.
func HeldOf(list []Permit) *Held {
	h := &Held{of: make(map[hold]*permitRow, len(list))}
	for _, p := range list {
		h.of[hold{p.Agent.ID, p.Company.ID}] = &permitRow{ID: p.ID, AgentID: p.Agent.ID, CompanyID: p.Company.ID, OwnerID: p.Owner.ID,
			FromAt: store.Millis(p.From), TillAt: store.Millis(p.Until), ByID: p.By.ID}
	}
	return h
}

// Held returns the permits that run, from memory: what this process has committed,
// and what others committed up to a moment ago.
func (b *Registry) Held(ctx context.Context) (*Held, error) { return b.held.Get(ctx) }

// Find returns the permit that an agent has for a company of this owner at a
// moment. It looks at the clock and at the owner itself, so that a permit is over
// in the very moment in which its time is, or the company has another owner:
// the one who may speak for that one has not been asked.
func (h *Held) Find(agent, company, owner int64, at time.Time) (Pass, bool) {
	if h == nil || len(h.of) == 0 {
		return Pass{}, false
	}
	r := h.of[hold{agent, company}]
	if r == nil || r.OwnerID != owner || !r.runs(at) {
		return Pass{}, false
	}
	return Pass{ID: r.ID, By: r.ByID, Until: store.Time(r.TillAt)}, true
}
