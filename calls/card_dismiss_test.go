package calls

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"callhue/internal/fault"
	"callhue/journal"
)

func TestPuttingACardAwayIsNoted(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		boris, anna := o.user["boris"], o.user["anna"]
		shown := o.hear(event(Ringing, "102", 0))
		away := func() (noted []journal.Entry) {
			mark := o.mark()
			o.must(o.desk.Dismiss(ctx, boris, shown.Call.ID))
			return slices.DeleteFunc(o.since(mark), func(e journal.Entry) bool { return e.Verb != CardDismissed })
		}
		first := away()
		if len(first) != 1 {
			t.Fatalf("put away while it rang: %d entries, want 1", len(first))
		}
		e := first[0]
		var said dismissal
		o.must(json.Unmarshal(e.Details, &said))
		if e.Actor != boris.ID || e.Team != boris.DepartmentID || e.Subject != (journal.Ref{Kind: "call", ID: shown.Call.ID}) ||
			e.Client != (journal.Ref{Kind: "company", ID: shown.Subject.ID}) || said != (dismissal{StateRinging, "red", "foreign_in_work"}) {
			t.Errorf("the entry is %+v, its words %+v", e, said)
		}
		if again := away(); len(again) != 0 {
			t.Errorf("the same card again: %d entries, want none", len(again))
		}
		o.hear(event(Answered, "102", 1))
		if talking := away(); len(talking) != 1 {
			t.Errorf("the card of the talk: %d entries, want 1", len(talking))
		}
		if err := o.desk.Dismiss(ctx, anna, shown.Call.ID); !fault.Is(err, fault.KindMissing) {
			t.Errorf("a colleague who was not on the call: %v, want missing", err)
		}
		if err := o.desk.Dismiss(ctx, boris, shown.Call.ID+1000); !fault.Is(err, fault.KindMissing) {
			t.Errorf("a call that is not there: %v, want missing", err)
		}
		if card := o.hear(event(Answered, "102", 1)); card.Call.State != StateTalking {
			t.Errorf("the call is %s after its card was put away, want talking", card.Call.State)
		}
		o.hear(event(Ended, "102", 2))
		if over := away(); len(over) != 0 {
			t.Errorf("after the end: %d entries, want none", len(over))
		}
	})
}
