package threecx

import (
	"maps"
	"slices"
	"time"

	"callhue/calls"
	"callhue/phone"
)

// Listed compares what is known with the participants that are there, after connecting and after notifications that
// did not arrive: those who are not there have gone, calls that were reported and are not there any more are ended, and
// those that go on are followed. open are the calls of the source that have no end yet, last is when the PBX was last
// followed, zero before the first time.
func (f *Follower) Listed(list []DN, open []calls.Unfinished, last, now time.Time) (events []calls.Event) {
	there := map[string]Participant{}
	for _, dn := range list {
		f.types[string(dn.DN)] = dnType(dn.Type)
		for _, p := range dn.Participants {
			p.DN = dn.DN
			there[string(p.DN+"/"+p.ID)] = p
		}
	}
	f.at = now
	if !last.IsZero() {
		f.at = last
	}
	events = f.lose(there)
	for _, u := range open {
		events = append(events, f.resume(u, there, last)...)
	}
	for _, key := range slices.Sorted(maps.Keys(there)) {
		events = append(events, f.Seen(there[key], now)...)
	}
	return events
}

// lose ends the parts that are known and not there, and the calls that are empty by that. Calls that all had left
// before still wait for their end.
func (f *Follower) lose(there map[string]Participant) (events []calls.Event) {
	goesOn := map[string]bool{}
	for _, p := range there {
		goesOn[string(p.CallID)] = true
	}
	for _, key := range slices.Sorted(maps.Keys(f.parts)) {
		if _, isThere := there[key]; isThere {
			continue
		}
		c := f.parts[key].call
		events = append(events, f.leave(f.parts[key], true)...)
		if len(c.parts) == 0 && !goesOn[c.callid] {
			events = append(events, f.end(c, true)...)
		}
	}
	return events
}

// resume follows a call that the database has and this process does not, or ends it when no participant of it is there.
func (f *Follower) resume(u calls.Unfinished, there map[string]Participant, last time.Time) (events []calls.Event) {
	for _, c := range f.calls {
		if c.id == u.CallID {
			return nil
		}
	}
	var c *call
	for _, key := range slices.Sorted(maps.Keys(there)) {
		p := there[key]
		if c == nil && isSame(u.CallID, string(p.CallID)) && f.calls[string(p.CallID)] == nil && f.mayBe(u, p) {
			c = &call{id: u.CallID, callid: string(p.CallID), direction: u.Direction, number: u.Number, line: u.Line,
				isClients: true, talked: u.Answered, parts: map[string]*part{}}
			f.calls[c.callid] = c
		}
	}
	for _, leg := range u.Legs {
		p, isThere := there[leg.ID]
		if c == nil || !isThere || string(p.CallID) != c.callid {
			events = append(events, lost(u, last, leg, c != nil))
			continue
		}
		here := &part{key: leg.ID, agent: leg.Agent, call: c, rang: true, talked: leg.Answered}
		c.parts[here.key], f.parts[here.key] = here, here
	}
	if c == nil {
		events = append(events, lost(u, last, calls.OpenLeg{}, false))
	}
	return events
}

// mayBe reports whether a participant can belong to a call of the database: after a restart of the PBX another call may
// have its callid.
func (f *Follower) mayBe(u calls.Unfinished, p Participant) bool {
	n := f.read(string(p.Party))
	return !f.isOutside(p) || n.Kind != phone.External || f.isNumber(p.Party, u.Number)
}

// lost returns the end of a call, or of an agent's part of it, that was not seen.
func lost(u calls.Unfinished, last time.Time, leg calls.OpenLeg, goesOn bool) calls.Event {
	at := u.Last
	if last.After(at) {
		at = last
	}
	return calls.Event{CallID: u.CallID, Kind: calls.Ended, Direction: u.Direction, Number: u.Number, Line: u.Line,
		Leg: leg.ID, Agent: leg.Agent, At: at, Duration: -1, GoesOn: goesOn, EndUnknown: true}
}
