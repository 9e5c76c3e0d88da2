package calls

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
)

// joinWithin is how far apart two sources may report the start of one call.
const joinWithin = 5 * time.Second

// joinedDetails are the details of an entry about a call that a second source reports.
type joinedDetails struct {
	Source     string `json:"source"` // the one that leads
	CallID     string `json:"call_id"`
	AlsoSource string `json:"also_source"`
	AlsoCallID string `json:"also_call_id"`
}

// lock returns the call of the event, locked; a new call is added. Where several sources exist, the call may be one
// that another source leads.
func (h *eventHandler) lock(tx *store.Tx) (call *callRow, added bool, err error) {
	e := h.event
	if !e.shared {
		return lockCall(tx, e)
	}
	if call, err = lockKnownCall(tx, e); call != nil || err != nil {
		return call, false, err
	}
	if call, err = lockCallByAlias(tx, e); call != nil || err != nil {
		return call, false, err
	}
	names := h.claims()
	for _, name := range names {
		if err = lockClaim(tx, name); err != nil {
			return nil, false, err
		}
	}
	for i, name := range names {
		if call, err = h.join(tx, name, i == 0); call != nil || err != nil {
			return call, false, err
		}
	}
	call, added, err = lockCall(tx, e)
	if err != nil {
		return nil, false, err
	}
	for _, name := range names {
		if err = saveClaim(tx, name, call.ID); err != nil {
			return nil, false, err
		}
	}
	return call, added, nil
}

// claims returns the names under which another source may report the call of an event: its id, and its agent with the
// number and the direction. It returns none while the number or the direction is unknown.
func (h *eventHandler) claims() []string {
	if h.number.Kind != phone.External || h.direction == "" {
		return nil
	}
	names := []string{"id " + h.event.CallID}
	if h.agent != nil {
		names = append(names, fmt.Sprintf("agent %d %s %d", h.agent.ID, h.direction, h.number.Key()))
	}
	return names
}

// join returns the call of another source that the event reports, too, locked; nil when there is none. byID is whether
// the name is the id of the call.
func (h *eventHandler) join(tx *store.Tx, name string, byID bool) (*callRow, error) {
	lead, err := leadOf(tx, name)
	if err != nil || lead == nil || !h.isSame(lead, byID) {
		return nil, err
	}
	if lead, err = lockCallByID(tx, lead.ID); err != nil || !h.isSame(lead, byID) {
		return nil, err
	}
	if byID {
		cards, err := cardsOf(tx, lead.ID)
		if err != nil || h.contradicts(cards) {
			return nil, err
		}
	}
	added, err := addAlias(tx, h.event, lead.ID)
	if err != nil {
		return nil, err
	}
	if !added { // an event beside this one was faster, or the source knows the lead as another call
		return lockCallByAlias(tx, h.event)
	}
	if lead.Also != "" {
		lead.Also += ", "
	}
	lead.Also = cut(lead.Also+h.event.Source, 500)
	if err := saveAlso(tx, lead); err != nil {
		return nil, err
	}
	both := joinedDetails{lead.Source, lead.CallID, h.event.Source, h.event.CallID}
	_, err = h.tracker.Journal.Record(tx, journal.Entry{
		Verb:    CallJoined,
		Subject: journal.Ref{Kind: "call", ID: lead.ID},
		Details: journal.Details(both),
	})
	return lead, err
}

// isSame reports whether the event is of a call of another source. A source knows its own calls: two of them are never
// one. A call that is over is another one, unless the id is equal: the agent may have called the number again.
func (h *eventHandler) isSame(lead *callRow, byID bool) bool {
	e := h.event
	if lead.Source == e.Source || lead.number() != h.number || lead.Direction != string(h.direction) {
		return false
	}
	if lead.State != StateEnded {
		return byID || e.isBeside(lead)
	}
	return byID && (e.start() == 0 || e.isBeside(lead)) // a report that is late
}

// isBeside reports whether the event's call began, or was answered, when another one did: by the times of the sources
// where both sent one, else by ours.
func (e *Event) isBeside(c *callRow) bool {
	theirs, mine := c.started(), stamp{e.start(), e.stamp().seen}
	if mine.at == 0 {
		if e.Kind != Answered || c.AnsweredAt == 0 {
			return true // nothing says when it began, and the agent has one such call
		}
		theirs, mine = c.answered(), e.stamp()
	}
	apart := mine.arrived() - theirs.arrived()
	if mine.seen > 0 && theirs.seen > 0 {
		apart = mine.at - theirs.at
	}
	return max(apart, -apart) <= joinWithin.Milliseconds()
}

