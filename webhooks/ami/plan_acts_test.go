package ami

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"
)

// clientCalls has a client call us.
func (p *plan) clientCalls() {
	number := fmt.Sprintf("+749500000%02d", 11+len(p.clients))
	l := p.add(leg{name: "PJSIP/trunk", context: "from-trunk", exten: "74950000001", caller: number, state: "Ring"})
	p.clients = append(p.clients, &client{leg: l, call: l.id, number: number})
}

// agentCalls has an agent call a client.
func (p *plan) agentCalls(agent string) {
	number := fmt.Sprintf("849500000%02d", 11+len(p.clients))
	from := p.phone(agent, "", "Ring", number)
	l := p.add(leg{name: "PJSIP/trunk", context: "from-trunk", exten: "s", linked: from.id, state: "Down"})
	l.caller, l.state = number, "Ringing"
	p.send("DialBegin", from, l, "DialString", number+"@trunk")
	p.clients = append(p.clients, &client{leg: l, call: from.id, number: number, out: true, dialling: from})
}

// ring has telephones ring for a client who waits.
func (p *plan) ring(c *client) {
	for range rapid.IntRange(1, 2).Draw(p.t, "telephones") {
		agent := p.free()
		if agent == "" {
			return
		}
		d := &dialing{}
		from := c.leg
		if rapid.Bool().Draw(p.t, "local") {
			d.halves = p.pair(c.leg.linked, agent)
			p.send("DialBegin", c.leg, d.halves[0], "DialString", agent+"@from-internal")
			from = d.halves[1]
			from.caller = c.leg.caller
		}
		d.leg = p.phone(agent, c.leg.linked, "Down", "s")
		d.leg.connected, d.leg.state = c.leg.caller, "Ringing"
		p.send("DialBegin", from, d.leg, "DialString", agent)
		c.ringing = append(c.ringing, d)
	}
}

// answer has a telephone answer a client.
func (p *plan) answer(c *client, d *dialing) {
	d.leg.state = "Up"
	if d.halves != nil {
		p.send("DialEnd", d.halves[1], d.leg, "DialStatus", "ANSWER")
		p.send("DialEnd", c.leg, d.halves[0], "DialStatus", "ANSWER")
	} else {
		p.send("DialEnd", c.leg, d.leg, "DialStatus", "ANSWER")
	}
	p.stopRinging(c, d)
	c.leg.state = "Up"
	if d.halves == nil {
		c.bridge = p.both(c.leg, d.leg)
	} else {
		inner := p.both(d.halves[1], d.leg)
		c.bridge = p.both(c.leg, d.halves[0])
		if rapid.Bool().Draw(p.t, "optimised") {
			p.leave(c.leg)
			p.leave(d.halves[1])
			p.enter(c.leg, inner, "basic")
			c.bridge = inner
			p.hangUp(d.halves[0])
			p.hangUp(d.halves[1])
			d.halves = nil
		}
	}
	c.ringing, c.talking = nil, []*leg{d.leg}
}

// stopRinging cancels the other telephones, or all of them.
func (p *plan) stopRinging(c *client, answered *dialing) {
	for _, d := range c.ringing {
		if d == answered {
			continue
		}
		if d.halves != nil {
			p.send("DialEnd", c.leg, d.halves[0], "DialStatus", "CANCEL")
			p.hangUp(d.halves[0])
			p.send("DialEnd", d.halves[1], d.leg, "DialStatus", "CANCEL")
			p.hangUp(d.halves[1])
		} else {
			p.send("DialEnd", c.leg, d.leg, "DialStatus", "CANCEL")
		}
		p.hangUp(d.leg)
	}
}

// refuse has a telephone not answer a client.
func (p *plan) refuse(c *client, d *dialing) {
	status := rapid.SampledFrom([]string{"BUSY", "NOANSWER", "CHANUNAVAIL"}).Draw(p.t, "status")
	if d.halves != nil {
		p.send("DialEnd", d.halves[1], d.leg, "DialStatus", status)
		p.hangUp(d.leg)
		p.send("DialEnd", c.leg, d.halves[0], "DialStatus", status)
		p.hangUp(d.halves[1])
		p.hangUp(d.halves[0])
	} else {
		p.send("DialEnd", c.leg, d.leg, "DialStatus", status)
		p.hangUp(d.leg)
	}
	c.ringing = slices.DeleteFunc(c.ringing, func(other *dialing) bool { return other == d })
}

