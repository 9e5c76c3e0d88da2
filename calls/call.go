package calls

import (
	"encoding/json"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
	"callhue/staff"
)

// lockedCall is a call with all of its cards, locked by the transaction that changes it.
type lockedCall struct {
	tracker *Tracker
	org     *staff.Org
	call    *callRow
	cards   []*cardRow
	reason  Unanswered // that the end of the call as a whole brings for the only telephone; "" for none
}

// saveCard stores a card as it stands now. It records in the journal what the agent sees appear, change or close; an
// unknown agent sees no card, and nothing is recorded for them.
func (o *lockedCall) saveCard(tx *store.Tx, card *cardRow, was State) error {
	shown := card.shown()
	shown.Call = o.call.part(card)
	card.explain(&shown)
	card.Card, card.StartedAt = encode(shown), o.call.StartedAt
	save := saveCard
	if card.ID == 0 {
		save = addCard
	}
	if err := save(tx, card); err != nil {
		return err
	}
	verb := CardChanged
	switch {
	case card.AgentID == 0, was == StateEnded && card.State == StateEnded, was == "" && card.State == StateEnded:
		return nil
	case was == "":
		verb = CardShown
	case card.State == StateEnded:
		verb = CardClosed
	}
	if err := o.requestOwner(tx, &shown, verb); err != nil {
		return err
	}
	_, err := o.tracker.Journal.Record(tx, journal.Entry{Verb: verb, Actor: card.AgentID, Team: o.org.DepartmentOf(card.AgentID),
		Subject: journal.Ref{Kind: "call", ID: o.call.ID}, Client: journal.Ref{Kind: card.ClientKind, ID: card.ClientID},
		Details: json.RawMessage(o.streamed(card, shown))})
	return err
}

// requestOwner asks the heads what becomes of a protected company whose owner has left (row 25), as soon as an agent
// sees it on a card.
func (o *lockedCall) requestOwner(tx *store.Tx, shown *Card, verb journal.Verb) error {
	s := shown.Subject
	if verb == CardClosed || shown.Verdict.Why != rules.WhyOwnerInactive || s == nil || s.Kind != rules.KindCompany || s.Owner == nil ||
		s.ID == 0 {
		return nil
	}
	return o.tracker.Permits.OwnerLeft(tx, o.org, crm.Named{ID: s.ID, Name: s.Name}, s.Owner.ID, o.call.ID)
}

// streamed returns the card as its agent gets it live. The stored card keeps the verdict as it was shown.
func (o *lockedCall) streamed(card *cardRow, shown Card) string {
	if card.takenBy == "" {
		return card.Card
	}
	language := ""
	if u := o.org.User(card.AgentID); u != nil {
		language = u.Language
	}
	v := &shown.Verdict
	v.Why = rules.WhyAnsweredElsewhere
	v.Title, v.Text = rules.Words(rules.Verdict{Why: v.Why}, language, rules.Names{Colleague: card.takenBy})
	return encode(shown)
}

// end closes a call and every card on it, at a time that has no seen where nothing reported the end. It completes what
// the source did not report: the result and the duration of the conversation.
func (o *lockedCall) end(tx *store.Tx, at stamp, result Result) error {
	c := o.call
	answered := c.Result == string(ResultAnswered)
	if c.EndedAt == 0 {
		at = at.notBefore(max(c.StartedAt, c.AnsweredAt))
		c.EndedAt, c.EndedSeen = at.at, at.seen
	}
	switch {
	case result != "":
		c.Result = string(result)
	case c.AnsweredAt != 0, c.Said > 0:
		c.Result = string(ResultAnswered)
	case c.Result == "" && c.Direction == string(rules.In):
		c.Result = string(ResultMissed)
	case c.Result == "":
		c.Result = string(ResultCancelled)
	}
	if c.AnsweredAt != 0 || answered {
		c.Result = string(ResultAnswered) // cancelled at one agent is neither missed nor cancelled
	}
	c.Duration = 0 // a source reports how long it rang
	if talked(Result(c.Result)) {
		c.Duration = c.talkSeconds()
	}
	for _, card := range o.cards {
		was := card.State
		switch {
		case o.mayHaveTalked(card):
			card.Unanswered = ""
		case was == StateEnded:
			continue
		case card.AnsweredAt == 0:
			card.Unanswered = o.unansweredAtEnd(card)
		}
		if was == StateEnded {
			if err := o.saveCard(tx, card, was); err != nil {
				return err
			}
			continue
		}
		card.State, card.EndedAt, card.EndedSeen = StateEnded, c.EndedAt, c.EndedSeen
		if err := o.saveCard(tx, card, was); err != nil {
			return err
		}
	}
	return nil
}

// callDetails are the details of a call in the journal.
type callDetails struct {
	Source    string          `json:"source"`
	CallID    string          `json:"call_id"`
	Direction rules.Direction `json:"direction"`
	Number    string          `json:"number"`
	Result    string          `json:"result,omitempty"`
	Duration  int64           `json:"duration,omitempty"`
	// EndUnknown says that the end was not seen: the call lasted at least as long as it is known.
	EndUnknown bool `json:"end_unknown,omitempty"`
}

// record writes what happened to the call as a whole into the journal.
func (o *lockedCall) record(tx *store.Tx, verb journal.Verb) error {
	c := o.call
	e := journal.Entry{Verb: verb, Subject: journal.Ref{Kind: "call", ID: c.ID}}
	for _, card := range o.cards { // the agent who talked, else the one who was called first
		if e.Actor == 0 || card.AnsweredAt != 0 {
			e.Actor, e.Client = card.AgentID, journal.Ref{Kind: card.ClientKind, ID: card.ClientID}
		}
	}
	e.Team = o.org.DepartmentOf(e.Actor)
	words := callDetails{Source: c.Source, CallID: c.CallID, Direction: c.direction(), Number: c.number().String()}
	if verb == CallEnded {
		words.Result, words.Duration, words.EndUnknown = c.Result, c.Duration, c.EndUnknown
	}
	e.Details = journal.Details(words)
	_, err := o.tracker.Journal.Record(tx, e)
	return err
}