// contradicts reports whether a call is known to be that of other agents than the event's.
func (h *eventHandler) contradicts(cards []*cardRow) bool {
	isMine := func(c *cardRow) bool { return c.AgentKey == h.agentKey() }
	return h.agent != nil && len(cards) > 0 && !slices.ContainsFunc(cards, isMine)
}

// follow makes the event one of a source that does not lead its call. Its moments count by our clock, and what it
// says of the talk and the result does not count where the leading source follows them.
func (h *eventHandler) follow(tx *store.Tx) {
	e := *h.event
	e.At, e.dated, e.Began, e.Duration = tx.Now(), false, time.Time{}, -1
	if h.call.AnsweredAt != 0 {
		e.Result = ""
	}
	if h.call.Recording != "" {
		e.Recording = ""
	}
	h.event, h.follows = &e, true
}

// addsNothing reports whether an event of a source that does not lead its call reports what is known, or what only the
// leading source decides: what comes after the end, and the end of a call that several agents were on.
func (h *eventHandler) addsNothing() bool {
	e, card := h.event, h.cardOf()
	switch {
	case !h.follows:
		return false
	case h.call.State == StateEnded, e.EndUnknown:
		return true
	}
	switch e.Kind {
	case Ringing:
		return card != nil
	case Answered:
		return card != nil && card.AnsweredAt != 0 || e.Agent == "" && h.call.AnsweredAt != 0
	case Ended:
		return card != nil && card.State == StateEnded || e.Agent == "" && len(h.cards) > 1
	case Summary:
		return len(h.cards) > 1
	}
	return false
}

// confirmsAnswer reports whether the event is the leading source's report of an answer that another source reported
// before. The agent sees no change; the moment is that of the leading source where it sent one.
func (h *eventHandler) confirmsAnswer(tx *store.Tx) (bool, error) {
	e, c, card := h.event, h.call, h.cardOf()
	if c.Also == "" || h.follows || e.Kind != Answered || card == nil || card.State != StateTalking ||
		card.AnsweredAt == 0 {
		return false, nil
	}
	if now := e.stamp(); now.seen > 0 && card.AnsweredSeen <= 0 {
		if c.AnsweredAt == card.AnsweredAt && c.AnsweredSeen == card.AnsweredSeen {
			c.AnsweredAt, c.AnsweredSeen = now.at, now.seen
		}
		card.AnsweredAt, card.AnsweredSeen = now.at, now.seen
		shown := card.shown()
		shown.Call = c.part(card)
		card.Card = encode(shown)
		if err := saveCard(tx, card); err != nil {
			return false, err
		}
	}
	return true, saveCall(tx, c)
}

// correctEnds puts the end that the leading source reports in the place of one that another source reported before.
func (h *eventHandler) correctEnds(tx *store.Tx) error {
	e, c := h.event, h.call
	if c.Also == "" || h.follows || e.Kind != Ended || e.EndUnknown || e.GoesOn || c.Final {
		return nil
	}
	mine, end := h.cardOf(), e.stamp().notBefore(max(c.StartedAt, c.AnsweredAt))
	for _, card := range h.cards {
		followed := card.State == StateEnded && !card.HungUp && card.AnsweredAt != 0
		if !followed || e.Agent != "" && card != mine {
			continue
		}
		card.EndedAt, card.EndedSeen = end.at, end.seen
		if err := h.saveCard(tx, card, StateEnded); err != nil {
			return err
		}
		if c.State == StateEnded {
			c.EndedAt, c.EndedSeen = 0, 0 // moveCall sets it again
		}
	}
	return nil
}

// freeID frees the id that the source gave to an old call.
func (h *eventHandler) freeID(tx *store.Tx, c *callRow) error {
	if c.Source != h.event.Source {
		return removeAlias(tx, h.event)
	}
	return renameCall(tx, c)
}

// alsoReported returns the other sources that reported a call.
func (c *callRow) alsoReported() []string {
	if c.Also == "" {
		return nil
	}
	return strings.Split(c.Also, ", ")
}
