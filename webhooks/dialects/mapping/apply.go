package mapping

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	plain "callhue/internal/text"
	"callhue/rules"
)

// Result is what a request means by a document.
type Result struct {
	Events  []calls.Event
	Aliases map[string][]string // further names of the agents in Events
	Ignored string              // the PBX's name of an event that is not used
	Notes   []string            // what was left out, and why; in plain words
	Reply   *Reply              // nil is the answer of the dialect
}

// What a map of events may translate to, beside the kinds of events.
const (
	skip       = "skip"        // not an event of ours
	endedCall  = "ended_call"  // the whole call is over, whichever telephone the event names
	endedAgent = "ended_agent" // one telephone stopped; without an agent it tells nothing
)

var kindWords = []string{string(calls.Ringing), string(calls.Answered), string(calls.Ended), string(calls.Summary),
	endedCall,
	endedAgent}

// directionWords are what PBXs call a direction, when the document does not translate it.
var directionWords = map[string]string{"in": "in", "inbound": "in", "incoming": "in", "out": "out", "outbound": "out",
	"outgoing": "out", "internal": skip, "local": skip}

// maxElements is how many events one request may report.
const maxElements = 100

func (m *Mapping) scope(req *Request, root *node) *scope {
	return &scope{req: req, root: root, element: root, nothing: m.nothing}
}

// Apply turns an authenticated request into call events. secret signs the answer to a probe. memory may be nil. Faults
// are invalid: of "body" when it cannot be read, of "call_id" when an event names no call.
func (m *Mapping) Apply(req *Request, secret string, memory Memory) (Result, error) {
	if memory == nil {
		memory = Scratch{}
	}
	root, err := m.tree(req)
	if err != nil {
		return Result{}, err
	}
	s := m.scope(req, root)
	for _, p := range m.probes {
		if holdAll(p.when, s) {
			return Result{Notes: []string{"a probe of the address"}, Reply: p.reply.word(s, secret)}, nil
		}
	}
	a := &application{m: m, s: s, memory: memory}
	elements := []*node{root}
	if m.each.steps != nil {
		if elements = find(root, m.each.steps); len(elements) == 1 && elements[0].list {
			elements = elements[0].children()
		}
	}
	if len(elements) > maxElements {
		return Result{}, errTooMany
	}
	for _, element := range elements {
		s.element, s.sent, s.direction = element, "", ""
		a.one()
	}
	if a.wrong != nil && len(a.result.Events) == 0 {
		return Result{}, a.wrong
	}
	if len(a.result.Events) > 0 {
		a.result.Ignored = ""
	}
	if m.reply != nil {
		a.result.Reply = m.reply.word(s, secret)
	}
	return a.result, nil
}

func holdAll(conditions []condition, s *scope) bool {
	for i := range conditions {
		if !conditions[i].holds(s) {
			return false
		}
	}
	return true
}

// application is one request on its way to events.
type application struct {
	m      *Mapping
	s      *scope
	memory Memory
	result Result
	wrong  error
}

func (a *application) note(text string) {
	if !slices.Contains(a.result.Notes, text) {
		a.result.Notes = append(a.result.Notes, text)
	}
}

// one reads one element.
func (a *application) one() {
	word := a.kind()
	if word == "" {
		return
	}
	for i := range a.m.skip {
		if a.m.skip[i].holds(a.s) {
			a.result.Ignored = a.s.sent
			return
		}
	}
	e := calls.Event{Leg: textOf(a.m.leg, a.s), Duration: -1}
	if e.CallID = a.call(e.Leg); e.CallID == "" {
		a.wrong = fault.Invalid("call_id", "required")
		return
	}
	if !a.setDirection(&e) {
		a.result.Ignored = a.s.sent
		return
	}
	a.read(&e)
	if a.isLate(&e, word) || !a.setKind(&e, word) {
		return
	}
	a.addAliases(e.Agent)
	a.result.Events = append(a.result.Events, e)
}

// kind returns what happened, in our words; "" for an event that is not used.
func (a *application) kind() string {
	a.s.sent = sentName(a.m.event, a.s)
	word := strings.ToLower(a.m.event.in(a.s))
	if !slices.Contains(kindWords, word) {
		a.result.Ignored = plain.Cut(a.s.sent, 100)
		if a.s.sent == "" {
			a.result.Ignored = "an event without a name"
		}
		return ""
	}
	return word
}

// sentName returns the PBX's own name of an event: the text before its translation.
func sentName(v value, s *scope) string {
	switch v := v.(type) {
	case *piece:
		return v.source(s)
	case firstOf:
		for _, one := range v {
			if one.in(s) != "" {
				return sentName(one, s)
			}
		}
		if len(v) > 0 {
			return sentName(v[0], s)
		}
		return ""
	}
	return v.in(s)
}

// call returns the id of the call. A leg stays with the call with which it was first named, and an id that another one
// was said to follow stands for that one: PBXs change the id of a call when it is bridged or transferred.
func (a *application) call(leg string) string {
	id := a.m.callID.in(a.s)
	if leg != "" {
		if known := a.memory.Get("leg/" + leg); known != "" {
			id = known
		} else if id != "" {
			id = a.followed(id)
			a.memory.Set("leg/"+leg, id)
		}
	}
	id = a.followed(id)
	if next := textOf(a.m.nextCall, a.s); id != "" && next != "" && next != id {
		a.memory.Set("call/"+next, id)
	}
	return id
}

// followed returns the id under which a call began.
func (a *application) followed(id string) string {
	if first := a.memory.Get("call/" + id); first != "" {
		return first
	}
	return id
}

