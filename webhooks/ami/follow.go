// Package ami reads what the manager interface of an Asterisk says, and follows its
// channels to know what that means for calls.
//
// wire.go is the stream: blocks of lines, actions. follow.go is the meaning: messages
// in, call events out. Nothing here does I/O of its own; the connection is kept by
// webhooks (ami_link.go). The recordings in testdata are of a real Asterisk.
package ami

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/calls"
	"callhue/phone"
	"callhue/rules"
)

// Follower follows the channels of an Asterisk and tells what they mean for
// calls. A call is everything of one Linkedid; a channel is a leg of it. It does
// no I/O.
//
// Whose a channel is decides everything: a telephone of ours makes an agent, any
// other one (a trunk) the outside. Local channels are Asterisk's own glue and
// neither.
type Follower struct {
	contexts []string // of our telephones; nil for any
	channels map[string]*leg
	calls    map[string]*call
	listed   map[string]bool // the channels of a list that is being read; nil when none is
}

// leg is a channel.
type leg struct {
	id     string
	call   string // its Linkedid
	agent  string // the extension, "" when it is none of ours
	caller string // its CallerIDNum when it was new
	up     bool
	over   bool // his part has ended, though the channel is not gone yet
}

// call is what is known of a call.
type call struct {
	direction rules.Direction
	number    string
	line      string
	internal  bool
	ordered   bool         // it began with a Local channel: somebody had the PBX make it
	result    calls.Result // of the last try to reach the outside
}

// NewFollower follows a PBX of which nothing is known yet. contexts are those of our
// telephones, with commas or blanks between; "" for any.
func NewFollower(contexts string) *Follower {
	f := &Follower{channels: map[string]*leg{}, calls: map[string]*call{}}
	for context := range strings.FieldsFuncSeq(contexts, func(r rune) bool { return r == ',' || r == ' ' }) {
		f.contexts = append(f.contexts, context)
	}
	return f
}

// Take gives what a message means; nothing for most.
func (f *Follower) Take(m Message) []calls.Event {
	switch m["Event"] {
	case "Newchannel":
		return f.begun(m)
	case "DialBegin":
		return f.dialled(m)
	case "DialEnd":
		return f.dialEnded(m)
	case "BridgeEnter":
		return f.bridged(m)
	case "Hangup":
		return f.hungUp(m)
	case "CoreShowChannel":
		return f.found(m)
	case "CoreShowChannelsComplete":
		return f.lost(m)
	}
	return nil
}

// leg finds or makes the channel of a message; prefix is "Dest" for the other one
// of a dial. nil when the message has none.
func (f *Follower) leg(m Message, prefix string) *leg {
	id := m.Get(prefix + "Uniqueid")
	if id == "" {
		return nil
	}
	l := f.channels[id]
	if l == nil {
		l = &leg{id: id, call: cmp.Or(m.Get(prefix+"Linkedid"), id), caller: m.Get(prefix + "CallerIDNum")}
		l.agent = f.telephone(m.Get(prefix+"Channel"), m.Get(prefix+"Context"), l.caller)
		f.channels[id] = l
	}
	return l
}

// telephone gives the extension of a channel of ours: PJSIP/101-00000001 is 101.
func (f *Follower) telephone(channel, context, caller string) string {
	tech, rest, _ := strings.Cut(channel, "/")
	end := strings.LastIndexByte(rest, '-')
	if end < 0 || tech == "Local" {
		return ""
	}
	endpoint := rest[:end]
	switch {
	case f.contexts != nil && !slices.Contains(f.contexts, context):
		return ""
	case phone.IsExtension(endpoint):
		return endpoint
	case f.contexts == nil:
		return "" // a trunk has a name too
	case phone.IsExtension(caller):
		return caller
	}
	return endpoint
}

func (f *Follower) callOf(id string) *call {
	c := f.calls[id]
	if c == nil {
		c = &call{}
		f.calls[id] = c
	}
	return c
}

// event is what happened to an agent's leg.
func (f *Follower) event(kind calls.EventKind, l *leg, m Message) calls.Event {
	c := f.callOf(l.call)
	return calls.Event{CallID: l.call, Leg: l.id, Kind: kind, Direction: c.direction, Number: c.number, Agent: l.agent, Line: c.line,
		At: moment(m), Duration: -1}
}

