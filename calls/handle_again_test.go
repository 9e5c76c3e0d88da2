package calls

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/rules"
)

// ring is an event of an incoming call on a leg, at so many seconds after ten past ten.
func ring(kind EventKind, agent, leg string, second int) Event {
	e := event(kind, agent, second)
	e.Direction, e.Leg = rules.In, leg
	return e
}

// TestAQueueComesRound: the one who did not answer at first is rung again in the same call.
// He has his card then as at first, and a talk is his.
func TestAQueueComesRound(t *testing.T) {
	for _, c := range []struct{ why, first, other, then string }{
		{"a PBX that names legs", "leg-1", "leg-2", "leg-3"},
		{"one that names none", "", "", ""},
	} {
		inOffice(t, func(o *office) {
			o.hear(ring(Ringing, "102", c.first, 0))
			o.hear(ring(Ended, "102", c.first, 10))
			o.hear(ring(Ringing, "103", c.other, 11))
			o.hear(ring(Ended, "103", c.other, 20))
			if call := o.only(); call.State != StateEnded {
				t.Errorf("%s: nobody is rung, and the call is %s", c.why, call.State)
			}
			mark := o.mark()
			if card := o.hear(ring(Ringing, "102", c.then, 21)); card.Call.State != StateRinging || card.Verdict.Color != rules.Red {
				t.Errorf("%s: rung anew: %s %s", c.why, card.Call.State, card.Verdict.Color)
			}
			o.hear(ring(Answered, "102", c.then, 30))
			o.hear(ring(Ended, "102", c.then, 90))
			want := []string{"card.shown", "card.changed", "call.answered", "card.closed", "call.ended"}
			if diff := cmp.Diff(want, o.verbs(mark)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.why, diff)
			}
			if call := o.only(); call.State != StateEnded || call.Result != ResultAnswered || call.Duration != 60 {
				t.Errorf("%s: %s %s %d s", c.why, call.State, call.Result, call.Duration)
			}
		})
	}
}

// TestACallIsPassedBack: a colleague answered, and passes the call to one whose
// telephone had rung with his.
func TestACallIsPassedBack(t *testing.T) {
	inOffice(t, func(o *office) {
		o.hear(ring(Ringing, "102", "leg-1", 0))
		o.hear(ring(Ringing, "103", "leg-2", 0))
		o.hear(ring(Answered, "103", "leg-2", 5))
		o.hear(ring(Ended, "102", "leg-1", 5))
		if card := o.hear(ring(Ringing, "102", "leg-3", 40)); card.Call.State != StateRinging || card.Verdict.Color != rules.Red {
			t.Errorf("passed on: %s %s", card.Call.State, card.Verdict.Color)
		}
		o.hear(ring(Answered, "102", "leg-3", 45))
		o.hear(ring(Ended, "103", "leg-2", 46))
		if call := o.only(); call.State != StateTalking {
			t.Errorf("one still talks, and the call is %s", call.State)
		}
		o.hear(ring(Ended, "102", "leg-3", 60))
		if call := o.only(); call.State != StateEnded || call.Duration != 55 {
			t.Errorf("%s, %d s", call.State, call.Duration)
		}
	})
}

// TestWhatIsToldLateRingsNobody: a ringing that arrives after the end of its own leg, or
// once more with its old time, or when the whole call is known to be over.
func TestWhatIsToldLateRingsNobody(t *testing.T) {
	inOffice(t, func(o *office) {
		o.hear(ring(Ringing, "103", "leg-0", 0))
		o.hear(ring(Ended, "102", "leg-1", 10))
		o.hear(ring(Ringing, "102", "leg-2", 11))
		o.hear(ring(Ended, "102", "leg-2", 12))
		late := []Event{ring(Ringing, "102", "leg-1", 1), ring(Ringing, "102", "leg-1", 1), ring(Ringing, "102", "leg-2", 11), ring(Ringing, "102", "leg-3", 5)}
		for n, e := range late {
			if card := o.hear(e); card.Call.State != StateEnded {
				t.Errorf("%d: %s", n, card.Call.State)
			}
		}
		o.hear(ring(Summary, "", "", 20))
		if card := o.hear(ring(Ringing, "102", "leg-4", 30)); card.Call.State != StateEnded {
			t.Errorf("after the end of the call: %s", card.Call.State)
		}
	})
}

