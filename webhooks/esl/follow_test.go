package esl

import (
	"encoding/json"
	"strconv"
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
	line   = "74950000001"
)

// stream writes events as FreeSWITCH sends them, a second apart. The streams are written by the published facts, not
// recorded.
type stream struct {
	t      testing.TB
	f      *Follower
	second int64
	got    []string
}

func newStream(t testing.TB, domain string) *stream {
	plan, err := phone.NewPlan("RU", "")
	if err != nil {
		t.Fatal(err)
	}
	return &stream{t: t, f: NewFollower(Options{Domain: domain, Directory: Directory{
		Plan:  plan,
		Agent: func(name string) bool { return strings.HasPrefix(name, "10") && len(name) == 3 },
		Holder: func(n phone.Number) string {
			if n.E164 == 79000000001 {
				return "ivanov"
			}
			return ""
		},
	}}), second: noon.Unix()}
}

// take sends an event: its name, its leg, and further headers by pairs.
func (s *stream) take(name, id string, more ...string) {
	s.second++
	e := Event{"Event-Name": name, "Unique-ID": id, "Event-Date-Timestamp": strconv.FormatInt(s.second*1e6, 10)}
	for i := 0; i < len(more); i += 2 {
		e[more[i]] = more[i+1]
	}
	s.note(s.f.Take(e))
}

func (s *stream) note(events []calls.Event) {
	for _, e := range events {
		text := []string{string(e.Kind), e.CallID, string(e.Direction), e.Number, e.Agent}
		if e.Result != "" {
			text = append(text, string(e.Result))
		}
		if e.GoesOn {
			text = append(text, "goes on")
		}
		if e.EndUnknown {
			text = append(text, "unknown end")
		}
		s.got = append(s.got, strings.Join(strings.Fields(strings.Join(text, " ")), " "))
	}
}

func (s *stream) want(lines ...string) {
	s.t.Helper()
	if diff := cmp.Diff(lines, s.got); diff != "" {
		s.t.Errorf("(-want +got)\n%s", diff)
	}
	if len(s.f.legs)+len(s.f.calls) > 0 {
		s.t.Errorf("what is over is still known: %v %v", s.f.legs, s.f.calls)
	}
}

// The legs: an outside call that comes in, a telephone that is rung, an agent who dials, a trunk that is called.
func (s *stream) in(id string) {
	s.take("CHANNEL_CREATE", id, "Call-Direction", "inbound", "Channel-Name", "sofia/external/"+client+"@trunk.example",
		"Caller-Caller-ID-Number", client, "Caller-Destination-Number", line)
}

func (s *stream) rung(id, parent, extension string) {
	more := []string{"Call-Direction", "outbound", "Channel-Name", "sofia/internal/" + extension + "@pbx.example",
		"variable_dialed_user", extension, "variable_domain_name", "pbx.example", "Other-Type", "originator",
		"Other-Leg-Unique-ID", parent, "Caller-Destination-Number", extension}
	s.take("CHANNEL_CREATE", id, more...)
	s.take("CHANNEL_ORIGINATE", id, more...)
	s.take("CHANNEL_PROGRESS", id, more...)
}

func (s *stream) dials(id, extension, number string) {
	s.take("CHANNEL_CREATE", id, "Call-Direction", "inbound", "Channel-Name",
		"sofia/internal/"+extension+"@pbx.example",
		"variable_user_name", extension, "variable_domain_name", "pbx.example", "Caller-Caller-ID-Number", extension,
		"Caller-Destination-Number", number)
}

func (s *stream) trunk(id, parent, number string) {
	more := []string{"Call-Direction", "outbound", "Channel-Name", "sofia/gateway/trunk1/" + number,
		"Caller-Destination-Number", number, "Caller-Caller-ID-Number", line, "Other-Type", "originator",
		"Other-Leg-Unique-ID", parent}
	s.take("CHANNEL_CREATE", id, more...)
	s.take("CHANNEL_ORIGINATE", id, more...)
	s.take("CHANNEL_PROGRESS", id, more...)
}