// begun: the first channel of a call that is not ours is an incoming call, before
// anybody's telephone rings.
func (f *Follower) begun(m Message) []calls.Event {
	l := f.leg(m, "")
	if l == nil || l.agent != "" || l.id != l.call {
		return nil
	}
	c := f.callOf(l.call)
	if strings.HasPrefix(m.Get("Channel"), "Local/") {
		c.ordered = true
		return nil
	}
	c.direction, c.number, c.line = rules.In, cmp.Or(l.caller, "anonymous"), m.Get("Exten")
	return []calls.Event{f.event(calls.Ringing, l, m)}
}

// dialled: somebody rings somebody.
func (f *Follower) dialled(m Message) []calls.Event {
	from, to := f.leg(m, ""), f.leg(m, "Dest")
	if to == nil {
		return nil
	}
	c := f.callOf(to.call)
	switch {
	case from == nil && to.agent != "":
		// Click-to-call rings our telephone first; whom it will dial is its line.
		c.direction, c.number = rules.Out, otherThan(to.agent, m.Get("DestConnectedLineNum"), m.Get("DestCallerIDNum"))
		return []calls.Event{f.event(calls.Ringing, to, m)}
	case from == nil:
		return nil
	case to.agent != "" && from.agent != "" && c.number == "":
		c.direction, c.number, c.internal = rules.Out, to.agent, true // a colleague
		return []calls.Event{f.event(calls.Ringing, from, m)}
	case to.agent != "":
		if c.number == "" {
			c.direction, c.number = rules.In, otherThan(to.agent, m.Get("CallerIDNum"), m.Get("DestConnectedLineNum"))
			if c.ordered {
				c.direction = rules.Out // as click-to-call, with Asterisk's glue between
			}
		}
		if c.internal {
			return nil
		}
		return []calls.Event{f.event(calls.Ringing, to, m)}
	case from.agent != "":
		if c.number == "" {
			c.direction, c.number = rules.Out, dialledNumber(m)
		}
		return []calls.Event{f.event(calls.Ringing, from, m)}
	}
	return nil
}

// dialEnded: whoever was rung answered, or will not.
func (f *Follower) dialEnded(m Message) []calls.Event {
	from, to := f.leg(m, ""), f.leg(m, "Dest")
	if to == nil || from == nil {
		return nil // our telephone before the client's: he is not on the line yet
	}
	c, status := f.callOf(to.call), strings.ToUpper(m.Get("DialStatus"))
	agent := to
	switch {
	case to.agent == "" && from.agent == "" && c.ordered:
		agent = f.agentIn(to.call) // he is behind a Local channel
	case to.agent == "" || c.internal:
		agent = from
	}
	switch {
	case agent == to && c.ordered && status == "ANSWER":
		return nil // our telephone before the client's
	case agent.agent == "":
		return nil
	case status == "ANSWER":
		to.up, agent.up = true, true
		return []calls.Event{f.event(calls.Answered, agent, m)}
	case agent == to && status == "CANCEL":
		return nil // a colleague answers next, or the caller gave up: the hang-up will tell
	case agent == to:
		to.over = true
		e := f.event(calls.Ended, to, m)
		e.Result = ResultOf(status)
		return []calls.Event{e}
	}
	c.result = ResultOf(status)
	return nil
}

// agentIn gives the leg of the agent who is on a call; one that is nobody's when there
// is none yet.
func (f *Follower) agentIn(call string) *leg {
	for _, l := range f.channels {
		if l.call == call && l.agent != "" {
			return l
		}
	}
	return &leg{}
}

// bridged: a telephone of ours is connected. After a transfer it may be in
// another call than it was dialled in.
func (f *Follower) bridged(m Message) []calls.Event {
	l := f.leg(m, "")
	if l == nil || l.agent == "" {
		return nil
	}
	into := cmp.Or(m.Get("Linkedid"), l.call)
	if into == l.call || f.callOf(into).number == "" {
		return nil
	}
	var events []calls.Event
	if c := f.callOf(l.call); !(c.internal && c.number == l.agent) { // a colleague who was asked has no card there
		events = append(events, f.event(calls.Ended, l, m))
	}
	l.call, l.up = into, true
	return append(events, f.event(calls.Answered, l, m))
}

