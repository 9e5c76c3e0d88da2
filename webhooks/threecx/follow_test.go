package threecx

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/calls"
	"callhue/phone"
	"callhue/rules"
)

// noon is when the tests happen: 2026-03-12 09:16:05 UTC.
var noon = time.Unix(1773306965, 0).UTC()

const (
	client = "74950000011"
	trunk  = "Wexternalline"
)

// stream follows what a 3CX says, a second apart. The streams are written by the published facts, not recorded.
type stream struct {
	t   testing.TB
	f   *Follower
	at  time.Time
	got []string
}

func newStream(t testing.TB) *stream {
	plan, err := phone.NewPlan("RU", "")
	if err != nil {
		t.Fatal(err)
	}
	s := &stream{t: t, f: NewFollower(plan, Linger), at: noon}
	s.note(s.f.Listed([]DN{{DN: "101", Type: "Wextension"}, {DN: "102", Type: "Wextension"}, {DN: "103"},
		{DN: "800", Type: "Wqueue"}}, nil, time.Time{}, noon))
	return s
}

// seen sends what a participant is now: DN/id, the callid, the status, the other party and its type.
func (s *stream) seen(key, callid, status, party, partyType string) {
	s.at = s.at.Add(time.Second)
	dn, id, _ := strings.Cut(key, "/")
	raw := fmt.Sprintf(`{"id":%s,"dn":%q,"callid":%s,"legid":1,"status":%q,"party_caller_id":%q,"party_dn_type":%q,
		"direct_control":false,"referred_by_dn":null}`, id, dn, callid, status, party, partyType)
	var p Participant
	if err := json.Unmarshal([]byte(raw), &p); err != nil {
		s.t.Fatal(err)
	}
	s.note(s.f.Seen(p, s.at))
}

func (s *stream) gone(key string) {
	s.at = s.at.Add(time.Second)
	dn, id, _ := strings.Cut(key, "/")
	s.note(s.f.Gone(dn, id, s.at))
}

// wait lets time pass.
func (s *stream) wait(how time.Duration) {
	s.at = s.at.Add(how)
	s.note(s.f.Expire(s.at))
}

func (s *stream) note(events []calls.Event) {
	for _, e := range events {
		callid, _, _ := strings.Cut(e.CallID, ".")
		words := []string{string(e.Kind), callid, string(e.Direction), e.Number, e.Agent, string(e.Result)}
		if e.GoesOn {
			words = append(words, "goes on")
		}
		if e.EndUnknown {
			words = append(words, "unknown end")
		}
		s.got = append(s.got, strings.Join(strings.Fields(strings.Join(words, " ")), " "))
	}
}

func (s *stream) want(lines ...string) {
	s.t.Helper()
	if diff := cmp.Diff(lines, s.got); diff != "" {
		s.t.Errorf("(-want +got)\n%s", diff)
	}
	s.got = nil
}

func TestIncomingCall(t *testing.T) {
	s := newStream(t)
	s.seen("101/1", "17", "Ringing", client, trunk)
	s.seen("101/1", "17", "Ringing", client, trunk) // again, with nothing new
	s.seen("101/1", "17", "Connected", client, trunk)
	s.gone("101/1")
	s.gone("101/1")
	s.want("ringing 17 in 74950000011 101", "answered 17 in 74950000011 101", "ended 17 in 74950000011 101 goes on")
	s.wait(time.Second)
	s.want()
	s.wait(Linger)
	s.want("ended 17 in 74950000011 answered")
	if s.f.Busy() {
		t.Error("a call is up")
	}
}

func TestCallsWithoutTalk(t *testing.T) {
	s := newStream(t)
	s.seen("101/1", "17", "Ringing", client, trunk)
	s.gone("101/1")
	s.seen("102/2", "18", "Dialing", "+"+client, trunk)
	s.gone("102/2")
	s.seen("101/3", "19", "Dialing", "102", "Wextension") // a call between colleagues
	s.seen("102/4", "19", "Ringing", "101", "Wextension")
	s.gone("101/3")
	s.gone("102/4")
	s.wait(Linger)
	s.want("ringing 17 in 74950000011 101", "ended 17 in 74950000011 101 goes on",
		"ringing 18 out +74950000011 102", "ended 18 out +74950000011 102 goes on",
		"ended 17 in 74950000011 missed", "ended 18 out +74950000011 cancelled")
}

// TestQueue: who waits in a queue talks with no one, and the next agent is rung after a pause.
func TestQueue(t *testing.T) {
	s := newStream(t)
	s.seen("800/1", "17", "Connected", client, trunk)
	s.seen("101/2", "17", "Ringing", client, "Wqueue")
	s.seen("101/2", "17", "Connected", client, "Wqueue")
	s.gone("101/2")
	s.gone("800/1")
	s.wait(2 * time.Second)
	s.seen("103/3", "17", "Ringing", client, "Wexternalline")
	s.seen("103/3", "17", "Connected", client, "Wexternalline")
	s.gone("103/3")
	s.wait(Linger)
	s.want("ringing 17 in 74950000011 101", "ended 17 in 74950000011 101 goes on",
		"ringing 17 in 74950000011 103", "answered 17 in 74950000011 103", "ended 17 in 74950000011 103 goes on",
		"ended 17 in 74950000011 answered")
}

