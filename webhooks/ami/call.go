package ami

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"callhue/calls"
	"callhue/rules"
)

// call is a call with a client, or between colleagues. Who rings and who talks on it follows from how its channels are
// connected; what has changed becomes events.
type call struct {
	id        string // the Linkedid of the channel that began it
	direction rules.Direction
	number    string // as it arrived; "" until it is known
	line      string
	internal  bool       // a colleague is called: only the caller has a card
	ordered   bool       // the PBX was told to place it
	caller    *channel   // the client's channel of an incoming call, even when it has gone; nil for others
	root      *channel   // our telephone or the Local channel that began it; nil when it has gone, or a client called
	clients   []*channel // the client's channels: several while more than one trunk is tried
	parts     []*part
	began     time.Time
	reported  bool         // an event of it was returned
	answered  bool         // the client has talked
	result    calls.Result // of the last attempt to reach the client
}

// part is the part of one telephone of ours in a call.
type part struct {
	channel *channel
	state   calls.EventKind  // what was reported last: Ringing, Answered, Ended
	result  calls.Result     // how the attempt to reach it ended
	reason  calls.Unanswered // why it rang in vain
}

// newCall adds a call with the id that its first channel suggests. Another call of channels whose first one is over
// has an id of its own.
func (f *Follower) newCall(first *channel, direction rules.Direction) *call {
	c := &call{id: first.linked, direction: direction, began: f.at}
	for n := 2; f.calls[c.id] != nil || first.spent && n == 2; n++ {
		c.id = first.id + "#" + strconv.Itoa(n)
	}
	f.calls[c.id] = c
	return c
}

func (c *call) addClient(client *channel) {
	if !slices.Contains(c.clients, client) {
		c.clients = append(c.clients, client)
	}
	client.call = c
}

// partOf returns the part of a channel; nil when it has none.
func (c *call) partOf(ch *channel) *part {
	for _, p := range c.parts {
		if p.channel == ch {
			return p
		}
	}
	return nil
}

// isOver reports whether nothing more can come of a call: its client has gone after a talk, or both the client and
// what began the call.
func (c *call) isOver() bool {
	switch {
	case c.internal, c.root == nil:
		return c.root == nil && len(c.clients) == 0
	}
	return len(c.clients) == 0 && c.answered
}

// update compares who rings and who talks on a call with what was reported of it, and reports the difference.
func (f *Follower) update(c *call) (events []calls.Event) {
	if f.calls[c.id] != c {
		return nil
	}
	talking := slices.Clone(f.talkers(c))
	ringing := slices.Clone(f.rung(c))
	for _, ch := range ringing {
		if c.partOf(ch) == nil && !slices.Contains(talking, ch) {
			events = append(events, f.report(c, &part{channel: ch}, calls.Ringing)...)
		}
	}
	for _, ch := range talking {
		events = append(events, f.talks(c, ch)...)
	}
	for _, p := range c.parts {
		if p.state != calls.Ended && f.channels[p.channel.id] == nil {
			events = append(events, f.report(c, p, calls.Ended)...)
		}
	}
	if c.isOver() {
		events = append(events, f.end(c)...)
	}
	return events
}

// talkers returns the channels that talk with the client of a call, Local ones left out. On an internal call that
// is the caller, once a colleague is connected.
func (f *Follower) talkers(c *call) (list []*channel) {
	if c.internal {
		if c.root == nil {
			return nil
		}
		for _, ch := range f.walk(false, isLocal, c.root) {
			if ch != c.root && ch.isReal() {
				return []*channel{c.root}
			}
		}
		return nil
	}
	for _, ch := range f.walk(false, isLocal, c.clients...) {
		switch {
		case ch.role == agent && !slices.Contains(c.clients, ch):
			list = append(list, ch)
		case ch.role == outside && ch.call == nil: // forwarded to a telephone that is none of ours
			list = append(list, ch)
		}
	}
	return list
}

// rung returns the telephones that ring for a call, or from which it was dialled. One that a colleague on the call
// consults counts: the client is about to be passed on to it.
func (f *Follower) rung(c *call) (list []*channel) {
	if c.internal {
		if c.root != nil {
			list = append(list, c.root)
		}
		return list
	}
	starts := slices.Clone(c.clients)
	if c.root != nil {
		starts = append(starts, c.root)
	}
	for _, p := range c.parts {
		if p.state == calls.Answered {
			starts = append(starts, p.channel)
		}
	}
	for _, ch := range f.walk(true, isLocal, starts...) {
		if ch.role == agent && (ch == c.root || ch.isRung()) {
			list = append(list, ch)
		}
	}
	return list
}

// isRung reports whether a channel is being dialled, or was.
func (c *channel) isRung() bool {
	return slices.ContainsFunc(c.dials, func(d *dial) bool { return d.to == c })
}

