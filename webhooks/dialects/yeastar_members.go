package dialects

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/text"
	"callhue/rules"
	"callhue/webhooks/dialects/mapping"
)

// yeastarMessage is what an event holds, by the names of either series.
type yeastarMessage map[string]any

// readYeastar returns what an event holds and its type. The P-series wraps it in msg: as an object, or as JSON in a
// text. Faults are invalid: malformed_json of body or of msg.
func readYeastar(body []byte) (m yeastarMessage, kind string, err error) {
	if m, err = decodeYeastar(body); err != nil {
		return nil, "", malformed("malformed_json", err)
	}
	kind = m.text("event", "type") // a record of the S-series has a type of another meaning
	switch inside := m["msg"].(type) {
	case map[string]any:
		return inside, kind, nil
	case string:
		if m, err = decodeYeastar([]byte(inside)); err != nil {
			return nil, kind, fault.Invalid("msg", "malformed_json").Because(err)
		}
	}
	return m, kind, nil
}

func decodeYeastar(raw []byte) (m yeastarMessage, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	err = dec.Decode(&m)
	return m, err
}

// text returns the first of several fields that is something; empty ones are sent as one blank.
func (m yeastarMessage) text(names ...string) string {
	for _, name := range names {
		found := ""
		switch value := m[name].(type) {
		case string:
			found = text.OneLine(value)
		case json.Number:
			found = value.String()
		}
		if found != "" {
			return found
		}
	}
	return ""
}

func (m yeastarMessage) lower(name string) string { return strings.ToLower(m.text(name)) }

