package calls

import (
	"callhue/internal/store"
)

// cardOf returns the agent's card on this call, nil when there is none. An agent who was unknown when the card was made
// has it under the name of then.
func (h *eventHandler) cardOf() *cardRow {
	if h.event.Agent == "" {
		return nil
	}
	var stranger *cardRow
	for _, c := range h.cards {
		if c.AgentKey == h.agentKey() {
			return c
		}
		if h.agent != nil && c.AgentKey == strangerKey(h.event.Agent) {
			stranger = c
		}
	}
	return stranger
}

// moveCard changes the state of the card of the event's agent, and makes a new card.
func (h *eventHandler) moveCard(tx *store.Tx) (*cardRow, error) {
	if h.event.Agent == "" {
		return nil, h.stopRinging(tx)
	}
	if h.elsewhere {
		return h.cardOf(), nil
	}
	card, now := h.cardOf(), h.event.stamp()
	if card == nil {
		card = &cardRow{CallID: h.call.ID, AgentName: h.event.Agent}
		h.reopen()
	}
	if h.again {
		h.reopen()
		// An earlier talk was judged when it ended.
		card.State, card.AnsweredAt, card.EndedAt, card.HungUp = "", 0, 0, false
		card.AnsweredSeen, card.EndedSeen, card.Unanswered = 0, 0, ""
		h.call.Said = 0
	}
	fresh, was := card.ID == 0, card.State
	card.State = was.next(h.event.Kind)
	if was == StateEnded && h.event.Kind == Answered && !card.HungUp && h.call.State != StateEnded {
		// The telephone had stopped ringing, and the agent joined after all.
		card.State, card.EndedAt, card.EndedSeen = StateTalking, 0, 0
	}
	if fresh && h.call.State == StateEnded {
		card.State = StateEnded // the end came before its beginning: nothing pops up
	}
	card.HungUp = card.HungUp || h.event.Kind == Ended && !h.follows
	if h.event.Kind == Answered && card.AnsweredAt == 0 {
		card.AnsweredAt, card.AnsweredSeen = now.at, now.seen
		card.Unanswered = ""
	}
	if card.State == StateEnded && (card.EndedAt == 0 || h.event.Kind == Ended && h.event.Unanswered != "") {
		card.Unanswered = h.unanswered(card)
	}
	if card.State == StateEnded && card.EndedAt == 0 {
		end := now.notBefore(h.call.StartedAt)
		if fresh && h.call.EndedAt != 0 {
			end = h.call.ended()
		}
		card.EndedAt, card.EndedSeen = end.at, end.seen
	}
	if fresh || h.numbered || h.event.Kind == Ringing || h.event.Kind == Answered {
		if h.mustJudge = true; !h.judged {
			return nil, errStale
		}
		h.setVerdict(card)
	}
	if fresh {
		h.cards = append(h.cards, card)
	}
	if err := h.show(tx, card, was); err != nil {
		return nil, err
	}
	if h.event.Kind == Answered && card.State == StateTalking {
		return card, h.closeOthers(tx, card)
	}
	return card, nil
}

// reopen lets a call go on that had ended only because no agent was left on it: a queue rings the next one.
func (h *eventHandler) reopen() {
	c := h.call
	if c.State == StateEnded && !c.Final && (h.event.Kind == Ringing || h.event.Kind == Answered) {
		c.State, c.EndedAt, c.Result, c.Duration = StateRinging, 0, "", 0
		c.EndedSeen, c.EndUnknown = 0, false
	}
}

// setVerdict puts the verdict of this moment on a card.
func (h *eventHandler) setVerdict(card *cardRow) {
	card.AgentKey, card.AgentID = h.agentKey(), 0
	if h.agent != nil {
		card.AgentID = h.agent.ID
	}
	card.setCard(h.card)
	card.warn(&h.card, h.event.stamp(), h.isLateReport())
}

// stopRinging changes the agents' parts by an event that names no agent. A telephone does not ring on when the call was
// answered, by a known agent or not; where one alone rang, its agent did.
func (h *eventHandler) stopRinging(tx *store.Tx) error {
	if h.event.Kind != Answered && h.event.Kind != Stopped {
		return nil
	}
	if only := h.onlyRinging(); only != nil && h.event.Kind == Answered {
		was, now := only.State, h.event.stamp()
		only.State, only.AnsweredAt, only.AnsweredSeen = StateTalking, now.at, now.seen
		return h.show(tx, only, was)
	}
	return h.closeOthers(tx, nil)
}

// onlyRinging returns the card of a call that never had another one while it rings; nil otherwise.
func (h *eventHandler) onlyRinging() *cardRow {
	if len(h.cards) == 1 && h.cards[0].State == StateRinging {
		return h.cards[0]
	}
	return nil
}

// isLateReport reports whether the event is one that a live card would have followed, though the end arrived before it.
func (h *eventHandler) isLateReport() bool {
	return h.event.Kind == Ringing || h.event.Kind == Answered
}

// closeOthers closes the cards of agents whose telephones still rang when a colleague answered; mine is nil when it is
// not known who.
func (h *eventHandler) closeOthers(tx *store.Tx, mine *cardRow) error {
	for _, c := range h.cards {
		if c == mine || c.State != StateRinging {
			continue
		}
		if mine != nil {
			c.takenBy = h.agentName()
		}
		was, now := c.State, h.event.stamp()
		c.State, c.EndedAt, c.EndedSeen = StateEnded, now.at, now.seen
		if c.Unanswered = UnansweredMissed; h.event.Kind == Answered {
			c.Unanswered = UnansweredElsewhere
		}
		if err := h.show(tx, c, was); err != nil {
			return err
		}
	}
	return nil
}

func (h *eventHandler) agentName() string {
	if h.agent != nil {
		return h.agent.Name
	}
	return h.event.Agent
}

// show is saveCard that counts the cards which appear.
func (h *eventHandler) show(tx *store.Tx, card *cardRow, was State) error {
	if was == "" && card.State != StateEnded {
		h.shown++
	}
	return h.saveCard(tx, card, was)
}
