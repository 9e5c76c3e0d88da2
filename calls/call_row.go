package calls

import (
	"encoding/json"
	"time"

	"callhue/internal/store"
	"callhue/phone"
	"callhue/rules"
)

// number returns the call's number as it was read from the first event that had it.
func (c *callRow) number() phone.Number {
	n := phone.Number{Raw: c.NumberRaw, Extension: c.Extension}
	if n.Kind.UnmarshalText([]byte(c.NumberKind)) != nil {
		n.Kind = phone.Hidden // no event has brought it yet
	}
	switch n.Kind {
	case phone.External:
		n.E164 = c.NumberKey
	case phone.Invalid:
		n.Digits = -c.NumberKey
	case phone.Internal:
		n.Local = c.NumberRaw
	}
	return n
}

func (c *callRow) started() stamp  { return stamp{c.StartedAt, c.StartedSeen} }
func (c *callRow) answered() stamp { return stamp{c.AnsweredAt, c.AnsweredSeen} }
func (c *callRow) ended() stamp    { return stamp{c.EndedAt, c.EndedSeen} }

func (c *cardRow) answered() stamp { return stamp{c.AnsweredAt, c.AnsweredSeen} }
func (c *cardRow) ended() stamp    { return stamp{c.EndedAt, c.EndedSeen} }
func (c *cardRow) red() stamp      { return stamp{c.RedAt, c.RedSeen} }

// part returns the call as a card shows it.
func (c *callRow) part(card *cardRow) *CallPart {
	p := &CallPart{ID: c.ID, Source: c.Source, CallID: c.CallID, Direction: c.direction(), State: c.State,
		StartedAt: store.Time(c.StartedAt), AnsweredAt: timeOrNil(c.AnsweredAt), EndedAt: timeOrNil(c.EndedAt)}
	if card != nil {
		p.State, p.AnsweredAt, p.EndedAt = card.State, timeOrNil(card.AnsweredAt), timeOrNil(card.EndedAt)
	}
	return p
}

func (c *callRow) direction() rules.Direction {
	if c.Direction == string(rules.In) {
		return rules.In
	}
	return rules.Out
}

func timeOrNil(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	t := store.Time(ms)
	return &t
}

// shown returns the card as it was shown last.
func (c *cardRow) shown() Card {
	var card Card
	if err := json.Unmarshal([]byte(c.Card), &card); err != nil {
		panic("calls: a stored card that is no JSON: " + err.Error())
	}
	return card
}

func encode(card Card) string {
	raw, err := json.Marshal(card)
	if err != nil {
		panic("calls: a card that is no JSON: " + err.Error())
	}
	return string(raw)
}

// setCard puts a verdict and its words on a card.
func (c *cardRow) setCard(shown Card) {
	c.Color, c.Why, c.Policy = string(shown.Verdict.Color), string(shown.Verdict.Why), int64(shown.Verdict.Policy)
	c.DecidedAt = store.Millis(shown.Verdict.DecidedAt)
	c.ClientKind, c.ClientID = "", 0
	if shown.Subject != nil && shown.Subject.ID != 0 {
		c.ClientKind, c.ClientID = string(shown.Subject.Kind), shown.Subject.ID
	}
	c.Card = encode(shown)
}
