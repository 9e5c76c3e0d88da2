// Package ami reads the manager interface (AMI) of an Asterisk and follows its channels to derive call events.
//
// wire.go is the stream: blocks of lines, actions. follow.go is the meaning: messages in, call events out. Nothing here
// does I/O of its own; package webhooks keeps the connection (ami_link.go). The recordings in testdata are of a real
// Asterisk.
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

// Follower follows the channels of an Asterisk and derives call events from them. All channels with one Linkedid are a
// call; a channel is a leg of it.
//
// A channel of one of our telephones is an agent; any other one, such as of a trunk, is the outside. Local channels
// connect other channels inside Asterisk and are neither.
type Follower struct {
	contexts []string // of our telephones; nil for any
	channels map[string]*leg
	calls    map[string]*call
	listed   map[string]bool // the channels of the list that is being read; nil when none is
}

// leg is a channel.
type leg struct {
	id     string
	call   string // its Linkedid
	agent  string // the extension; "" when it is no telephone of ours
	caller string // its CallerIDNum when it was new
	up     bool
	ended  bool // the agent's part has ended, though the channel is not gone yet
}

// call is what is known of a call.
type call struct {
	direction rules.Direction
	number    string
	line      string
	internal  bool
	ordered   bool         // it began with a Local channel: the PBX was told to place it
	result    calls.Result // of the last attempt to reach the outside
}

// NewFollower returns a follower of a PBX of which nothing is known yet. contexts are those of our telephones, with commas
// or blanks between; "" for any.
func NewFollower(contexts string) *Follower {
	f := &Follower{channels: map[string]*leg{}, calls: map[string]*call{}}
	for context := range strings.FieldsFuncSeq(contexts, func(r rune) bool { return r == ',' || r == ' ' }) {
		f.contexts = append(f.contexts, context)
	}
	return f
}

// Take returns the call events that a message produces, usually none.
func (f *Follower) Take(m Message) []calls.Event {
	switch m["Event"] {
	case "Newchannel":
		return f.channelAdded(m)
	case "DialBegin":
		return f.dialBegan(m)
	case "DialEnd":
		return f.dialEnded(m)
	case "BridgeEnter":
		return f.bridged(m)
	case "Hangup":
		return f.hungUp(m)
	case "CoreShowChannel":
		return f.channelListed(m)
	case "CoreShowChannelsComplete":
		return f.listEnded(m)
	}
	return nil
}

// leg returns the channel of a message, which is added when it is new; prefix is "Dest" for the dialled one. It is nil
// when the message names none.
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

// telephone returns the extension of a channel of ours, such as 101 of PJSIP/101-00000001; "" for any other one.
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
		return "" // it may be a trunk
	case phone.IsExtension(caller):
		return caller
	}
	return endpoint
}

// callOf returns the call of a Linkedid, which is added when it is new.
func (f *Follower) callOf(id string) *call {
	c := f.calls[id]
	if c == nil {
		c = &call{}
		f.calls[id] = c
	}
	return c
}

// event returns an event of a leg.
func (f *Follower) event(kind calls.EventKind, l *leg, m Message) calls.Event {
	c := f.callOf(l.call)
	return calls.Event{
		CallID:    l.call,
		Leg:       l.id,
		Kind:      kind,
		Direction: c.direction,
		Number:    c.number,
		Agent:     l.agent,
		Line:      c.line,
		At:        moment(m),
		Duration:  -1,
	}
}

