package calls

import (
	"context"
	"sync/atomic"
	"time"

	"callhue/journal"
	"callhue/rules"
)

// staleEvery is how often live cards are judged again after clients have changed: often enough for an agent who looks
// at the card, seldom enough for an import.
const staleEvery = 400 * time.Millisecond

// looksAtStale is how many rounds follow the last change: the memory of lookups may learn of it a moment later, and a
// card that was being judged may come then.
const looksAtStale = 4

// mostStale is how many live cards one round judges.
const mostStale = 1000

// staleCards counts the rounds that are left.
type staleCards struct {
	journal *journal.Journal
	looks   atomic.Int64
}

func (c *staleCards) handle(list []journal.Entry) {
	if c.journal.Recolors(list) {
		c.looks.Store(looksAtStale)
	}
}

// reevaluateStale judges live cards again after clients have changed: an unknown caller was found, a company got
// another owner.
func (d *Tracker) reevaluateStale(ctx context.Context) error {
	if d.staleCards.looks.Load() == 0 {
		return nil
	}
	d.staleCards.looks.Add(-1)
	cards, err := openCards(d.DB.Read(ctx), mostStale)
	if err != nil {
		return err
	}
	return d.reevaluateCards(ctx, cards, func(card *cardRow, shown Card) bool {
		return shown.Verdict.Color != rules.Grey && card.shown().appearance() != shown.appearance()
	})
}

// appearance returns what an agent sees of a card, for comparison.
func (c Card) appearance() string {
	return encode(Card{Number: c.Number, Verdict: VerdictPart{Color: c.Verdict.Color, Why: c.Verdict.Why, Relation: c.Verdict.Relation,
		Title: c.Verdict.Title, Text: c.Verdict.Text, Banner: c.Verdict.Banner}, Subject: c.Subject, Matches: c.Matches, MatchesTotal: c.MatchesTotal,
		Permit: c.Permit, DoNotCall: c.DoNotCall})
}
