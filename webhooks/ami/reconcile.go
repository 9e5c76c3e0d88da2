package ami

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"callhue/calls"
	"callhue/rules"
)

// listing is the list of channels that is being read after a connection, and what it is compared with.
type listing struct {
	open  map[string]calls.Unfinished // what was reported and has no end
	legs  map[string]openLeg          // of them, by the channel's id
	last  time.Time                   // when the PBX was last followed; zero when that is not known
	known map[string]bool             // the channels that were known before: those that are not listed have gone
	over  map[string]bool             // the calls that ended with them
	rows  []listed
}

// openLeg is a telephone that was reported on a call, whatever its Linkedid says: that follows late, or never.
type openLeg struct {
	calls.OpenLeg
	call string
}

// listed is a channel of the list.
type listed struct {
	channel   *channel
	connected string // its ConnectedLineNum
	up        bool
	down      bool // it was made, and may not ring yet
	ringing   bool
	unbridged bool // Asterisk says that it is in no bridge
	fresh     bool // it was not known before
}

// Connected begins the comparison with the list of channels that is requested after connecting. open are the calls
// of the source that have no end yet, last is when the PBX was last followed.
func (f *Follower) Connected(open []calls.Unfinished, last time.Time) {
	f.list = &listing{
		open:  map[string]calls.Unfinished{},
		legs:  map[string]openLeg{},
		last:  last,
		known: map[string]bool{},
		over:  map[string]bool{},
	}
	for _, c := range open {
		f.list.open[c.CallID] = c
		for _, leg := range c.Legs {
			f.list.legs[leg.ID] = openLeg{leg, c.CallID}
		}
	}
	for id := range f.channels {
		f.list.known[id] = true
	}
}

// channelListed handles a channel of the list. Nothing is reported before the list is complete.
func (f *Follower) channelListed(m Message) []calls.Event {
	if f.list == nil {
		f.Connected(nil, time.Time{})
	}
	known := f.channels[m.Get("Uniqueid")] != nil
	ch := f.channel(m, "")
	if ch == nil {
		return nil
	}
	row := listed{
		channel:   ch,
		connected: strings.Clone(m.Get("ConnectedLineNum")),
		up:        m.Get("ChannelStateDesc") == "Up",
		down:      m.Get("ChannelStateDesc") == "Down",
		ringing:   m.Get("ChannelStateDesc") == "Ringing",
		fresh:     !known,
	}
	if leg, reported := f.list.legs[ch.id]; reported && row.fresh && ch.role != local {
		ch.role, ch.agent = agent, leg.Agent
	}
	delete(f.list.known, ch.id)
	if bridge := m.Get("BridgeId"); bridge != "" {
		if ch.bridge == nil || ch.bridge.id != bridge {
			f.enter(ch, f.listedBridge(bridge, m.Get("Application")))
		}
	} else if row.unbridged = m.Has("BridgeId"); row.unbridged {
		f.leave(ch)
	}
	f.list.rows = append(f.list.rows, row)
	return nil
}

// listedBridge returns a bridge of the list, which does not say its type: the application of its channels does.
func (f *Follower) listedBridge(id, application string) *bridge {
	b := f.bridges[id]
	if b == nil {
		b = &bridge{id: strings.Clone(id), waiting: strings.Contains(application, "Park")}
		f.bridges[b.id] = b
	}
	return b
}

// listEnded handles the end of the list: channels that are not in it have gone, new ones belong to calls that go on or
// have begun meanwhile, and of calls that were reported the end is made up for.
func (f *Follower) listEnded(m Message) (events []calls.Event) {
	if f.list == nil {
		f.Connected(nil, time.Time{})
	}
	l, now := f.list, f.at
	f.list = nil
	last := now
	if !l.last.IsZero() {
		last = l.last
	}
	f.at, f.unknownEnd = last, true
	for _, id := range slices.Sorted(maps.Keys(l.known)) {
		if ch := f.channels[id]; ch != nil {
			events = append(events, f.remove(ch, "")...)
		}
	}
	for _, e := range events {
		if e.Agent == "" {
			l.over[e.CallID] = true
		}
	}
	f.at, f.unknownEnd = now, false
	for _, c := range f.resume(l) {
		events = append(events, f.lostLegs(l, c)...)
		events = append(events, f.update(c)...)
	}
	return append(events, f.lostCalls(l)...)
}

