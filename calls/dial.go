package calls

import (
	"context"
	"strings"

	"callhue/internal/fault"
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

// NumberReader reads a number that a person typed, as a source sends it or, without a source, with the rules of all.
// The registry of package webhooks/sources implements it.
type NumberReader interface {
	ReadNumber(ctx context.Context, source, text string) phone.Number
}

// readTyped reads a number that a person typed for a call by a source, "" where none is named.
func (d *Tracker) readTyped(ctx context.Context, source, text string) phone.Number {
	if d.Numbers == nil {
		return d.Plan.ParseTyped(text)
	}
	return d.Numbers.ReadNumber(ctx, source, text)
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

// mayDial refuses a call that the policy does not allow: to a number that is blocked, or to a colleague's client
// without the permit that is required, or at all. A call that the agent makes on their telephone is never stopped.
func mayDial(card *Card) error {
	switch {
	case card.DoNotCall != nil && card.DoNotCall.Mode == rules.DoNotCallBlock:
		return fault.Forbidden("number_blocked")
	case card.Enforcement.Mode == rules.EnforcePermit && !card.Enforcement.Met:
		return fault.Forbidden("permit_needed")
	case card.Enforcement.Mode == rules.EnforceBlock:
		return fault.Forbidden("red_blocked")
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
