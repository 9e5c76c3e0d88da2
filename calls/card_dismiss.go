package calls

import (
	"context"
	"encoding/json"
	"slices"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
	"callhue/staff"
)

// dismissal is what the journal keeps of a card that its agent dismissed: what it showed, and how far the call was.
type dismissal struct {
	State State       `json:"state"`
	Color rules.Color `json:"color"`
	Why   rules.Why   `json:"why"`
}

// Dismiss records that an agent closed their card of a call that still goes on. Card and call stay as they are: an
// agent may close a card, but not unseen. The same card in the same state is recorded once, and one whose call has
// ended is not recorded. Fault: "not_found" for a call without a card of theirs.
func (d *Tracker) Dismiss(ctx context.Context, agent *staff.User, call int64) error {
	return d.DB.Write(ctx, func(tx *store.Tx) error {
		tx.Answer(nil)
		if _, err := lockCallByID(tx, call); err != nil {
			return err
		}
		cards, err := cardsOf(tx, call)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(cards, func(c *cardRow) bool { return c.AgentID == agent.ID })
		if at < 0 {
			return fault.Missing("call")
		}
		card := cards[at]
		said := dismissal{card.State, rules.Color(card.Color), rules.Why(card.Why)}
		e := journal.Entry{Verb: CardDismissed, Actor: agent.ID, Team: agent.DepartmentID, Subject: journal.Ref{Kind: "call", ID: call},
			Client: journal.Ref{Kind: card.ClientKind, ID: card.ClientID}, Details: journal.Details(said)}
		if noted, err := dismissedBefore(tx, e, said); err != nil || noted || card.State == StateEnded {
			return err
		}
		_, err = d.Journal.Record(tx, e)
		return err
	})
}

// dismissedBefore reports whether this card was dismissed before as it is now.
func dismissedBefore(tx *store.Tx, e journal.Entry, said dismissal) (bool, error) {
	last, err := journal.List(tx, journal.History{Subject: e.Subject, Actor: e.Actor, Verb: e.Verb, Limit: 1})
	if err != nil || len(last) == 0 {
		return false, err
	}
	var before dismissal
	err = json.Unmarshal(last[0].Details, &before)
	return before == said, err
}
