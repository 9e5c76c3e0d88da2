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

// callWith returns a call with agents: "17 ringing", "18 talking", "17 ended", "18 answered" for
// one who talked and hung up.
func callWith(state calls.State, agents ...string) calls.Progress {
	p := calls.Progress{ID: 7, Source: "office", CallID: "c1", Direction: rules.In,
		Number: phone.Number{Kind: phone.External, E164: 74950000011}, State: state, StartedAt: noon,
		Agents: []calls.Part{}}
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

func TestNextStep(t *testing.T) {
	crmUsers := map[int64]string{17: "301", 18: "302"} // no one of the CRM is 19
	logged := func(state logState, shown ...string) loggedCall {
		r := loggedCall{State: state}
		r.setUsers(shown)
		return r
	}
	with := func(p calls.Progress, change func(*calls.Progress)) calls.Progress {
		change(&p)
		return p
	}
	for _, c := range []struct {
		why   string
		call  calls.Progress
		log   loggedCall
		after time.Duration // since the call began
		want  step
	}{
		{"it rings at one", callWith(calls.StateRinging, "17 ringing"), logged(""), 0,
			step{kind: stepRegister, users: []string{"301"}}},
		{"it rings at two", callWith(calls.StateRinging, "17 ringing", "18 ringing"), logged(""), 0,
			step{kind: stepRegister, users: []string{"301", "302"}}},
		{"it rings at an agent unknown to the CRM", callWith(calls.StateRinging, "19 ringing"), logged(""), 0, step{}},
		{"it rings at no agent yet", callWith(calls.StateRinging), logged(""), 0, step{}},
		{"a hidden number", with(callWith(calls.StateRinging, "17 ringing"),
			func(p *calls.Progress) { p.Number = phone.Number{Kind: phone.Hidden} }), logged(""), 0, step{}},
		{"a colleague", with(callWith(calls.StateRinging, "17 ringing"),
			func(p *calls.Progress) { p.Number = phone.Number{Kind: phone.Internal, Local: "102"} }), logged(""), 0,
			step{}},
		{"it was sent, perhaps", callWith(calls.StateRinging, "17 ringing"), logged(logRegistering), time.Minute,
			step{kind: stepRegister, users: []string{"301"}}},
		{"it has gone on for long", callWith(calls.StateTalking, "17 talking"), logged(""), registerWithin + 1, step{}},
		{"it could not be sent for long", callWith(calls.StateTalking, "17 talking"), logged(logRegistering),
			registerWithin + 1, step{kind: stepGiveUp}},
		{"it was over before it was sent", callWith(calls.StateEnded, "17 ended", "18 answered"), logged(""),
			2 * time.Minute, step{kind: stepRegister, users: []string{"302"}}},
		{"it was missed before it was sent", callWith(calls.StateEnded, "17 ended", "18 ended"), logged(""),
			2 * time.Minute, step{kind: stepRegister, users: []string{"301", "302"}}},
		{"nothing is new", callWith(calls.StateRinging, "17 ringing"), logged(logOpen, "301"), 0, step{}},
		{"another one rings", callWith(calls.StateRinging, "17 ringing", "18 ringing"), logged(logOpen, "301"), 0,
			step{kind: stepShow, users: []string{"302"}}},
		{"one answers", callWith(calls.StateTalking, "17 ended", "18 talking"), logged(logOpen, "301", "302"), 0,
			step{kind: stepHide, users: []string{"301"}}},
		{"it is passed on", callWith(calls.StateTalking, "17 answered", "18 ringing"), logged(logOpen, "301"), 0,
			step{kind: stepShow, users: []string{"302"}}},
		{"the end waits for a recording", callWith(calls.StateEnded, "17 answered"), logged(logOpen, "301"),
			time.Minute, step{wait: noon.Add(time.Minute + recordingWithin)}},
		{"the recording is there", with(callWith(calls.StateEnded, "17 answered"),
			func(p *calls.Progress) { p.Recording = "https://pbx.example/1" }), logged(logOpen, "301"), time.Minute,
			step{kind: stepFinish}},
		{"no recording came", callWith(calls.StateEnded, "17 answered"), logged(logOpen, "301"),
			time.Minute + recordingWithin, step{kind: stepFinish}},
		{"no one answered", callWith(calls.StateEnded, "17 ended"), logged(logOpen, "301"), time.Minute,
			step{kind: stepFinish}},
		{"the CRM was away for a day", callWith(calls.StateEnded, "17 ended"), logged(logOpen, "301"),
			finishWithin + 2*time.Minute, step{kind: stepGiveUp}},
		{"it was finished", callWith(calls.StateEnded, "17 ended"), logged(logFinished), time.Minute, step{}},
		{"it goes on after all", callWith(calls.StateTalking, "17 talking"), logged(logFinished), time.Minute, step{}},
		{"it was given up", callWith(calls.StateRinging, "17 ringing"), logged(logGivenUp), 0, step{}},
	} {
		if got := nextStep(&c.call, &c.log, crmUsers, noon.Add(c.after)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.why, got, c.want)
		}
	}
}

func TestCallForACRM(t *testing.T) {
	crmUsers := map[int64]string{17: "301", 18: "302"}
	p := callWith(calls.StateEnded, "17 answered", "18 answered")
	p.Talked, p.Result, p.Recording, p.Line = 42*time.Second, calls.ResultAnswered, "https://pbx.example/1", "+74950000001"
	c := callFor(&p, "callhue-7", nil, crmUsers)
	if c.ID != "callhue-7" || c.Number != "+74950000011" || !c.Incoming || c.AnsweredBy != "302" ||
		c.Talked != 42*time.Second || c.Result != "answered" ||
		c.Recording != "https://pbx.example/1" || !slices.Equal(c.Users, []string{"301", "302"}) ||
		!c.StartedAt.Equal(noon) || c.Line != "+74950000001" {
		t.Errorf("%+v", c)
	}
	p = callWith(calls.StateRinging, "17 ringing")
	if c := callFor(&p, "callhue-7", []string{"301"}, crmUsers); c.Result != "" || c.AnsweredBy != "" {
		t.Errorf("before its end: %+v", c)
	}
}