// lostCalls ends the calls that were reported and are not there any more. What is left of their channels, such as a
// telephone whose client has gone, is part of other calls from now on.
func (f *Follower) lostCalls(l *listing) (events []calls.Event) {
	for _, id := range slices.Sorted(maps.Keys(l.open)) {
		if f.calls[id] != nil || l.over[id] {
			continue
		}
		events = append(events, lost(l.open[id], l.last))
		for _, row := range l.rows {
			if row.channel.linked == id {
				row.channel.spent = true
			}
		}
	}
	return events
}

// lost returns the end of a call that ended while it was not followed. It lasted at least until its last event.
func lost(c calls.Unfinished, last time.Time) calls.Event {
	return calls.Event{
		CallID:     c.CallID,
		Kind:       calls.Ended,
		Direction:  c.Direction,
		Number:     c.Number,
		Line:       c.Line,
		At:         later(last, c.Last),
		Duration:   -1,
		NoReply:    true,
		EndUnknown: true,
	}
}

// lostLegs ends the parts of telephones that have gone while their call went on.
func (f *Follower) lostLegs(l *listing, c *call) (events []calls.Event) {
	open, reported := l.open[c.id]
	if !reported {
		return nil
	}
	for _, leg := range open.Legs {
		if f.channels[leg.ID] == nil {
			e := lost(open, l.last)
			e.Leg, e.Agent, e.GoesOn = leg.ID, leg.Agent, true
			events = append(events, e)
		}
	}
	return events
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// resume joins the listed channels as they are joined in Asterisk, and returns the calls that they are part of.
func (f *Follower) resume(l *listing) (touched []*call) {
	groups, order := map[string][]listed{}, []string{}
	for _, row := range l.rows {
		if f.channels[row.channel.id] != row.channel {
			continue // hung up meanwhile
		}
		linked := row.channel.linked
		if leg, reported := l.legs[row.channel.id]; reported {
			linked = leg.call
		}
		if groups[linked] == nil {
			order = append(order, linked)
		}
		groups[linked] = append(groups[linked], row)
	}
	slices.SortStableFunc(order, func(a, b string) int { return f.callsFirst(a) - f.callsFirst(b) })
	for _, linked := range order {
		group := groups[linked]
		f.join(f.channels[linked], group)
		c := f.calls[linked]
		if c == nil {
			c = f.resumeCall(linked, group, l)
		}
		if c != nil {
			touched = append(touched, c)
		}
	}
	return touched
}

// callsFirst sorts the calls of clients before what an application rings for them by calls of its own.
func (f *Follower) callsFirst(linked string) int {
	if first := f.channels[linked]; first != nil && first.role == outside {
		return 0
	}
	return 1
}

// join restores which channel rings which. The list says it of bridges only; a channel that is in none rings for
// the first channel of its call, or talks with it where Asterisk does not say which bridge a channel is in.
func (f *Follower) join(first *channel, group []listed) {
	for _, row := range group {
		ch := row.channel
		switch {
		case first == nil, ch == first, ch.bridge != nil, !ch.isReal() && !strings.HasSuffix(ch.name, ";1"):
		case !row.up:
			if !ch.isRung() {
				ring(first, ch)
			}
		case !row.unbridged:
			ring(first, ch).answered = true
		}
	}
}

// resumeCall adds the call of a group of channels; nil when it has no client, nor a colleague.
func (f *Follower) resumeCall(linked string, group []listed, l *listing) *call {
	var clients, agents []listed
	open := l.open[linked]
	for _, row := range group {
		switch {
		case row.channel.role == agent:
			agents = append(agents, row)
		case row.channel.role == outside && (!row.down || open.CallID != ""): // else its dial is about to begin
			clients = append(clients, row)
		}
	}
	first := f.channels[linked]
	direction := cmp.Or(open.Direction, rules.In)
	var row listed // of the first channel
	if at := slices.IndexFunc(group, func(row listed) bool { return row.channel == first }); at >= 0 {
		row = group[at]
	}
	if first != nil && open.CallID == "" {
		switch {
		case first.role == outside && row.down:
			return nil // it was made to be rung, which is about to begin
		case first.role == outside && row.ringing:
			direction = rules.Out // an order that rings the client first
		case first.role == agent && isRinging(agents):
			if waiting := f.waitingClient(first, row.connected, first.caller); waiting != nil {
				ring(waiting, first)
				return waiting.call
			}
		}
	}
	c := &call{id: linked, began: f.at, direction: direction, number: open.Number, line: open.Line}
	switch {
	case first != nil && first.role == outside && direction != rules.Out:
		c.caller = first
		c.clients = []*channel{first}
		c.line = cmp.Or(c.line, onlyNumber(first.exten))
	case first != nil && len(clients) > 0 && first.role != outside:
		c.root, c.direction, c.ordered = first, rules.Out, first.role == local
		c.number = cmp.Or(c.number, f.people.outsideNumber(first.exten, clients[0].channel.caller, connectedOf(agents)))
		for _, row := range clients {
			c.clients = append(c.clients, row.channel)
		}
	case len(clients) > 0: // what began the call has gone
		c.clients = []*channel{clients[0].channel}
		c.number = cmp.Or(c.number, f.people.outsideNumber(clients[0].channel.caller, connectedOf(agents)))
	case first != nil && first.role != outside && f.people.isNumber(connectedOf(agents)) && isRinging(agents):
		// An order: the client is not rung yet.
		c.root, c.direction, c.ordered = first, rules.Out, true
		c.number = cmp.Or(c.number, connectedOf(agents))
	case first != nil && first.role == agent && len(agents) > 1:
		c.root, c.direction, c.internal = first, rules.Out, true
		for _, row := range agents {
			if row.channel != first && c.number == "" {
				c.number = row.channel.agent
			}
		}
	case first != nil && first.role != outside && open.CallID != "": // only what began the call is left
		c.root, c.ordered, c.internal = first, first.role == local, !f.people.isNumber(open.Number)
	case first != nil && first.role == local && !row.up: // an order that rings no one yet
		return f.order(first, f.orderedNumber(first, first.caller))
	default:
		return nil
	}
	f.calls[c.id] = c
	c.adopt(open)
	for _, ch := range c.clients {
		ch.call = c
	}
	if c.root != nil {
		c.root.call = c
	}
	c.resumeParts(agents, open.Legs)
	return c
}

// adopt takes over what was reported of a call.
func (c *call) adopt(open calls.Unfinished) {
	if open.CallID != "" {
		c.reported, c.answered = true, open.Answered
	}
}

// resumeParts takes over what was reported of the telephones.
func (c *call) resumeParts(agents []listed, legs []calls.OpenLeg) {
	for _, row := range agents {
		for _, leg := range legs {
			if leg.ID != row.channel.id {
				continue
			}
			p := &part{channel: row.channel, state: calls.Ringing}
			if leg.Answered {
				p.state = calls.Answered
			}
			c.parts = append(c.parts, p)
			row.channel.call = c
		}
	}
}

// connectedOf returns the number that the telephones of a call show.
func connectedOf(agents []listed) string {
	for _, row := range agents {
		if row.connected != "" && row.connected != row.channel.agent {
			return row.connected
		}
	}
	return ""
}

// isRinging reports whether the telephones of a call are rung, rather than calling by themselves.
func isRinging(agents []listed) bool {
	return !slices.ContainsFunc(agents, func(row listed) bool { return !row.ringing && !row.down })
}
