package calls

import (
	"context"
	"time"

	"callhue/internal/store"
	"callhue/policy"
	"callhue/rules"
	"callhue/staff"
)

// DryRunInput is a change of the rules that is considered: another policy, other effects of statuses, or both.
type DryRunInput struct {
	Policy   *rules.Policy         `json:"policy,omitempty"`   // the active one when missing
	Statuses []policy.StatusEffect `json:"statuses,omitempty"` // those that would change
	Last     int                   `json:"last,omitempty"`     // calls to look at; 1000 when missing, 10 000 at most
}

// DryRun is what would change. Each card of the last calls is judged twice on the clients as they are now: under the
// rules as they are and as they would be. The difference is the effect of the rules alone, not of what has happened to
// the clients since.
type DryRun struct {
	Looked  int            `json:"looked"`  // cards that were judged
	Changed int            `json:"changed"` // those that would have another colour or reason
	Counts  []ColorsChange `json:"counts"`  // by old and new colour, unchanged ones included
	Calls   []CallChange   `json:"calls"`   // the cards that would change, the latest first, at most 500
}

// ColorsChange counts the cards of one colour that would have another, or the same.
type ColorsChange struct {
	Old   rules.Color `json:"old"`
	New   rules.Color `json:"new"`
	Count int         `json:"count"`
}

// CallChange is a card that would have another colour or reason.
type CallChange struct {
	Call      int64         `json:"call"`
	StartedAt time.Time     `json:"started_at"`
	Number    string        `json:"number"`
	Agent     *staff.Person `json:"agent"`
	Subject   *Record       `json:"subject"`
	Shown     rules.Color   `json:"shown"` // what the agent saw then
	Old       VerdictPart   `json:"old"`
	New       VerdictPart   `json:"new"`
}

const (
	dryRunLast  = 1000
	dryRunMost  = 10_000
	dryRunShown = 500
	dryRunBatch = 500 // calls that are read together
)

// DryRun judges the last calls under other rules. The faults name the field: those of policy.Versions.Trial, and last
// "out_of_range".
func (d *Tracker) DryRun(ctx context.Context, in DryRunInput) (DryRun, error) {
	out := DryRun{Counts: []ColorsChange{}, Calls: []CallChange{}}
	now, err := d.Policy.Current(ctx)
	if err != nil {
		return out, err
	}
	next, err := d.Policy.Trial(ctx, in.Policy, in.Statuses)
	if in.Last == 0 {
		in.Last = dryRunLast
	}
	if in.Last < 0 || in.Last > dryRunMost {
		err = also(err, "last", "out_of_range")
	}
	if err != nil {
		return out, err
	}
	calls, err := listCalls(d.DB.ReadSlow(ctx), filter{Limit: in.Last})
	if err != nil {
		return out, err
	}
	for len(calls) > 0 {
		part := calls[:min(len(calls), dryRunBatch)]
		calls = calls[len(part):]
		if err := d.tryCalls(ctx, &out, part, trialSide{trial: now}, trialSide{trial: next}); err != nil {
			return out, err
		}
	}
	return out, nil
}

// Moved counts the cards that would have another colour, as "red->none", and the companies that these show.
func (r *DryRun) Moved() (cards map[string]int, companies int) {
	cards = map[string]int{}
	for _, c := range r.Counts {
		if c.Old != c.New {
			cards[string(c.Old)+"->"+string(c.New)] = c.Count
		}
	}
	seen := map[int64]bool{}
	for _, c := range r.Calls {
		if s := c.Subject; s != nil && s.Kind == rules.KindCompany {
			seen[s.ID] = true
		}
	}
	return cards, len(seen)
}

// tryCalls judges every card of some calls both ways.
func (d *Tracker) tryCalls(ctx context.Context, out *DryRun, calls []*callRow, now, next trialSide) error {
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return err
	}
	ids, byID := make([]int64, len(calls)), map[int64]*callRow{}
	for i, c := range calls {
		ids[i], byID[c.ID] = c.ID, c
	}
	cards, err := cardsOfAll(d.DB.ReadSlow(ctx), ids)
	if err != nil {
		return err
	}
	of := map[int64][]*cardRow{}
	for _, card := range cards {
		of[card.CallID] = append(of[card.CallID], card)
	}
	for _, id := range ids {
		for _, card := range of[id] {
			if err := d.tryCard(ctx, out, org, byID[id], card, now, next); err != nil {
				return err
			}
		}
	}
	return nil
}

// tryCard judges one card both ways and adds it to the result.
func (d *Tracker) tryCard(ctx context.Context, out *DryRun, org *staff.Org, call *callRow, card *cardRow,
	now, next trialSide) error {
	q := Question{Number: call.number(), Agent: org.User(card.AgentID), Direction: call.direction()}
	was, err := d.judgeBy(ctx, org, q, now)
	if err != nil {
		return err
	}
	would, err := d.judgeBy(ctx, org, q, next)
	if err != nil {
		return err
	}
	out.count(was.Verdict.Color, would.Verdict.Color)
	if was.Verdict.Color == would.Verdict.Color && was.Verdict.Why == would.Verdict.Why {
		return nil
	}
	if out.Changed++; out.Changed > dryRunShown {
		return nil
	}
	out.Calls = append(out.Calls, CallChange{
		Call:      call.ID,
		StartedAt: store.Time(call.StartedAt),
		Number:    q.Number.String(),
		Agent:     would.Agent,
		Subject:   would.Subject,
		Shown:     rules.Color(card.Color),
		Old:       was.Verdict,
		New:       would.Verdict,
	})
	return nil
}

func (r *DryRun) count(was, would rules.Color) {
	r.Looked++
	for i := range r.Counts {
		if c := &r.Counts[i]; c.Old == was && c.New == would {
			c.Count++
			return
		}
	}
	r.Counts = append(r.Counts, ColorsChange{was, would, 1})
}

// judgeBy is judge on one side of a trial.
func (d *Tracker) judgeBy(ctx context.Context, org *staff.Org, q Question, side trialSide) (Card, error) {
	trial := side.trial
	match, err := side.match(ctx, d, q)
	if err != nil {
		return Card{}, err
	}
	held, err := d.Permits.Held(ctx)
	if err != nil {
		return Card{}, err
	}
	b := cardBuilder{org: org, policy: trial.Policy(), held: held, match: match, q: q, now: d.DB.Clock().UTC()}
	scene := b.scene()
	for i, company := range scene.Companies {
		scene.Companies[i] = trial.Status(company, b.match.Companies[i].Status.Code)
	}
	b.verdict = rules.Judge(scene, *trial.Policy())
	return b.card(), nil
}
