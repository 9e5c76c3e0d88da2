package ami

import (
	"slices"
	"strings"

	"callhue/phone"
)

// channel is one leg inside Asterisk: a telephone, a trunk's line, or a half of a Local pair.
type channel struct {
	id     string // its Uniqueid
	linked string // its Linkedid when it was first seen: that of the channel which began the call
	name   string // such as PJSIP/101-00000001
	role   role
	agent  string // what the PBX calls the agent at this telephone
	caller string // its CallerIDNum
	exten  string // the extension that it began with: what a telephone of ours dialled, or our line
	caused bool   // it was made by the PBX to ring its other side; others began by themselves
	// byName is whether the role was found without the context, which the dialplan changes during a call.
	byName bool

	bridge *bridge
	pair   *channel // the other half of a Local pair
	dials  []*dial  // that it makes, or that ring it
	call   *call    // in which it has a part
	spent  bool     // a call of it is over: the next one is another

	seen uint64 // the last walk that came here
}

// role is what is at the other end of a channel.
type role int

const (
	outside role = iota // a trunk: a client, or a telephone that is none of the PBX's
	agent               // a telephone of ours
	local               // nothing: a half of a Local pair
	media               // a recorder, a speaker, a spy: no part of any call
)

// mediaTechnologies are those of channels that carry no person.
var mediaTechnologies = []string{
	"Snoop", "UnicastRTP", "MulticastRTP", "AudioSocket", "WebSocket", "Announcer", "Recorder", "CBAnn", "CBRec",
	"ConfBridgeRecorder", "Message", "Surrogate", "Bridge", "ParkingAnnouncer",
}

// isReal reports whether people talk on the channel.
func (c *channel) isReal() bool { return c.role == agent || c.role == outside }

// endpoint returns the technology of a channel's name and what it is called there: PJSIP and 101 for
// PJSIP/101-00000001.
func endpoint(name string) (technology, called string) {
	technology, called, _ = strings.Cut(name, "/")
	if end := strings.LastIndexByte(called, '-'); end >= 0 {
		return technology, called[:end]
	}
	return technology, ""
}

// sighting is how a channel looks in a message.
type sighting struct {
	name, context, caller, exten string
	dialled                      string // the number that is sent to it; "" where it is rung as an endpoint
	fresh                        bool   // the channel is new: its context is that of its endpoint
}

// roles is how the role of a channel is found; the first line that fits counts. The context tells most, but only while
// the channel is new: the dialplan moves clients into the contexts of telephones, and telephones out of them.
var roles = []struct {
	why  string
	fits func(f *Follower, s *sighting, technology, called string) bool
	role role
}{
	{"media of the PBX's own", func(_ *Follower, _ *sighting, technology, called string) bool {
		return called == "" || slices.Contains(mediaTechnologies, technology)
	}, media},
	{"a half of a Local pair", func(_ *Follower, _ *sighting, technology, _ string) bool {
		return technology == "Local"
	}, local},
	{"a new channel in a context of telephones", func(f *Follower, s *sighting, _, _ string) bool {
		return s.fresh && f.contexts != nil && slices.Contains(f.contexts, s.context)
	}, agent},
	{"a new channel in another context", func(f *Follower, s *sighting, _, _ string) bool {
		return s.fresh && f.contexts != nil
	}, outside},
	{"named as an agent is", func(f *Follower, _ *sighting, _, called string) bool {
		return f.people.isAgent(called)
	}, agent},
	{"a number is sent to it", func(_ *Follower, s *sighting, _, _ string) bool { return s.dialled != "" }, outside},
	{"an outside number calls from it", func(f *Follower, s *sighting, _, _ string) bool {
		return f.people.isNumber(s.caller)
	}, outside},
	{"its caller ID is an agent's", func(f *Follower, s *sighting, _, _ string) bool {
		return f.people.isAgent(s.caller)
	}, agent},
	{"named as a telephone is", func(_ *Follower, _ *sighting, _, called string) bool {
		return phone.IsExtension(called)
	}, agent},
	{"in a context of telephones", func(f *Follower, s *sighting, _, _ string) bool {
		return f.contexts != nil && slices.Contains(f.contexts, s.context)
	}, agent},
	{"anything else", func(*Follower, *sighting, string, string) bool { return true }, outside},
}

