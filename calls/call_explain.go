package calls

import (
	"encoding/json"
	"slices"
	"time"

	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
)

// Shown is a verdict as an agent saw it: when, on which client with which owner and status, by which row of the table
// under which policy. It answers why a card was red at a moment from what was kept then.
type Shown struct {
	At      time.Time   `json:"at"`
	Verdict VerdictPart `json:"verdict"`
	Subject *Record     `json:"subject"`
}

// mostShown is the most entries of one call that are read; a call has a few.
const mostShown = 500

// explain adds to each agent of a call what they saw, verdict after verdict, out of the journal. An agent who never saw
// a card has nothing there.
func explain(tx *store.Tx, call *Call) error {
	entries, err := journal.List(tx, journal.History{Subject: journal.Ref{Kind: "call", ID: call.ID}, Limit: mostShown})
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(entries) { // the oldest first
		if e.Verb != CardShown && e.Verb != CardChanged {
			continue
		}
		at := slices.IndexFunc(call.Agents, func(a CallAgent) bool { return a.Agent != nil && a.Agent.ID == e.Actor })
		if at < 0 {
			continue
		}
		var card Card
		if err := json.Unmarshal(e.Details, &card); err != nil {
			return err
		}
		agent := &call.Agents[at]
		if n := len(agent.Shown); n == 0 || !agent.Shown[n-1].says(&card) {
			agent.Shown = append(agent.Shown, Shown{e.At, card.Verdict, card.Subject})
		}
	}
	return nil
}

// says reports whether a card adds nothing to what was shown.
func (s *Shown) says(card *Card) bool {
	type point struct {
		color  rules.Color
		why    rules.Why
		row    string
		policy int
		kind   rules.Kind
		id     int64
		owner  int64
		status string
	}
	of := func(v *VerdictPart, r *Record) point {
		p := point{color: v.Color, why: v.Why, row: v.Row, policy: v.Policy}
		if r != nil {
			p.kind, p.id = r.Kind, r.ID
			owner, status := r.Owner, r.Status
			if r.Company != nil {
				owner, status = r.Company.Owner, r.Company.Status
			}
			if owner != nil {
				p.owner = owner.ID
			}
			if status != nil {
				p.status = status.Code
			}
		}
		return p
	}
	return of(&s.Verdict, s.Subject) == of(&card.Verdict, card.Subject)
}
