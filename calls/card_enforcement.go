package calls

import (
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
