// Package ami reads the manager interface (AMI) of an Asterisk and follows its channels to derive call events.
//
// The model is what Asterisk says and no more: channels (channel.go), the bridges that join them, the Local pairs
// between them and the dials by which one rings another (bridge.go). A call (call.go) is a client with the
// telephones of ours that are connected with it; who is the client and which direction a call has, party.go
// decides. After every message the calls that it touches are compared with what was reported of them: the
// difference is the events. reconcile.go compares with the list of channels after a connection, wire.go reads the
// stream. Nothing here does I/O of its own; package webhooks keeps the connection (ami_link.go).
package ami

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"callhue/calls"
	"callhue/rules"
)

// Follower follows the channels of an Asterisk and derives call events from them.
type Follower struct {
	contexts []string // of our telephones; nil for any
	people   Directory

	channels map[string]*channel // by Uniqueid
	halves   map[string]*channel // of Local pairs whose other half is not known, by name
	bridges  map[string]*bridge
	calls    map[string]*call
	list     *listing // the list of channels that is being read; nil when none is

	at         time.Time // of the message that is handled
	unknownEnd bool      // what ends now may have ended before
	walks      uint64
	found      []*channel // by the last walk
}

// NewFollower returns a follower of a PBX of which nothing is known yet. contexts are those of our telephones, with
// commas or blanks between; "" for any.
func NewFollower(contexts string, people Directory) *Follower {
	f := &Follower{
		people:   people,
		channels: map[string]*channel{},
		halves:   map[string]*channel{},
		bridges:  map[string]*bridge{},
		calls:    map[string]*call{},
	}
	for context := range strings.FieldsFuncSeq(contexts, func(r rune) bool { return r == ',' || r == ' ' }) {
		f.contexts = append(f.contexts, context)
	}
	return f
}

// handlers are the events that matter. Others that Asterisk has for the same acts repeat what these say: UnParkedCall
// follows from who enters and leaves bridges, as AttendedTransfer does once the consulted colleague has answered;
// LocalBridge follows from the names of the halves.
var handlers = map[string]func(*Follower, Message) []calls.Event{
	"Newchannel":               (*Follower).channelAdded,
	"NewCallerid":              (*Follower).callerChanged,
	"DialBegin":                (*Follower).dialBegan,
	"DialEnd":                  (*Follower).dialEnded,
	"BridgeEnter":              (*Follower).bridgeEntered,
	"BridgeLeave":              (*Follower).bridgeLeft,
	"BridgeMerge":              (*Follower).bridgesMerged,
	"BridgeDestroy":            (*Follower).bridgeDestroyed,
	"BlindTransfer":            (*Follower).transferred,
	"AttendedTransfer":         (*Follower).transferredWhileRinging,
	"QueueCallerJoin":          (*Follower).queued,
	"Hangup":                   (*Follower).hungUp,
	"CoreShowChannel":          (*Follower).channelListed,
	"CoreShowChannelsComplete": (*Follower).listEnded,
}

// Take returns the call events that a message produces, usually none.
func (f *Follower) Take(m Message) []calls.Event {
	handle := handlers[m.Get("Event")]
	if handle == nil {
		return nil
	}
	f.at = m.Time()
	return handle(f, m)
}

// Busy reports whether calls are known to be up.
func (f *Follower) Busy() bool { return len(f.calls) > 0 }

// around returns the calls that a change at some channels can touch.
func (f *Follower) around(channels ...*channel) (list []*call) {
	for _, ch := range f.walk(true, everywhere, channels...) {
		if ch.call != nil && !slices.Contains(list, ch.call) {
			list = append(list, ch.call)
		}
	}
	return list
}

// updateAll reports what has changed on some calls and on those that the channels have to do with now.
func (f *Follower) updateAll(before []*call, channels ...*channel) (events []calls.Event) {
	for _, c := range f.around(channels...) {
		if !slices.Contains(before, c) {
			before = append(before, c)
		}
	}
	for _, c := range before {
		events = append(events, f.update(c)...)
	}
	return events
}

// channelAdded handles a new channel. One from outside that began by itself is a client who calls; a Local one is
// an order to place a call. Neither is reported before a telephone rings: the number may still change.
func (f *Follower) channelAdded(m Message) []calls.Event {
	ch := f.channel(m, "")
	if ch == nil || ch.id != ch.linked || ch.call != nil {
		return nil
	}
	switch {
	case ch.role == local:
		f.order(ch, f.orderedNumber(ch, ch.caller))
	case ch.role == outside && !ch.caused:
		f.clientCalls(ch)
	}
	return nil
}

// callerChanged handles the number of a channel that is sent late or repaired.
func (f *Follower) callerChanged(m Message) []calls.Event {
	ch := f.channel(m, "")
	if ch != nil && ch.call != nil && ch.call.root == ch && ch.role == local && ch.call.number == "" {
		ch.call.number = f.people.outsideNumber(ch.caller)
	}
	return nil
}

// queued handles a client who waits for a telephone.
func (f *Follower) queued(m Message) []calls.Event {
	ch := f.channel(m, "")
	if ch == nil || ch.call == nil || ch.role != outside {
		return nil
	}
	return f.begin(ch.call)
}

// dialBegan handles one channel ringing another.
func (f *Follower) dialBegan(m Message) (events []calls.Event) {
	from, to := f.channel(m, ""), f.channel(m, "Dest")
	if to == nil {
		return nil
	}
	f.disagree(to, m.Get("DialString"))
	ring(from, to)
	if c := f.place(from, to, m); c != nil && to.role == outside && slices.Contains(c.clients, to) && c.root == nil {
		events = f.begin(c) // the client is rung before any telephone of ours
	}
	return append(events, f.updateAll(nil, to)...)
}

