package calls

import (
	"slices"

	"callhue/rules"
)

// Unanswered is why a telephone rang in vain.
type Unanswered string

// The reasons; "" is that of a part which was answered, dialled by its agent, or whose end was not seen.
const (
	UnansweredMissed      Unanswered = "missed"             // it rang until the caller or the PBX gave up
	UnansweredBusy        Unanswered = "busy"               // the agent talks with someone else
	UnansweredDeclined    Unanswered = "declined"           // the agent refused the call
	UnansweredUnreachable Unanswered = "unreachable"        // the telephone is not registered, or does not respond
	UnansweredElsewhere   Unanswered = "answered_elsewhere" // a colleague took the call
)

// Values lists the reasons, for the API reference.
func (Unanswered) Values() []string {
	return []string{"", string(UnansweredMissed), string(UnansweredBusy), string(UnansweredDeclined),
		string(UnansweredUnreachable), string(UnansweredElsewhere)}
}

// unanswered returns why the part of the event's agent ended without an answer. Where the source reports no reason, it
// follows from the result; that of an outgoing call is about the client.
func (h *eventHandler) unanswered(card *cardRow) Unanswered {
	e := h.event
	switch {
	case card.AnsweredAt != 0 || e.EndUnknown || h.hasDialled(card):
		return ""
	case e.Kind != Ended:
		return h.unansweredAtEnd(card)
	case e.Unanswered != "":
		return e.Unanswered
	case h.call.Direction == string(rules.Out) || e.Result == ResultAnswered || e.Duration > 0:
		return ""
	case e.Result == ResultBusy:
		return UnansweredBusy
	case e.Result == ResultFailed:
		return UnansweredUnreachable
	}
	return UnansweredMissed
}

// hasDialled reports whether an outgoing call was dialled by the agent of a card: its telephone did not ring in vain.
func (o *lockedCall) hasDialled(card *cardRow) bool {
	return o.call.Direction == string(rules.Out) && (len(o.cards) == 0 || o.cards[0] == card)
}

// unansweredAtEnd returns why a telephone that still rang when its call ended was not answered.
func (o *lockedCall) unansweredAtEnd(card *cardRow) Unanswered {
	c := o.call
	if c.Result == string(ResultAnswered) {
		taken := func(other *cardRow) bool { return other != card && other.AnsweredAt != 0 }
		if slices.ContainsFunc(o.cards, taken) {
			return UnansweredElsewhere
		}
		return "" // it was this agent, or one who is not known
	}
	only := len(o.cards) <= 1
	switch {
	case c.EndUnknown || c.Direction == string(rules.Out):
		return ""
	case only && o.reason != "":
		return o.reason
	case only && c.Result == string(ResultBusy):
		return UnansweredBusy
	}
	return UnansweredMissed
}

// mayHaveTalked reports whether the only agent of a call is not one who missed it: the source reports a talk, but no
// answer.
func (o *lockedCall) mayHaveTalked(card *cardRow) bool {
	c := o.call
	return c.Result == string(ResultAnswered) && c.AnsweredAt == 0 && len(o.cards) == 1 &&
		card.Unanswered == UnansweredMissed
}