// setDirection sets the direction: what was said of the call first, for later legs of it go the other way; or what the
// event says. It returns false for a call that is none of ours.
func (a *application) setDirection(e *calls.Event) bool {
	word := strings.ToLower(textOf(a.m.direction, a.s))
	if known, found := directionWords[word]; found {
		word = known
	}
	key := "direction/" + e.CallID
	switch word {
	case skip:
		a.memory.Set(key, skip)
		return false
	case "in", "out":
		if first := a.memory.Get(key); first == "in" || first == "out" {
			word = first
		} else {
			a.memory.Set(key, word)
		}
	default:
		if word != "" {
			a.note("direction cannot be read: " + word)
		}
		if word = a.memory.Get(key); word == skip {
			return false
		}
		if word == "" {
			word = string(a.memory.Direction(e.CallID))
		}
	}
	e.Direction = rules.Direction(word)
	a.s.direction = e.Direction
	return true
}

// read reads the fields that an event can be without. One that cannot be read is left out and noted.
func (a *application) read(e *calls.Event) {
	e.Number = textOf(a.m.number, a.s)
	e.Agent = textOf(a.m.agent, a.s)
	e.Line = textOf(a.m.line, a.s)
	if text := textOf(a.m.at.value, a.s); text != "" {
		at, ok := moment(text, a.m.at.as, a.zone())
		if e.At = at; !ok {
			e.At = time.Time{}
			a.note("time cannot be read: " + text)
		}
	}
	if text := textOf(a.m.duration.value, a.s); text != "" {
		d, ok := duration(text, a.m.duration.as)
		if e.Duration = d; !ok {
			e.Duration = -1
			a.note("duration cannot be read: " + text)
		}
	}
	if text := textOf(a.m.recording, a.s); text != "" {
		if e.Recording = text; !isLink(text) {
			e.Recording = ""
			a.note("recording is no link")
		}
	}
	if a.m.result != nil {
		e.Unanswered = UnansweredOf(sentName(a.m.result, a.s))
	}
	switch word := calls.Result(strings.ToLower(textOf(a.m.result, a.s))); {
	case slices.Contains(resultWords(), string(word)):
		e.Result = word
	default:
		a.note("result cannot be read: " + string(word))
	}
}

func (a *application) zone() *time.Location {
	if a.s.req.Zone != nil {
		return a.s.req.Zone
	}
	return a.m.zone
}

// isLink reports whether a text is a URL that can be shown as a link.
func isLink(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// setKind sets the kind of an event, and what is remembered of its leg. It returns false when the event tells nothing
// of the call.
func (a *application) setKind(e *calls.Event, word string) bool {
	if e.Leg != "" {
		key := "agent/" + e.CallID + "/" + e.Leg
		if e.Agent == "" {
			e.Agent = a.memory.Get(key)
		} else {
			a.memory.Set(key, e.Agent)
		}
	}
	others := a.openLegs(e, word)
	switch {
	case word == endedCall:
		e.Kind, e.Agent = calls.Ended, ""
	case word == endedAgent && e.Agent == "":
		a.note("one telephone stopped, and it is not said whose")
		return false
	case word == endedAgent:
		e.Kind, e.GoesOn = calls.Ended, true // the end of the call is reported too
	case word == string(calls.Ended) && e.Agent == "" && others > 0:
		a.note("one leg of the call ended, others go on")
		return false
	case word == string(calls.Answered) && e.Agent == "" && e.Leg != "" && a.m.agent != nil:
		a.note("a leg without an agent was answered: a menu, a queue or the client")
		return false
	default:
		e.Kind = calls.EventKind(word)
		e.GoesOn = e.Kind == calls.Ended && others > 0 // their ends are reported too
	}
	if e.Kind == calls.Ringing || e.Kind == calls.Answered {
		e.Duration, e.Result = -1, "" // of a call that goes on
	}
	return true
}

// maxLegs is how many legs of a call are remembered.
const maxLegs = 50

// openLegs keeps which legs of a call have not ended, and returns how many others than this one there are.
func (a *application) openLegs(e *calls.Event, word string) int {
	if e.Leg == "" {
		return 0
	}
	key := "legs/" + e.CallID
	open := strings.Fields(a.memory.Get(key))
	leg := strings.ReplaceAll(e.Leg, " ", "_")
	open = slices.DeleteFunc(open, func(other string) bool { return other == leg })
	others := len(open)
	if (word == string(calls.Ringing) || word == string(calls.Answered)) && others < maxLegs {
		open = append(open, leg)
	}
	a.memory.Set(key, strings.Join(open, " "))
	return others
}

// isLate reports whether the end of a leg was reported already by a request that is newer by its sequence: what
// happened before would ring the agent again.
func (a *application) isLate(e *calls.Event, word string) bool {
	text := textOf(a.m.sequence.value, a.s)
	if text == "" {
		return false
	}
	key := "ended/" + e.CallID + "/" + e.Leg
	ended := a.memory.Get(key)
	isEnd := strings.HasPrefix(word, string(calls.Ended))
	switch {
	case isEnd:
		a.memory.Set(key, text)
	case ended != "" && word != string(calls.Summary) && lessNumber(text, ended):
		a.note("older than the end of its leg")
		return true
	}
	return false
}

// lessNumber compares two whole numbers in digits.
func lessNumber(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// addAliases adds the further names of an agent.
func (a *application) addAliases(agent string) {
	if agent == "" {
		return
	}
	for _, v := range a.m.aliases {
		other := textOf(v, a.s)
		if other == "" || other == agent || slices.Contains(a.result.Aliases[agent], other) {
			continue
		}
		if a.result.Aliases == nil {
			a.result.Aliases = map[string][]string{}
		}
		a.result.Aliases[agent] = append(a.result.Aliases[agent], other)
	}
}
