package threecx

import (
	"maps"
	"slices"
	"strings"
	"time"

	"callhue/calls"
	"callhue/phone"
	"callhue/rules"
)

// Linger is how long a call is usually waited for when all have left it: a transfer and the next agent of a queue come
// later.
const Linger = 3 * time.Second

// placing is how long a call that we had placed may take to appear.
const placing = ringSeconds * time.Second

// Follower turns the participants of one 3CX into call events. It is used by one goroutine.
type Follower struct {
	plan   *phone.Plan // of the source's numbers; nil reads none
	linger time.Duration
	types  map[string]string
	parts  map[string]*part // by DN and id
	calls  map[string]*call // by callid
	placed map[string]placed
	at     time.Time // of what is at hand
}

// NewFollower returns a follower of nothing yet. Calls that all have left end after linger.
func NewFollower(plan *phone.Plan, linger time.Duration) *Follower {
	return &Follower{
		plan:   plan,
		linger: linger,
		types:  map[string]string{},
		parts:  map[string]*part{},
		calls:  map[string]*call{},
		placed: map[string]placed{},
	}
}

// part is a participant.
type part struct {
	key    string // DN/id
	agent  string // the extension; "" for a queue or a line
	call   *call
	rang   bool // its ringing was reported
	talked bool // its answer was reported
}

// call is a callid, with a client or without one yet.
type call struct {
	id        string // in call events
	callid    string
	direction rules.Direction
	number    string
	line      string
	isClients bool // a client is on it
	talked    bool
	parts     map[string]*part
	emptied   time.Time // when the last part left; zero while there are some
}

// placed is a call that we had a DN place.
type placed struct {
	number string
	until  time.Time
}

// CallID returns the id of a call in call events. 3CX counts callids from 1 after each restart, and so the hour in
// which a call is first seen stands beside it.
func CallID(callid string, at time.Time) string { return callid + "." + at.UTC().Format("2006010215") }

// isSame reports whether an id of call events is that of a callid, whenever it was first seen.
func isSame(id, callid string) bool { return strings.HasPrefix(id, callid+".") }

// Busy reports whether calls are known to be up.
func (f *Follower) Busy() bool { return len(f.calls) > 0 }

// Place notes that we have a DN call a number: what rings there is an outgoing call.
func (f *Follower) Place(dn, number string, at time.Time) {
	f.placed[dn] = placed{number, at.Add(placing)}
}

// Seen returns the call events to which what a participant is now leads; often none.
func (f *Follower) Seen(p Participant, at time.Time) (events []calls.Event) {
	f.at = at
	if p.ID == "" || p.DN == "" || p.CallID == "" {
		return nil
	}
	key := string(p.DN + "/" + p.ID)
	here := f.parts[key]
	if here != nil && here.call.callid != string(p.CallID) {
		events = f.leave(here, false)
		here = nil
	}
	if here == nil {
		here = f.enter(key, p)
	}
	events = append(events, f.learn(here.call, p)...)
	return append(events, f.act(here, p)...)
}

// enter adds a participant to its call, which it may begin.
func (f *Follower) enter(key string, p Participant) *part {
	c := f.calls[string(p.CallID)]
	if c == nil {
		callid := string(p.CallID)
		c = &call{id: CallID(callid, f.at), callid: callid, parts: map[string]*part{}}
		f.calls[callid] = c
	}
	here := &part{key: key, call: c}
	if kind := f.types[string(p.DN)]; kind == "" || kind == "extension" {
		here.agent = string(p.DN)
	}
	c.parts[key], f.parts[key] = here, here
	c.emptied = time.Time{}
	return here
}

// learn takes what a participant says of the client. When the client is known, those who were there before are
// reported.
func (f *Follower) learn(c *call, p Participant) (events []calls.Event) {
	if c.line == "" {
		c.line = string(p.PartyDID)
	}
	if c.isClients {
		if c.number == "" && f.isOutside(p) {
			c.number = string(p.Party)
		}
		return nil
	}
	ours, isPlaced := f.placed[string(p.DN)]
	isPlaced = isPlaced && !f.at.After(ours.until) && (!f.isOutside(p) || f.isNumber(p.Party, ours.number))
	switch {
	case isPlaced && f.isAlone(c, p):
		c.direction, c.number = rules.Out, ours.number
		delete(f.placed, string(p.DN))
	case f.isOutside(p):
		c.number = string(p.Party)
		c.direction = directionOf(p, f.types[string(p.DN)])
	default:
		return nil
	}
	c.isClients = true
	for _, key := range slices.Sorted(maps.Keys(c.parts)) {
		if other := c.parts[key]; other.key != string(p.DN+"/"+p.ID) {
			events = append(events, f.ring(other)...)
		}
	}
	return events
}

