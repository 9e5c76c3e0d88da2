package calls

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/rules"
)

// TestDoNotCall is row 29 from end to end: the list lies over every colour, a
// block is for outgoing calls, and an entry ends by itself.
func TestDoNotCall(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx, ask := context.Background(), o.door()
		igor := &access.User{ID: o.user["igor"].ID, Roles: access.Roles{access.Agent}} // a head, whatever his role is called
		till := o.db.Clock().Add(24 * time.Hour)
		was := map[string]VerdictPart{}
		for _, number := range []string{p1, p3, p4, p7} {
			card := o.check(number, "boris")
			if was[number] = card.Verdict; card.DoNotCall != nil {
				t.Fatalf("%s is on no list: %+v", number, card.DoNotCall)
			}
			_, err := o.book.AddDoNotCall(ctx, igor, crm.NewDoNotCall{Number: number, Reason: "asked so", Until: store.MomentOf(till)})
			o.must(err)
		}
		listed := func(number string, direction rules.Direction) *DoNotCallPart {
			t.Helper()
			card, err := o.desk.Check(ctx, Question{Number: o.desk.Plan.Parse(number), Agent: o.user["boris"], Direction: direction})
			o.must(err)
			want := was[number]
			if v := card.Verdict; v.Color != want.Color || v.Why != want.Why || v.Banner != want.Banner || v.Row != want.Row {
				t.Errorf("%s: the list changed the verdict: %+v, want %+v", number, v, want)
			}
			if card.DoNotCall == nil {
				t.Fatalf("%s: the card does not say that the number is on the list", number)
			}
			return card.DoNotCall
		}
		for number := range was {
			out, in := listed(number, rules.Out), listed(number, rules.In)
			if out.Mode != rules.DoNotCallWarn || out.Reason != "asked so" || out.Since.IsZero() || out.Until == nil || !out.Until.Equal(till) {
				t.Errorf("%s: %+v", number, out)
			}
			if !strings.HasPrefix(out.Text, "Do not call") || in.Text == out.Text {
				t.Errorf("%s: outgoing %q, incoming %q", number, out.Text, in.Text)
			}
		}
		if name := o.desk.CallerName(o.check(p1, "boris"), 0, false); !strings.HasPrefix(name, "[!X] anna - Вектор") {
			t.Errorf("on a desk phone: %q", name)
		}
		if card := o.hear(event(Ringing, "102", 0)); card.DoNotCall == nil || card.Verdict.Color != rules.Red {
			t.Errorf("the card of a call: %+v", card)
		}

		if status, answer := ask("admin", "PUT", "/api/v1/policy", policyBody(t, func(p *rules.Policy) { p.DoNotCall = "forbid" })); status != http.StatusUnprocessableEntity || !strings.Contains(answer, `"do_not_call"`) {
			t.Errorf("a mode that is none: %d %s", status, answer)
		}
		if status, answer := ask("admin", "PUT", "/api/v1/policy", policyBody(t, func(p *rules.Policy) { p.DoNotCall = rules.DoNotCallBlock })); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		if out, in := listed(p1, rules.Out), listed(p1, rules.In); out.Mode != rules.DoNotCallBlock || in.Mode != rules.DoNotCallWarn {
			t.Errorf("a block is for outgoing calls only: out %s, in %s", out.Mode, in.Mode)
		}
		_, answer := ask("boris", "POST", "/api/v1/check", `{"number":"`+p7+`"}`)
		var sent struct {
			DoNotCall *DoNotCallPart `json:"do_not_call"`
		}
		o.must(json.Unmarshal([]byte(answer), &sent))
		if sent.DoNotCall == nil || sent.DoNotCall.Mode != rules.DoNotCallBlock || sent.DoNotCall.Text == "" {
			t.Errorf("the API says %s", answer)
		}
		o.clock.Store(store.Millis(till))
		if card := o.check(p1, "boris"); card.DoNotCall != nil || card.Verdict.Color != rules.Red {
			t.Errorf("its time is over: %+v, %s", card.DoNotCall, card.Verdict.Color)
		}
	})
}