func (f *Follower) roleOf(s *sighting) role {
	technology, called := endpoint(s.name)
	for _, r := range roles {
		if r.fits(f, s, technology, called) {
			return r.role
		}
	}
	return outside
}

// agentName returns what the agent at a telephone is called: by its endpoint, else by its caller ID, whichever a user
// has. A browser phone may be 99102, an endpoint may be named by its MAC address, an analogue line by its port.
func (p *Directory) agentName(called, caller string) string {
	for _, name := range []string{called, caller} {
		if p.isAgent(name) {
			return name
		}
	}
	switch {
	case phone.IsExtension(called), !phone.IsExtension(caller):
		return called
	}
	return caller
}

// channel returns the channel of a message with a prefix such as Dest, which is added when it is new; nil when the
// message names none, or one of media.
func (f *Follower) channel(m Message, prefix string) *channel {
	id := m.Get(prefix + "Uniqueid")
	if id == "" {
		return nil
	}
	c := f.channels[id]
	if c == nil {
		return f.addChannel(m, prefix, id)
	}
	if caller := m.Get(prefix + "CallerIDNum"); caller != "" && caller != c.caller {
		c.caller = strings.Clone(caller)
		if c.role == agent && c.call == nil {
			f.nameAgent(c)
		}
	}
	return c
}

func (f *Follower) addChannel(m Message, prefix, id string) *channel {
	s := sighting{
		name:    m.Get(prefix + "Channel"),
		context: m.Get(prefix + "Context"),
		caller:  m.Get(prefix + "CallerIDNum"),
		exten:   m.Get(prefix + "Exten"),
		fresh:   m.Get("Event") == "Newchannel",
	}
	if prefix == "Dest" {
		s.dialled = sentNumber(m.Get("DialString"), s.name)
	}
	c := &channel{
		id:     strings.Clone(id),
		linked: strings.Clone(m.Get(prefix + "Linkedid")),
		name:   strings.Clone(s.name),
		caller: strings.Clone(s.caller),
		exten:  strings.Clone(s.exten),
		role:   f.roleOf(&s),
		caused: m.Get(prefix+"ChannelStateDesc") == "Down" || prefix == "Dest",
		byName: f.contexts == nil || !s.fresh,
	}
	if c.role == media {
		return nil
	}
	if c.linked == "" {
		c.linked = c.id
	}
	f.nameAgent(c)
	f.channels[c.id] = c
	if half, isLocal := strings.CutSuffix(c.name, ";1"); c.role == local && isLocal {
		f.pairUp(c, half+";2")
	} else if half, isLocal := strings.CutSuffix(c.name, ";2"); c.role == local && isLocal {
		f.pairUp(c, half+";1")
	}
	return c
}

func (f *Follower) nameAgent(c *channel) {
	if c.role == agent {
		_, called := endpoint(c.name)
		c.agent = f.people.agentName(called, c.caller)
	}
}

// pairUp joins the halves of a Local pair once both are known.
func (f *Follower) pairUp(c *channel, other string) {
	if half := f.halves[other]; half != nil {
		c.pair, half.pair = half, c
		delete(f.halves, other)
		return
	}
	f.halves[c.name] = c
}

// sentNumber returns the number that a dial string sends to a trunk: 84950000011 of 84950000011@trunk, of
// trunk/84950000011 and of 84950000011/trunk; "" where it rings an endpoint, such as 101 or 101/sip:101@10.0.0.21.
func sentNumber(dialString, channelName string) string {
	_, called := endpoint(channelName)
	if number, host, found := strings.Cut(dialString, "@"); found && !strings.Contains(number, "/") {
		if host == called || number != called {
			return onlyNumber(number)
		}
		return ""
	}
	first, second, found := strings.Cut(dialString, "/")
	if found && first == called {
		return onlyNumber(second)
	}
	return ""
}

// onlyNumber returns a text that can be dialled, "" for any other one.
func onlyNumber(text string) string {
	if strings.Trim(text, "+0123456789*#") == "" && text != "" {
		return text
	}
	return ""
}

// disagree corrects the role of a channel that was guessed by its name, when it turns out that a number is sent to it.
func (f *Follower) disagree(c *channel, dialString string) {
	_, called := endpoint(c.name)
	if c.role == agent && c.byName && !f.people.isAgent(called) && f.people.isNumber(sentNumber(dialString, c.name)) {
		c.role, c.agent = outside, ""
	}
}