// isAlone reports whether a participant is the only one of its call, and no colleague calls them.
func (f *Follower) isAlone(c *call, p Participant) bool {
	kind := dnType(p.PartyIs)
	return len(c.parts) == 1 && (kind != "extension" || p.PartyDN == p.DN)
}

// directionOf returns the direction of a call by the first that is seen of it; "" when that does not say. Queues and
// other DNs without a telephone are called; they call no one.
func directionOf(p Participant, kind string) rules.Direction {
	switch {
	case p.status() == "dialing":
		return rules.Out
	case p.status() == "ringing", p.PartyDID != "", kind != "" && kind != "extension":
		return rules.In
	}
	return ""
}

// isOutside reports whether the other party of a participant is outside of the PBX. A type that is not named leaves it
// to the number.
func (f *Follower) isOutside(p Participant) bool {
	switch dnType(p.PartyIs) {
	case "externalline":
		return true
	case "extension":
		return false
	}
	return f.read(string(p.Party)).Kind == phone.External
}

// isTalk reports whether a participant talks with someone outside. A queue and a route point are connected with who
// waits there.
func (f *Follower) isTalk(p Participant) bool {
	kind := dnType(p.PartyIs)
	return p.status() == "connected" && (kind == "externalline" || kind == "") && f.isOutside(p)
}

func (f *Follower) read(number string) phone.Number {
	if f.plan == nil {
		return phone.Number{Raw: number}
	}
	return f.plan.Parse(number)
}

// isNumber reports whether a party has a number, however it is spelled.
func (f *Follower) isNumber(party text, number string) bool {
	n := f.read(string(party))
	return n.Kind == phone.External && n.E164 == f.read(number).E164
}

// act reports what a participant does.
func (f *Follower) act(here *part, p Participant) []calls.Event {
	c := here.call
	if !c.isClients || here.agent == "" {
		return nil
	}
	events := f.ring(here)
	if f.isTalk(p) && !here.talked {
		here.talked, c.talked = true, true
		events = append(events, f.event(here, calls.Answered))
	}
	return events
}

// ring reports that an agent is rung, or dials, once.
func (f *Follower) ring(here *part) []calls.Event {
	if here.rang || here.agent == "" {
		return nil
	}
	here.rang = true
	return []calls.Event{f.event(here, calls.Ringing)}
}

func (f *Follower) event(here *part, what calls.EventKind) calls.Event {
	e := f.callEvent(here.call, what)
	e.Leg, e.Agent = here.key, here.agent
	return e
}

func (f *Follower) callEvent(c *call, what calls.EventKind) calls.Event {
	return calls.Event{CallID: c.id, Kind: what, Direction: c.direction, Number: c.number, Line: c.line, At: f.at,
		Duration: -1}
}

// Gone returns the call events of a participant who is not there any more.
func (f *Follower) Gone(dn, id string, at time.Time) []calls.Event {
	f.at = at
	here := f.parts[dn+"/"+id]
	if here == nil {
		return nil
	}
	return f.leave(here, false)
}

// leave takes a participant out of their call, which goes on until it has been empty for a while.
func (f *Follower) leave(here *part, isUnknown bool) (events []calls.Event) {
	c := here.call
	delete(f.parts, here.key)
	delete(c.parts, here.key)
	if here.rang {
		e := f.event(here, calls.Ended)
		e.GoesOn, e.EndUnknown = true, isUnknown
		events = append(events, e)
	}
	if len(c.parts) == 0 {
		c.emptied = f.at
	}
	return events
}

// Expire returns the ends of the calls that all have left a while ago.
func (f *Follower) Expire(now time.Time) (events []calls.Event) {
	for _, callid := range slices.Sorted(maps.Keys(f.calls)) {
		if c := f.calls[callid]; !c.emptied.IsZero() && now.Sub(c.emptied) >= f.linger {
			events = append(events, f.end(c, false)...)
		}
	}
	for dn, p := range f.placed {
		if now.After(p.until) {
			delete(f.placed, dn)
		}
	}
	return events
}

// end reports that a call is over, at the moment when all had left it.
func (f *Follower) end(c *call, isUnknown bool) []calls.Event {
	delete(f.calls, c.callid)
	if !c.isClients {
		return nil
	}
	e := f.callEvent(c, calls.Ended)
	e.At, e.EndUnknown = c.emptied, isUnknown
	switch {
	case c.talked:
		e.Result = calls.ResultAnswered
	case isUnknown:
	case c.direction == rules.Out:
		e.Result = calls.ResultCancelled
	default:
		e.Result = calls.ResultMissed
	}
	return []calls.Event{e}
}
