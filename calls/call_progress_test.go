package calls

import (
	"context"
	"testing"
	"time"

	"callhue/rules"
)

func TestHowACallStands(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		now := func() Progress {
			t.Helper()
			list, err := o.desk.Progress(ctx, []int64{o.only().ID, 999})
			o.must(err)
			if len(list) != 1 {
				t.Fatalf("%d calls", len(list))
			}
			return list[0]
		}
		o.hear(event(Ringing, "102", 0))
		o.hear(event(Ringing, "103", 1))
		o.hear(event(Ringing, "nobody whom we know", 1))
		if p := now(); p.Source != "office" || p.CallID != "c-1" || p.Direction != rules.Out || p.Number.String() != "+74950001001" || p.State != StateRinging || p.Answered ||
			!p.EndedAt.IsZero() || len(p.Agents) != 2 || p.Agents[0] != (Part{o.user["boris"].ID, StateRinging, false}) {
			t.Errorf("it rings: %+v", p)
		}
		o.hear(event(Answered, "103", 5))
		if p := now(); p.State != StateTalking || !p.Answered || p.Agents[0].State != StateEnded || p.Agents[1] != (Part{o.user["vera"].ID, StateTalking, true}) {
			t.Errorf("Vera answers: %+v", p)
		}
		last := event(Summary, "", 20)
		last.Duration, last.Recording = 15*time.Second, "https://pbx.example/1"
		o.hear(last)
		if p := now(); p.State != StateEnded || p.Talked != 15*time.Second || p.Result != ResultAnswered || p.Recording != "https://pbx.example/1" || p.EndedAt.IsZero() ||
			p.Agents[1] != (Part{o.user["vera"].ID, StateEnded, true}) {
			t.Errorf("it is over: %+v", p)
		}
		for number, want := range map[string]bool{p1: true, "+74950000077": false, "": false} {
			if knows, err := o.desk.Knows(ctx, o.desk.Plan.Parse(number)); err != nil || knows != want {
				t.Errorf("%q is known: %v %v", number, knows, err)
			}
		}
		if list, err := o.desk.Progress(ctx, nil); err != nil || len(list) != 0 {
			t.Errorf("of no calls: %v %v", list, err)
		}
	})
}
