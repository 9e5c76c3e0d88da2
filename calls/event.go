package calls

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/phone"
	"callhue/rules"
)

// Event is what a PBX reports of a call. A dialect of webhooks makes it from the wire format.
type Event struct {
	Source    string          // the source's name
	CallID    string          // what the PBX calls this call; the same for all its legs
	Leg       string          // what it calls this leg; "" where it knows no legs
	Kind      EventKind       //
	Direction rules.Direction // "" when the PBX does not say: an earlier event did, or it counts as out
	Number    string          // the other party as it arrived; "" when an earlier event said it
	Agent     string          // what the PBX calls the agent; "" when it does not know yet
	Line      string          // our own number, as it arrived
	At        time.Time       // when it happened by the PBX's clock; zero: now
	Duration  time.Duration   // of the talk, for Ended and Summary; negative when not said
	Result    Result          // for Ended and Summary; "" when not said
	Recording string          // URL of the recording; "" when there is none
	// Unanswered of an Ended is why the agent's telephone rang in vain, or the only one of the call; "" where the
	// source does not report it. An agent's may come again with a better reason: the hang-up says more than the
	// end of the dialling.
	Unanswered Unanswered
	// Began is when the call began, where that was before this first event of it; zero: at At.
	Began time.Time
	// GoesOn of an agent's Ended keeps the call open although no agent is left on it: the client is parked, or
	// waits for the next one. An end of the whole call follows.
	GoesOn bool
	// NoReply says that no PBX waits for the card of this event.
	NoReply bool
	// EndUnknown of an Ended says that the end was not seen: At is when the call was last known to be up.
	EndUnknown bool

	dated bool  // At is by the PBX's clock
	seen  int64 // when it arrived by our clock, ms

	received time.Time // when it arrived, for one that waited for the database; else zero

	shared bool // other sources may report the call
}

// EventKind is what happened to a call.
type EventKind string

// The kinds of event.
const (
	Ringing  EventKind = "ringing"  // it rings at the agent, or the agent dials and waits
	Answered EventKind = "answered" // the agent talks
	// Ended with an agent ends that agent's part, and the call when no one is left on it. Without an agent it ends the
	// whole call.
	Ended EventKind = "ended"
	// Stopped ends the ringing at all agents while the call goes on: the voicemail took it, or a colleague who is not
	// named.
	Stopped EventKind = "stopped"
	// Summary brings facts that are known afterwards (duration, result, recording). It ends the call where no event
	// has.
	Summary EventKind = "summary"
)

// Result is how a call ended.
type Result string

// The results.
const (
	ResultAnswered  Result = "answered"
	ResultMissed    Result = "missed"    // no one answered
	ResultBusy      Result = "busy"      //
	ResultCancelled Result = "cancelled" // the caller gave up first
	ResultFailed    Result = "failed"    // no such number, no line, refused by the network
)

// Values lists the results, for the API reference; "" is that of a call that has not ended, or whose end is unknown.
func (Result) Values() []string {
	return []string{"", string(ResultAnswered), string(ResultMissed), string(ResultBusy), string(ResultCancelled), string(ResultFailed)}
}

// The longest texts of an event in bytes; a longer id is refused, longer other texts are cut.
const (
	maxCallID = 250
	maxLeg    = 100
	maxAgent  = 200
	maxURL    = 1000
)

// clockSkew is how far a PBX's clock may be off before we trust our own.
const clockSkew = 5 * time.Minute

// arrival returns when the event arrived by our clock, which shows now.
func (e *Event) arrival(now time.Time) time.Time {
	if !e.received.IsZero() {
		return e.received
	}
	return now.UTC()
}

// oldest returns how long ago an event may have happened. A present call cannot have begun when it would count as
// unfinished: a PBX that sends local time as UTC would have it closed before it is answered. A report of a past call
// cannot be from the year in which a PBX without a clock begins to count.
func (e *Event) oldest() time.Duration {
	if e.Kind == Ringing || e.Kind == Answered {
		return unfinishedAfter
	}
	return 366 * 24 * time.Hour
}

// tidy refuses an event without call or kind, drops what else cannot be stored and shortens what may be shortened.
func (e *Event) tidy(now time.Time) error {
	var wrong *fault.Error
	switch {
	case e.CallID == "":
		wrong = wrong.And("call_id", "required")
	case len(e.CallID) > maxCallID:
		wrong = wrong.And("call_id", "too_long")
	}
	switch e.Kind {
	case Ringing, Answered, Stopped, Ended, Summary:
	default:
		wrong = wrong.And("event", "unknown_value")
	}
	e.dropUnreadable()
	e.dated, e.seen = true, store.Millis(now)
	if e.At.IsZero() || e.At.After(now.Add(clockSkew)) || e.At.Before(now.Add(-e.oldest())) {
		e.At, e.dated = now, false
	}
	e.Leg, e.Agent, e.Line = cut(e.Leg, maxLeg), cut(e.Agent, maxAgent), cut(e.Line, 100)
	return wrong.OrNil()
}

// dropUnreadable removes facts that cannot be: an event is worth more than its duration.
func (e *Event) dropUnreadable() {
	switch e.Direction {
	case "", rules.In, rules.Out:
	default:
		e.Direction = ""
	}
	if !slices.Contains(e.Result.Values(), string(e.Result)) {
		e.Result = ""
	}
	if !slices.Contains(e.Unanswered.Values(), string(e.Unanswered)) {
		e.Unanswered = ""
	}
	if e.Duration > 7*24*time.Hour {
		e.Duration = -1
	}
	if len(e.Recording) > maxURL {
		e.Recording = ""
	}
}

// start returns what the event says of when its call began, in ms; 0 for nothing.
func (e *Event) start() int64 {
	switch {
	case !e.Began.IsZero() && e.Began.Before(e.At) && e.Began.After(e.At.Add(-unfinishedAfter)):
		return store.Millis(e.Began)
	case e.Kind == Ringing:
		return store.Millis(e.At)
	}
	return 0
}

// cut shortens a text to at most n bytes without breaking a letter.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n]
}

// Origin is the source an event came from, as much as calls needs of it.
type Origin struct {
	Name string
	Plan *phone.Plan // how its numbers are read
	// Lines are our own numbers whose calls count; without any all do.
	Lines []string
	// Shared says that there are other sources, which may report the same calls.
	Shared bool
}

// ErrOtherLine is the answer to an event on a line that does not count.
var ErrOtherLine = errors.New("calls: a line of ours that does not count")

// onOurLine reports whether the call of an event counts by its line. An event without a line counts when its call is
// known.
func (d *Tracker) onOurLine(ctx context.Context, origin Origin, e *Event) (bool, error) {
	if len(origin.Lines) == 0 {
		return true, nil
	}
	if e.Line == "" {
		before, err := callOf(d.DB.Read(ctx), e)
		return before != nil, err
	}
	key := origin.Plan.Parse(e.Line).Key()
	return slices.ContainsFunc(origin.Lines, func(ours string) bool {
		return strings.EqualFold(ours, e.Line) || key != 0 && origin.Plan.Parse(ours).Key() == key
	}), nil
}
