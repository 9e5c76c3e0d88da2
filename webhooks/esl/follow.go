package esl

import (
	"strings"
	"time"

	"callhue/calls"
	"callhue/phone"
	"callhue/rules"
)

// Directory answers what a follower has to know of numbers and people. A nil function knows none.
type Directory struct {
	Plan *phone.Plan // of the source's numbers; nil reads none
	// Agent reports whether a user is known by a name: an extension, a login, an identity of the source.
	Agent func(name string) bool
	// Holder returns the login of the user whose own phone has a number, "" when no single user has it.
	Holder func(number phone.Number) string
}

// Options are what a Follower is built from.
type Options struct {
	Directory
	// Domain is the only tenant whose calls count; "" counts all of them.
	Domain string
}

// Follower turns the events of one FreeSWITCH into call events. It is used by one goroutine.
type Follower struct {
	opt         Options
	legs        map[string]*leg
	calls       map[string]*call
	conferences map[string]map[string]bool // the legs in each, by its id
	at          time.Time                  // of the event at hand
	unknownEnd  bool                       // what ends now may have ended before
}

// NewFollower returns a follower of nothing yet.
func NewFollower(opt Options) *Follower {
	return &Follower{
		opt:         opt,
		legs:        map[string]*leg{},
		calls:       map[string]*call{},
		conferences: map[string]map[string]bool{},
	}
}

// Busy reports whether calls are known to be up.
func (f *Follower) Busy() bool { return len(f.calls) > 0 }

// Take returns the call events that an event leads to, in order; usually none.
func (f *Follower) Take(e Event) []calls.Event {
	f.at = e.At()
	id := e["Unique-ID"]
	switch e.Name() {
	case "CHANNEL_CREATE", "CHANNEL_ORIGINATE", "CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA", "CHANNEL_ANSWER":
		return f.seen(e)
	case "CHANNEL_BRIDGE":
		return f.bridged(e)
	case "CHANNEL_UUID":
		f.rename(e["Old-Unique-ID"], id)
	case "CHANNEL_HANGUP_COMPLETE":
		return f.hungUp(f.legs[id], e.first("variable_hangup_cause", "Hangup-Cause"))
	case "CUSTOM":
		if e["Event-Subclass"] == "conference::maintenance" {
			return f.conference(e)
		}
	}
	return nil
}

// kind is what a leg leads to.
type kind uint8

const (
	unknown  kind = iota
	agentLeg      // a telephone of ours
	outside       // the world, by a trunk
	loopback      // half of a pair between two other legs; no telephone
)

// leg is a channel.
type leg struct {
	id      string
	kind    kind
	agent   string // of an agentLeg; of an outside one the user whose own phone it is
	made    bool   // the switch made it; otherwise it came in
	from    string // its caller's number
	to      string // the number that it was sent to
	call    *call
	pair    string // the other half of a loopback leg
	parent  string // the leg for which this one was made
	peer    string // the leg with which it was bridged last
	rang    bool   // its ringing was reported
	talked  bool   // its answer was reported
	left    bool   // its end was reported although it is still there
	spent   bool   // its call is over: it begins no other one by itself
	created time.Time
}

// isPerson reports whether a leg is that of an agent, on a telephone of ours or on their own.
func (l *leg) isPerson() bool { return l.agent != "" }

// seen handles an event that says more of a leg.
func (f *Follower) seen(e Event) (events []calls.Event) {
	l := f.learn(e)
	if l == nil {
		return nil
	}
	f.join(l, e)
	if c := l.call; c != nil && c.direction == rules.Out {
		if first := f.legs[c.first]; first != nil && first.isPerson() {
			events = f.ring(first) // what was dialled did not read as a number before
		}
	}
	isRinging := e.Name() != "CHANNEL_CREATE" && e.Name() != "CHANNEL_ORIGINATE"
	if l.call == nil || !l.isPerson() {
		return events
	}
	// An agent who dials has their card at once; one who is rung when their telephone is known to ring.
	if isRinging || !l.made {
		events = append(events, f.ring(l)...)
	}
	return events
}