func (s *stream) bridge(a, b string) {
	s.take("CHANNEL_BRIDGE", a, "Bridge-A-Unique-ID", a, "Bridge-B-Unique-ID", b)
}

func (s *stream) bye(id, cause string) { s.take("CHANNEL_HANGUP_COMPLETE", id, "Hangup-Cause", cause) }

func TestAGroupIsRungAndOneAnswers(t *testing.T) {
	s := newStream(t, "")
	s.in("a")
	s.take("CHANNEL_ANSWER", "a", "Call-Direction", "inbound") // the queue: no talk
	s.rung("b", "a", "101")
	s.rung("c", "a", "102")
	s.take("CHANNEL_ANSWER", "c", "Call-Direction", "outbound")
	s.bridge("a", "c")
	s.bye("b", "LOSE_RACE")
	s.bye("c", "NORMAL_CLEARING")
	s.bye("a", "NORMAL_CLEARING")
	s.want("ringing a in 74950000011 101", "ringing a in 74950000011 102", "answered a in 74950000011 102",
		"ended a in 74950000011 101 goes on", "ended a in 74950000011 102 goes on", "ended a in 74950000011 answered")
}

func TestResultsOfCallsThatNoOneAnswered(t *testing.T) {
	for cause, want := range map[string]string{"ORIGINATOR_CANCEL": "cancelled", "NO_ANSWER": "missed",
		"USER_BUSY": "busy"} {
		s := newStream(t, "")
		s.in("a")
		s.rung("b", "a", "101")
		s.bye("b", cause)
		s.bye("a", cause)
		s.want("ringing a in 74950000011 101", "ended a in 74950000011 101 goes on", "ended a in 74950000011 "+want)
	}
}

func TestAnAgentDialsAndTheFirstTrunkFails(t *testing.T) {
	s := newStream(t, "")
	s.dials("a", "101", client)
	s.trunk("b", "a", client)
	s.bye("b", "GATEWAY_DOWN")
	s.trunk("c", "a", client)
	s.bridge("a", "c")
	s.bye("c", "NORMAL_CLEARING")
	s.bye("a", "NORMAL_CLEARING")
	s.want("ringing a out 74950000011 101", "answered a out 74950000011 101", "ended a out 74950000011 answered")
}

func TestABusyClient(t *testing.T) {
	s := newStream(t, "")
	s.dials("a", "101", client)
	s.trunk("b", "a", client)
	s.bye("b", "USER_BUSY")
	s.bye("a", "NORMAL_CLEARING")
	s.want("ringing a out 74950000011 101", "ended a out 74950000011 101", "ended a out 74950000011 busy")
}

// TestWhatIsDialledIsNoNumber: the prefix of a trunk is not a part of the number.
func TestWhatIsDialledIsNoNumber(t *testing.T) {
	s := newStream(t, "")
	s.dials("a", "101", "9#1")
	s.trunk("b", "a", client)
	s.bye("a", "ORIGINATOR_CANCEL")
	s.bye("b", "ORIGINATOR_CANCEL")
	s.want("ringing a out 74950000011 101", "ended a out 74950000011 101 goes on", "ended a out 74950000011 cancelled")
}

// TestABlindTransfer: the client's leg goes on with another telephone.
func TestABlindTransfer(t *testing.T) {
	s := newStream(t, "")
	s.in("a")
	s.rung("b", "a", "101")
	s.bridge("a", "b")
	s.bye("b", "BLIND_TRANSFER")
	s.rung("c", "a", "102")
	s.bridge("a", "c")
	s.bye("a", "NORMAL_CLEARING")
	s.bye("c", "NORMAL_CLEARING")
	s.want("ringing a in 74950000011 101", "answered a in 74950000011 101", "ended a in 74950000011 101 goes on",
		"ringing a in 74950000011 102", "answered a in 74950000011 102", "ended a in 74950000011 answered")
}

