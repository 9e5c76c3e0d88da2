package calls

import (
	"context"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/rules"
	"callhue/staff"
)

// CheckInput asks for the card of a number before a call.
type CheckInput struct {
	Number    string          `json:"number"`
	Agent     string          `json:"agent,omitempty"`     // login, extension or other identity; the asking user when empty
	Direction rules.Direction `json:"direction,omitempty"` // out when empty
	Related   bool            `query:"related" json:"-"`
}

// BatchInput asks for a list of numbers.
type BatchInput struct {
	Numbers   []string        `json:"numbers"`
	Agent     string          `json:"agent,omitempty"`
	Direction rules.Direction `json:"direction,omitempty"`
}

// Batch is the answer to a list: cards in the order of the numbers.
type Batch struct {
	Items []Card `json:"items"`
}

// Size returns how many records the reader must be allowed at least: none for a list that is refused for its length.
func (in BatchInput) Size() int {
	if len(in.Numbers) > maxBatch {
		return 0
	}
	return len(in.Numbers)
}

// Records returns how many records the cards tell about.
func (b Batch) Records() (n int) {
	for _, c := range b.Items {
		n += c.Records()
	}
	return n
}

// maxBatch is the most numbers of one list.
const maxBatch = 1000

// batchAtOnce is how many numbers of a list are looked up together: they share round trips, and a database that hangs
// costs the list seconds, not minutes.
const batchAtOnce = 64

// maxNumber is the longest text that is read as a number, in bytes.
const maxNumber = 200

// spend takes one check from the user's share. Machines and admins have no such limit: they check whole lists, within
// their reading budget.
func (d *Tracker) spend(user *access.User, share *web.Limiter) error {
	if user.Has(access.Service, access.Admin) {
		return nil
	}
	if wait, ok := share.Allow(user.Login); !ok {
		return fault.Busy("too_many_checks", wait)
	}
	return nil
}

// asked returns the agent that the verdict is for.
func (d *Tracker) asked(ctx context.Context, by *access.User, agent string) (*staff.User, error) {
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return nil, err
	}
	if agent == "" {
		return org.User(by.ID), nil
	}
	if u := org.ByIdentity("", agent); u != nil {
		return u, nil
	}
	return nil, fault.Invalid("agent", "unknown_agent")
}

func wrongNumber(text string) string {
	switch {
	case text == "":
		return "required"
	case len(text) > maxNumber:
		return "too_long"
	}
	return ""
}

func checkFields(err error, direction rules.Direction) error {
	if direction != "" && direction != rules.In && direction != rules.Out {
		return also(err, "direction", "unknown_value")
	}
	return err
}

// also adds a wrong field to a fault; a fault of another kind stands alone.
func also(err error, field, code string) error {
	if err == nil {
		return fault.Invalid(field, code)
	}
	if f := fault.Of(err); f.Kind == fault.KindInvalid {
		return f.And(field, code)
	}
	return err
}

// DirectionOf returns the direction of a source's call; "" when the call or its direction is not known.
func (d *Tracker) DirectionOf(ctx context.Context, source, callID string) (rules.Direction, error) {
	call, err := callOf(d.DB.Read(ctx), &Event{Source: source, CallID: callID, shared: true})
	if err != nil || call == nil {
		return "", err
	}
	return rules.Direction(call.Direction), nil
}
