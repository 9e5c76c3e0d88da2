package journal

import (
	"context"
	"encoding/json"

	"callhue/internal/access"
	"callhue/internal/fault"
)

// Proposal is a change that lowers protection. It ends the write that would make it, and waits for a second
// administrator instead: package proposals keeps it, and the package of its kind applies it once it is confirmed.
type Proposal struct {
	Kind    string   // which package applies it
	Subject Ref      // what would change; its id is 0 for what would be added
	Name    string   // of the subject, for people
	Lowers  []string // the fields that would lower protection
	Changed any      // {field: {from, to}} of all that would change
	Change  any      // the input with the version that it was made for, as the package reads it again
	Secret  string   // the hash of a password that belongs to it; no one is shown it
}

// Error implements error.
func (p *Proposal) Error() string { return p.Unwrap().Error() }

// Unwrap returns the fault for a door at which changes cannot wait: the conflict "second_admin_needed".
func (p *Proposal) Unwrap() error { return fault.Conflict("second_admin_needed") }

// Confirmation is how a change that lowers protection came into force.
type Confirmation string

// The ways in which such a change comes into force.
const (
	BySecondAdmin Confirmation = "second_admin"
	ByPassword    Confirmation = "password"     // the only administrator, once more by their password
	ByCommandLine Confirmation = "command_line" // the command line or the server itself: who runs it has the database
)

// Values lists the confirmations, for the API reference.
func (Confirmation) Values() []string {
	return []string{"", string(BySecondAdmin), string(ByPassword), string(ByCommandLine)}
}

// Confirmed is a proposal that is being applied; the details of every entry of the write have it.
type Confirmed struct {
	ChangeID     int64        `json:"change_id,omitempty"`
	Confirmation Confirmation `json:"confirmation"`
	ProposedBy   any          `json:"proposed_by,omitempty"` // a person
	ConfirmedBy  any          `json:"confirmed_by,omitempty"`
	Author       int64        `json:"-"` // the user who proposed it
}

// Confirm marks the write as one of a confirmed proposal.
func (a *Act) Confirm(c Confirmed) { a.confirmed = &c }

// Author returns the user whose change this is: the one who proposed it, where it was proposed.
func (a *Act) Author() int64 {
	if a.confirmed != nil && a.confirmed.Author != 0 {
		return a.confirmed.Author
	}
	return a.User.ID
}

// Lower returns the error that ends a write which lowers protection. It is nil for a confirmed one, and for one of the
// command line, which its entries name.
func (a *Act) Lower(p Proposal) error {
	switch {
	case a.confirmed != nil:
		return nil
	case a.User.ID == 0:
		a.confirmed = &Confirmed{Confirmation: ByCommandLine}
		return nil
	}
	return &p
}

// ProposalsTo sets where changes that lower protection wait. propose returns the error that answers for a change that
// waits now. It is called before the journal is used.
func (j *Journal) ProposalsTo(propose func(ctx context.Context, by *access.User, p *Proposal) error) {
	j.propose = propose
}

// withConfirmation adds how a write was confirmed to the details of an entry of it.
func (c *Confirmed) withConfirmation(details json.RawMessage) json.RawMessage {
	all := map[string]json.RawMessage{}
	for _, part := range []json.RawMessage{details, Details(c)} {
		if err := json.Unmarshal(part, &all); err != nil {
			panic("journal: details that are no JSON object: " + err.Error())
		}
	}
	return Details(all)
}
