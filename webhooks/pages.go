package webhooks

import (
	"context"
	"strconv"

	"callhue/calls"
	"callhue/fault"
	"callhue/rules"
)

// looksPerMinute is how many numbers a page may ask for in a minute: as many as a
// signed-in agent may check.
const looksPerMinute = 60

// Passage is what a page in a portal gets for its pass.
type Passage struct {
	Pass   string `json:"pass"`   // the next one: the old one ends soon
	Ticket string `json:"ticket"` // opens one live stream within half a minute
}

// Ticket gives a page the next ticket of the live stream, and the next pass.
func (d *Door) Ticket(ctx context.Context, sealed string) (Passage, error) {
	p, _, user, err := d.honour(ctx, sealed)
	if err != nil {
		return Passage{}, err
	}
	if err := d.spendLook(user.ID); err != nil {
		return Passage{}, err
	}
	next, err := d.newPass(p)
	if err != nil {
		return Passage{}, err
	}
	ticket, _, err := d.opt.Tickets.AddTicket(ctx, user.ID)
	return Passage{Pass: next, Ticket: ticket}, err
}

// Look gives a page the card that its viewer shall see now.
func (d *Door) Look(ctx context.Context, sealed string, at sight) (calls.Card, error) {
	_, source, user, err := d.honour(ctx, sealed)
	if err != nil {
		return calls.Card{}, err
	}
	if err := d.spendLook(user.ID); err != nil {
		return calls.Card{}, err
	}
	var wrong *fault.Error
	if len(at.CallID) > maxSightCall {
		wrong = wrong.And("call_id", "too_long")
	}
	if len(at.Number) > maxSightNumber {
		wrong = wrong.And("number", "too_long")
	}
	switch rules.Direction(at.Direction) {
	case rules.In, rules.Out, "":
	default:
		wrong = wrong.And("direction", "unknown_value")
	}
	if err := wrong.OrNil(); err != nil {
		return calls.Card{}, err
	}
	return d.look(ctx, source, user, at)
}

func (d *Door) spendLook(user int64) error {
	if wait, ok := d.looks.Allow(strconv.FormatInt(user, 10)); !ok {
		return fault.Busy("too_many_checks", wait)
	}
	return nil
}