// pickUp has a colleague take what rings elsewhere.
func (p *plan) pickUp(c *client, d *dialing, agent string) {
	l := p.phone(agent, "", "Ring", "*8")
	l.state, l.connected = "Up", c.leg.caller
	p.send("Pickup", l, nil, "TargetUniqueid", d.leg.id)
	if rapid.Bool().Draw(p.t, "dial events") {
		p.send("DialEnd", c.leg, d.leg, "DialStatus", "CANCEL")
		p.send("DialBegin", c.leg, l, "DialString", d.leg.agent)
	}
	p.send("DialEnd", c.leg, l, "DialStatus", "ANSWER")
	p.stopRinging(c, nil)
	c.leg.state = "Up"
	c.bridge = p.both(c.leg, l)
	c.ringing, c.talking = nil, []*leg{l}
	l.linked = c.leg.linked
}

// clientAnswers has the client answer a call of ours.
func (p *plan) clientAnswers(c *client) {
	c.leg.state = "Up"
	p.send("DialEnd", c.dialling, c.leg, "DialStatus", "ANSWER")
	c.bridge = p.both(c.leg, c.dialling)
	c.talking, c.dialling = []*leg{c.dialling}, nil
}

// dropTalkers hangs up the telephones that talked with a client, and the Local halves between.
func (p *plan) dropTalkers(c *client) {
	if code := c.code; code != nil {
		p.hangUp(code.to)
		p.hangUp(code.halves[1])
		p.hangUp(code.halves[0])
		c.code = nil
	}
	p.dropHalves(c)
	for _, l := range c.talking {
		p.hangUp(l)
		p.asides = slices.DeleteFunc(p.asides, func(a *aside) bool {
			if a.about != c {
				return false
			}
			p.dropAside(a)
			return true
		})
	}
	c.talking = nil
}

// transfer has the agent pass the client on without asking: to another telephone later, or into the parking lot.
func (p *plan) transfer(c *client) {
	p.send("BlindTransfer", nil, nil, "Result", "Success",
		"TransfererUniqueid", c.talking[0].id, "TransfereeUniqueid", c.leg.id)
	p.leave(c.leg)
	c.bridge = ""
	if c.parked = rapid.Bool().Draw(p.t, "park"); c.parked {
		c.bridge = "lot" + p.id()
		p.enter(c.leg, c.bridge, "parking")
	}
	p.dropTalkers(c)
}

// retrieve has an agent fetch a parked client.
func (p *plan) retrieve(c *client, agent string) {
	l := p.phone(agent, "", "Ring", "701")
	l.state = "Up"
	bridge := "b" + p.id()
	first := rapid.Bool().Draw(p.t, "retriever first")
	if first {
		p.enter(l, bridge, "basic")
	}
	p.leave(c.leg)
	p.enter(c.leg, bridge, "basic")
	l.linked = c.leg.linked
	if !first {
		p.enter(l, bridge, "basic")
	}
	c.parked, c.bridge, c.talking = false, bridge, []*leg{l}
}

// consult has an agent call a colleague: about a client, or without one.
func (p *plan) consult(c *client, agent, colleague string) {
	a := &aside{about: c}
	a.leg = p.phone(agent, "", "Ring", colleague)
	a.to = p.phone(colleague, a.leg.id, "Down", "s")
	a.to.state, a.to.connected = "Ringing", agent
	p.send("DialBegin", a.leg, a.to, "DialString", colleague)
	p.asides = append(p.asides, a)
}

func (p *plan) answerAside(a *aside) {
	a.answered, a.to.state, a.leg.state = true, "Up", "Up"
	p.send("DialEnd", a.leg, a.to, "DialStatus", "ANSWER")
	a.bridge = p.both(a.leg, a.to)
}

func (p *plan) dropAside(a *aside) {
	if !a.answered {
		p.send("DialEnd", a.leg, a.to, "DialStatus", "CANCEL")
	}
	p.hangUp(a.to)
	p.hangUp(a.leg)
}

