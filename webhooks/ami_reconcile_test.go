package webhooks

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"callhue/calls"
	"callhue/internal/store"
	"callhue/rules"
	"callhue/webhooks/sources"
)

// TestAMIAfterARestart: a new process finds two calls without an end in the database. Of one the PBX still has the
// channels, and 102 has answered meanwhile; the other one ended while no one followed.
func TestAMIAfterARestart(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := realApp(t, db)
		p := newPBX(t)
		source := h.add(sources.NewSource{Name: "asterisk", Dialect: "ami", Secret: "SECRET-of-asterisk",
			Settings: map[string]string{"address": p.listen.Addr().String(), "contexts": "from-internal"}})
		h.receiver.links.retry = 5 * time.Millisecond
		live, err := h.sources.Live(t.Context(), source.ID)
		if err != nil {
			t.Fatal(err)
		}
		reported := func(call, leg, agent string, kind calls.EventKind) {
			t.Helper()
			e := calls.Event{CallID: call, Leg: leg, Agent: agent, Kind: kind, Direction: rules.In}
			e.Number, e.Line, e.At, e.Duration = "+74950000011", "74950000001", h.now, -1
			_, err := h.receiver.opt.Tracker.Handle(t.Context(), live.Origin, e)
			if err != nil {
				t.Fatal(err)
			}
		}
		reported("20.0", "20.1", "102", calls.Ringing)
		reported("20.0", "20.1", "102", calls.Answered)
		reported("10.0", "10.1", "102", calls.Ringing)
		h.now = h.now.Add(time.Hour)

		hold := make(chan struct{})
		p.scripts <- func(p *peer) {
			_, _ = p.conn.Write([]byte("Asterisk Call Manager/11.0.0\r\n"))
			login := p.action()
			p.say("Response: Success", "ActionID: "+login["ActionID"])
			p.action()
			p.say("Event: CoreShowChannel", "Channel: PJSIP/trunk-1", "ChannelStateDesc: Up",
				"CallerIDNum: +74950000011", "Context: from-trunk", "Exten: 74950000001",
				"Uniqueid: 10.0", "Linkedid: 10.0", "BridgeId: b1")
			p.say("Event: CoreShowChannel", "Channel: PJSIP/102-2", "ChannelStateDesc: Up", "CallerIDNum: 102",
				"Context: from-internal", "Uniqueid: 10.1", "Linkedid: 10.0", "BridgeId: b1")
			p.say("Event: CoreShowChannelsComplete")
			<-hold
			p.say("Event: Hangup", "Channel: PJSIP/trunk-1", "Uniqueid: 10.0", "Linkedid: 10.0", "Cause: 16")
			p.action()
		}
		h.connects()
		until(t, "the call that goes on is found", func() bool { return h.call("asterisk", "10.0").State == "talking" })
		until(t, "the lost call is over", func() bool { return h.call("asterisk", "20.0").State == "ended" })
		lost := h.call("asterisk", "20.0")
		if lost.Result != "answered" || lost.Duration > 5 || lost.Cards != "102 red ended" {
			t.Errorf("the lost call: %+v", lost)
		}
		close(hold)
		until(t, "the call that went on ends", func() bool { return h.call("asterisk", "10.0").State == "ended" })
		if ended := h.call("asterisk", "10.0"); ended.Result != "answered" || ended.Cards != "102 red ended" {
			t.Errorf("the call that went on: %+v", ended)
		}
	})
}

// TestAMITooOld: an Asterisk before 12 is not followed, and the source says why.
func TestAMITooOld(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPBX(t)
		for range 5 {
			p.scripts <- func(p *peer) { _, _ = p.conn.Write([]byte("Asterisk Call Manager/1.3\r\n")); p.action() }
		}
		h := connected(t, db, p, "SECRET-of-asterisk")
		status := func() sources.LinkStatus {
			how, err := h.receiver.LinkStatus(t.Context(), sources.Source{ID: 1, Dialect: "ami", Active: true})
			if err != nil {
				t.Fatal(err)
			}
			return *how
		}
		until(t, "it is refused", func() bool { return status().State == sources.LinkFailed })
		if how := status(); how.Reason != "asterisk_too_old" {
			t.Errorf("it stands as %+v", how)
		}
		time.Sleep(100 * time.Millisecond)
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.said) != 0 {
			t.Errorf("it was sent %v", p.said)
		}
	})
}

// TestAMIDropsWhatTheEndOfTheCallSays: the end of an agent's part right before that of the call is no event of its own;
// one that was earlier is.
func TestAMIDropsWhatTheEndOfTheCallSays(t *testing.T) {
	noon := time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC)
	part := func(call, agent string, at time.Duration) calls.Event {
		return calls.Event{Kind: calls.Ended, CallID: call, Agent: agent, At: noon.Add(at), GoesOn: true}
	}
	list := []taken{
		{events: []calls.Event{part("a", "101", -time.Minute), part("b", "103", 0)}},
		{events: []calls.Event{part("a", "102", 0)}},
		{events: []calls.Event{{Kind: calls.Ended, CallID: "a", At: noon.Add(time.Millisecond)}}},
	}
	dropRedundant(list)
	var left bytes.Buffer
	for _, m := range list {
		for _, e := range m.events {
			left.WriteString(e.CallID + e.Agent + " ")
		}
	}
	if got := strings.TrimSpace(left.String()); got != "a101 b103 a" {
		t.Errorf("left %s", got)
	}
}