// dialEnded handles the rung channel answering, or not.
func (f *Follower) dialEnded(m Message) (events []calls.Event) {
	from, to := f.channel(m, ""), f.channel(m, "Dest")
	if to == nil || from == nil {
		return nil // the PBX has dialled by itself: the channel is connected with nothing yet
	}
	before := f.around(to)
	result, reason := ResultOf(m.Get("DialStatus")), unansweredOf(m.Get("DialStatus"))
	if result == calls.ResultAnswered && to.call == nil && dialOf(from, to) == nil {
		f.place(from, to, m) // it began before we were connected
	}
	if c := to.call; c != nil && slices.Contains(c.clients, to) {
		c.result = unlessAnswered(result)
	}
	switch result {
	case calls.ResultAnswered:
		ring(from, to).answered = true
	case calls.ResultCancelled:
		// A colleague answers next, or the caller gave up, or the telephone forwards: the hang-up shows.
	default:
		if d := dialOf(from, to); d != nil {
			d.drop()
		}
		for _, c := range before {
			if p := c.partOf(to); p != nil && p.state == calls.Ringing {
				p.result, p.reason = result, reason
				events = append(events, f.report(c, p, calls.Ended)...)
			}
		}
	}
	return append(events, f.updateAll(before, from, to)...)
}

// bridgeEntered handles a channel that joins a conversation.
func (f *Follower) bridgeEntered(m Message) []calls.Event {
	ch := f.channel(m, "")
	if ch == nil || m.Get("BridgeUniqueid") == "" {
		return nil
	}
	before := f.around(ch)
	if swapped := f.channels[m.Get("SwapUniqueid")]; swapped != nil && swapped != ch {
		f.leave(swapped)
	}
	f.enter(ch, f.bridgeOf(m))
	return f.updateAll(before, ch)
}

// bridgeLeft handles a channel that leaves a conversation.
func (f *Follower) bridgeLeft(m Message) []calls.Event {
	ch := f.channel(m, "")
	if ch == nil || ch.bridge == nil || ch.bridge.id != m.Get("BridgeUniqueid") {
		return nil
	}
	before := f.around(ch)
	f.leave(ch)
	return f.updateAll(before, ch)
}

// bridgesMerged handles two conversations becoming one.
func (f *Follower) bridgesMerged(m Message) (events []calls.Event) {
	from, to := f.bridges[m.Get("FromBridgeUniqueid")], f.bridges[m.Get("ToBridgeUniqueid")]
	if from == nil || to == nil || from == to {
		return nil
	}
	moved := slices.Clone(from.channels)
	before := f.around(moved...)
	for _, ch := range moved {
		f.enter(ch, to)
	}
	return f.updateAll(before, moved...)
}

// bridgeDestroyed handles the end of a conversation, which all have left.
func (f *Follower) bridgeDestroyed(m Message) []calls.Event {
	b := f.bridges[m.Get("BridgeUniqueid")]
	if b == nil {
		return nil
	}
	left := slices.Clone(b.channels)
	before := f.around(left...)
	for _, ch := range left {
		f.leave(ch)
	}
	delete(f.bridges, b.id)
	return f.updateAll(before, left...)
}

// hungUp handles a channel that is gone.
func (f *Follower) hungUp(m Message) []calls.Event {
	ch := f.channels[m.Get("Uniqueid")]
	if ch == nil {
		return nil
	}
	return f.remove(ch, m.Get("Cause"))
}

// remove takes a channel away and reports what that changes. code is the hang-up cause, which says why it was not
// answered; "" where the end was not seen.
func (f *Follower) remove(ch *channel, code string) (events []calls.Event) {
	cause := resultOfCause(code)
	before := f.around(ch)
	f.leave(ch)
	for _, d := range slices.Clone(ch.dials) {
		d.drop()
	}
	if ch.pair != nil {
		ch.pair.pair = nil
	}
	delete(f.halves, ch.name)
	delete(f.channels, ch.id)
	for _, c := range before {
		c.learnEnd(ch, cause)
		switch p := c.partOf(ch); {
		case p == nil, p.state == calls.Answered:
		case c.root == ch:
			p.result = c.result
		default:
			p.result = cmp.Or(cause, p.result)
			events = append(events, f.learnReason(c, p, unansweredOfCause(code))...)
		}
		c.clients = slices.DeleteFunc(c.clients, func(other *channel) bool { return other == ch })
		if c.root == ch {
			c.root = nil
		}
	}
	return append(events, f.updateAll(before)...)
}

// learnReason keeps why a telephone rang in vain. An end that was reported when the dialling ended comes again where
// the hang-up says more: a telephone that declines is NOANSWER to the dialling.
func (f *Follower) learnReason(c *call, p *part, reason calls.Unanswered) []calls.Event {
	if reason == "" || p.reason == reason {
		return nil
	}
	before := p.reason
	p.reason = reason
	if p.state != calls.Ended || before == "" {
		return nil
	}
	return f.report(c, p, calls.Ended)
}

// learnEnd keeps why an outgoing call failed: what the client's channel ended with says more than the dial did.
func (c *call) learnEnd(ch *channel, cause calls.Result) {
	isClient := slices.Contains(c.clients, ch)
	isBusy := c.root == ch && c.result == "" && cause == calls.ResultBusy
	if c.direction == rules.In || c.answered || cause == "" {
		return
	}
	if isClient && c.result != calls.ResultCancelled || isBusy {
		c.result = cause
	}
}