// TestAnAttendedTransfer: the consultation between colleagues is no call; then the client's leg is bridged with the
// colleague's.
func TestAnAttendedTransfer(t *testing.T) {
	s := newStream(t, "")
	s.in("a")
	s.rung("b", "a", "101")
	s.bridge("a", "b")
	s.dials("x", "101", "102")
	s.rung("y", "x", "102")
	s.bridge("x", "y")
	s.bridge("a", "y")
	s.bye("b", "ATTENDED_TRANSFER")
	s.bye("x", "ATTENDED_TRANSFER")
	s.bye("y", "NORMAL_CLEARING")
	s.bye("a", "NORMAL_CLEARING")
	s.want("ringing a in 74950000011 101", "answered a in 74950000011 101", "ringing a in 74950000011 102",
		"answered a in 74950000011 102", "ended a in 74950000011 101 goes on", "ended a in 74950000011 102 goes on",
		"ended a in 74950000011 answered")
}

// TestPickupAndPark: an agent who dials a feature code is bridged with the client.
func TestPickupAndPark(t *testing.T) {
	s := newStream(t, "")
	s.in("a")
	s.rung("b", "a", "101")
	s.dials("p", "102", "*8")
	s.bridge("a", "p")
	s.bye("b", "PICKED_OFF")
	s.bye("p", "NORMAL_CLEARING") // parked
	s.dials("q", "103", "*5901")
	s.bridge("a", "q")
	s.bye("a", "NORMAL_CLEARING")
	s.bye("q", "NORMAL_CLEARING")
	s.want("ringing a in 74950000011 101", "ringing a in 74950000011 102", "answered a in 74950000011 102",
		"ended a in 74950000011 101 goes on", "ended a in 74950000011 102 goes on", "ringing a in 74950000011 103",
		"answered a in 74950000011 103", "ended a in 74950000011 answered")
}

// TestLoopbackLegsAreNoTelephones: the talk is between the ends of the chain.
func TestLoopbackLegsAreNoTelephones(t *testing.T) {
	s := newStream(t, "")
	s.in("a")
	s.take("CHANNEL_CREATE", "la", "Call-Direction", "outbound", "Channel-Name", "loopback/101-a", "Other-Type",
		"originator",
		"Other-Leg-Unique-ID", "a", "variable_other_loopback_leg_uuid", "lb")
	s.take("CHANNEL_CREATE", "lb", "Call-Direction", "inbound", "Channel-Name", "loopback/101-b",
		"variable_other_loopback_leg_uuid", "la")
	s.rung("b", "lb", "101")
	s.bridge("a", "la")
	s.bridge("lb", "b")
	s.bye("la", "NORMAL_UNSPECIFIED")
	s.bye("lb", "NORMAL_UNSPECIFIED")
	s.bridge("a", "b")
	s.bye("b", "NORMAL_CLEARING")
	s.bye("a", "NORMAL_CLEARING")
	s.want("ringing a in 74950000011 101", "answered a in 74950000011 101", "ended a in 74950000011 101 goes on",
		"ended a in 74950000011 answered")
}

// TestAQueueMakesItsLegsByItself and names the client's by a variable.
func TestAQueueMakesItsLegsByItself(t *testing.T) {
	s := newStream(t, "")
	s.in("a")
	s.take("CHANNEL_PROGRESS", "b", "Call-Direction", "outbound", "Channel-Name", "sofia/internal/101@pbx.example",
		"variable_cc_member_session_uuid", "a", "variable_cc_side", "agent", "variable_dialed_user", "101")
	s.bridge("b", "a")
	s.bye("a", "NORMAL_CLEARING")
	s.bye("b", "NORMAL_CLEARING")
	s.want("ringing a in 74950000011 101", "answered a in 74950000011 101", "ended a in 74950000011 answered")
}