// channelAdded handles a new channel. If it is the first one of a call and none of ours, an incoming call begins, before
// any telephone rings.
func (f *Follower) channelAdded(m Message) []calls.Event {
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

// dialBegan handles one channel ringing another.
func (f *Follower) dialBegan(m Message) []calls.Event {
	from, to := f.leg(m, ""), f.leg(m, "Dest")
	if to == nil {
		return nil
	}
	c := f.callOf(to.call)
	switch {
	case from == nil && to.agent != "":
		// Click-to-call rings our telephone first; the connected line is the number that it will dial.
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
				c.direction = rules.Out // as click-to-call, with a Local channel between
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

// dialEnded handles the rung channel answering, or not.
func (f *Follower) dialEnded(m Message) []calls.Event {
	from, to := f.leg(m, ""), f.leg(m, "Dest")
	if to == nil || from == nil {
		return nil // our telephone, before the client's: the client is not on the line yet
	}
	c, status := f.callOf(to.call), strings.ToUpper(m.Get("DialStatus"))
	agent := to
	switch {
	case to.agent == "" && from.agent == "" && c.ordered:
		agent = f.agentIn(to.call) // the agent is behind a Local channel
	case to.agent == "" || c.internal:
		agent = from
	}
	switch {
	case agent == to && c.ordered && status == "ANSWER":
		return nil // our telephone, before the client's
	case agent.agent == "":
		return nil
	case status == "ANSWER":
		to.up, agent.up = true, true
		return []calls.Event{f.event(calls.Answered, agent, m)}
	case agent == to && status == "CANCEL":
		return nil // a colleague answers next, or the caller gave up: the hang-up shows which
	case agent == to:
		to.ended = true
		e := f.event(calls.Ended, to, m)
		e.Result = ResultOf(status)
		return []calls.Event{e}
	}
	c.result = ResultOf(status)
	return nil
}

// agentIn returns the leg of the agent on a call; a leg without an agent when there is none yet.
func (f *Follower) agentIn(call string) *leg {
	for _, l := range f.channels {
		if l.call == call && l.agent != "" {
			return l
		}
	}
	return &leg{}
}

// bridged handles a telephone of ours being connected. After a transfer it may be in another call than the one in which
// it was dialled.
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
	if c := f.callOf(l.call); !(c.internal && c.number == l.agent) { // a consulted colleague has no card there
		events = append(events, f.event(calls.Ended, l, m))
	}
	l.call, l.up = into, true
	return append(events, f.event(calls.Answered, l, m))
}

// hungUp handles a channel that is gone. With the last channel of a call the call ends.
func (f *Follower) hungUp(m Message) []calls.Event {
	l := f.leg(m, "")
	if l == nil {
		return nil
	}
	return f.remove(l, m)
}

// remove ends a channel, and its call when it was the last one.
func (f *Follower) remove(l *leg, m Message) (events []calls.Event) {
	delete(f.channels, l.id)
	c := f.callOf(l.call)
	if l.agent != "" && !l.ended && c.number != "" && !(c.internal && c.number == l.agent) {
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
	whole := calls.Event{
		CallID:    l.call,
		Kind:      calls.Ended,
		Direction: c.direction,
		Number:    c.number,
		Line:      c.line,
		Result:    c.result,
		At:        moment(m),
		Duration:  -1,
	}
	if m.Get("Cause") == causeBusy && whole.Result == "" && !l.up {
		whole.Result = calls.ResultBusy
	}
	return append(events, whole)
}

// causeBusy is the hang-up cause "user busy" of Q.850.
const causeBusy = "17"

// channelListed handles a channel of the list that is requested after connecting. An unknown one began while there was no
// connection.
func (f *Follower) channelListed(m Message) []calls.Event {
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

// listEnded handles the end of the list. A channel that is not in it ended while there was no connection.
func (f *Follower) listEnded(m Message) (events []calls.Event) {
	ids := make([]string, 0, len(f.channels))
	for id := range f.channels {
		if !f.listed[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		events = append(events, f.remove(f.channels[id], Message{"Timestamp": m["Timestamp"]})...)
	}
	f.listed = nil
	return events
}

// otherThan returns the first number that is not the agent's own extension.
func otherThan(agent string, numbers ...string) string {
	for _, number := range numbers {
		if number != "" && number != agent && number != "s" {
			return number
		}
	}
	return ""
}

// dialledNumber returns the number that a telephone of ours dials through a trunk: what was typed, else what is sent out.
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

// moment returns the time of an event where the manager sends it (timestampevents); zero otherwise.
func moment(m Message) time.Time {
	seconds, err := strconv.ParseFloat(m.Get("Timestamp"), 64)
	if err != nil || !(seconds > 0 && seconds < 1<<33) {
		return time.Time{}
	}
	return time.UnixMicro(int64(seconds * 1e6)).UTC()
}

// ResultOf maps Asterisk's DIALSTATUS, which other PBXs use too.
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