// TestTransfer: the callid stays, or, which is as possible by what is published, the colleague's part gets that of the
// client.
func TestTransfer(t *testing.T) {
	s := newStream(t)
	s.seen("101/1", "17", "Ringing", client, trunk)
	s.seen("101/1", "17", "Connected", client, trunk)
	s.seen("101/2", "18", "Dialing", "102", "Wextension")
	s.seen("102/3", "18", "Connected", "101", "Wextension") // asks the colleague
	s.gone("101/1")
	s.gone("101/2")
	s.seen("102/3", "17", "Connected", client, trunk)
	s.gone("102/3")
	s.wait(Linger)
	s.want("ringing 17 in 74950000011 101", "answered 17 in 74950000011 101", "ended 17 in 74950000011 101 goes on",
		"ringing 17 in 74950000011 102", "answered 17 in 74950000011 102", "ended 17 in 74950000011 102 goes on",
		"ended 17 in 74950000011 answered")
}

// TestPlaced: a telephone that rings for a call of ours dials, whatever it is connected with first.
func TestPlaced(t *testing.T) {
	for _, first := range []string{"Wroutepoint", trunk} {
		party := map[string]string{trunk: client}[first]
		s := newStream(t)
		s.f.Place("101", client, s.at)
		s.seen("101/1", "17", "Ringing", party, first)
		s.seen("101/1", "17", "Dialing", client, trunk)
		s.seen("101/1", "17", "Connected", client, trunk)
		s.want("ringing 17 out 74950000011 101", "answered 17 out 74950000011 101")
	}
	s := newStream(t)
	s.f.Place("101", client, s.at)
	s.seen("101/1", "17", "Ringing", "102", "Wextension")     // a colleague
	s.seen("101/2", "18", "Ringing", "74950000012", trunk)    // someone else
	s.wait(placing + time.Second)                             // too late
	s.seen("101/3", "19", "Ringing", client, "Wexternalline") // the client calls back
	s.want("ringing 18 in 74950000012 101", "ringing 19 in 74950000011 101")
}

func TestReconnection(t *testing.T) {
	s := newStream(t)
	s.seen("101/1", "17", "Ringing", client, trunk)
	s.seen("102/2", "18", "Connected", "74950000012", trunk)
	s.got = nil
	last := s.at
	list := []DN{{DN: "101", Type: "Wextension", Participants: []Participant{
		{ID: "1", CallID: "17", Status: "Connected", Party: client, PartyIs: trunk}}}, {DN: "102"}}
	events := s.f.Listed(list, nil, last, last.Add(time.Minute))
	s.note(events)
	s.want("ended 18 74950000012 102 goes on unknown end", "ended 18 74950000012 answered unknown end",
		"answered 17 in 74950000011 101")
	if !events[0].At.Equal(last) || !events[2].At.Equal(last.Add(time.Minute)) {
		t.Errorf("dated %s and %s", events[0].At, events[2].At)
	}
}

// TestRestart: another process goes on with the calls of the database. A call of another client that has an old callid
// is another one.
func TestRestart(t *testing.T) {
	open := func(callid string) calls.Unfinished {
		return calls.Unfinished{CallID: callid + ".2026031208", Direction: rules.In, Number: client, Answered: true,
			Last: noon.Add(-time.Hour), Legs: []calls.OpenLeg{{ID: "101/" + callid, Agent: "101", Answered: true}}}
	}
	s := newStream(t)
	s.note(s.f.Listed([]DN{{DN: "101", Type: "Wextension", Participants: []Participant{
		{ID: "17", CallID: "17", Status: "Connected", Party: client, PartyIs: trunk},
		{ID: "18", CallID: "18", Status: "Ringing", Party: "74950000012", PartyIs: trunk}}}},
		[]calls.Unfinished{open("17"), open("18"), open("19")}, time.Time{}, noon))
	s.want("ended 18 in 74950000011 101 unknown end", "ended 18 in 74950000011 unknown end",
		"ended 19 in 74950000011 101 unknown end", "ended 19 in 74950000011 unknown end",
		"ringing 18 in 74950000012 101")
	s.gone("101/17")
	s.wait(Linger)
	s.want("ended 17 in 74950000011 101 goes on", "ended 17 in 74950000011 answered")
}

func TestReadNotification(t *testing.T) {
	for raw, want := range map[string]Notification{
		`{"sequence":7,"event":{"event_type":0,"entity":"/callcontrol/101/participants/8107","attached_data":null}}`: {
			7, Upserted, "/callcontrol/101/participants/8107", "101", "8107"},
		`{"sequence":8,"event":{"event_type":"Remove","entity":"/CallControl/101/participants/8107/"}}`: {
			8, Removed, "/CallControl/101/participants/8107/", "101", "8107"},
		`{"sequence":9,"event":{"event_type":2,"entity":"/callcontrol/101/participants/8107"}}`: {
			9, NoChange, "/callcontrol/101/participants/8107", "101", "8107"},
		`{"sequence":10,"event":{"event_type":0,"entity":"/callcontrol/101/devices/x"}}`: {
			10, NoChange, "/callcontrol/101/devices/x", "", ""},
		`{}`: {},
	} {
		got, err := ReadNotification([]byte(raw))
		if err != nil || got != want {
			t.Errorf("%s\n%+v %v", raw, got, err)
		}
	}
	if _, err := ReadNotification([]byte("hello")); err == nil {
		t.Error("a text is a notification")
	}
}

// TestOddParticipants: fields of other types than published cost nothing.
func TestOddParticipants(t *testing.T) {
	var p Participant
	raw := `{"id":"8107","callid":"17","status":null,"party_did":{"a":1},"party_caller_id":7495}`
	err := json.Unmarshal([]byte(raw), &p)
	if want := (Participant{ID: "8107", CallID: "17", Party: "7495"}); err != nil || p != want {
		t.Errorf("%+v %v", p, err)
	}
	if events := NewFollower(nil, 0).Seen(Participant{DN: "101", ID: "1"}, noon); events != nil {
		t.Errorf("%v of a participant without a call", events)
	}
}
