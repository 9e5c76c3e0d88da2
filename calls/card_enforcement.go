package calls

import (
	"slices"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/rules"
)

// EnforcementPart is what the policy wants of an agent before he goes on with a
// call of his own on a red card. It stands on no other card.
type EnforcementPart struct {
	Mode   rules.EnforcementMode `json:"mode"`
	Met    bool                  `json:"met"`    // he has done what is wanted
	Reason string                `json:"reason"` // why he goes on, in his words
	Text   string                `json:"text"`   // what is still wanted, in his language; "" when nothing is
}

// enforcement of the verdict: of one whose talk would be an incident.
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

// explain puts the reason that an agent has given on his card: every verdict is
// judged without it.
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

// ReasonInput is why an agent goes on although his card is red.
type ReasonInput struct {
	ID     int64  `path:"id" json:"-"`
	Reason string `json:"reason"`
}

// maxReason is the longest reason, in characters.
const maxReason = 500

// giveReason keeps the reason with the card of whoever asks, whatever the mode.
// The conflicts: no_reason_wanted on a card that is not red for him,
// reason_given when the call is over and has one.
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
