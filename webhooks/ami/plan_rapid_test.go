package ami

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"callhue/calls"
)

// act is something that can happen now.
type act struct {
	name string
	do   func()
}

// acts returns what can happen now.
func (p *plan) acts() (list []act) {
	add := func(name string, can bool, do func()) {
		if can {
			list = append(list, act{name, do})
		}
	}
	free := p.free()
	add("a client calls", len(p.clients) < 3, p.clientCalls)
	add("an agent calls a client", free != "" && len(p.clients) < 3, func() { p.agentCalls(free) })
	for _, c := range p.clients {
		waits := len(c.ringing) == 0 && len(c.talking) == 0 && c.dialling == nil && !c.parked
		add("telephones ring", waits && free != "", func() { p.ring(c) })
		add("the client answers", c.dialling != nil, func() { p.clientAnswers(c) })
		add("a parked client is fetched", c.parked && free != "", func() { p.retrieve(c, free) })
		add("the client hangs up", true, func() { p.end(c) })
		for _, d := range c.ringing {
			add("a telephone answers", true, func() { p.answer(c, d) })
			add("a telephone does not answer", true, func() { p.refuse(c, d) })
			alone := d.halves == nil && len(c.ringing) == 1
			add("a colleague picks up", free != "" && alone, func() { p.pickUp(c, d, free) })
		}
		if len(c.talking) > 0 {
			list = append(list, p.actsOfTalk(c, free)...)
		}
	}
	for _, a := range p.asides {
		add("a colleague answers", !a.answered, func() { p.answerAside(a) })
		add("a colleague is gone", true, func() {
			p.dropAside(a)
			p.asides = slices.DeleteFunc(p.asides, func(other *aside) bool { return other == a })
		})
	}
	add("we connect again", true, func() { p.connect(false) })
	add("we start again", true, func() { p.connect(true) })
	return list
}

// actsOfTalk returns what can happen while a client talks.
func (p *plan) actsOfTalk(c *client, free string) (list []act) {
	add := func(name string, can bool, do func()) {
		if can {
			list = append(list, act{name, do})
		}
	}
	if c.code != nil {
		add("a colleague asked by code answers", !c.code.answered, func() { p.answerCode(c) })
		add("a colleague asked by code is gone", true, func() { p.dropCode(c) })
		add("the client is passed on by code", c.code.answered, func() { p.completeCode(c) })
		return list
	}
	asked := slices.IndexFunc(p.asides, func(a *aside) bool { return a.about == c })
	one := len(c.talking) == 1
	direct := c.leg.bridge == c.talking[0].bridge // no Local halves between
	add("the client is passed on", one && asked < 0, func() { p.transfer(c) })
	add("a colleague is asked", free != "" && one && asked < 0, func() { p.consult(c, c.talking[0].agent, free) })
	add("a colleague is asked by code", free != "" && one && direct && asked < 0, func() { p.ask(c, free) })
	add("a colleague joins", free != "" && asked < 0, func() { p.confer(c, free) })
	add("a colleague leaves", !one, func() { p.leaveConference(c) })
	if asked >= 0 {
		a := p.asides[asked]
		add("the client is passed on to a colleague", true, func() {
			if a.answered {
				p.complete(c, a)
			} else {
				p.completeEarly(c, a)
			}
			p.asides = slices.DeleteFunc(p.asides, func(other *aside) bool { return other == a })
		})
	}
	return list
}

// connect breaks the connection and makes another one.
func (p *plan) connect(restarted bool) {
	if restarted {
		p.f = newFollower("from-internal")
	}
	var open []calls.Unfinished
	for _, id := range slices.Sorted(maps.Keys(p.known)) {
		k := p.known[id]
		if k.ended > 0 {
			continue
		}
		c := calls.Unfinished{CallID: id, Number: k.number, Answered: k.answered, Direction: k.order[0].Direction}
		for _, leg := range slices.Sorted(maps.Keys(k.legs)) {
			isOf := func(e calls.Event) bool { return e.Leg == leg && e.Agent != "" }
			agent := k.order[slices.IndexFunc(k.order, isOf)].Agent
			if k.legs[leg] != calls.Ended {
				answered := k.legs[leg] == calls.Answered
				c.Legs = append(c.Legs, calls.OpenLeg{ID: leg, Agent: agent, Answered: answered})
			}
		}
		open = append(open, c)
	}
	p.f.Connected(open, time.Time{})
	for _, m := range p.list() {
		p.take(m)
	}
}

// check compares what was reported with the state.
func (p *plan) check(after string) {
	want := map[string]map[string]calls.EventKind{}
	for _, c := range p.clients {
		legs := map[string]calls.EventKind{}
		for _, d := range c.ringing {
			legs[d.leg.id] = calls.Ringing
		}
		if c.dialling != nil {
			legs[c.dialling.id] = calls.Ringing
		}
		for _, l := range c.talking {
			legs[l.id] = calls.Answered
		}
		if c.code != nil {
			legs[c.code.to.id] = calls.Ringing // until the client is passed on
		}
		if k := p.known[c.call]; k != nil && k.closed {
			p.t.Fatalf("%s: call %s was closed with its agent's part", after, c.call)
		}
		want[c.call] = legs
	}
	for _, a := range p.asides {
		kind := calls.Ringing
		if a.answered {
			kind = calls.Answered
		}
		want[a.leg.id] = map[string]calls.EventKind{a.leg.id: kind}
	}
	for id, k := range p.known {
		got := maps.Clone(k.legs)
		maps.DeleteFunc(got, func(_ string, kind calls.EventKind) bool { return kind == calls.Ended })
		legs, there := want[id]
		switch {
		case !there && k.ended != 1:
			p.t.Fatalf("%s: call %s is not over: %v", after, id, got)
		case there && !maps.Equal(got, legs):
			p.t.Fatalf("%s: call %s has %v, wanted %v", after, id, got, legs)
		}
	}
	for id, legs := range want {
		if len(legs) > 0 && p.known[id] == nil {
			p.t.Fatalf("%s: call %s was not reported", after, id)
		}
	}
	for _, c := range p.clients {
		k, direction := p.known[c.call], "in"
		if c.out {
			direction = "out"
		}
		if k != nil && (k.number != c.number || k.direction != direction) {
			p.t.Fatalf("%s: call %s is %s %s, wanted %s", after, c.call, k.direction, k.number, c.number)
		}
	}
}

// TestAnyPlan: whatever clients and agents do with each other, the follower knows which telephones ring and talk with
// which client, reports no call that is none, and ends every call once.
func TestAnyPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &plan{t: t, f: newFollower("from-internal"), known: map[string]*known{}}
		for range rapid.IntRange(1, 25).Draw(t, "acts") {
			acts := p.acts()
			a := acts[rapid.IntRange(0, len(acts)-1).Draw(t, "act")]
			t.Log(a.name)
			a.do()
			p.check(a.name)
		}
		for len(p.clients) > 0 {
			p.end(p.clients[0])
		}
		for len(p.asides) > 0 {
			p.dropAside(p.asides[0])
			p.asides = p.asides[1:]
		}
		p.check("at the end")
		if left := fmt.Sprint(len(p.f.channels), len(p.f.calls), len(p.f.bridges), len(p.f.halves)); left != "0 0 0 0" {
			t.Fatalf("channels, calls, bridges and halves are left: %s", left)
		}
	})
}
