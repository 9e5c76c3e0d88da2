package calls

import (
	"time"

	"callhue/crm"
	"callhue/rules"
	"callhue/staff"
)

// Related is the wider CRM around the client of a card, newest first, at most ten of each. It is asked for after the
// verdict and never delays it.
type Related struct {
	Companies []RelatedRecord `json:"companies"`
	Contacts  []RelatedRecord `json:"contacts"`
	Leads     []RelatedRecord `json:"leads"`
	Calls     []RelatedCall   `json:"calls"`
}

// RelatedRecord is a linked company, contact or lead with its owner and where it stands: a company's status, a lead's
// stage.
type RelatedRecord struct {
	ID     int64           `json:"id"`
	Name   string          `json:"name"`
	Owner  *staff.Person   `json:"owner"`
	Status *crm.StatusMark `json:"status,omitempty"`
	Stage  string          `json:"stage,omitempty"`
	URL    string          `json:"url"`
}

// RelatedCall is a past call of the client.
type RelatedCall struct {
	ID        int64           `json:"id"`
	Direction rules.Direction `json:"direction"`
	Result    Result          `json:"result"`
	Number    string          `json:"number"`
	StartedAt time.Time       `json:"started_at"`
	Duration  int64           `json:"duration"` // seconds
	Agent     string          `json:"agent"`    // name of the agent who talked, or was called
	Color     rules.Color     `json:"color"`    // of the agent's card
}
