package calls

import (
	"slices"
	"time"

	"callhue/internal/store"
)

// roundAfter is how long after the end of an agent's part the same ringing is a new one, when the PBX sends no times: a
// queue rings others meanwhile, while a repeated event comes at once.
const roundAfter = 5 * time.Second

// comesAgain reports whether an agent whose part had ended is rung again: a queue came back to them, or the call was
// returned. A PBX with legs names another leg then; others send the same event again, later than the part ended. fresh
// is whether the event is new. A late report about a part that is over changes nothing.
func (h *eventHandler) comesAgain(tx *store.Tx, fresh bool) (bool, error) {
	e, card := h.event, h.cardOf()
	if card == nil || h.follows || card.State != StateEnded || h.call.Final || e.Kind != Ringing && e.Kind != Answered {
		return false, nil
	}
	switch ended := store.Time(card.EndedAt); {
	case fresh && e.Leg != "" && !e.At.Before(ended):
		said, err := legsOf(tx, e)
		over := slices.ContainsFunc(said, func(s legRow) bool { return s.Leg == e.Leg && s.Kind == string(Ended) })
		return err == nil && !over, err
	case !fresh && e.Kind == Ringing && card.HungUp && e.At.After(ended.Add(e.grace())):
		return true, removeLaterEvents(tx, e)
	}
	return false, nil
}

// grace is how long after the end a repeated ringing does not count.
func (e *Event) grace() time.Duration {
	if e.dated {
		return 0
	}
	return roundAfter
}

// respondRepeated answers an event that is known. It may bring the recording, which is ready when the call is over, and
// a better reason why a telephone rang in vain.
func (h *eventHandler) respondRepeated(tx *store.Tx) error {
	if err := h.correctUnanswered(tx); err != nil {
		return err
	}
	if h.event.Recording != "" && h.call.Recording == "" {
		h.call.Recording = h.event.Recording
		if err := saveCall(tx, h.call); err != nil {
			return err
		}
		if err := h.tracker.Incidents.SetRecording(tx, h.call.ID, h.event.Recording); err != nil {
			return err
		}
	}
	return h.respond(h.cardOf())
}

// correctUnanswered stores the reason that a repeated end brings for a part without an answer.
func (h *eventHandler) correctUnanswered(tx *store.Tx) error {
	e, card := h.event, h.cardOf()
	switch {
	case e.Kind != Ended, e.Unanswered == "", card == nil:
		return nil
	case card.State != StateEnded, card.AnsweredAt != 0, card.Unanswered == e.Unanswered, h.hasDialled(card):
		return nil
	}
	card.Unanswered = e.Unanswered
	return saveUnanswered(tx, card)
}
