package bitrix24app

import (
	"context"
	"encoding/json"
	"strings"

	"callhue/calls"
	"callhue/internal/text"
	"callhue/phone"
	"callhue/rules"
	"callhue/staff"
	"callhue/webhooks"
)

// Placement is what a CRM shows to its user: a call, or a number to call.
type Placement struct {
	CallID    string `json:"call_id,omitempty"` // the CRM's id of the call
	Number    string `json:"number,omitempty"`  // "" for a hidden one
	Direction string `json:"direction,omitempty"`
}

// The longest texts of a placement, in bytes.
const (
	maxCallID = 250
	maxNumber = 100
)

// parsePlacement parses PLACEMENT_OPTIONS of CALL_CARD. Portals send a missing value as "undefined", "0", "unknown" or
// "hidden", or leave it out; a value may be a number or a text.
func parsePlacement(options string) Placement {
	var fields map[string]any
	decode := json.NewDecoder(strings.NewReader(options))
	decode.UseNumber()
	if decode.Decode(&fields) != nil {
		return Placement{Direction: string(rules.Out)}
	}
	text := func(name string, most int) string {
		value, _ := fields[name].(string)
		if n, is := fields[name].(json.Number); is {
			value = n.String()
		}
		switch value = text.OneLine(value); strings.ToLower(value) {
		case "undefined", "null", "0", "unknown", "<unknown>", "hidden", "false":
			return ""
		}
		if len(value) > most { // no id and no number is as long
			return ""
		}
		return value
	}
	s := Placement{CallID: text("CALL_ID", maxCallID), Number: text("PHONE_NUMBER", maxNumber),
		Direction: string(rules.Out)}
	if strings.HasPrefix(strings.ToLower(text("CALL_DIRECTION", 20)), "incoming") { // and incomingTransfer
		s.Direction = string(rules.In)
	}
	return s
}

// findCard returns the card for a user: the live card of this call, else the user's live card with this number, else the
// verdict on the number.
func (a *App) findCard(ctx context.Context, portal *webhooks.Portal, user *staff.User,
	at Placement) (calls.Card, error) {
	live, err := a.Tracker.LiveCards(ctx, user.ID)
	if err != nil {
		return calls.Card{}, err
	}
	n := portal.Plan.Parse(at.Number)
	if at.Number == "" {
		n = phone.Number{Kind: phone.Hidden}
	}
	told, err := a.Notifier.CallOf(ctx, at.CallID)
	if err != nil {
		return calls.Card{}, err
	}
	for _, same := range []func(c *calls.Card) bool{
		func(c *calls.Card) bool { return told != 0 && c.Call.ID == told },
		func(c *calls.Card) bool {
			return at.CallID != "" && c.Call.Source == portal.Name && c.Call.CallID == at.CallID
		},
		func(c *calls.Card) bool { return n.Kind == phone.External && c.Number.E164 == n.String() },
	} {
		for i := range live {
			if live[i].Call != nil && same(&live[i]) {
				return live[i], nil
			}
		}
	}
	return a.Tracker.Check(ctx, calls.Question{Number: n, Agent: user, Direction: rules.Direction(at.Direction)})
}
