package calls

import (
	"testing"

	"callhue/rules"
)

// incoming is an incoming call with p1, at so many seconds.
func incoming(kind EventKind, agent string, second int) Event {
	e := event(kind, agent, second)
	e.Direction = rules.In
	return e
}

// states returns the state of each agent's part of the one call, by the agent's name.
func (o *office) states() map[string]State {
	states := map[string]State{}
	for _, part := range o.only().Agents {
		states[part.Agent.Login] = part.State
	}
	return states
}

// TestAnAnswerThatNamesNoAgent: a telephone does not ring on when the call was answered, by a known agent or not.
func TestAnAnswerThatNamesNoAgent(t *testing.T) {
	type step struct {
		event Event
		boris State
	}
	stopped, answered := incoming(Stopped, "", 5), incoming(Answered, "", 5)
	rings102 := step{incoming(Ringing, "102", 0), StateRinging}
	tests := []struct {
		name   string
		steps  []step
		result Result // after the call ended without more facts
	}{
		{"one telephone rang: its agent answered", []step{
			rings102, {answered, StateTalking}}, ResultAnswered},
		{"two rang: it can be either's talk", []step{
			rings102, {incoming(Ringing, "101", 1), StateRinging}, {answered, StateEnded}}, ResultAnswered},
		{"the name comes later", []step{
			rings102, {incoming(Ringing, "101", 1), StateRinging},
			{answered, StateEnded},
			{incoming(Answered, "102", 6), StateTalking}}, ResultAnswered},
		{"a colleague who is not named picked it up", []step{
			rings102, {stopped, StateEnded}, {answered, StateEnded}}, ResultAnswered},
		{"the voicemail took it", []step{
			rings102, {stopped, StateEnded}}, ResultMissed},
		{"the queue rings again after the voicemail", []step{
			rings102, {stopped, StateEnded}, {incoming(Answered, "102", 9), StateTalking}}, ResultAnswered},
		{"the queue answered before any telephone rang", []step{
			{answered, ""}, {incoming(Ringing, "102", 6), StateRinging}}, ResultAnswered},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				for i, step := range tt.steps {
					o.hear(step.event)
					if got := o.states()["boris"]; got != step.boris {
						t.Errorf("step %d: boris is %q, want %q", i+1, got, step.boris)
					}
				}
				o.hear(incoming(Ended, "", 40))
				if call := o.only(); call.State != StateEnded || call.Result != tt.result {
					t.Errorf("it ended %s, want %s", call.Result, tt.result)
				}
			})
		})
	}
}
