package calls

import (
	"context"
	"testing"
	"time"

	"callhue/rules"
)

// TestAnEndThatWasNotSeen: a call that ended while its source was not followed lasted until it was last known to be up,
// whenever that is found out.
func TestAnEndThatWasNotSeen(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		origin := Origin{Name: "asterisk", Plan: o.desk.Plan}
		now := func() time.Time { return time.UnixMilli(o.clock.Load()).UTC() }
		pass := func(d time.Duration) { o.clock.Add(d.Milliseconds()) }
		began := now()
		for _, e := range []Event{
			{Kind: Ringing, Leg: "1.1", Agent: "102"}, {Kind: Answered, Leg: "1.1", Agent: "102"},
			{Kind: Ringing, Leg: "1.2", Agent: "103"},
		} {
			e.CallID, e.Number, e.Direction, e.At, e.Duration = "1.0", p1, rules.In, now(), -1
			_, err := o.desk.Handle(ctx, origin, e)
			o.must(err)
			pass(2 * time.Second)
		}
		open, err := o.desk.Unfinished(ctx, "asterisk")
		o.must(err)
		if len(open) != 1 || open[0].CallID != "1.0" || !open[0].Answered || open[0].Number != p1 || len(open[0].Legs) != 2 {
			t.Fatalf("open: %+v", open)
		}
		legs := open[0].Legs
		if legs[0] != (OpenLeg{"1.1", "102", true}) || legs[1] != (OpenLeg{"1.2", "103", false}) {
			t.Errorf("legs: %+v", legs)
		}
		if open[0].Last.Before(began) || open[0].Last.After(now()) {
			t.Errorf("last known at %v", open[0].Last)
		}
		pass(3 * time.Hour) // we were away
		lost := Event{CallID: "1.0", Kind: Ended, At: open[0].Last, EndUnknown: true, Duration: -1}
		_, err = o.desk.Handle(ctx, origin, lost)
		o.must(err)
		call, err := callBySource(o.db.Read(ctx), "asterisk", "1.0")
		o.must(err)
		if call.State != StateEnded || call.Duration > 4 || call.Result != string(ResultAnswered) {
			t.Errorf("%+v", call)
		}
		if open, err = o.desk.Unfinished(ctx, "asterisk"); err != nil || len(open) != 0 {
			t.Errorf("still open: %+v %v", open, err)
		}
	})
}
