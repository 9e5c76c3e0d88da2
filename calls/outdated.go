package calls

import (
	"context"
	"sync/atomic"
	"time"

	"callhue/journal"
	"callhue/rules"
)

// outdatedEvery is how often live cards are looked at after clients have changed:
// often enough for somebody who looks at the card, seldom enough for an import.
const outdatedEvery = 400 * time.Millisecond

// looksAtOutdated is how often they are looked at after the last change: memory of
// what numbers reach may hear of it a moment later, and so may a card that was being
// judged just then.
const looksAtOutdated = 4

// mostOutdated is how many live cards are looked at.
const mostOutdated = 1000

// staleCards counts the looks at live cards that are still to be had.
type staleCards struct {
	journal *journal.Journal
	looks   atomic.Int64
}

func (o *staleCards) hear(list []journal.Entry) {
	if o.journal.Recolors(list) {
		o.looks.Store(looksAtOutdated)
	}
}

// repaintOutdated asks again for the live cards after clients have changed: an
// unknown caller was found, a company got another owner.
func (d *Tracker) repaintOutdated(ctx context.Context) error {
	if d.outdated.looks.Load() == 0 {
		return nil
	}
	d.outdated.looks.Add(-1)
	cards, err := openCards(d.DB.Read(ctx), mostOutdated)
	if err != nil {
		return err
	}
	return d.reevaluateCards(ctx, cards, func(card *cardRow, shown Card) bool {
		return shown.Verdict.Color != rules.Grey && card.shown().face() != shown.face()
	})
}

// face is what somebody sees who looks at a card.
func (c Card) face() string {
	return encode(Card{Number: c.Number, Verdict: VerdictPart{Color: c.Verdict.Color, Why: c.Verdict.Why, Relation: c.Verdict.Relation,
		Title: c.Verdict.Title, Text: c.Verdict.Text, Banner: c.Verdict.Banner}, Subject: c.Subject, Matches: c.Matches, MatchesTotal: c.MatchesTotal,
		Permit: c.Permit, DoNotCall: c.DoNotCall})
}
