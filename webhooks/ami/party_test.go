package ami

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"callhue/calls"
)

// chanOf returns the fields of a channel: its name, Uniqueid, Linkedid, context, caller ID and extension.
func chanOf(name, id, linked, context, caller, exten string) []string {
	return []string{
		"Channel", name, "Uniqueid", id, "Linkedid", linked, "Context", context, "CallerIDNum", caller, "Exten", exten,
	}
}

// began, dials, dialEnds, enters and hangsUp are events of channels.
func began(ch []string, state string) Message {
	return msg(slices.Concat([]string{"Event", "Newchannel", "ChannelStateDesc", state}, ch)...)
}

func about(event string, from, to []string, more ...string) Message {
	fields := slices.Concat([]string{"Event", event}, from)
	for i := 0; i < len(to); i += 2 {
		fields = append(fields, "Dest"+to[i], to[i+1])
	}
	return msg(append(fields, more...)...)
}

func dials(from, to []string, dialString string) Message {
	return about("DialBegin", from, to, "DialString", dialString)
}

func dialEnds(from, to []string, status string) Message {
	return about("DialEnd", from, to, "DialStatus", status)
}

func enters(ch []string, bridge string) Message {
	return about("BridgeEnter", ch, nil, "BridgeUniqueid", bridge)
}

func hangsUp(ch []string, cause string) Message { return about("Hangup", ch, nil, "Cause", cause) }

