package calls

import (
	"context"
	"errors"
	"slices"
	"time"

	"callhue/internal/store"
	"callhue/phone"
	"callhue/rules"
	"callhue/staff"
)

// Handle takes in what a source reports of a call and returns the card of the event's agent as it stands now. It is
// idempotent on (source, call, leg, agent, kind) and takes events in any order; a queue that comes back to the same
// agent rings them again (handle_again.go). An unknown agent or number is no fault. Faults: invalid, by the field that
// cannot be stored; ErrOtherLine for a line that does not count.
func (d *Tracker) Handle(ctx context.Context, origin Origin, e Event) (Card, error) {
	e.Source, e.shared = origin.Name, origin.Shared
	if err := e.tidy(e.arrival(d.DB.Clock())); err != nil {
		return Card{}, err
	}
	if ours, err := d.onOurLine(ctx, origin, &e); err != nil {
		return Card{}, err
	} else if !ours {
		return Card{}, ErrOtherLine
	}
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return Card{}, err
	}
	h := eventHandler{lockedCall: lockedCall{tracker: d, org: org}, event: &e, arrived: &e}
	if e.Agent != "" {
		h.agent = org.ByIdentity(e.Source, e.Agent)
	}
	// The verdict is made before the transaction, so that nothing slow happens while the call is locked. It is made
	// again when the call has got its number or direction meanwhile, which happens at most once each.
	for {
		if h.number, h.direction, err = d.numberAndDirection(ctx, origin.Plan, &e); err != nil {
			return Card{}, err
		}
		if h.judged = h.mustJudge || !(e.NoReply && e.Kind == Ended); h.judged {
			h.card = d.judge(ctx, Question{Number: h.number, Agent: h.agent, Called: e.Agent, Direction: h.direction,
				Kept: true})
		}
		err = d.DB.Write(store.Sharing(ctx), func(tx *store.Tx) error {
			err := h.write(tx)
			tx.Answer(h.answer)
			return err
		})
		if err == nil {
			break
		}
		if !errors.Is(err, errStale) {
			return Card{}, err
		}
	}
	h.count()
	if own := h.cardOf(); h.numbered && slices.ContainsFunc(h.cards, func(c *cardRow) bool { return c != own }) {
		d.reevaluateNumbered(ctx, h.call.ID)
	}
	return h.answer, nil
}

// errStale ends a transaction when another event has brought the number or the direction of the call after this event's
// verdict was made.
var errStale = errors.New("calls: the verdict is older than what the call knows")

// isStale reports whether the verdict was made with less than the call knows by now.
func (h *eventHandler) isStale() bool {
	e, c := h.event, h.call
	return c.NumberKind != "" && c.number() != h.number && (e.Number == "" || isAside(h.number, c.number())) ||
		e.Direction == "" && c.Direction != "" && c.Direction != string(h.direction)
}

// isAside reports whether a number belongs to something beside the call with a client: an agent who asks a colleague
// during the call still talks with that client.
func isAside(n, known phone.Number) bool {
	return known.Kind == phone.External && n.Kind != phone.External
}

// numberAndDirection returns the number and the direction of an event's call: those of the event, else those of an
// earlier one.
func (d *Tracker) numberAndDirection(ctx context.Context, plan *phone.Plan, e *Event) (phone.Number, rules.Direction, error) {
	n, direction := plan.Parse(e.Number), e.Direction
	if n.Kind == phone.External && direction != "" {
		return n, direction, nil
	}
	before, err := callOf(d.DB.Read(ctx), e)
	if err != nil || before == nil || e.isAnother(before, d.DB.Clock()) {
		return n, direction, err
	}
	aside := isAside(n, before.number())
	if e.Number == "" || aside {
		n = before.number()
	}
	if direction == "" || aside && before.Direction != "" {
		direction = rules.Direction(before.Direction)
	}
	return n, direction, nil
}

// eventHandler writes one event into the tables.
type eventHandler struct {
	lockedCall
	event     *Event
	arrived   *Event // the event before it counted as one of a source that follows
	agent     *staff.User
	number    phone.Number
	direction rules.Direction
	card      Card // the verdict of this moment

	judged    bool // it was made: an end that no PBX waits for needs none
	mustJudge bool // unless it is the first event of its agent
	repeated  bool
	numbered  bool // the call has only now learned its number
	again     bool // the agent is rung again although their part had ended
	follows   bool // another source leads the call
	elsewhere bool // a leg ended, and its agent goes on at another one
	shown     int  // cards that appeared, for the metrics
	answer    Card
}