// TestToldTwiceWithoutATime: of a PBX without a clock, whatever comes again at once is
// only told twice, in any order; a queue that comes round takes longer.
func TestToldTwiceWithoutATime(t *testing.T) {
	inOffice(t, func(o *office) {
		undated := func(kind EventKind, agent string) Card {
			e := ring(kind, agent, "", 0)
			e.At = time.Time{}
			return o.hear(e)
		}
		for range 10 {
			undated(Ended, "102")
		}
		for n := range 10 {
			o.clock.Add(200) // they take two seconds
			if card := undated(Ringing, "102"); card.Call.State != StateEnded {
				t.Errorf("told late the %d. time, and the call is %s", n+1, card.Call.State)
			}
		}
		o.clock.Add((2 * roundAfter).Milliseconds())
		if card := undated(Ringing, "102"); card.Call.State != StateRinging || card.Verdict.Color != rules.Red {
			t.Errorf("a queue came round: %s %s", card.Call.State, card.Verdict.Color)
		}
	})
}

// TestAskingAColleagueLeavesTheColour: the one who asks a colleague during a call still has
// the client on it, whatever number the PBX names then.
func TestAskingAColleagueLeavesTheColour(t *testing.T) {
	inOffice(t, func(o *office) {
		o.hear(ring(Ringing, "102", "leg-1", 0))
		o.hear(ring(Answered, "102", "leg-1", 5))
		for _, colleague := range []string{"101", "anonymous", "sip"} {
			e := ring(Ringing, "102", "leg-"+colleague, 20)
			e.Number, e.Direction = colleague, rules.Out
			if card := o.hear(e); card.Verdict.Color != rules.Red || card.Call.Direction != rules.In {
				t.Errorf("asking %s: %s %s", colleague, card.Verdict.Color, card.Call.Direction)
			}
		}
	})
}

// TestFactsAreToldInParts: the recording is ready minutes after the end, and is told as
// the end was, or as its facts were. The incident has it too.
func TestFactsAreToldInParts(t *testing.T) {
	for _, kind := range []EventKind{Summary, Ended} {
		inOffice(t, func(o *office) {
			o.hear(ring(Ringing, "102", "", 0))
			o.hear(ring(Answered, "102", "", 5))
			o.hear(ring(kind, "102", "", 50))
			later := ring(kind, "102", "", 50)
			later.Recording = "https://rec.example/1.mp3"
			o.clock.Add((3 * time.Minute).Milliseconds())
			o.hear(later)
			again := later
			again.Recording = ""
			o.hear(again)
			call := o.only()
			if call.Recording != later.Recording || call.Duration != 45 || call.Result != ResultAnswered {
				t.Errorf("%s: %+v", kind, call)
			}
		})
	}
}

// TestWhoAnsweredIsToldBeforeTheNumber: the one who has a card of a call without a number
// sees the verdict as soon as the number is told, be it with no one's name.
func TestWhoAnsweredIsToldBeforeTheNumber(t *testing.T) {
	inOffice(t, func(o *office) {
		first := event(Answered, "102", 5)
		first.Number, first.Direction = "", ""
		if card := o.hear(first); card.Verdict.Color != rules.None {
			t.Errorf("without a number: %s", card.Verdict.Color)
		}
		mark := o.mark()
		o.hear(event(Ringing, "", 0))
		if diff := cmp.Diff([]string{"card.changed"}, o.verbs(mark)); diff != "" {
			t.Errorf("journal (-want +got):\n%s", diff)
		}
		if call := o.only(); call.Agents[0].Verdict.Color != rules.Red || call.State != StateTalking {
			t.Errorf("with the number: %+v", call.Agents)
		}
		mark = o.mark()
		o.hear(event(Ended, "102", 90)) // half a minute after he saw red
		if diff := cmp.Diff([]string{"card.closed", "call.ended", "incident.recorded"}, o.verbs(mark)); diff != "" {
			t.Errorf("journal (-want +got):\n%s", diff)
		}
	})
}

// TestWhatRangIsNoTalk: some PBXs tell how long a call took in all, also of one that
// no one answered.
func TestWhatRangIsNoTalk(t *testing.T) {
	for _, result := range []Result{ResultMissed, ResultBusy, ResultCancelled, ResultFailed} {
		inOffice(t, func(o *office) {
			o.hear(ring(Ringing, "102", "", 0))
			end := ring(Summary, "102", "", 25)
			end.Result, end.Duration = result, 25*time.Second
			o.hear(end)
			if call := o.only(); call.Result != result || call.Duration != 0 {
				t.Errorf("%s: %s, %d s", result, call.Result, call.Duration)
			}
		})
	}
}
