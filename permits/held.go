package permits

import (
	"context"
	"time"

	"callhue/internal/store"
)

// Held is all permits that run at one moment. It is immutable and safe for any number of readers.
type Held struct {
	latest map[hold]*permitRow
}

type hold struct{ agent, company int64 }

// Pass is a permit as a card needs it.
type Pass struct {
	ID    int64
	By    int64 // the user who granted it
	Until time.Time
}

// HeldIn reads the permits that run, for readers that must not miss what was committed a moment ago.
func HeldIn(tx *store.Tx) (*Held, error) {
	rows, err := permits.List(tx, running(), oldestFirst())
	if err != nil {
		return nil, err
	}
	h := &Held{latest: make(map[hold]*permitRow, len(rows))}
	for _, r := range rows {
		h.latest[hold{r.AgentID, r.CompanyID}] = r
	}
	return h, nil
}

// HeldOf returns permits that are in no database, for trials of the rules. Of each, only agent, company, owner and
// times count.
func HeldOf(list []Permit) *Held {
	h := &Held{latest: make(map[hold]*permitRow, len(list))}
	for _, p := range list {
		h.latest[hold{p.Agent.ID, p.Company.ID}] = &permitRow{
			ID:        p.ID,
			AgentID:   p.Agent.ID,
			CompanyID: p.Company.ID,
			OwnerID:   p.Owner.ID,
			From:      p.From,
			Until:     p.Until,
			ByID:      p.By.ID,
		}
	}
	return h
}

// Held returns the permits that run, from memory: what this process has committed,
// and what others committed up to a moment ago.
func (b *Registry) Held(ctx context.Context) (*Held, error) { return b.held.Get(ctx) }

// Find returns the permit that an agent has for a company of this owner at a moment. It looks at the clock and at the
// owner itself: a permit is over in the very moment in which its time is, or the company has another owner, whose head
// has not been asked.
func (h *Held) Find(agent, company, owner int64, at time.Time) (Pass, bool) {
	if h == nil || len(h.latest) == 0 {
		return Pass{}, false
	}
	r := h.latest[hold{agent, company}]
	if r == nil || r.OwnerID != owner || !r.runs(at) {
		return Pass{}, false
	}
	return Pass{ID: r.ID, By: r.ByID, Until: r.Until.Time()}, true
}
