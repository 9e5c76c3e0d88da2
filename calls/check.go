package calls

import (
	"context"

	"golang.org/x/sync/errgroup"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/phone"
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

// maxBatch is the most numbers of one list.
const maxBatch = 1000

// batchAtOnce is how many numbers of a list are looked up together: they share round trips, and a database that hangs
// costs the list seconds, not minutes.
const batchAtOnce = 64

// maxNumber is the longest text that is read as a number, in bytes.
const maxNumber = 200

func (d *Tracker) check(r *web.Request, in CheckInput) (Card, error) {
	if err := d.spend(r.User, d.singles); err != nil {
		return Card{}, err
	}
	agent, err := d.asked(r.Context(), r.User, in.Agent)
	err = checkFields(err, in.Direction)
	n := d.Plan.Parse(in.Number)
	if wrong := wrongNumber(in.Number); wrong != "" {
		err = also(err, "number", wrong)
	}
	if err != nil {
		return Card{}, err
	}
	card, err := d.Check(r.Context(), Question{Number: n, Agent: agent, Direction: in.Direction, Language: language(r)})
	if err == nil && n.Kind == phone.Invalid && card.Subject == nil {
		return Card{}, fault.Invalid("number", "invalid_number")
	}
	if err == nil && in.Related {
		err = d.Relate(r.Context(), &card)
	}
	return card, err
}

func (d *Tracker) checkBatch(r *web.Request, in BatchInput) (Batch, error) {
	if err := d.spend(r.User, d.batches); err != nil {
		return Batch{}, err
	}
	agent, err := d.asked(r.Context(), r.User, in.Agent)
	err = checkFields(err, in.Direction)
	if len(in.Numbers) == 0 {
		err = also(err, "numbers", "required")
	}
	if len(in.Numbers) > maxBatch {
		err = also(err, "numbers", "too_many")
	}
	if err != nil {
		return Batch{}, err
	}
	cards := make([]Card, len(in.Numbers))
	group, ctx := errgroup.WithContext(r.Context())
	group.SetLimit(batchAtOnce)
	for i, number := range in.Numbers {
		n := phone.Number{Raw: cut(number, 64)} // invalid: one bad row does not spoil the list
		if wrongNumber(number) == "" {
			n = d.Plan.Parse(number)
		}
		group.Go(func() (err error) {
			cards[i], err = d.Check(ctx, Question{Number: n, Agent: agent, Direction: in.Direction, Language: language(r)})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Batch{}, err
	}
	return Batch{cards}, nil
}

// spend takes one check from the user's share. Machines and admins have no limit, because they may read everything
// anyway.
func (d *Tracker) spend(user *access.User, share *web.Limiter) error {
	if user.Has(access.Service, access.Admin) {
		return nil
	}
	if wait, ok := share.Allow(user.Login); !ok {
		return fault.Busy("too_many_checks", wait)
	}
	return nil
}

// asked returns the agent for whom the verdict is made.
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

func language(r *web.Request) string {
	if r.User != nil {
		return r.User.Language
	}
	return ""
}