func (m yeastarMessage) seconds(names ...string) time.Duration {
	seconds, err := strconv.ParseFloat(m.text(names...), 64)
	if err != nil || !(seconds >= 0 && seconds <= maxSeconds) {
		return -1
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
}

// yeastarMember is one member of a call: an extension, or a trunk of an incoming or outgoing call.
type yeastarMember struct {
	Channel string `json:"c"`
	Kind    string `json:"k"` // extension, inbound, outbound
	Number  string `json:"n"` // of an extension; of a trunk the client's
	Line    string `json:"l,omitempty"`
	Status  string `json:"s"`
	Rang    bool   `json:"r,omitempty"` // its ringing was reported
	Talked  bool   `json:"t,omitempty"` // its answer was reported
}

// yeastarCall is what is known of a call.
type yeastarCall []*yeastarMember

// maxMembers is how many members of a call are followed.
const maxMembers = 100

// members reads the members that an event lists.
func (m yeastarMessage) members() (list []yeastarMember) {
	items, _ := m["members"].([]any)
	for _, item := range items {
		fields, _ := item.(map[string]any)
		for _, name := range []string{"extension", "ext", "inbound", "outbound"} {
			inside, ok := fields[name].(map[string]any)
			if !ok || len(list) == maxMembers {
				continue
			}
			one := yeastarMessage(inside)
			member := yeastarMember{Kind: name, Channel: one.text("channel_id", "channelid"),
				Status: strings.ToUpper(one.text("member_status", "memberstatus"))}
			switch name {
			case "inbound":
				member.Number, member.Line = one.text("from"), one.text("to")
			case "outbound":
				member.Number = one.text("to")
			default:
				member.Kind, member.Number = "extension", one.text("number")
			}
			if member.Channel == "" {
				member.Channel = member.Kind + " " + member.Number
			}
			list = append(list, member)
		}
	}
	return list
}

// callStatus turns a change of members into events. An extension alone with extensions is no call with a client. A
// trunk that answers while no extension has is a menu or a queue.
func (m yeastarMessage) callStatus(memory mapping.Memory) (Parsed, error) {
	id := m.text("call_id", "callid")
	if id == "" {
		return Parsed{}, fault.Invalid("call_id", "required")
	}
	if memory == nil {
		memory = mapping.Scratch{}
	}
	var call yeastarCall
	if known := memory.Get("yeastar/" + id); known != "" {
		_ = json.Unmarshal([]byte(known), &call) // it is ours: what cannot be read is missing
	}
	ended := call.change(m.members())
	e := calls.Event{CallID: id, Duration: -1, Direction: memory.Direction(id)}
	trunk := call.trunk()
	if trunk != nil {
		e.Number, e.Line, e.Direction = trunk.Number, trunk.Line, rules.Out
		if trunk.Kind == "inbound" {
			e.Direction = rules.In
		}
	}
	if e.Direction == "" {
		call.keep(memory, id)
		return Parsed{Ignored: "a call between extensions"}, nil
	}
	parsed := Parsed{Events: call.events(e, ended)}
	call.keep(memory, id)
	if len(parsed.Events) == 0 {
		parsed.Ignored = "no change of an agent's part"
	}
	return parsed, nil
}

// change takes in the members of an event and returns those that have ended by it.
func (c *yeastarCall) change(members []yeastarMember) (ended []*yeastarMember) {
	for _, member := range members {
		n := slices.IndexFunc(*c, func(known *yeastarMember) bool { return known.Channel == member.Channel })
		if n < 0 {
			if len(*c) == maxMembers {
				continue
			}
			n = len(*c)
			*c = append(*c, &yeastarMember{Channel: member.Channel, Kind: member.Kind})
		}
		known := (*c)[n]
		if member.Status == "BYE" && known.Status != "BYE" {
			ended = append(ended, known)
		}
		known.Status = member.Status
		if member.Number != "" {
			known.Number = member.Number
		}
		if member.Line != "" {
			known.Line = member.Line
		}
	}
	return ended
}

// trunk returns the member that is the client: an incoming one before an outgoing one, to which it may be forwarded.
func (c yeastarCall) trunk() (found *yeastarMember) {
	for _, member := range c {
		if member.Kind == "inbound" {
			return member
		}
		if member.Kind == "outbound" && found == nil {
			found = member
		}
	}
	return found
}

// events returns what happened to the agents of a call, and to the call when its last trunk has ended.
func (c yeastarCall) events(e calls.Event, ended []*yeastarMember) (list []calls.Event) {
	isTrunk := func(m *yeastarMember) bool { return m.Kind != "extension" }
	isUp := func(m *yeastarMember) bool { return isTrunk(m) && m.Status != "BYE" }
	for _, member := range c {
		if member.Kind != "extension" {
			continue
		}
		one := e
		one.Agent, one.Leg = member.Number, member.Channel
		switch {
		case slices.Contains(ended, member):
			one.Kind, one.GoesOn = calls.Ended, slices.ContainsFunc(c, isUp)
		case c.talks(member, e.Direction) && !member.Talked:
			one.Kind, member.Talked, member.Rang = calls.Answered, true, true
		case c.rings(member, e.Direction) && !member.Rang:
			one.Kind, member.Rang = calls.Ringing, true
		default:
			continue
		}
		list = append(list, one)
	}
	if slices.ContainsFunc(ended, isTrunk) && !slices.ContainsFunc(c, isUp) {
		e.Kind = calls.Ended
		list = append(list, e)
	}
	return list
}

// rings reports whether a telephone rings, or its agent waits for the client to answer.
func (c yeastarCall) rings(m *yeastarMember, direction rules.Direction) bool {
	if direction == rules.In {
		return m.Status == "RING"
	}
	return m.Status == "ALERT" || m.Status == "RING" || m.Status == "ANSWERED" || m.Status == "ANSWER"
}

// talks reports whether an agent talks with the client: of an outgoing call once the trunk has answered too.
func (c yeastarCall) talks(m *yeastarMember, direction rules.Direction) bool {
	isUp := m.Status == "ANSWER" || m.Status == "ANSWERED" || m.Status == "HOLD"
	if !isUp || direction == rules.In {
		return isUp
	}
	trunk := c.trunk()
	return trunk != nil && (trunk.Status == "ANSWER" || trunk.Status == "ANSWERED" || trunk.Status == "HOLD")
}

// keep remembers the call for its next event.
func (c yeastarCall) keep(memory mapping.Memory, id string) {
	raw, err := json.Marshal(c)
	if err == nil {
		memory.Set("yeastar/"+id, string(raw))
	}
}
