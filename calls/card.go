package calls

import (
	"time"

	"callhue/crm"
	"callhue/rules"
	"callhue/staff"
)

// Card is what an agent sees of one call: the contract's JSON. A check of a number without a call has no Call.
type Card struct {
	Call         *CallPart       `json:"call,omitempty"`
	Number       NumberPart      `json:"number"`
	Agent        *staff.Person   `json:"agent"`
	Verdict      VerdictPart     `json:"verdict"`
	Subject      *Record         `json:"subject"`
	Matches      []Record        `json:"matches"`
	MatchesTotal int             `json:"matches_total"`
	Actions      []rules.Action  `json:"actions"`
	Permit       *PermitPart     `json:"permit"`               // to work with the company; null without one
	DoNotCall    *DoNotCallPart  `json:"do_not_call"`          // null: not on the list
	Enforcement  EnforcementPart `json:"enforcement,omitzero"` // only on a red card of the agent's own call
	Colleagues   []crm.Named     `json:"colleagues,omitempty"` // whose extension or own phone the number is
	Related      *Related        `json:"related,omitempty"`

	red     redMark // what a conversation would be an incident about
	guarded bool    // an agent without a relation to the owner would see red; set where the agent is not known
}

// Records returns how many records the card tells about.
func (c Card) Records() int { return len(c.Matches) }

// State is where a call, or one agent's part of it, stands.
type State string

// The states.
const (
	StateRinging State = "ringing"
	StateTalking State = "talking"
	StateEnded   State = "ended"
)

// Values lists the states, for the API reference.
func (State) Values() []string {
	return []string{string(StateRinging), string(StateTalking), string(StateEnded)}
}

// CallPart is the call of a card; the state and times are those of the card's agent.
type CallPart struct {
	ID         int64           `json:"id"`
	Source     string          `json:"source"`
	CallID     string          `json:"call_id"`
	Direction  rules.Direction `json:"direction"`
	State      State           `json:"state"`
	StartedAt  time.Time       `json:"started_at"`
	AnsweredAt *time.Time      `json:"answered_at"`
	EndedAt    *time.Time      `json:"ended_at"`
}

// NumberPart is the other party's number.
type NumberPart struct {
	Raw       string           `json:"raw"`
	E164      string           `json:"e164"`
	Kind      rules.NumberKind `json:"kind"`
	Extension string           `json:"extension"`
}

// DoNotCallPart is set when the number is on the do-not-call list, whatever the colour.
type DoNotCallPart struct {
	Mode   rules.DoNotCallMode `json:"mode"`
	Text   string              `json:"text"` // in the agent's language
	Reason string              `json:"reason"`
	Since  time.Time           `json:"since"`
	Until  *time.Time          `json:"until"` // null: without end
}

// VerdictPart is the verdict with its words in the agent's language.
type VerdictPart struct {
	Color     rules.Color    `json:"color"`
	Why       rules.Why      `json:"why"`
	Relation  rules.Relation `json:"relation"`
	Title     string         `json:"title"`
	Text      string         `json:"text"`
	Banner    bool           `json:"banner"`
	Row       string         `json:"row"`                 // of the decision table
	Says      string         `json:"rule_text,omitempty"` // the sentence of that row; with calls, not with checks
	Names     *rules.Names   `json:"params,omitempty"`    // the names in title and text, of a card that is stored
	Policy    int            `json:"policy"`
	DecidedAt time.Time      `json:"decided_at"`
	Icon      string         `json:"icon,omitempty"`  // a shape that the policy wants; else the card's own choice
	Shade     *rules.Shade   `json:"shade,omitempty"` // where the policy paints the colour otherwise than shipped
}

// PermitPart is the permit that a verdict depends on.
type PermitPart struct {
	ID    int64         `json:"id"`
	Until time.Time     `json:"until"`
	By    *staff.Person `json:"by"` // the head who gave it
}

// CompanyPart names a company beside a contact or lead.
type CompanyPart struct {
	ID     int64           `json:"id"`
	Name   string          `json:"name"`
	Owner  *staff.Person   `json:"owner"`
	Status *crm.StatusMark `json:"status"`

	ExternalID string `json:"external_id,omitempty"` // see Record
	Source     string `json:"source,omitempty"`
}

// Record is a company, contact or lead on a card: the subject, or one of the matches.
type Record struct {
	Kind    rules.Kind      `json:"kind"`
	ID      int64           `json:"id"`
	Name    string          `json:"name"`
	Owner   *staff.Person   `json:"owner"`
	Status  *crm.StatusMark `json:"status,omitempty"`  // of a company
	Company *CompanyPart    `json:"company,omitempty"` // of a contact or lead
	Via     rules.Via       `json:"via"`               // how the number reaches it
	Since   time.Time       `json:"since"`             // since when
	URL     string          `json:"url"`

	OpenURL string `json:"open_url,omitempty"` // of its page in the customer's CRM; only of the subject

	// ExternalID and Source name a record that a lookup source knows. Its ID is 0 unless we have a record of it, and
	// URL leads to its page there, "" where the source has none.
	ExternalID string `json:"external_id,omitempty"`
	Source     string `json:"source,omitempty"`
}
