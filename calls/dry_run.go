package calls

import (
	"context"
	"fmt"
	"time"

	"callhue/rules"
	"callhue/staff"
	"callhue/store"
	"callhue/web"
)

// DryRunInput is what might become the rule: another policy, other effects of
// statuses, or both.
type DryRunInput struct {
	Policy   *rules.Policy  `json:"policy,omitempty"`   // the active one when missing
	Statuses []StatusEffect `json:"statuses,omitempty"` // those that would change
	Last     int            `json:"last,omitempty"`     // how many calls to look at; 1000 when missing, 10 000 at most
}

// StatusEffect is the effect that a status would have.
type StatusEffect struct {
	Code       string       `json:"code"`
	CardEffect rules.Effect `json:"card_effect"`
}

// DryRun is what would change. Each card of the last calls is judged twice on
// the clients as they are now: under the rule as it is and as it would be. So it
// shows the effect of the rule alone, not of what happened to the clients since.
type DryRun struct {
	Looked int            `json:"looked"` // cards that were judged
	Counts []ColorsChange `json:"counts"` // by old and new colour, unchanged ones included
	Calls  []CallChange   `json:"calls"`  // the cards that would change, the latest first, at most 500
}

// ColorsChange counts the cards of one colour that would have another, or the
// same.
type ColorsChange struct {
	Old   rules.Color `json:"old"`
	New   rules.Color `json:"new"`
	Count int         `json:"count"`
}

// CallChange is one card that would have another colour or reason.
type CallChange struct {
	Call      int64       `json:"call"`
	StartedAt time.Time   `json:"started_at"`
	Number    string      `json:"number"`
	Agent     *AgentPart  `json:"agent"`
	Subject   *Record     `json:"subject"`
	Shown     rules.Color `json:"shown"` // what the agent saw then
	Old       VerdictPart `json:"old"`
	New       VerdictPart `json:"new"`
}

const (
	dryRunLast  = 1000
	dryRunMost  = 10_000
	dryRunShown = 500
)

func (d *Desk) dryRun(r *web.Request, in DryRunInput) (DryRun, error) {
	out := DryRun{Counts: []ColorsChange{}, Calls: []CallChange{}}
	active, err := d.policy.Get(r.Context())
	if err != nil {
		return out, err
	}
	next, effects, err := in.check(*active)
	if err != nil {
		return out, err
	}
	if err := d.knownStatuses(r.Context(), in.Statuses); err != nil {
		return out, err
	}
	calls, err := listCalls(d.DB.Read(r.Context()), filter{Limit: in.Last})
	if err != nil {
		return out, err
	}
	for len(calls) > 0 {
		part := calls[:min(len(calls), 500)]
		calls = calls[len(part):]
		if err := d.tryCalls(r.Context(), &out, part, *active, next, effects); err != nil {
			return out, err
		}
	}
	return out, nil
}

// check fills in what is missing and refuses what cannot be tried.
func (in *DryRunInput) check(active rules.Policy) (next rules.Policy, effects map[string]rules.Effect, err error) {
	next, effects = active, map[string]rules.Effect{}
	if in.Policy != nil {
		next = *in.Policy
		_, err = badPolicy(next)
	}
	for i, s := range in.Statuses {
		switch s.CardEffect {
		case rules.EffectNone, rules.EffectBanner, rules.EffectYellow, rules.EffectRed:
			effects[s.Code] = s.CardEffect
		default:
			err = also(err, fmt.Sprintf("statuses.%d.card_effect", i), "unknown_value")
		}
	}
	if in.Last == 0 {
		in.Last = dryRunLast
	}
	if in.Last < 0 || in.Last > dryRunMost {
		err = also(err, "last", "out_of_range")
	}
	return next, effects, err
}

func (d *Desk) knownStatuses(ctx context.Context, list []StatusEffect) (err error) {
	if len(list) == 0 {
		return nil
	}
	known, failed := d.Book.StatusCodes(ctx)
	if failed != nil {
		return failed
	}
	for i, s := range list {
		if !known[s.Code] {
			err = also(err, fmt.Sprintf("statuses.%d.code", i), "unknown_status")
		}
	}
	return err
}

// tryCalls judges every card of some calls both ways.
func (d *Desk) tryCalls(ctx context.Context, out *DryRun, calls []*callRow, active, next rules.Policy, effects map[string]rules.Effect) error {
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return err
	}
	ids, byID := make([]int64, len(calls)), map[int64]*callRow{}
	for i, c := range calls {
		ids[i], byID[c.ID] = c.ID, c
	}
	cards, err := cardsOfAll(d.DB.Read(ctx), ids)
	if err != nil {
		return err
	}
	of := map[int64][]*cardRow{}
	for _, card := range cards {
		of[card.CallID] = append(of[card.CallID], card)
	}
	for _, id := range ids {
		call := byID[id]
		for _, card := range of[id] {
			q := Question{Number: call.number(), Agent: org.User(card.AgentID), Direction: call.direction()}
			was, err := d.judgeBy(ctx, org, q, active, nil)
			if err != nil {
				return err
			}
			would, err := d.judgeBy(ctx, org, q, next, effects)
			if err != nil {
				return err
			}
			out.count(was.Verdict.Color, would.Verdict.Color)
			if was.Verdict.Color == would.Verdict.Color && was.Verdict.Why == would.Verdict.Why || len(out.Calls) == dryRunShown {
				continue
			}
			out.Calls = append(out.Calls, CallChange{Call: id, StartedAt: store.Time(call.StartedAt), Number: q.Number.String(), Agent: would.Agent,
				Subject: would.Subject, Shown: rules.Color(card.Color), Old: was.Verdict, New: would.Verdict})
		}
	}
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

// judgeBy is judge under a given policy, with other effects of some statuses.
func (d *Desk) judgeBy(ctx context.Context, org *staff.Org, q Question, policy rules.Policy, effects map[string]rules.Effect) (Card, error) {
	match, err := d.match(ctx, q.Number)
	if err != nil {
		return Card{}, err
	}
	held, err := d.Permits.Held(ctx)
	if err != nil {
		return Card{}, err
	}
	b := bench{org: org, policy: &policy, held: held, match: match, q: q, now: d.DB.Clock().UTC()}
	scene := b.scene()
	for i := range scene.Companies {
		if effect, other := effects[b.match.Companies[i].Status.Code]; other {
			scene.Companies[i].Effect = effect
		}
	}
	b.verdict = rules.Judge(scene, policy)
	return b.card(), nil
}