// TestParties: who is client, who is agent, which direction, and how the call ended.
func TestParties(t *testing.T) {
	const client = "+74950000011"
	trunk := chanOf("PJSIP/trunk-1", "1.0", "1.0", "from-trunk", client, "74950000001")
	phone101 := chanOf("PJSIP/101-2", "1.1", "1.0", "from-internal", "101", "s")
	mobile := func(number string) []string { return chanOf("PJSIP/trunk-3", "1.3", "1.0", "from-trunk", number, "s") }
	out := chanOf("PJSIP/102-1", "2.0", "2.0", "from-internal", "102", "84950000011")
	called := chanOf("PJSIP/trunk-4", "2.1", "2.0", "from-trunk", "84950000011", "s")
	digits := func(number string) []string {
		return chanOf("PJSIP/4455-9", "2.1", "2.0", "from-provider", number, "s")
	}
	back := func(number string) []string {
		return chanOf("PJSIP/trunk-1", "3.0", "3.0", "from-trunk", number, "600")
	}
	asks := chanOf("PJSIP/102-5", "4.0", "4.0", "from-internal", "102", "101")
	boss := chanOf("PJSIP/101-6", "4.1", "4.0", "from-internal", "101", "s")
	originated := func(id string) []string {
		return chanOf("PJSIP/103-8", id, id, "from-internal", "+74950000011", "s")
	}
	rings := []Message{began(trunk, "Ring"), began(phone101, "Down"), dials(trunk, phone101, "101")}
	calling := []Message{began(out, "Ring"), began(called, "Down"), dials(out, called, "84950000011@trunk")}
	tests := []struct {
		why, contexts string
		sent          [][]Message
		want          string
	}{
		{"a group with the mobile of a stranger, who answers: no agent does", "from-internal",
			[][]Message{rings, {
				began(mobile("84950000055"), "Down"), dials(trunk, mobile("84950000055"), "84950000055@trunk"),
				dialEnds(trunk, mobile("84950000055"), "ANSWER"), dialEnds(trunk, phone101, "CANCEL"),
				hangsUp(phone101, "26"), hangsUp(mobile("84950000055"), "16"), hangsUp(trunk, "16"),
			}}, "ringing in 101; ended in 101+; answered in ; ended in "},
		{"a group with the own mobile of an agent, who answers there", "from-internal",
			[][]Message{rings, {
				began(mobile("84950000102"), "Down"), dials(trunk, mobile("84950000102"), "84950000102@trunk"),
				dialEnds(trunk, mobile("84950000102"), "ANSWER"), dialEnds(trunk, phone101, "CANCEL"),
				hangsUp(phone101, "26"), hangsUp(mobile("84950000102"), "16"), hangsUp(trunk, "16"),
			}}, "ringing in 101; ringing in petrov; answered in petrov; ended in petrov+; ended in "},
		{"an application rings a telephone for a client who waits, by a call of its own", "from-internal",
			[][]Message{{
				began(trunk, "Up"), began(originated("5.0"), "Down"), dials(nil, originated("5.0"), "103"),
				enters(trunk, "b"), enters(originated("5.0"), "b"),
				hangsUp(originated("5.0"), "16"), hangsUp(trunk, "16"),
			}}, "ringing in 103; answered in 103; ended in 103+; ended in "},
		{"an agent orders a call here to a client who happens to wait: their own outgoing call", "from-internal",
			[][]Message{{
				began(trunk, "Up"), began(originated("callhue-7"), "Down"), dials(nil, originated("callhue-7"), "103"),
				hangsUp(originated("callhue-7"), "16"), hangsUp(trunk, "16"),
			}}, "ringing out 103; ended out 103; ended out ; ringing in ; ended in "},
		{"our agent is busy", "from-internal",
			[][]Message{rings, {dialEnds(trunk, phone101, "BUSY"), hangsUp(phone101, "17"), hangsUp(trunk, "17")}},
			"ringing in 101; ended in 101+ busy (busy); ended in  busy"},
		{"our agent declines", "from-internal",
			[][]Message{rings, {dialEnds(trunk, phone101, "NOANSWER"), hangsUp(phone101, "21"), hangsUp(trunk, "16")}},
			"ringing in 101; ended in 101+ missed (missed); ended in 101+ missed (declined); ended in  missed"},
		{"the telephone of our agent is missing", "from-internal",
			[][]Message{rings, {
				dialEnds(trunk, phone101, "CHANUNAVAIL"), hangsUp(phone101, "20"), hangsUp(trunk, "16"),
			}},
			"ringing in 101; ended in 101+ failed (unreachable); ended in  failed"},
		{"the number does not exist: 404, which Dial calls no answer", "from-internal",
			[][]Message{calling, {dialEnds(out, called, "NOANSWER"), hangsUp(called, "1"), hangsUp(out, "1")}},
			"ringing out 102; ended out 102 failed; ended out  failed"},
		{"the agent gives up", "from-internal",
			[][]Message{calling, {dialEnds(out, called, "CANCEL"), hangsUp(called, "127"), hangsUp(out, "16")}},
			"ringing out 102; ended out 102 cancelled; ended out  cancelled"},
		{"a trunk of digits, without contexts", "",
			[][]Message{{
				began(out, "Ring"), began(digits(""), "Down"),
				dials(out, digits("84950000011"), "84950000011@4455"),
				hangsUp(called, "16"), hangsUp(out, "16"),
			}}, "ringing out 102; ended out 102; ended out "},
		{"an analogue telephone: its port is no extension, its caller ID is", "from-internal",
			[][]Message{{
				began(trunk, "Ring"), began(chanOf("DAHDI/5-1", "1.1", "1.0", "from-internal", "", "s"), "Down"),
				dials(trunk, chanOf("DAHDI/5-1", "1.1", "1.0", "from-internal", "103", "s"), "5"), hangsUp(trunk, "16"),
			}}, "ringing in 103; ended in 103; ended in "},
		{"the client's call is joined with a recorder and a spy", "from-internal",
			[][]Message{rings, {
				dialEnds(trunk, phone101, "ANSWER"), enters(trunk, "b"), enters(phone101, "b"),
				began(chanOf("Snoop/1.1-00000001", "9.1", "9.1", "default", "", "s"), "Up"),
				enters(chanOf("Announcer/ARI-1;2", "9.2", "9.2", "default", "", "s"), "b"), hangsUp(trunk, "16"),
			}}, "ringing in 101; answered in 101; ended in 101; ended in "},
		{"a callback: the PBX rings the client, then a telephone", "from-internal",
			[][]Message{{
				began(back(""), "Down"), dials(nil, back("74950000001"), "84950000011@trunk"),
				dials(back("74950000001"), chanOf("PJSIP/101-2", "3.1", "3.0", "from-internal", "101", "s"), "101"),
				hangsUp(back(""), "16"),
			}}, "ringing out ; ringing out 101; ended out 101; ended out "},
		{"a secretary calls the client, asks the boss on a second line and connects them", "from-internal",
			[][]Message{calling, {
				dialEnds(out, called, "ANSWER"), enters(called, "b1"), enters(out, "b1"),
				began(asks, "Ring"), dials(asks, boss, "101"), dialEnds(asks, boss, "ANSWER"),
				enters(boss, "b2"), enters(asks, "b2"),
				about("BridgeEnter", called, nil, "BridgeUniqueid", "b2", "SwapUniqueid", "4.0"),
				hangsUp(out, "16"), hangsUp(asks, "16"), hangsUp(boss, "16"), hangsUp(called, "16"),
			}}, "ringing out 102; answered out 102; ringing out 102; answered out 102; " +
				"answered out 101; ended out 102+; ended out 102; ended out ; ended out 101+; ended out "},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			f := newFollower(tt.contexts)
			var got []string
			for _, m := range slices.Concat(tt.sent...) {
				for _, e := range f.Take(m) {
					line := fmt.Sprintf("%s %s %s", e.Kind, e.Direction, e.Agent)
					if e.GoesOn {
						line += "+"
					}
					if e.Kind == calls.Ended && e.Result != "" {
						line += " " + string(e.Result)
					}
					if e.Unanswered != "" {
						line += " (" + string(e.Unanswered) + ")"
					}
					got = append(got, line)
					if !f.people.isSame(e.Number, client) && e.Number != "101" {
						t.Errorf("number %s", e.Number)
					}
				}
			}
			if strings.Join(got, "; ") != tt.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), tt.want)
			}
		})
	}
}
