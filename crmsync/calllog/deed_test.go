package calllog

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"callhue/calls"
	"callhue/phone"
	"callhue/rules"
)

// on is a call with agents: "17 ringing", "18 talking", "17 ended", "18 answered" for
// one who talked and hung up.
func on(state calls.State, agents ...string) calls.Progress {
	p := calls.Progress{ID: 7, Source: "office", CallID: "c1", Direction: rules.In, Number: phone.Number{Kind: phone.External, E164: 74950000011},
		State: state, StartedAt: noon, Agents: []calls.Part{}}
	for _, agent := range agents {
		part := calls.Part{User: 17, State: calls.State(agent[3:])}
		if agent[:2] == "18" {
			part.User = 18
		}
		if agent[:2] == "19" {
			part.User = 19
		}
		if part.State == "answered" {
			part.State, part.Answered = calls.StateEnded, true
		}
		part.Answered = part.Answered || part.State == calls.StateTalking
		p.Answered = p.Answered || part.Answered
		p.Agents = append(p.Agents, part)
	}
	if state == calls.StateEnded {
		p.EndedAt = noon.Add(time.Minute)
	}
	return p
}

func TestNextDeed(t *testing.T) {
	theirs := map[int64]string{17: "301", 18: "302"} // no one of the CRM is 19
	told := func(state toldState, shown ...string) toldRow {
		r := toldRow{State: state}
		r.show(shown)
		return r
	}
	with := func(p calls.Progress, change func(*calls.Progress)) calls.Progress {
		change(&p)
		return p
	}
	for _, c := range []struct {
		why   string
		call  calls.Progress
		told  toldRow
		after time.Duration // since the call began
		want  step
	}{
		{"it rings at one", on(calls.StateRinging, "17 ringing"), told(""), 0, step{kind: deedRegister, users: []string{"301"}}},
		{"it rings at two", on(calls.StateRinging, "17 ringing", "18 ringing"), told(""), 0, step{kind: deedRegister, users: []string{"301", "302"}}},
		{"it rings at nobody whom the CRM knows", on(calls.StateRinging, "19 ringing"), told(""), 0, step{}},
		{"it rings at nobody yet", on(calls.StateRinging), told(""), 0, step{}},
		{"a hidden number", with(on(calls.StateRinging, "17 ringing"), func(p *calls.Progress) { p.Number = phone.Number{Kind: phone.Hidden} }), told(""), 0, step{}},
		{"a colleague", with(on(calls.StateRinging, "17 ringing"), func(p *calls.Progress) { p.Number = phone.Number{Kind: phone.Internal, Local: "102"} }), told(""), 0, step{}},
		{"it was told, perhaps", on(calls.StateRinging, "17 ringing"), told(toldBeginning), time.Minute, step{kind: deedRegister, users: []string{"301"}}},
		{"it has gone on for long", on(calls.StateTalking, "17 talking"), told(""), registerWithin + 1, step{}},
		{"it could not be told for long", on(calls.StateTalking, "17 talking"), told(toldBeginning), registerWithin + 1, step{kind: deedGiveUp}},
		{"it was over before it was told", on(calls.StateEnded, "17 ended", "18 answered"), told(""), 2 * time.Minute, step{kind: deedRegister, users: []string{"302"}}},
		{"it was missed before it was told", on(calls.StateEnded, "17 ended", "18 ended"), told(""), 2 * time.Minute, step{kind: deedRegister, users: []string{"301", "302"}}},
		{"nothing is new", on(calls.StateRinging, "17 ringing"), told(toldOpen, "301"), 0, step{}},
		{"another one rings", on(calls.StateRinging, "17 ringing", "18 ringing"), told(toldOpen, "301"), 0, step{kind: deedShow, users: []string{"302"}}},
		{"one answers", on(calls.StateTalking, "17 ended", "18 talking"), told(toldOpen, "301", "302"), 0, step{kind: deedHide, users: []string{"301"}}},
		{"it is passed on", on(calls.StateTalking, "17 answered", "18 ringing"), told(toldOpen, "301"), 0, step{kind: deedShow, users: []string{"302"}}},
		{"the end waits for a recording", on(calls.StateEnded, "17 answered"), told(toldOpen, "301"), time.Minute, step{wait: noon.Add(time.Minute + recordingWithin)}},
		{"the recording is there", with(on(calls.StateEnded, "17 answered"), func(p *calls.Progress) { p.Recording = "https://pbx.example/1" }), told(toldOpen, "301"), time.Minute, step{kind: deedFinish}},
		{"no recording came", on(calls.StateEnded, "17 answered"), told(toldOpen, "301"), time.Minute + recordingWithin, step{kind: deedFinish}},
		{"nobody answered", on(calls.StateEnded, "17 ended"), told(toldOpen, "301"), time.Minute, step{kind: deedFinish}},
		{"the CRM was away for a day", on(calls.StateEnded, "17 ended"), told(toldOpen, "301"), finishWithin + 2*time.Minute, step{kind: deedGiveUp}},
		{"it was finished", on(calls.StateEnded, "17 ended"), told(toldFinished), time.Minute, step{}},
		{"it goes on after all", on(calls.StateTalking, "17 talking"), told(toldFinished), time.Minute, step{}},
		{"it was given up", on(calls.StateRinging, "17 ringing"), told(toldGivenUp), 0, step{}},
	} {
		if got := nextDeed(&c.call, &c.told, theirs, noon.Add(c.after)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.why, got, c.want)
		}
	}
}

func TestACallInTheWordsOfACRM(t *testing.T) {
	theirs := map[int64]string{17: "301", 18: "302"}
	p := on(calls.StateEnded, "17 answered", "18 answered")
	p.Talked, p.Result, p.Recording, p.Line = 42*time.Second, calls.ResultAnswered, "https://pbx.example/1", "+74950000001"
	c := callFor(&p, "callhue-7", nil, theirs)
	if c.ID != "callhue-7" || c.Number != "+74950000011" || !c.Incoming || c.AnsweredBy != "302" || c.Talked != 42*time.Second || c.Result != "answered" ||
		c.Recording != "https://pbx.example/1" || !slices.Equal(c.Users, []string{"301", "302"}) || !c.StartedAt.Equal(noon) || c.Line != "+74950000001" {
		t.Errorf("%+v", c)
	}
	p = on(calls.StateRinging, "17 ringing")
	if c := callFor(&p, "callhue-7", []string{"301"}, theirs); c.Result != "" || c.AnsweredBy != "" {
		t.Errorf("before its end: %+v", c)
	}
}
