package bitrix24app

import (
	"context"
	"strconv"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/rules"
)

// TokenPair is what a page in a portal gets for its pass.
type TokenPair struct {
	Pass   string `json:"pass"`   // the next one: the old one ends soon
	Ticket string `json:"ticket"` // opens one live stream within half a minute
}

// Ticket returns a page the next ticket of the live stream, and the next pass.
func (w *App) Ticket(ctx context.Context, sealed string) (TokenPair, error) {
	p, _, user, err := w.verify(ctx, sealed)
	if err != nil {
		return TokenPair{}, err
	}
	if err := w.checkRate(user.ID); err != nil {
		return TokenPair{}, err
	}
	next, err := w.newPass(p)
	if err != nil {
		return TokenPair{}, err
	}
	ticket, _, err := w.Tickets.AddTicket(ctx, user.ID)
	return TokenPair{Pass: next, Ticket: ticket}, err
}

// Look returns a page the card that its viewer shall see now.
func (w *App) Look(ctx context.Context, sealed string, at PlacementOptions) (calls.Card, error) {
	_, portal, user, err := w.verify(ctx, sealed)
	if err != nil {
		return calls.Card{}, err
	}
	if err := w.checkRate(user.ID); err != nil {
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
	return w.look(ctx, portal, user, at)
}

func (w *App) checkRate(user int64) error {
	if wait, ok := w.looks.Allow(strconv.FormatInt(user, 10)); !ok {
		return fault.Busy("too_many_checks", wait)
	}
	return nil
}
