package esl

import (
	"maps"
	"slices"
	"strings"

	"callhue/calls"
	"callhue/rules"
	"callhue/webhooks/dialects/mapping"
)

// call is a client's call: the client's leg, and those of the agents who are rung or talk.
type call struct {
	id        string
	direction rules.Direction
	number    string
	line      string
	first     string // the leg that began it
	client    string // the client's leg; "" before there is one, and after it has gone
	legs      map[string]bool
	talked    bool
	cause     string // why the client's leg, or the last of those tried, ended
}

func (c *call) rename(from, to string) {
	for _, id := range []*string{&c.first, &c.client} {
		if *id == from {
			*id = strings.Clone(to)
		}
	}
	if c.legs[from] {
		delete(c.legs, from)
		c.legs[strings.Clone(to)] = true
	}
}

// begin starts a call at a leg. A number that reads as none is left out: a later event may bring it.
func (f *Follower) begin(l *leg, direction rules.Direction, number, line string) *call {
	c := &call{id: l.id, direction: direction, number: strings.Clone(number), line: strings.Clone(line), first: l.id,
		legs: map[string]bool{}}
	f.calls[c.id] = c
	f.enter(c, l)
	return c
}

func (f *Follower) enter(c *call, l *leg) {
	l.call = c
	c.legs[l.id] = true
}

// event returns an event of a call.
func (f *Follower) event(c *call, what calls.EventKind, l *leg) calls.Event {
	e := calls.Event{CallID: c.id, Kind: what, Direction: c.direction, Number: c.number, Line: c.line, At: f.at,
		Duration: -1}
	if l != nil {
		e.Leg, e.Agent = l.id, l.agent
	}
	e.EndUnknown = f.unknownEnd && what == calls.Ended
	return e
}

// ring reports that an agent is rung, or dials, once.
func (f *Follower) ring(l *leg) []calls.Event {
	if l.rang || l.talked || l.left {
		return nil
	}
	l.rang = true
	return []calls.Event{f.event(l.call, calls.Ringing, l)}
}

// bridged handles that two legs hear each other. There is one event of it, with the data of the first of them.
func (f *Follower) bridged(e Event) (events []calls.Event) {
	a, b := f.legs[e["Bridge-A-Unique-ID"]], f.legs[e["Bridge-B-Unique-ID"]]
	if a == nil || b == nil {
		return nil
	}
	a.peer, b.peer = b.id, a.id
	for _, l := range []*leg{a, b} {
		if l.kind != loopback {
			if other := f.farEnd(l); other != nil {
				return f.together(l, other)
			}
		}
	}
	return nil
}

// maxHops is how many loopback pairs may stand between two legs.
const maxHops = 8

// farEnd returns the leg that a leg is bridged with, beyond loopback pairs; nil when that is not known yet.
func (f *Follower) farEnd(l *leg) *leg {
	other := f.legs[l.peer]
	for hops := 0; other != nil && other.kind == loopback; hops++ {
		half := f.legs[other.pair]
		if half == nil || hops == maxHops {
			return nil
		}
		other = f.legs[half.peer]
	}
	return other
}

// together handles that two legs talk. When one is a client's and the other an agent's, the agent talks with the
// client, whatever call the agent's leg came from.
func (f *Follower) together(a, b *leg) []calls.Event {
	if isClient(b) && !isClient(a) {
		a, b = b, a
	}
	if !isClient(a) || !b.isPerson() {
		return nil
	}
	return f.talk(a.call, b)
}

// isClient reports whether a leg is the client's of its call.
func isClient(l *leg) bool { return l.call != nil && l.call.client == l.id }

// talk reports that an agent talks with the client of a call, and that those before them do not any more.
func (f *Follower) talk(c *call, l *leg) (events []calls.Event) {
	if l.call != c {
		events = append(events, f.leave(l)...)
		l.spent = false
		f.enter(c, l)
		l.rang, l.talked = false, false
	}
	l.left = false
	if !l.talked {
		if !l.rang {
			l.rang = true
			events = append(events, f.event(c, calls.Ringing, l))
		}
		l.talked, c.talked = true, true
		events = append(events, f.event(c, calls.Answered, l))
	}
	for _, id := range slices.Sorted(maps.Keys(c.legs)) {
		other := f.legs[id]
		if other != nil && other != l && other.talked && !f.conferring(other, l) {
			other.talked, other.rang, other.left = false, false, true
			ended := f.event(c, calls.Ended, other)
			ended.GoesOn = true
			events = append(events, ended)
		}
	}
	return events
}