// write is the transaction. It may run again from the start.
func (h *eventHandler) write(tx *store.Tx) error {
	h.repeated, h.numbered, h.shown, h.cards = false, false, 0, nil
	h.event, h.follows = h.arrived, false
	call, added, err := h.lock(tx)
	if err == nil && h.event.isAnother(call, tx.Now()) {
		if err = h.freeID(tx, call); err == nil {
			call, added, err = h.lock(tx)
		}
	}
	if err != nil {
		return err
	}
	h.call = call
	if h.isStale() {
		return errStale
	}
	if call.Source != h.event.Source {
		h.follow(tx)
	}
	if h.cards, err = cardsOf(tx, call.ID); err != nil {
		return err
	}
	fresh, err := addEvent(tx, h.event)
	if err != nil {
		return err
	}
	if h.addsNothing() {
		h.repeated = true
		return h.respondRepeated(tx)
	}
	if known, err := h.confirmsAnswer(tx); known || err != nil {
		if err != nil {
			return err
		}
		h.repeated = true
		return h.respondRepeated(tx)
	}
	if h.again, err = h.comesAgain(tx, fresh); err != nil {
		return err
	}
	if !fresh && !h.again && h.event.Kind != Summary { // facts may come in several parts
		h.repeated = true
		return h.respondRepeated(tx)
	}
	if h.elsewhere, err = h.goesOnElsewhere(tx); err != nil {
		return err
	}
	was := *call
	h.learn(tx)
	if err := h.correctEnds(tx); err != nil {
		return err
	}
	mine, err := h.moveCard(tx)
	if err != nil {
		return err
	}
	if err := h.moveCall(tx); err != nil {
		return err
	}
	if err := saveCall(tx, call); err != nil {
		return err
	}
	if call.StartedAt != was.StartedAt {
		if err := saveStart(tx, call); err != nil {
			return err
		}
	}
	if err := h.recordChanges(tx, added, &was); err != nil {
		return err
	}
	if err := h.judgeTalks(tx); err != nil {
		return err
	}
	if err := h.recordTouches(tx); err != nil {
		return err
	}
	return h.respond(mine)
}

// isAnother reports whether a ringing begins a new call rather than repeating one that ended days ago: a PBX counts its
// calls from the start again, after a restart for example.
func (e *Event) isAnother(call *callRow, now time.Time) bool {
	return e.Kind == Ringing && call.State == StateEnded && call.EndedAt < store.Millis(now.Add(-eventsKept))
}

// learn stores what the call did not know yet.
func (h *eventHandler) learn(tx *store.Tx) {
	c, e := h.call, h.event
	if c.NumberRaw == "" && c.NumberKind == "" && e.Number != "" {
		h.numbered = true
		c.NumberRaw, c.NumberKind, c.NumberKey, c.Extension = cut(h.number.Raw, 100), h.number.Kind.String(), h.number.Key(), cut(h.number.Extension, 20)
		if h.number.Kind == phone.Internal {
			c.NumberRaw = h.number.Local
		}
	}
	if c.Direction == "" {
		c.Direction = string(e.Direction)
	}
	if c.Line == "" {
		c.Line = e.Line
	}
	if e.Recording != "" {
		c.Recording = e.Recording
	}
	if at := e.start(); at != 0 && at < c.StartedAt {
		c.StartedAt, c.StartedSeen = at, e.stamp().seen
	}
	h.learnTalk()
	if s := e.stamp(); e.Kind == Answered && (c.AnsweredAt == 0 || s.at < c.AnsweredAt) {
		c.AnsweredAt, c.AnsweredSeen = s.at, s.seen
		if c.State == StateEnded { // the end came first, and the call looked missed
			c.Result = string(ResultAnswered)
			c.Duration = c.talkSeconds()
		}
	}
}

// learnTalk stores what the source reports of the talk. That no word was spoken counts where the event is the end of
// the agent who answered, or of the call.
func (h *eventHandler) learnTalk() {
	e, card := h.event, h.cardOf()
	switch {
	case e.Kind != Ended && e.Kind != Summary:
	case talked(e.Result) && e.Duration > 0:
		h.call.Said = e.Duration.Milliseconds()
	case !talked(e.Result) && h.call.Said == 0 && (e.Agent == "" || card != nil && card.AnsweredAt != 0):
		h.call.Said = saidNone
	}
}

// moveCall changes the state of the call itself, after its agents.
func (h *eventHandler) moveCall(tx *store.Tx) error {
	c, e := h.call, h.event
	left := e.GoesOn || slices.ContainsFunc(h.cards, func(k *cardRow) bool { return k.State != StateEnded })
	ends := e.Kind == Summary || e.Kind == Ended && (e.Agent == "" || !left)
	if e.Kind == Ended && !ends || h.elsewhere {
		return nil // an agent is still on it, or the client waits for one
	}
	c.State = c.State.next(e.Kind)
	if !ends {
		return nil
	}
	c.Final = c.Final || !h.follows && (e.Kind == Summary || e.Agent == "")
	c.EndUnknown, h.reason = e.EndUnknown, e.Unanswered
	return h.end(tx, e.stamp(), e.Result)
}

// recordChanges records what happened to the call as a whole.
func (h *eventHandler) recordChanges(tx *store.Tx, added bool, was *callRow) error {
	if added {
		if err := h.record(tx, CallStarted); err != nil {
			return err
		}
	}
	if was.AnsweredAt == 0 && h.call.AnsweredAt != 0 {
		if err := h.record(tx, CallAnswered); err != nil {
			return err
		}
	}
	if was.State != StateEnded && h.call.State == StateEnded {
		return h.record(tx, CallEnded)
	}
	return nil
}

// respond sets the answer to the event: the agent's card, or the call without an agent.
func (h *eventHandler) respond(mine *cardRow) error {
	if h.event.NoReply {
		h.answer = h.card
		return nil
	}
	if mine != nil {
		h.answer = mine.shown()
		return nil
	}
	h.answer = h.card
	h.answer.Call = h.call.part(nil)
	return nil
}

func (h *eventHandler) count() {
	kind := string(h.event.Kind)
	if h.repeated {
		kind = "repeated"
	}
	h.tracker.events.WithLabelValues(kind).Inc()
	if h.shown > 0 {
		h.tracker.verdicts[h.card.Verdict.Color].Inc()
	}
}
