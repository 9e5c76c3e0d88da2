package calls

import (
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/lookup"
	"callhue/phone"
	"callhue/rules"
	"callhue/staff"
)

// touchSeconds is the shortest conversation that counts as a contact with a client: less is a ring, or a voice box.
const touchSeconds = 10

// recordTouches stores that agents of the call were in touch with companies of theirs, for the protection that fades
// without it. A conversation of any other agent leaves the companies as they are.
func (h *eventHandler) recordTouches(tx *store.Tx) error {
	number := h.call.number()
	if number.Kind != phone.External {
		return nil
	}
	var match *lookup.Match
	for _, card := range h.cards {
		agent := h.org.User(card.AgentID)
		if agent == nil || card.State != StateEnded || h.conversationOf(card) < touchSeconds {
			continue
		}
		if match == nil {
			var err error
			if match, err = h.tracker.ownMatch(tx, number.Key()); err != nil {
				return err
			}
		}
		if err := h.tracker.recordTouch(tx, h.org, agent, match, h.call.ID, store.Time(card.EndedAt)); err != nil {
			return err
		}
	}
	return nil
}

// ownMatch returns what a number reaches in our tables, out of memory where it is there.
func (d *Tracker) ownMatch(tx *store.Tx, key int64) (*lookup.Match, error) {
	if match := d.Finder.Known(key); match != nil {
		return match, nil
	}
	found, err := d.Finder.FindIn(tx, []int64{key})
	return found[key], err
}

// recordTouch stores that an agent was in touch with those companies of a match on whose owner's side they are.
func (d *Tracker) recordTouch(tx *store.Tx, org *staff.Org, agent *staff.User, match *lookup.Match, call int64,
	at time.Time) error {
	policy, err := d.Policy.Active(tx.Context())
	if err != nil {
		return err
	}
	touch := crm.Touch{At: at, User: agent.ID, Team: agent.DepartmentID, By: journal.Ref{Kind: "call", ID: call}}
	for i := range match.Companies {
		c := &match.Companies[i]
		if c.Touched > store.Millis(at) || !isOwnSide(org, policy, agent, c, at) {
			continue
		}
		touch.Companies = append(touch.Companies, c.ID)
		if crm.IsFresh(c.Touched, at) {
			touch.Fresh = append(touch.Fresh, c.ID)
		}
	}
	return d.Records.RecordTouch(tx, touch)
}

// isOwnSide reports whether an agent is the owner of a company, or one who counts as the owner by the policy: a
// member of its team, the owner's deputy. A permit makes no one that.
func isOwnSide(org *staff.Org, policy *rules.Policy, agent *staff.User, c *lookup.Company, at time.Time) bool {
	b := cardBuilder{org: org, policy: policy, now: at, q: Question{Agent: agent}}
	switch b.relation(c.Owner, c.Team, c.Origin) {
	case rules.Own, rules.Team, rules.Deputy:
		return true
	}
	return false
}

// idleDays returns for how many whole days the owner's side of a company was not in touch with it; 0 where that is
// not known.
func (b *cardBuilder) idleDays(c *lookup.Company) int {
	if c.Touched == 0 {
		return 0
	}
	return max(0, int(b.now.Sub(store.Time(c.Touched)).Hours()/24))
}
