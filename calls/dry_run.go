package calls

import (
	"context"
	"time"

	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/rules"
	"callhue/staff"
)

// DryRunInput is what might become the rule: another policy, other effects of
// statuses, or both.
type DryRunInput struct {
	Policy   *rules.Policy  `json:"policy,omitempty"`   // the active one when missing
	Statuses []StatusEffect `json:"statuses,omitempty"` // those that would change
	Last     int            `json:"last,omitempty"`     // how many calls to look at; 1000 when missing, 10 000 at most
}

// StatusEffect is what might become of a status; what is missing stays.
type StatusEffect struct {
	Code       string       `json:"code"`
	CardEffect rules.Effect `json:"card_effect,omitempty"`
	Active     *bool        `json:"active,omitempty"`     // false: companies with it would be as those without a status
	IsDefault  bool         `json:"is_default,omitempty"` // it would be the one for companies without a status
}

// DryRun is what would change. Each card of the last calls is judged twice on
// the clients as they are now: under the rule as it is and as it would be. So it
// shows the effect of the rule alone, not of what happened to the clients since.
type DryRun struct {
	Looked  int            `json:"looked"`  // cards that were judged
	Changed int            `json:"changed"` // those that would have another colour or reason
	Counts  []ColorsChange `json:"counts"`  // by old and new colour, unchanged ones included
	Calls   []CallChange   `json:"calls"`   // the cards that would change, the latest first, at most 500
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

func (d *Tracker) dryRun(r *web.Request, in DryRunInput) (DryRun, error) {
	out := DryRun{Counts: []ColorsChange{}, Calls: []CallChange{}}
	active, err := d.policy.Get(r.Context())
	if err != nil {
		return out, err
	}
	next, err := in.check(*active)
	if err != nil {
		return out, err
	}
	trial, err := d.statusTrial(r.Context(), in.Statuses)
	if err != nil {
		return out, err
	}
	calls, err := listCalls(d.DB.Read(r.Context()), filter{Limit: in.Last})
	if err != nil {
		return out, err
	}
	for len(calls) > 0 {
		part := calls[:min(len(calls), 500)]
		calls = calls[len(part):]
		if err := d.tryCalls(r.Context(), &out, part, *active, next, trial); err != nil {
			return out, err
		}
	}
	return out, nil
}

// check fills in what is missing and refuses what cannot be tried.
func (in *DryRunInput) check(active rules.Policy) (next rules.Policy, err error) {
	next = active
	if in.Policy != nil {
		next = *in.Policy
		_, err = badPolicy(next)
	}
	if in.Last == 0 {
		in.Last = dryRunLast
	}
	if in.Last < 0 || in.Last > dryRunMost {
		err = also(err, "last", "out_of_range")
	}
	return next, err
}

// tryCalls judges every card of some calls both ways.
func (d *Tracker) tryCalls(ctx context.Context, out *DryRun, calls []*callRow, active, next rules.Policy, trial *statusTrial) error {
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
			would, err := d.judgeBy(ctx, org, q, next, trial)
			if err != nil {
				return err
			}
			out.count(was.Verdict.Color, would.Verdict.Color)
			if was.Verdict.Color == would.Verdict.Color && was.Verdict.Why == would.Verdict.Why {
				continue
			}
			if out.Changed++; out.Changed > dryRunShown {
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

// judgeBy is judge under a given policy, with the statuses of a trial; nil are
// those that there are.
func (d *Tracker) judgeBy(ctx context.Context, org *staff.Org, q Question, policy rules.Policy, trial *statusTrial) (Card, error) {
	match, err := d.match(ctx, q.Number, &policy)
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
		trial.apply(&scene.Companies[i], b.match.Companies[i].Status.Code)
	}
	b.verdict = rules.Judge(scene, policy)
	return b.card(), nil
}
