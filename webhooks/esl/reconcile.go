package esl

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/calls"
)

// channelRow is a channel of "show channels as json".
type channelRow struct {
	ID        string `json:"uuid"`
	Direction string `json:"direction"`
	Created   string `json:"created_epoch"`
	Name      string `json:"name"`
	Caller    string `json:"cid_num"`
	Dialled   string `json:"dest"`
	State     string `json:"callstate"` // DOWN RINGING EARLY ACTIVE HELD ...
	Call      string `json:"call_uuid"` // the leg that leads the call
	Presence  string `json:"presence_id"`
}

// Listed compares what is known with the channels that are there, after connecting: legs that are not there have gone,
// calls that were reported and are not there any more are ended, and those that go on are followed. open are the calls
// of the source that have no end yet, last is when the PBX was last followed.
func (f *Follower) Listed(answer []byte, open []calls.Unfinished, last, now time.Time) ([]calls.Event, error) {
	var list struct {
		Rows []channelRow `json:"rows"`
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return nil, fmt.Errorf("esl: a list of channels that is no JSON: %w", err)
	}
	rows := map[string]channelRow{}
	for _, row := range list.Rows {
		rows[row.ID] = row
	}
	events := f.gone(rows, last, now)
	for _, c := range open {
		events = append(events, f.resume(c, rows, last)...)
	}
	f.at = now
	for _, row := range list.Rows {
		events = append(events, f.fresh(row)...)
	}
	return events, nil
}

// gone ends the legs that are known and not there.
func (f *Follower) gone(rows map[string]channelRow, last, now time.Time) (events []calls.Event) {
	f.at, f.unknownEnd = last, true
	if last.IsZero() {
		f.at = now
	}
	for _, id := range slices.Sorted(maps.Keys(f.legs)) {
		if _, there := rows[id]; !there {
			events = append(events, f.hungUp(f.legs[id], "")...)
		}
	}
	f.unknownEnd = false
	return events
}

// resume follows a call that the database has and this process does not, or ends it when none of its legs is there.
func (f *Follower) resume(u calls.Unfinished, rows map[string]channelRow, last time.Time) (events []calls.Event) {
	if f.calls[u.CallID] != nil {
		return nil
	}
	c := &call{id: u.CallID, direction: u.Direction, number: u.Number, line: u.Line, first: u.CallID,
		talked: u.Answered,
		legs:   map[string]bool{}}
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		row := rows[id]
		if f.legs[row.ID] != nil || row.ID != u.CallID && row.Call != u.CallID {
			continue
		}
		l := f.listedLeg(row)
		if l == nil {
			continue
		}
		f.enter(c, l)
		if l.kind == outside && !l.isPerson() {
			c.client = l.id
		}
	}
	for _, open := range u.Legs {
		l := f.legs[open.ID]
		row, there := rows[open.ID]
		if there && l == nil {
			if l = f.listedLeg(row); l != nil {
				f.enter(c, l)
			}
		}
		if l == nil || l.call != c {
			events = append(events, lost(u, last, open.ID, open.Agent, len(c.legs) > 0))
			continue
		}
		l.kind, l.agent, l.rang, l.talked = agentLeg, open.Agent, true, open.Answered
	}
	if len(c.legs) == 0 {
		return append(events, lost(u, last, "", "", false))
	}
	f.calls[c.id] = c
	return events
}

// lost returns the end of a call, or of an agent's part of it, that was not seen.
func lost(u calls.Unfinished, last time.Time, leg, agent string, goesOn bool) calls.Event {
	at := u.Last
	if last.After(at) {
		at = last
	}
	return calls.Event{CallID: u.CallID, Kind: calls.Ended, Direction: u.Direction, Number: u.Number, Line: u.Line,
		Leg: leg, Agent: agent, At: at, Duration: -1, GoesOn: goesOn, EndUnknown: true}
}

// fresh begins to follow a channel that was not known.
func (f *Follower) fresh(row channelRow) (events []calls.Event) {
	if f.legs[row.ID] != nil {
		return nil
	}
	l := f.listedLeg(row)
	if l == nil {
		return nil
	}
	if leader := f.legs[row.Call]; leader != nil && leader != l {
		l.parent = leader.id
	}
	f.join(l, Event{})
	if l.call == nil || !l.isPerson() {
		return nil
	}
	switch row.State {
	case "ACTIVE", "HELD", "UNHELD":
		// A queue or a menu answers too: only a leg that is another's is bridged with it.
		if client := f.legs[l.call.client]; client != nil && row.Call != "" && row.Call != row.ID {
			client.peer, l.peer = l.id, client.id
			return f.talk(l.call, l)
		}
		return f.ring(l)
	case "RINGING", "EARLY", "RING_WAIT":
		return f.ring(l)
	}
	return nil
}

// listedLeg returns a new leg of a channel of the list; nil for one of another tenant.
func (f *Follower) listedLeg(row channelRow) *leg {
	e := Event{
		"Unique-ID":                 row.ID,
		"Call-Direction":            row.Direction,
		"Channel-Name":              row.Name,
		"Caller-Caller-ID-Number":   row.Caller,
		"Caller-Destination-Number": row.Dialled,
	}
	if _, domain, found := strings.Cut(row.Presence, "@"); found {
		e["variable_domain_name"] = domain
	}
	l := f.learn(e)
	if l == nil {
		return nil
	}
	if seconds, err := strconv.ParseInt(row.Created, 10, 64); err == nil {
		l.created = time.Unix(seconds, 0).UTC()
	}
	return l
}