// learn keeps what an event says of its leg; nil for one that does not count.
func (f *Follower) learn(e Event) *leg {
	id := e["Unique-ID"]
	if id == "" {
		return nil
	}
	l := f.legs[id]
	if l == nil {
		domain := e.first("variable_domain_name", "variable_sip_auth_realm")
		if f.opt.Domain != "" && domain != "" && !strings.EqualFold(domain, f.opt.Domain) {
			return nil
		}
		l = &leg{id: id, created: f.at}
		f.legs[id] = l
	}
	l.made = e["Call-Direction"] == "outbound"
	l.from = strings.Clone(e.first("Caller-Caller-ID-Number", "Caller-ANI"))
	if l.to == "" || !l.made {
		l.to = strings.Clone(e.first("variable_callhue_number", "Caller-Destination-Number"))
	}
	if e["Other-Type"] == "originator" {
		l.parent = strings.Clone(e["Other-Leg-Unique-ID"])
	}
	if parent := e.first("variable_cc_member_session_uuid", "variable_originating_leg_uuid"); l.parent == "" {
		l.parent = strings.Clone(parent) // a queue makes its legs by itself, and names the client's
	}
	if pair := e["variable_other_loopback_leg_uuid"]; pair != "" {
		l.pair = strings.Clone(pair)
	}
	if l.kind == unknown {
		f.classify(l, e)
	}
	return l
}

// classify finds what a leg leads to by its endpoint and its user.
func (f *Follower) classify(l *leg, e Event) {
	name := e["Channel-Name"]
	if strings.HasPrefix(name, "loopback/") || e["variable_is_loopback"] != "" {
		l.kind = loopback
		return
	}
	if strings.HasPrefix(name, "sofia/gateway/") || e["variable_sip_gateway_name"] != "" {
		f.outside(l)
		return
	}
	user := e.first("variable_dialed_user", "variable_user_name", "variable_sip_auth_username")
	if user == "" {
		user = userOf(name)
	}
	isKnown := f.opt.Agent != nil && f.opt.Agent(user)
	isOurs := e.first("variable_dialed_user", "variable_user_name", "variable_sip_auth_username") != ""
	if isKnown || isOurs || phone.IsExtension(user) && !strings.HasPrefix(name, "sofia/external/") {
		l.kind, l.agent = agentLeg, strings.Clone(user)
		return
	}
	f.outside(l)
}

// outside sets that a leg leads to the world. It may be an agent's own phone, to which calls are forwarded.
func (f *Follower) outside(l *leg) {
	l.kind = outside
	if l.made && l.parent != "" && f.opt.Holder != nil {
		if number := f.read(l.to); number.Kind == phone.External {
			l.agent = f.opt.Holder(number)
		}
	}
}

func (f *Follower) read(text string) phone.Number {
	if f.opt.Plan == nil {
		return phone.Number{Raw: text}
	}
	return f.opt.Plan.Parse(text)
}

// userOf returns the user in a channel's name: sofia/internal/101@pbx.example.
func userOf(channel string) string {
	_, address, _ := strings.Cut(channel, "/")
	if _, rest, found := strings.Cut(address, "/"); found {
		address = rest
	}
	user, _, _ := strings.Cut(address, "@")
	return strings.TrimPrefix(user, "sip:")
}

func (f *Follower) rename(from, to string) {
	l := f.legs[from]
	if l == nil || to == "" {
		return
	}
	delete(f.legs, from)
	if l.call != nil {
		l.call.rename(from, to)
	}
	l.id = strings.Clone(to)
	f.legs[l.id] = l
	for _, other := range f.legs {
		if other.peer == from {
			other.peer = l.id
		}
		if other.parent == from {
			other.parent = l.id
		}
		if other.pair == from {
			other.pair = l.id
		}
	}
}

// join finds the call of a leg: that of the leg for which it was made, or a new one that it begins.
func (f *Follower) join(l *leg, e Event) {
	if l.call != nil || l.spent {
		return
	}
	parent := f.legs[l.parent]
	if l.kind == loopback && parent == nil {
		parent = f.legs[l.pair]
	}
	switch {
	case parent != nil && parent.call != nil:
		f.enter(parent.call, l)
		if l.kind == outside && !l.isPerson() && parent.call.client == "" {
			parent.call.client = l.id
		}
	case parent != nil && parent.kind == agentLeg && l.kind == outside:
		c := f.begin(parent, rules.Out, l.to, "") // an agent's leg that was made first, or dialled what is no number
		c.client = l.id
		f.enter(c, l)
	case parent != nil:
	case l.kind == outside && !l.made:
		f.begin(l, rules.In, l.from, l.to).client = l.id
	case l.kind == outside:
		f.begin(l, rules.Out, l.to, l.from).client = l.id // a dialler calls the client first
	case l.kind == agentLeg && l.made:
		if number := e["variable_callhue_number"]; number != "" {
			f.begin(l, rules.Out, number, "")
		}
	case l.kind == agentLeg && f.read(l.to).Kind == phone.External:
		f.begin(l, rules.Out, l.to, "")
	}
}