// leave takes a leg out of its call: the agent asked a colleague, and the colleague's leg goes to another call.
func (f *Follower) leave(l *leg) (events []calls.Event) {
	c := l.call
	if c == nil {
		return nil
	}
	delete(c.legs, l.id)
	l.call = nil
	if l.rang || l.talked {
		ended := f.event(c, calls.Ended, l)
		ended.GoesOn = len(c.legs) > 0
		events = append(events, ended)
	}
	if len(c.legs) == 0 {
		events = append(events, f.end(c)...)
	}
	return events
}

// hungUp handles that a leg has gone.
func (f *Follower) hungUp(l *leg, cause string) (events []calls.Event) {
	if l == nil {
		return nil
	}
	delete(f.legs, l.id)
	for _, members := range f.conferences {
		delete(members, l.id)
	}
	c := l.call
	if c == nil {
		return nil
	}
	delete(c.legs, l.id)
	wasClient := c.client == l.id
	if wasClient {
		c.client, c.cause = "", cause
	}
	if c.cause == "" || c.cause == "LOSE_RACE" {
		c.cause = cause
	}
	isOver := wasClient && (c.direction == rules.In || c.talked) || !f.hasTelephone(c)
	if l.isPerson() && (l.rang || l.talked) && !wasClient {
		ended := f.event(c, calls.Ended, l)
		if l.made && !l.talked {
			ended.Unanswered = mapping.UnansweredOf(cause)
		}
		ended.GoesOn = !isOver
		events = append(events, ended)
	}
	if isOver {
		events = append(events, f.end(c)...)
	}
	return events
}

// hasTelephone reports whether a leg is left on a call that is more than half of a loopback pair.
func (f *Follower) hasTelephone(c *call) bool {
	for id := range c.legs {
		if l := f.legs[id]; l != nil && l.kind != loopback {
			return true
		}
	}
	return false
}

// end reports that a call is over. What is left of its legs is on no call: a telephone may still be off the hook.
func (f *Follower) end(c *call) []calls.Event {
	for id := range c.legs {
		if l := f.legs[id]; l != nil {
			l.call, l.spent = nil, true
		}
	}
	delete(f.calls, c.id)
	e := f.event(c, calls.Ended, nil)
	if e.Result = mapping.ResultOf(c.cause); c.talked {
		e.Result = calls.ResultAnswered
	}
	return []calls.Event{e}
}

// conference handles that a leg enters or leaves a conference: there are no bridges in it.
func (f *Follower) conference(e Event) (events []calls.Event) {
	id := e.first("Conference-Unique-ID", "Conference-Name")
	switch e["Action"] {
	case "add-member":
		l := f.legs[e["Unique-ID"]]
		if l == nil {
			return nil
		}
		members := f.conferences[id]
		if members == nil {
			members = map[string]bool{}
			f.conferences[strings.Clone(id)] = members
		}
		for _, other := range slices.Sorted(maps.Keys(members)) {
			if one := f.legs[other]; one != nil {
				events = append(events, f.confer(members, l, one)...)
			}
		}
		members[l.id] = true
	case "del-member":
		delete(f.conferences[id], e["Unique-ID"])
	case "conference-destroy":
		delete(f.conferences, id)
	}
	return events
}

// confer handles that two legs are in one conference.
func (f *Follower) confer(members map[string]bool, a, b *leg) []calls.Event {
	members[a.id] = true // before the talk is reported: those who talk go on
	return f.together(a, b)
}

// conferring reports whether two legs are in the same conference.
func (f *Follower) conferring(a, b *leg) bool {
	for _, members := range f.conferences {
		if members[a.id] && members[b.id] {
			return true
		}
	}
	return false
}