// TestForwardingToAnAgentsOwnPhone is the agent's call.
func TestForwardingToAnAgentsOwnPhone(t *testing.T) {
	s := newStream(t, "")
	s.in("a")
	s.trunk("m", "a", "79000000001")
	s.bridge("a", "m")
	s.bye("m", "NORMAL_CLEARING")
	s.bye("a", "NORMAL_CLEARING")
	s.want("ringing a in 74950000011 ivanov", "answered a in 74950000011 ivanov",
		"ended a in 74950000011 ivanov goes on",
		"ended a in 74950000011 answered")
}

// TestAConference has no bridges.
func TestAConference(t *testing.T) {
	s := newStream(t, "")
	s.in("a")
	s.rung("b", "a", "101")
	s.bridge("a", "b")
	s.dials("c", "102", "3000")
	for _, id := range []string{"b", "c", "a"} {
		s.take("CUSTOM", id, "Event-Subclass", "conference::maintenance", "Action", "add-member",
			"Conference-Unique-ID", "x")
	}
	s.bye("a", "NORMAL_CLEARING")
	s.bye("b", "NORMAL_CLEARING")
	s.bye("c", "NORMAL_CLEARING")
	s.want("ringing a in 74950000011 101", "answered a in 74950000011 101", "ringing a in 74950000011 102",
		"answered a in 74950000011 102", "ended a in 74950000011 answered")
}

func TestCallsBetweenColleaguesAndOfOtherTenants(t *testing.T) {
	s := newStream(t, "pbx.example")
	s.dials("a", "101", "102")
	s.rung("b", "a", "102")
	s.bridge("a", "b")
	s.bye("a", "NORMAL_CLEARING")
	s.bye("b", "NORMAL_CLEARING")
	s.take("CHANNEL_CREATE", "c", "Call-Direction", "inbound", "Channel-Name", "sofia/internal/101@other.example",
		"variable_user_name", "101", "variable_domain_name", "other.example", "Caller-Destination-Number", client)
	if len(s.got) != 0 {
		t.Error(s.got)
	}
}

// TestWhatIsLeftOfACallBeginsNone: the agent's telephone stays off the hook when the client has gone.
func TestWhatIsLeftOfACallBeginsNone(t *testing.T) {
	s := newStream(t, "")
	s.dials("a", "101", client)
	s.trunk("b", "a", client)
	s.bridge("a", "b")
	s.bye("b", "NORMAL_CLEARING")
	s.take("CHANNEL_PROGRESS_MEDIA", "a", "Call-Direction", "inbound", "variable_user_name", "101",
		"Caller-Destination-Number", client)
	s.bye("a", "NORMAL_CLEARING")
	s.want("ringing a out 74950000011 101", "answered a out 74950000011 101", "ended a out 74950000011 answered")
}

// TestALegChangesItsID and stays the same.
func TestALegChangesItsID(t *testing.T) {
	s := newStream(t, "")
	s.in("a")
	s.rung("b", "a", "101")
	s.take("CHANNEL_UUID", "a2", "Old-Unique-ID", "a")
	s.bridge("a2", "b")
	s.bye("a2", "NORMAL_CLEARING")
	s.bye("b", "NORMAL_CLEARING")
	s.want("ringing a in 74950000011 101", "answered a in 74950000011 101", "ended a in 74950000011 answered")
}