// talks reports that a channel is connected with the client, unless that is known.
func (f *Follower) talks(c *call, ch *channel) (events []calls.Event) {
	if ch.role == outside {
		if c.answered {
			return nil
		}
		c.answered = true
		for _, p := range c.parts { // an answer that names no agent is not theirs
			if p.state == calls.Ringing {
				events = append(events, f.report(c, p, calls.Ended)...)
			}
		}
		return append(events, f.report(c, &part{channel: ch}, calls.Answered)...)
	}
	p := c.partOf(ch)
	if p != nil && p.state == calls.Answered {
		return nil
	}
	if other := ch.call; other != nil && other != c {
		events = f.takeOut(other, ch)
	}
	if p == nil {
		p = &part{channel: ch}
	}
	c.answered = true
	for _, other := range c.parts {
		if other.state == calls.Ringing {
			other.state = calls.Ended // an answer ends the ringing at all others
		}
	}
	return append(events, f.report(c, p, calls.Answered)...)
}

// takeOut ends the part of a channel in a call that it has left for another one.
func (f *Follower) takeOut(c *call, ch *channel) (events []calls.Event) {
	if slices.Contains(f.talkers(c), ch) && !c.internal {
		return nil // it talks with two clients at once
	}
	if p := c.partOf(ch); p != nil && p.state != calls.Ended {
		events = f.report(c, p, calls.Ended)
	}
	if c.root == ch {
		c.root = nil
	}
	if c.isOver() {
		events = append(events, f.end(c)...)
	}
	return events
}

// report returns the event of a part that has changed. A call without a number is not reported: it comes with the
// client's channel.
func (f *Follower) report(c *call, p *part, kind calls.EventKind) []calls.Event {
	if !c.isReportable() {
		return nil
	}
	ch := p.channel
	if p.state = kind; ch.role == agent {
		if c.partOf(ch) == nil {
			c.parts = append(c.parts, p)
		}
		if ch.call == nil || kind == calls.Answered {
			ch.call = c
		}
	}
	e := f.event(c, kind)
	e.Leg, e.Agent = ch.id, ch.agent
	if kind == calls.Ended {
		e.GoesOn = !c.isOver()
		e.Result, e.Unanswered = p.result, p.reason
	}
	return []calls.Event{e}
}

// isReportable reports whether the other party of a call is known.
func (c *call) isReportable() bool { return c.caller != nil || c.number != "" || len(c.clients) > 0 }

// event returns an event of a call as a whole. The first one fixes the number of a caller, which an analogue line
// sends late and an inbound route repairs.
func (f *Follower) event(c *call, kind calls.EventKind) calls.Event {
	if !c.reported && c.caller != nil {
		c.number = cmp.Or(c.caller.caller, c.number)
	}
	e := calls.Event{
		CallID:     c.id,
		Kind:       kind,
		Direction:  c.direction,
		Number:     cmp.Or(c.number, hidden),
		Line:       c.line,
		At:         f.at,
		EndUnknown: f.unknownEnd && kind == calls.Ended,
		NoReply:    true,
		Duration:   -1,
	}
	if !c.reported {
		c.reported, e.Began = true, c.began
	}
	return e
}

// hidden is the number of a client who sends none.
const hidden = "anonymous"

// begin reports a call on which no telephone of ours rings yet.
func (f *Follower) begin(c *call) []calls.Event {
	if c.reported || !c.isReportable() {
		return nil
	}
	e := f.event(c, calls.Ringing)
	e.At = c.began
	if len(c.clients) > 0 {
		e.Leg = c.clients[0].id
	}
	return []calls.Event{e}
}

// end ends a call with all of its parts. A caller is reported even if no telephone rang.
func (f *Follower) end(c *call) (events []calls.Event) {
	delete(f.calls, c.id)
	if c.caller != nil {
		events = f.begin(c)
	}
	for _, p := range c.parts {
		if p.state != calls.Ended {
			events = append(events, f.report(c, p, calls.Ended)...)
		}
		if p.channel.spent = true; p.channel.call == c {
			p.channel.call = nil
		}
	}
	for _, ch := range c.clients {
		ch.call = nil
	}
	if c.root != nil && c.root.call == c {
		c.root.call, c.root.spent = nil, true
	}
	if !c.reported {
		return nil
	}
	e := f.event(c, calls.Ended)
	e.Result = c.outcome()
	return append(events, e)
}

// outcome returns how a call ended that was not answered; "" where that follows from its direction, or it was
// answered.
func (c *call) outcome() calls.Result {
	if c.answered || c.direction == rules.Out {
		return c.result
	}
	if c.result != "" {
		return c.result
	}
	var all calls.Result
	for i, p := range c.parts {
		if i > 0 && p.result != all {
			return ""
		}
		all = p.result
	}
	return all
}
