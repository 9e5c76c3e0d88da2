package calls

import (
	"slices"
	"time"

	"callhue/internal/store"
)

// roundAfter is how long after the end of an agent's part the same ringing, told by a
// PBX without a clock, is a new one: a queue rings others meanwhile, and what is only
// told twice comes at once.
const roundAfter = 5 * time.Second

// comesAgain says that an agent whose part had ended is rung anew: a queue came round
// to him, or the call was passed back. A PBX that names legs names another one then;
// of the others the same event is heard again, later than his part ended. fresh says
// that it was not heard before. What is told late of a part that is over changes
// nothing.
func (h *eventHandler) comesAgain(tx *store.Tx, fresh bool) (bool, error) {
	e, card := h.event, h.cardOf()
	if card == nil || card.State != StateEnded || h.call.Final || e.Kind != Ringing && e.Kind != Answered {
		return false, nil
	}
	switch ended := store.Time(card.EndedAt); {
	case fresh && e.Leg != "" && !e.At.Before(ended):
		said, err := legsOf(tx, e)
		over := slices.ContainsFunc(said, func(s legRow) bool { return s.Leg == e.Leg && s.Kind == string(Ended) })
		return err == nil && !over, err
	case !fresh && e.Kind == Ringing && card.HungUp && e.At.After(ended.Add(e.patience())):
		return true, removeLaterEvents(tx, e)
	}
	return false, nil
}

func (e *Event) patience() time.Duration {
	if e.dated {
		return 0
	}
	return roundAfter
}

// respondRepeated answers an event that was heard before. A recording may come with it for
// the first time: it is ready when the call is over.
func (h *eventHandler) respondRepeated(tx *store.Tx) error {
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
