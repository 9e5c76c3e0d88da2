package bitrix24app

import (
	"context"
	"strconv"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/rules"
)

// TokenPair is the next token of a page in a portal, and a ticket of the live stream.
type TokenPair struct {
	Pass   string `json:"pass"`   // the next one: the old one ends soon
	Ticket string `json:"ticket"` // opens one live stream within half a minute
}

// Ticket returns the next ticket of the live stream for a page, and its next token.
func (a *App) Ticket(ctx context.Context, sealed string) (TokenPair, error) {
	p, _, user, err := a.verify(ctx, sealed)
	if err != nil {
		return TokenPair{}, err
	}
	if err := a.checkRate(user.ID); err != nil {
		return TokenPair{}, err
	}
	next, err := a.newToken(p)
	if err != nil {
		return TokenPair{}, err
	}
	ticket, _, err := a.Tickets.AddTicket(ctx, user.ID)
	return TokenPair{Pass: next, Ticket: ticket}, err
}

// FindCard returns the card that a page's viewer should see now.
func (a *App) FindCard(ctx context.Context, sealed string, at Placement) (calls.Card, error) {
	_, portal, user, err := a.verify(ctx, sealed)
	if err != nil {
		return calls.Card{}, err
	}
	if err := a.checkRate(user.ID); err != nil {
		return calls.Card{}, err
	}
	var wrong *fault.Error
	if len(at.CallID) > maxCallID {
		wrong = wrong.And("call_id", "too_long")
	}
	if len(at.Number) > maxNumber {
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
	return a.findCard(ctx, portal, user, at)
}

func (a *App) checkRate(user int64) error {
	if wait, ok := a.checks.Allow(strconv.FormatInt(user, 10)); !ok {
		return fault.Busy("too_many_checks", wait)
	}
	return nil
}
