package calls

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/rules"
)

// TestUnanswered: each part of a call keeps why its telephone rang in vain.
func TestUnanswered(t *testing.T) {
	type ends []Event
	rings := []Event{{Kind: Ringing, Leg: "1", Agent: "102"}, {Kind: Ringing, Leg: "2", Agent: "103"}}
	ended := func(leg, agent string, why Unanswered) Event {
		return Event{Kind: Ended, Leg: leg, Agent: agent, Unanswered: why, GoesOn: true}
	}
	over := func(result Result) Event { return Event{Kind: Ended, Result: result} }
	tests := []struct {
		why  string
		sent ends
		want []Unanswered // of 102 and 103
	}{
		{"one declines, the other is not registered",
			ends{ended("1", "102", UnansweredDeclined), ended("2", "103", UnansweredUnreachable), over(ResultMissed)},
			[]Unanswered{UnansweredDeclined, UnansweredUnreachable}},
		{"the hang-up says more than the end of the dialling",
			ends{ended("1", "102", UnansweredMissed), ended("1", "102", UnansweredDeclined), over("")},
			[]Unanswered{UnansweredDeclined, UnansweredMissed}},
		{"one is busy, the other answers",
			ends{ended("1", "102", UnansweredBusy), {Kind: Answered, Leg: "2", Agent: "103"}, over(ResultAnswered)},
			[]Unanswered{UnansweredBusy, ""}},
		{"a colleague answers first",
			ends{{Kind: Answered, Leg: "2", Agent: "103"}, ended("1", "102", ""), over(ResultAnswered)},
			[]Unanswered{UnansweredElsewhere, ""}},
		{"a part's result stands for the reason",
			ends{{Kind: Ended, Leg: "1", Agent: "102", Result: ResultBusy, GoesOn: true}, over(ResultCancelled)},
			[]Unanswered{UnansweredBusy, UnansweredMissed}},
		{"the voicemail takes it", ends{{Kind: Stopped}, over("")}, []Unanswered{UnansweredMissed, UnansweredMissed}},
		{"rung again after declining, and answered",
			ends{ended("1", "102", UnansweredDeclined), {Kind: Ringing, Leg: "3", Agent: "102"},
				{Kind: Answered, Leg: "3", Agent: "102"}, over(ResultAnswered)},
			[]Unanswered{"", UnansweredElsewhere}},
		{"the end was not seen", ends{{Kind: Ended, EndUnknown: true}}, []Unanswered{"", ""}},
		{"an agent dials a client who is busy, and consults a colleague who declines",
			ends{ended("2", "103", UnansweredDeclined), ended("1", "102", UnansweredBusy), over(ResultBusy)},
			[]Unanswered{"", UnansweredDeclined}},
	}
	inOffice(t, func(o *office) {
		for _, tt := range tests {
			o.t.Run(tt.why, func(t *testing.T) {
				for _, e := range slices.Concat(rings, tt.sent) {
					e.CallID, e.Number, e.Direction, e.Duration = tt.why, p1, rules.In, -1
					if strings.Contains(tt.why, "dials a client") {
						e.Direction = rules.Out
					}
					e.At = time.UnixMilli(o.clock.Add(1000)).UTC()
					_, err := o.desk.Handle(context.Background(), Origin{Name: "asterisk", Plan: o.desk.Plan}, e)
					o.must(err)
				}
				row, err := callBySource(o.db.Read(context.Background()), "asterisk", tt.why)
				o.must(err)
				all := func(*cardRow) bool { return true }
				list, err := callsOf(o.db.Read(context.Background()), []*callRow{row}, all)
				o.must(err)
				var got []Unanswered
				for _, part := range list[0].Agents {
					got = append(got, part.Unanswered)
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				if want := tt.sent[len(tt.sent)-1].EndUnknown; list[0].EndUnknown != want {
					t.Errorf("end unknown: %v, want %v", list[0].EndUnknown, want)
				}
			})
		}
	})
}
