package calls

import (
	"context"
	"maps"
	"slices"
	"sync"

	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/permits"
	"callhue/rules"
)

// reevaluateGrey judges live cards again whose check was not done.
func (d *Tracker) reevaluateGrey(ctx context.Context) error {
	cards, err := greyCards(d.DB.Read(ctx))
	if err != nil {
		return err
	}
	return d.reevaluateCards(ctx, cards, func(_ *cardRow, shown Card) bool { return shown.Verdict.Color != rules.Grey })
}

// reevaluatePermitted judges the live cards of agents again whose permits have just changed.
func (d *Tracker) reevaluatePermitted(ctx context.Context) error {
	var cards []*cardRow
	for _, agent := range d.permitChanges.next() {
		live, err := liveCards(d.DB.Read(ctx), agent)
		if err != nil {
			return err
		}
		cards = append(cards, live...)
	}
	return d.reevaluateCards(ctx, cards, func(card *cardRow, shown Card) bool {
		return shown.Verdict.Color != rules.Grey &&
			(card.Why != string(shown.Verdict.Why) || card.Color != string(shown.Verdict.Color) || permitOf(card.shown()) != permitOf(shown))
	})
}

func permitOf(card Card) int64 {
	if card.Permit == nil {
		return 0
	}
	return card.Permit.ID
}

// reevaluateNumbered judges the cards of a call again that were shown before its number was known: some PBXs report who
// answered before they report the number. The event itself is stored already, and a fault is only logged.
func (d *Tracker) reevaluateNumbered(ctx context.Context, call int64) {
	cards, err := cardsOf(d.DB.Read(ctx), call)
	if err == nil {
		err = d.reevaluateCards(ctx, cards, func(card *cardRow, shown Card) bool {
			return card.AgentID != 0 && card.State != StateEnded && card.Why != string(shown.Verdict.Why)
		})
	}
	if err != nil {
		d.Log.Warn("cards not judged again with their number", "call", call, "error", err)
	}
}

// reevaluateCards judges live cards again and shows the new verdict where wanted reports that it matters. A card that
// has changed meanwhile is left alone, because that change brought a verdict of its own.
func (d *Tracker) reevaluateCards(ctx context.Context, cards []*cardRow, wanted func(card *cardRow, shown Card) bool) error {
	if len(cards) == 0 {
		return nil
	}
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return err
	}
	calls, err := d.callsOfCards(ctx, cards)
	if err != nil {
		return err
	}
	// The permits come from the database: memory may not know yet of the change that this runs for.
	held, heldErr := permits.HeldIn(d.DB.Read(ctx))
	for _, seen := range cards {
		call := calls[seen.CallID]
		if call == nil { // it has just been removed
			continue
		}
		shown := d.judgeHolding(ctx, Question{Number: call.number(), Agent: org.User(seen.AgentID), Called: seen.AgentName,
			Direction: call.direction(), Kept: true}, held, heldErr)
		d.linkSubject(ctx, shown.Subject)
		if !wanted(seen, shown) {
			continue
		}
		err = d.onCall(ctx, call.ID, func(tx *store.Tx, o *lockedCall) error {
			for _, card := range o.cards {
				if card.ID == seen.ID && card.Version == seen.Version && card.State != StateEnded {
					card.setCard(shown)
					now := store.Millis(tx.Now())
					card.warn(&shown, stamp{now, -now}, false)
					return o.saveCard(tx, card, card.State)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Tracker) callsOfCards(ctx context.Context, cards []*cardRow) (map[int64]*callRow, error) {
	ids := make([]int64, len(cards))
	for i, c := range cards {
		ids[i] = c.CallID
	}
	rows, err := callsByID(d.DB.Read(ctx), ids)
	calls := make(map[int64]*callRow, len(rows))
	for _, row := range rows {
		calls[row.ID] = row
	}
	return calls, err
}

// permitChanges holds the agents whose permits have just changed. Their cards are judged at once and a few times more,
// because a card that was being judged at that moment may come a little later.
type permitChanges struct {
	wake jobs.Signal // when an agent is new

	mu     sync.Mutex
	agents map[int64]int // rounds that are left
}

const looksAtPermitted = 5

func newPermitChanges() *permitChanges {
	return &permitChanges{wake: jobs.NewSignal(), agents: map[int64]int{}}
}

// handle picks the changes out of the journal.
func (p *permitChanges) handle(list []journal.Entry) {
	for _, e := range list {
		if e.Verb != permits.PermitGranted && e.Verb != permits.PermitEnded {
			continue
		}
		p.mu.Lock()
		p.agents[e.Subject.ID] = looksAtPermitted
		p.mu.Unlock()
		p.wake.Notify()
	}
}

// next returns the agents whose cards are to be judged now.
func (p *permitChanges) next() []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := slices.Sorted(maps.Keys(p.agents))
	for _, agent := range list {
		if p.agents[agent]--; p.agents[agent] == 0 {
			delete(p.agents, agent)
		}
	}
	return list
}
