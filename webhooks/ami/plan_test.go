package ami

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"callhue/calls"
)

// plan is a model of an Asterisk: agents and clients do what they like, it sends what Asterisk would, and knows who has
// talked with which client.
type plan struct {
	t       *rapid.T
	f       *Follower
	legs    []*leg
	clients []*client
	asides  []*aside // calls between colleagues, and consultations
	ids     int
	known   map[string]*known // what was reported, by call
}

// leg is a channel of the model.
type leg struct {
	id, name, context, exten, caller, connected, linked, state, bridge string

	agent string // "" for a trunk or a Local half
}

// client is a client's channel and what happens to it.
type client struct {
	leg      *leg
	call     string // the id of their call
	number   string
	out      bool
	ringing  []*dialing
	talking  []*leg
	bridge   string // of the conversation, or of the parking lot
	parked   bool
	dialling *leg // the agent's leg that dials them; nil when they have answered, or called
	code     *byCode
}

// byCode is a consultation within the call, by a feature code: the agent's own leg leaves the client for the colleague.
type byCode struct {
	halves   []*leg
	bridge   string // of the agent and the Local half
	to       *leg
	answered bool
}

// dialing is a telephone that rings for a client.
type dialing struct {
	leg    *leg
	halves []*leg // of the Local pair between; nil for none
}

// aside is a call from one colleague to another: leg calls, to is called.
type aside struct {
	leg, to  *leg
	about    *client // whose client is to be passed on; nil for none
	answered bool
	bridge   string
}

// known is a call as it was reported.
type known struct {
	number, direction string
	legs              map[string]calls.EventKind
	answered          bool
	closed            bool // the end of the last agent's part said that the call ends with it
	ended             int
	order             []calls.Event
}

func (p *plan) id() string {
	p.ids++
	return fmt.Sprintf("17000.%d", p.ids)
}

// add makes a channel and sends its Newchannel. linked is "" for one that begins a call.
func (p *plan) add(l leg) *leg {
	l.id = p.id()
	if l.linked == "" {
		l.linked = l.id
	}
	l.name = fmt.Sprintf("%s-%08d", l.name, p.ids)
	p.legs = append(p.legs, &l)
	p.send("Newchannel", &l, nil)
	return &l
}

// phone makes the channel of an agent's telephone.
func (p *plan) phone(agent, linked, state, exten string) *leg {
	return p.add(leg{
		name:    "PJSIP/" + agent,
		context: "from-internal",
		exten:   exten,
		caller:  agent,
		linked:  linked,
		state:   state,
		agent:   agent,
	})
}

// pair makes the halves of a Local pair.
func (p *plan) pair(linked, exten string) []*leg {
	name := fmt.Sprintf("Local/%s@from-internal-%d", exten, p.ids)
	var halves []*leg
	for _, end := range []string{";1", ";2"} {
		l := &leg{id: p.id(), name: name + end, context: "from-internal", exten: exten, linked: linked, state: "Ring"}
		p.legs = append(p.legs, l)
		p.send("Newchannel", l, nil)
		halves = append(halves, l)
	}
	return halves
}

// send sends an event of a channel, and of the one that it dials.
func (p *plan) send(event string, l, dest *leg, more ...string) {
	fields := append([]string{"Event", event}, more...)
	for i, ch := range []*leg{l, dest} {
		if ch == nil {
			continue
		}
		prefix := []string{"", "Dest"}[i]
		for _, f := range ch.fields() {
			fields = append(fields, prefix+f[0], f[1])
		}
	}
	p.take(msg(fields...))
}

func (l *leg) fields() [][2]string {
	return [][2]string{
		{"Channel", l.name}, {"ChannelStateDesc", l.state}, {"CallerIDNum", l.caller},
		{"ConnectedLineNum", l.connected}, {"Context", l.context}, {"Exten", l.exten}, {"Uniqueid", l.id},
		{"Linkedid", l.linked},
	}
}

// take has the follower take a message, and keeps what it reports.
func (p *plan) take(m Message) {
	for _, e := range p.f.Take(m) {
		k := p.known[e.CallID]
		if k == nil {
			k = &known{number: e.Number, direction: string(e.Direction), legs: map[string]calls.EventKind{}}
			p.known[e.CallID] = k
		}
		if k.ended > 0 {
			p.t.Fatalf("after the end of its call: %+v", e)
		}
		k.order = append(k.order, e)
		switch {
		case e.Agent != "":
			if e.Kind == calls.Answered { // it ends the ringing elsewhere
				maps.DeleteFunc(k.legs, func(_ string, kind calls.EventKind) bool { return kind == calls.Ringing })
			}
			k.legs[e.Leg] = e.Kind
			k.answered = k.answered || e.Kind == calls.Answered
			k.closed = e.Kind == calls.Ended && !e.GoesOn && !slices.ContainsFunc(slices.Collect(maps.Values(k.legs)),
				func(kind calls.EventKind) bool { return kind != calls.Ended })
		case e.Kind == calls.Ended:
			k.ended++
		}
	}
}

func (p *plan) enter(l *leg, bridge, kind string) {
	p.send("BridgeEnter", l, nil, "BridgeUniqueid", bridge, "BridgeType", kind)
	l.bridge = bridge
}

func (p *plan) leave(l *leg) {
	if l.bridge != "" {
		p.send("BridgeLeave", l, nil, "BridgeUniqueid", l.bridge)
		l.bridge = ""
	}
}

func (p *plan) hangUp(l *leg) {
	p.leave(l)
	p.send("Hangup", l, nil, "Cause", "16")
	p.legs = slices.DeleteFunc(p.legs, func(other *leg) bool { return other == l })
}

// both has two channels enter a new bridge, in any order, and returns it.
func (p *plan) both(a, b *leg) string {
	bridge := "b" + p.id()
	if rapid.Bool().Draw(p.t, "first") {
		a, b = b, a
	}
	p.enter(a, bridge, "basic")
	p.enter(b, bridge, "basic")
	return bridge
}

// free returns an agent without any channel; "" when all are busy.
func (p *plan) free() string {
	for _, agent := range []string{"101", "102", "103", "104"} {
		if !slices.ContainsFunc(p.legs, func(l *leg) bool { return l.agent == agent }) {
			return agent
		}
	}
	return ""
}

// list returns the answer to CoreShowChannels.
func (p *plan) list() (list []Message) {
	for _, l := range p.legs {
		fields := []string{"Event", "CoreShowChannel", "BridgeId", l.bridge}
		if slices.ContainsFunc(p.clients, func(c *client) bool { return c.parked && c.bridge == l.bridge }) {
			fields = append(fields, "Application", "Park")
		}
		for _, f := range l.fields() {
			fields = append(fields, f[0], f[1])
		}
		list = append(list, msg(fields...))
	}
	return append(list, msg("Event", "CoreShowChannelsComplete"))
}
