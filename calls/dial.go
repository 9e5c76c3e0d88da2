package calls

import (
	"context"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/phone"
	"callhue/rules"
)

// Dialer has a PBX call a number for an agent. The receiver of package webhooks implements it.
type Dialer interface {
	// Dial rings the agent's telephone and connects it to the number. It returns the id that the source will give to
	// the call.
	Dial(ctx context.Context, source, extension string, number phone.Number) (callID string, err error)
	// Dialling returns the names of the sources that can dial.
	Dialling(ctx context.Context) ([]string, error)
}

// DialInput asks for a call; the user is its agent.
type DialInput struct {
	Number string `json:"number"`
	Source string `json:"source,omitempty"` // "" where only one source can dial
}

// Dialled is a call that the PBX has been told to make.
type Dialled struct {
	Source string `json:"source"`
	CallID string `json:"call_id"` // as the source will call it
	Card   Card   `json:"card"`    // the verdict before the call
}

// Telephone is what the user can make a call with.
type Telephone struct {
	Extension string   `json:"extension"` // that rings first; "" without one
	Sources   []string `json:"sources"`   // that can dial, by name
	Why       string   `json:"why"`       // no call can be made: no_extension or cannot_dial; "" where one can
}

// telephone reports beforehand whether a call can be made, so that a page does not offer what will be refused.
func (d *Tracker) telephone(r *web.Request, _ web.Nothing) (Telephone, error) {
	with := Telephone{Sources: []string{}}
	agent, err := d.asked(r.Context(), r.User, "")
	if err != nil {
		return with, err
	}
	if agent != nil {
		with.Extension = agent.Extension
	}
	if d.Dialer != nil {
		names, err := d.Dialer.Dialling(r.Context())
		if err != nil {
			return with, err
		}
		with.Sources = append(with.Sources, names...)
	}
	switch {
	case len(with.Sources) == 0:
		with.Why = "cannot_dial"
	case with.Extension == "":
		with.Why = "no_extension"
	}
	return with, nil
}

// dial has a PBX make a call. The number is checked first, as before any call: the answer carries the verdict, and the
// card comes when it rings.
func (d *Tracker) dial(r *web.Request, in DialInput) (Dialled, error) {
	if err := d.spend(r.User, d.singles); err != nil {
		return Dialled{}, err
	}
	agent, err := d.asked(r.Context(), r.User, "")
	if err != nil {
		return Dialled{}, err
	}
	number := d.Plan.Parse(in.Number)
	if wrong := wrongNumber(in.Number); wrong != "" {
		err = also(err, "number", wrong)
	} else if number.Kind != phone.External && number.Kind != phone.Internal {
		err = also(err, "number", "invalid_number")
	}
	source, sourceErr := d.dialling(r.Context(), in.Source)
	if sourceErr != nil {
		if !fault.Is(sourceErr, fault.KindInvalid) {
			return Dialled{}, sourceErr
		}
		err = also(err, "source", fault.Of(sourceErr).Fields[0].Code)
	}
	if err != nil {
		return Dialled{}, err
	}
	if agent == nil || agent.Extension == "" {
		return Dialled{}, fault.Conflict("no_extension")
	}
	card, err := d.Check(r.Context(), Question{Number: number, Agent: agent, Direction: rules.Out, Language: language(r)})
	if err == nil {
		err = mayDial(&card)
	}
	if err != nil {
		return Dialled{}, err
	}
	id, err := d.Dialer.Dial(r.Context(), source, agent.Extension, number)
	return Dialled{source, id, card}, err
}

// mayDial refuses a call that the policy does not allow: to a number that is blocked, or to a colleague's client
// without the permit that is required. A call that the agent makes on their telephone is never stopped.
func mayDial(card *Card) error {
	switch {
	case card.DoNotCall != nil && card.DoNotCall.Mode == rules.DoNotCallBlock:
		return fault.Forbidden("number_blocked")
	case card.Enforcement.Mode == rules.EnforcePermit && !card.Enforcement.Met:
		return fault.Forbidden("permit_needed")
	}
	return nil
}

// dialling returns the source that makes the call: the named one, or the only one that can.
func (d *Tracker) dialling(ctx context.Context, named string) (string, error) {
	if d.Dialer == nil {
		return "", fault.Conflict("cannot_dial")
	}
	names, err := d.Dialer.Dialling(ctx)
	if err != nil {
		return "", err
	}
	if named = strings.TrimSpace(named); named == "" {
		switch len(names) {
		case 0:
			return "", fault.Conflict("cannot_dial")
		case 1:
			return names[0], nil
		}
		return "", fault.Invalid("source", "required")
	}
	for _, name := range names {
		if name == named {
			return name, nil
		}
	}
	return "", fault.Invalid("source", "unknown_value")
}
