package calls

import (
	"slices"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/rules"
)

// EnforcementPart is what the policy requires of an agent before they go on with a call of their own on a red card. It
// is on no other card.
type EnforcementPart struct {
	Mode   rules.EnforcementMode `json:"mode"`
	Met    bool                  `json:"met"`    // the requirement is met
	Reason string                `json:"reason"` // the agent's, for going on
	Text   string                `json:"text"`   // what is still required, in the agent's language; "" when nothing is
}

// enforcement returns what the policy requires where a conversation would be an incident.
func (b *cardBuilder) enforcement(language string) EnforcementPart {
	if !b.verdict.Incident {
		return EnforcementPart{}
	}
	part := EnforcementPart{Mode: b.policy.Enforcement.Mode}
	if part.Met = part.Mode.Met(""); !part.Met && !b.q.Wordless {
		part.Text = part.Mode.Words(language)
	}
	return part
}

// explain adds the reason that the agent has given to the card; verdicts are made without it.
func (c *cardRow) explain(shown *Card) {
	part := &shown.Enforcement
	if part.Mode == "" || c.Reason == "" {
		return
	}
	part.Reason = c.Reason
	if part.Met = part.Mode.Met(c.Reason); part.Met {
		part.Text = ""
	}
}

// ReasonInput is why an agent goes on although their card is red.
type ReasonInput struct {
	ID     int64  `path:"id" json:"-"`
	Reason string `json:"reason"`
}

// maxReason is the longest reason, in characters.
const maxReason = 500

// giveReason stores the reason on the card of the user, in every mode. Conflicts: "no_reason_wanted" for a card that is
// not red, "reason_given" when the call has ended and has a reason.
func (d *Tracker) giveReason(r *web.Request, in ReasonInput) (given Card, err error) {
	reason := fault.Tidy(in.Reason)
	if code := fault.InRequired(reason, maxReason); code != "" {
		return given, fault.Invalid("reason", code)
	}
	err = d.onCall(r.Context(), in.ID, func(tx *store.Tx, o *lockedCall) error {
		at := slices.IndexFunc(o.cards, func(c *cardRow) bool { return c.AgentID == r.User.ID })
		if at < 0 {
			return fault.Missing("call")
		}
		card := o.cards[at]
		switch {
		case card.shown().Enforcement.Mode == "":
			return fault.Conflict("no_reason_wanted")
		case card.State == StateEnded && card.Reason != "":
			return fault.Conflict("reason_given")
		}
		card.Reason = reason
		if err := saveReason(tx, card); err != nil {
			return err
		}
		if err := d.Incidents.SetReason(tx, card.CallID, card.AgentID, reason); err != nil {
			return err
		}
		err := o.saveCard(tx, card, card.State)
		given = card.shown()
		return err
	})
	return given, err
}
