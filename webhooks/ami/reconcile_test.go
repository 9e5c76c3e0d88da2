package ami

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/calls"
	"callhue/rules"
)

// shadow is an Asterisk that has sent a stream so far: it knows what CoreShowChannels would show.
type shadow struct {
	order    []string
	channels map[string]map[string]string // the fields of the list, by Uniqueid
}

// snapshotFields are those of a channel in events and in the list.
var snapshotFields = []string{
	"Channel", "ChannelStateDesc", "CallerIDNum", "ConnectedLineNum", "Context", "Exten", "Linkedid",
}

// saw takes in an event.
func (s *shadow) saw(m Message) {
	for _, prefix := range []string{"", "Dest", "Transferee", "TransferTarget"} {
		id := m.Get(prefix + "Uniqueid")
		if id == "" || prefix == "" && !m.Has("Channel") {
			continue
		}
		ch := s.channels[id]
		if ch == nil {
			if m.Get("Event") != "Newchannel" {
				continue
			}
			ch = map[string]string{"BridgeId": ""}
			s.channels[id], s.order = ch, append(s.order, id)
		}
		for _, name := range snapshotFields {
			ch[name] = m.Get(prefix + name)
		}
	}
	id := m.Get("Uniqueid")
	switch m.Get("Event") {
	case "BridgeEnter":
		s.channels[id]["BridgeId"] = m.Get("BridgeUniqueid")
		if m.Get("BridgeType") == "parking" {
			s.channels[id]["Application"] = "Park"
		}
	case "BridgeLeave":
		if s.channels[id]["BridgeId"] == m.Get("BridgeUniqueid") {
			s.channels[id]["BridgeId"], s.channels[id]["Application"] = "", ""
		}
	case "Hangup":
		delete(s.channels, id)
		s.order = slices.DeleteFunc(s.order, func(other string) bool { return other == id })
	}
}

// list returns the answer to CoreShowChannels.
func (s *shadow) list() (list []Message) {
	for _, id := range s.order {
		pairs := []string{"Event", "CoreShowChannel", "Uniqueid", id}
		for _, name := range slices.Sorted(maps.Keys(s.channels[id])) {
			pairs = append(pairs, name, s.channels[id][name])
		}
		list = append(list, msg(pairs...))
	}
	return append(list, msg("Event", "CoreShowChannelsComplete"))
}

// book is what was reported of calls, as a database keeps it.
type book struct {
	calls map[string]*written
}

type written struct {
	calls.Unfinished
	ended  bool
	agents map[string][]string // kinds, by leg and agent
	states map[string]string   // by agent
	talked map[string]bool
	result calls.Result
}

func (b *book) write(events []calls.Event) {
	for _, e := range events {
		c := b.calls[e.CallID]
		if c == nil {
			c = &written{agents: map[string][]string{}, states: map[string]string{}, talked: map[string]bool{}}
			c.CallID, c.Direction, c.Number, c.Line = e.CallID, e.Direction, e.Number, e.Line
			b.calls[e.CallID] = c
		}
		c.Last = e.At
		switch {
		case e.Agent == "" && e.Kind == calls.Answered:
			c.Answered = true
		case e.Agent == "" && e.Kind == calls.Ended:
			c.ended = true
			switch c.result = e.Result; {
			case c.Answered:
				c.result = calls.ResultAnswered
			case c.result == "" && c.Direction == rules.In:
				c.result = calls.ResultMissed
			}
			c.Legs = nil
			for agent := range c.states {
				c.states[agent] = string(calls.Ended)
			}
		case e.Agent == "":
		case e.Kind == calls.Ended:
			c.Legs = slices.DeleteFunc(c.Legs, func(l calls.OpenLeg) bool { return l.ID == e.Leg })
			c.states[e.Agent] = string(e.Kind)
		default:
			at := slices.IndexFunc(c.Legs, func(l calls.OpenLeg) bool { return l.ID == e.Leg })
			if at < 0 {
				at, c.Legs = len(c.Legs), append(c.Legs, calls.OpenLeg{ID: e.Leg, Agent: e.Agent})
			}
			if e.Kind == calls.Answered { // it ends the ringing elsewhere
				for agent, state := range c.states {
					if state == string(calls.Ringing) {
						c.states[agent] = string(calls.Ended)
					}
				}
				c.Answered, c.Legs[at].Answered, c.talked[e.Agent] = true, true, true
			}
			c.states[e.Agent] = string(e.Kind)
		}
	}
}