// TestReconcile: what is there goes on, what is not there has ended, and what began meanwhile is known.
func TestReconcile(t *testing.T) {
	rows := `{"row_count":5,"rows":[
		{"uuid":"a","direction":"inbound","name":"sofia/external/74950000011@t","cid_num":"74950000011",
			"dest":"74950000001","callstate":"ACTIVE","call_uuid":"a","created_epoch":"1773306900"},
		{"uuid":"b","direction":"outbound","name":"sofia/internal/101@pbx.example","cid_num":"74950000011","dest":"101",
			"callstate":"ACTIVE","call_uuid":"a"},
		{"uuid":"n","direction":"inbound","name":"sofia/external/74950000012@t","cid_num":"74950000012",
			"dest":"74950000001","callstate":"EARLY","call_uuid":"n"},
		{"uuid":"m","direction":"outbound","name":"sofia/internal/102@pbx.example","cid_num":"74950000012","dest":"102",
			"callstate":"RINGING","call_uuid":"n"}]}`
	last := noon.Add(-time.Minute)
	open := []calls.Unfinished{
		{CallID: "a", Direction: rules.In, Number: client, Answered: true, Last: last, Legs: []calls.OpenLeg{
			{ID: "b", Agent: "101", Answered: true}, {ID: "gone", Agent: "102"}}},
		{CallID: "old", Direction: rules.Out, Number: client, Last: last, Legs: []calls.OpenLeg{{ID: "old",
			Agent: "103"}}},
	}
	s := newStream(t, "")
	events, err := s.f.Listed([]byte(rows), open, time.Time{}, noon)
	if err != nil {
		t.Fatal(err)
	}
	s.note(events)
	s.bye("b", "NORMAL_CLEARING")
	s.bye("a", "NORMAL_CLEARING")
	events, err = s.f.Listed([]byte(`{"row_count":0}`), nil, noon, noon.Add(time.Minute)) // all have gone
	if err != nil {
		t.Fatal(err)
	}
	s.note(events)
	s.want("ended a in 74950000011 102 goes on unknown end", "ended old out 74950000011 103 unknown end",
		"ended old out 74950000011 unknown end", "ringing n in 74950000012 102", "ended a in 74950000011 101 goes on",
		"ended a in 74950000011 answered", "ended n in 74950000012 102 goes on unknown end",
		"ended n in 74950000012 unknown end")
	if _, err := s.f.Listed([]byte("-USAGE"), nil, noon, noon); err == nil {
		t.Error("a list that is none")
	}
}

func TestReader(t *testing.T) {
	event, err := json.Marshal(map[string]any{"Event-Name": "HEARTBEAT", "n": 1})
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(strings.NewReader("Content-Type: auth/request\n\n\n" +
		"Content-Type: command/reply\r\nReply-Text: %2BOK accepted\r\n\r\n" +
		"Content-Length: " + strconv.Itoa(len(event)) + "\nContent-Type: text/event-json\n\n" + string(event) +
		"Content-Type: text/disconnect-notice\nContent-Length: 999999999\n\n"))
	var types []string
	for range 3 {
		b, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, b.Type()+b.Header["Reply-Text"])
		if b.Type() == TypeEvent {
			if e, err := b.Event(); err != nil || e.Name() != "HEARTBEAT" {
				t.Error(e, err)
			}
		}
	}
	if diff := cmp.Diff([]string{"auth/request", "command/reply+OK accepted", "text/event-json"}, types); diff != "" {
		t.Error(diff)
	}
	if _, err := r.Next(); err == nil {
		t.Error("a body of a gigabyte")
	}
	if strings.Count(Originate("j", "id}\n", "user/101", "7495", "x"), "\n") != 1 {
		t.Error("a command within a command")
	}
}

// FuzzFollow takes anything: it does not panic, and yields only what calls can store.
func FuzzFollow(f *testing.F) {
	f.Add([]byte(`[{"Event-Name":"CHANNEL_CREATE","Unique-ID":"a","Call-Direction":"inbound"},
		{"Event-Name":"CHANNEL_BRIDGE","Bridge-A-Unique-ID":"a","Bridge-B-Unique-ID":"a"}]`),
		[]byte(`{"rows":[{"uuid":"a"}]}`))
	f.Fuzz(func(t *testing.T, raw, rows []byte) {
		var list []Event
		if json.Unmarshal(raw, &list) != nil {
			return
		}
		s := newStream(t, "")
		for _, e := range list {
			for _, one := range s.f.Take(e) {
				if one.CallID == "" || one.Kind == "" {
					t.Errorf("%+v", one)
				}
			}
		}
		_, _ = s.f.Listed(rows, nil, noon, noon)
	})
}