// hungUp: a channel is gone. The last one of a call takes the call with it.
func (f *Follower) hungUp(m Message) []calls.Event {
	l := f.leg(m, "")
	if l == nil {
		return nil
	}
	return f.gone(l, m)
}

func (f *Follower) gone(l *leg, m Message) (events []calls.Event) {
	delete(f.channels, l.id)
	c := f.callOf(l.call)
	if l.agent != "" && !l.over && c.number != "" && !(c.internal && c.number == l.agent) {
		e := f.event(calls.Ended, l, m)
		if e.Result = c.result; l.up {
			e.Result = ""
		}
		events = append(events, e)
	}
	for _, other := range f.channels {
		if other.call == l.call {
			return events
		}
	}
	delete(f.calls, l.call)
	if c.number == "" {
		return events
	}
	whole := calls.Event{CallID: l.call, Kind: calls.Ended, Direction: c.direction, Number: c.number, Line: c.line, Result: c.result, At: moment(m), Duration: -1}
	if causeBusy := m.Get("Cause") == "17"; causeBusy && whole.Result == "" && !l.up {
		whole.Result = calls.ResultBusy
	}
	return append(events, whole)
}

// found: a channel of the list that is asked for after connecting. One that we
// have not seen began while we were away.
func (f *Follower) found(m Message) []calls.Event {
	if f.listed == nil {
		f.listed = map[string]bool{}
	}
	known := f.channels[m.Get("Uniqueid")] != nil
	l := f.leg(m, "")
	if l == nil {
		return nil
	}
	f.listed[l.id] = true
	if known || l.agent == "" || m.Get("ChannelStateDesc") != "Up" {
		return nil
	}
	other := otherThan(l.agent, m.Get("ConnectedLineNum"))
	c := f.callOf(l.call)
	if other == "" || phone.IsExtension(other) {
		return nil
	}
	if c.number == "" {
		if c.direction = rules.In; l.id == l.call {
			c.direction = rules.Out
		}
		c.number = other
	}
	l.up = true
	return []calls.Event{f.event(calls.Answered, l, m)}
}

// lost: the list is complete. A channel that is not in it has ended while we were
// away.
func (f *Follower) lost(m Message) (events []calls.Event) {
	ids := make([]string, 0, len(f.channels))
	for id := range f.channels {
		if !f.listed[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		events = append(events, f.gone(f.channels[id], Message{"Timestamp": m["Timestamp"]})...)
	}
	f.listed = nil
	return events
}

// otherThan gives the first number that is not the agent's own extension.
func otherThan(agent string, numbers ...string) string {
	for _, number := range numbers {
		if number != "" && number != agent && number != "s" {
			return number
		}
	}
	return ""
}

// dialledNumber is the number that a telephone of ours dials through a trunk: what
// was typed, else what is sent out.
func dialledNumber(m Message) string {
	for _, name := range []string{"Exten", "DestExten"} {
		if number := m.Get(name); number != "" && number != "s" && strings.Trim(number, "+0123456789*#") == "" {
			return number
		}
	}
	dialled := m.Get("DialString")
	dialled = dialled[strings.LastIndexByte(dialled, '/')+1:]
	dialled, _, _ = strings.Cut(dialled, "@")
	return dialled
}

// moment is the time of an event where the manager tells it (timestampevents).
func moment(m Message) time.Time {
	seconds, err := strconv.ParseFloat(m.Get("Timestamp"), 64)
	if err != nil || !(seconds > 0 && seconds < 1<<33) {
		return time.Time{}
	}
	return time.UnixMicro(int64(seconds * 1e6)).UTC()
}

// ResultOf maps Asterisk's DIALSTATUS, which other PBXs pass on too.
func ResultOf(status string) calls.Result {
	switch strings.ToUpper(status) {
	case "":
		return ""
	case "ANSWER", "ANSWERED":
		return calls.ResultAnswered
	case "BUSY":
		return calls.ResultBusy
	case "NOANSWER":
		return calls.ResultMissed
	case "CANCEL":
		return calls.ResultCancelled
	}
	return calls.ResultFailed // CONGESTION, CHANUNAVAIL
}