// open returns the calls without an end.
func (b *book) open() (list []calls.Unfinished) {
	for _, id := range slices.Sorted(maps.Keys(b.calls)) {
		if !b.calls[id].ended {
			list = append(list, b.calls[id].Unfinished)
		}
	}
	return list
}

// outcome is what is kept of all calls in the end: who talked, and how it ended.
func (b *book) outcome() string {
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(b.calls)) {
		c := b.calls[id]
		line := fmt.Sprintf("%s %s %s %s", id, c.Direction, c.Number, c.Line)
		lines = append(lines, line+fmt.Sprintf(" ended=%v %s %v talked=%v", c.ended, c.result, c.states, c.talked))
	}
	return strings.Join(lines, "\n")
}

func blocksOf(t *testing.T, stream []byte) (list []Message) {
	t.Helper()
	for block := range bytes.SplitAfterSeq(stream, []byte("\r\n\r\n")) {
		if bytes.HasPrefix(block, []byte("Event: ")) {
			list = append(list, NewMessage(string(block)))
		}
	}
	return list
}

// TestReconnectAnywhere breaks every recording after every block, misses nothing, and connects again: with the same
// follower, and with a new one after a restart, which has what was reported. What came of the calls is the same.
func TestReconnectAnywhere(t *testing.T) {
	for file, stream := range recordings(t) {
		t.Run(file[strings.LastIndexByte(file, '/')+1:], func(t *testing.T) {
			blocks := blocksOf(t, stream)
			whole := book{calls: map[string]*written{}}
			f := newFollower("from-internal")
			for _, m := range blocks {
				whole.write(f.Take(m))
			}
			for cut, m := range blocks {
				if m.Get("Event") == "BlindTransfer" && filepath.Base(file) == "transfer" {
					t.Log("the client's side leaves here: only this event says that the call goes on without it")
					break
				}
				for _, restarted := range []bool{false, true} {
					got := replayCut(blocks, cut, cut, restarted)
					if got.outcome() != whole.outcome() {
						t.Errorf("cut after block %d of %d, restarted: %v\ngot\n%s\nwant\n%s",
							cut, len(blocks), restarted, got.outcome(), whole.outcome())
						return
					}
				}
			}
		})
	}
}

// TestNothingIsLeftOpen breaks every recording after every block and comes back at a few later ones: whatever was
// missed, every call ends, with an unknown end where that was missed.
func TestNothingIsLeftOpen(t *testing.T) {
	for file, stream := range recordings(t) {
		name := file[strings.LastIndexByte(file, '/')+1:]
		t.Run(name, func(t *testing.T) {
			blocks := blocksOf(t, stream)
			for cut := range blocks {
				for back := cut; back <= len(blocks); back += 1 + len(blocks)/3 {
					for _, restarted := range []bool{false, true} {
						got := replayCut(blocks, cut, back, restarted)
						f := newFollower("from-internal")
						f.Connected(got.open(), time.Time{})
						got.write(f.Take(msg("Event", "CoreShowChannelsComplete")))
						if open := got.open(); len(open) > 0 {
							t.Fatalf("cut after %d, back after %d, restarted %v: %+v", cut, back, restarted, open)
						}
					}
				}
			}
		})
	}
}

// replayCut follows a stream to a cut, and from where the connection is back.
func replayCut(blocks []Message, cut, back int, restarted bool) *book {
	f := newFollower("from-internal")
	b := &book{calls: map[string]*written{}}
	s := &shadow{channels: map[string]map[string]string{}}
	for i, m := range blocks {
		if i == back {
			reconnect(&f, b, s, restarted)
		}
		if i < cut || i >= back {
			b.write(f.Take(m))
		}
		s.saw(m)
	}
	if back == len(blocks) {
		reconnect(&f, b, s, restarted)
	}
	return b
}

func reconnect(f **Follower, b *book, s *shadow, restarted bool) {
	if restarted {
		*f = newFollower("from-internal")
	}
	(*f).Connected(b.open(), time.Time{})
	for _, m := range s.list() {
		b.write((*f).Take(m))
	}
}