// complete has an agent pass the client on to the colleague they have asked.
func (p *plan) complete(c *client, a *aside) {
	old := c.talking
	p.leave(c.leg)
	p.leave(a.leg)
	p.enter(c.leg, a.bridge, "basic")
	a.to.linked, a.to.connected = c.leg.linked, c.leg.caller
	c.bridge, c.talking = a.bridge, []*leg{a.to}
	for _, l := range old {
		p.hangUp(l)
	}
	p.hangUp(a.leg)
	p.dropHalves(c)
}

// completeEarly passes the client on while the telephone of the colleague still rings.
func (p *plan) completeEarly(c *client, a *aside) {
	old := c.talking
	p.leave(c.leg)
	p.send("DialEnd", a.leg, a.to, "DialStatus", "ABORT")
	p.send("DialBegin", c.leg, a.to, "DialString", a.to.agent)
	a.to.connected = c.leg.caller
	c.bridge, c.talking, c.ringing = "", nil, []*dialing{{leg: a.to}}
	for _, l := range append(old, a.leg) {
		p.hangUp(l)
	}
	p.dropHalves(c)
}

// dropHalves hangs up the Local halves that led to a telephone which has gone.
func (p *plan) dropHalves(c *client) {
	for _, l := range slices.Clone(p.legs) {
		if l.agent == "" && l != c.leg && l.linked == c.leg.linked && l.bridge != "" {
			p.hangUp(l)
		}
	}
}

// ask has the agent ask a colleague by a feature code.
func (p *plan) ask(c *client, colleague string) {
	code := &byCode{halves: p.pair(c.leg.linked, colleague), bridge: "b" + p.id()}
	p.enter(code.halves[0], code.bridge, "basic")
	p.leave(c.talking[0])
	p.enter(c.talking[0], code.bridge, "basic")
	code.to = p.phone(colleague, c.leg.linked, "Down", "s")
	code.to.state = "Ringing"
	p.send("DialBegin", code.halves[1], code.to, "DialString", colleague)
	c.code = code
}

func (p *plan) answerCode(c *client) {
	c.code.answered, c.code.to.state = true, "Up"
	p.send("DialEnd", c.code.halves[1], c.code.to, "DialStatus", "ANSWER")
	p.send("DialEnd", nil, c.code.halves[0], "DialStatus", "ANSWER")
	p.both(c.code.to, c.code.halves[1])
}

// dropCode ends the consultation: the agent is with the client again.
func (p *plan) dropCode(c *client) {
	if !c.code.answered {
		p.send("DialEnd", c.code.halves[1], c.code.to, "DialStatus", "BUSY")
	}
	p.hangUp(c.code.to)
	p.hangUp(c.code.halves[1])
	p.hangUp(c.code.halves[0])
	p.leave(c.talking[0])
	p.enter(c.talking[0], c.bridge, "basic")
	c.code = nil
}

// completeCode has the agent hang up: the client is with the colleague.
func (p *plan) completeCode(c *client) {
	p.leave(c.talking[0])
	p.take(msg("Event", "BridgeMerge", "FromBridgeUniqueid", c.code.bridge, "ToBridgeUniqueid", c.bridge))
	p.leave(c.code.halves[0])
	p.enter(c.code.halves[0], c.bridge, "basic")
	p.hangUp(c.talking[0])
	c.talking, c.code = []*leg{c.code.to}, nil
}

// confer has a free agent join the conversation of a client.
func (p *plan) confer(c *client, agent string) {
	l := p.phone(agent, "", "Ring", "800")
	l.state, l.linked = "Up", c.leg.linked
	p.enter(l, c.bridge, "basic")
	c.talking = append(c.talking, l)
}

// leaveConference has one of several agents hang up.
func (p *plan) leaveConference(c *client) {
	last := len(c.talking) - 1
	p.hangUp(c.talking[last])
	c.talking = c.talking[:last]
}

// end has the client hang up.
func (p *plan) end(c *client) {
	if c.dialling != nil {
		p.send("DialEnd", c.dialling, c.leg, "DialStatus", "BUSY")
		p.hangUp(c.leg)
		p.hangUp(c.dialling)
	} else if rapid.Bool().Draw(p.t, "client first") {
		p.stopRinging(c, nil)
		p.hangUp(c.leg)
		p.dropTalkers(c)
	} else {
		p.stopRinging(c, nil)
		p.dropTalkers(c)
		p.hangUp(c.leg)
	}
	p.clients = slices.DeleteFunc(p.clients, func(other *client) bool { return other == c })
}
