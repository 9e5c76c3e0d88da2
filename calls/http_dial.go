package calls

import (
	"slices"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/internal/web"
	"callhue/phone"
	"callhue/rules"
)

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
	number := d.readTyped(r.Context(), in.Source, in.Number)
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

// giveReason stores the reason on the card of the user, in every mode. Conflicts: "no_reason_wanted" for a card that is
// not red, "reason_given" when the call has ended and has a reason.
func (d *Tracker) giveReason(r *web.Request, in ReasonInput) (given Card, err error) {
	reason := text.Tidy(in.Reason)
	if code := text.CheckRequired(reason, maxReason); code != "" {
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
		tx.Answer(given)
		return err
	})
	return given, err
}
