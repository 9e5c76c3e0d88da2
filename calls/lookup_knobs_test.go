package calls

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"callhue/crm"
	"callhue/lookup"
	"callhue/policy"
	"callhue/rules"
)

// TestAHint is the suffix match from end to end: off as shipped, a hint when it is
// on, never red, and nothing where a record has the very number.
func TestAHint(t *testing.T) {
	inOffice(t, func(o *office) {
		const foreign, local = "+375 495 000-10-01", "+7 495 000-10-77" // the first ends as p1 does, of Anna's company in work
		_, err := o.book.AddLead(context.Background(), o.admin, crm.NewLead{Title: "Typed without a country", OwnerID: o.user["vera"].ID, Phones: []crm.Phone{{Value: "+4950001077"}}})
		o.must(err)
		for _, number := range []string{foreign, local} {
			if v := o.check(number, "boris").Verdict; v.Why == rules.WhyMaybe {
				t.Errorf("%s: a hint that nobody asked for: %+v", number, v)
			}
		}
		if status, answer := o.door()("admin", "PUT", "/api/v1/policy", policyBody(t, func(p *rules.Policy) { p.SuffixMatch = true })); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		for number, name := range map[string]string{foreign: "Вектор", local: "Typed without a country"} {
			card := o.check(number, "boris")
			if v := card.Verdict; v.Why != rules.WhyMaybe || v.Color != rules.None || !v.Banner || card.Subject == nil || card.Subject.Name != name {
				t.Errorf("%s: %+v of %+v", number, v, card.Subject)
			}
			caller := o.desk.CallerName(card, 0, false)
			if !strings.HasPrefix(caller, "[?] ") || !strings.Contains(caller, name) {
				t.Errorf("%s: %q on a desk phone", number, caller)
			}
		}
		if v := o.check(p1, "boris").Verdict; v.Color != rules.Red {
			t.Errorf("a record has the very number: %+v", v)
		}
		if v := o.check("+44 7700 900123", "boris").Verdict; v.Why != rules.WhyUnknown || v.Banner {
			t.Errorf("nothing ends alike: %+v", v)
		}
		e := event(Ringing, "102", 0)
		e.Number = foreign
		if card := o.hear(e); card.Verdict.Why != rules.WhyMaybe {
			t.Errorf("the card of a call: %+v", card.Verdict)
		}
	})
}

// TestAPolicyGivesALookupItsTime: too little of it is a grey card, never a free one.
func TestAPolicyGivesALookupItsTime(t *testing.T) {
	inOffice(t, func(o *office) {
		o.desk.Finder = lookup.New(o.db, o.dir, o.journal, lookup.Options{Most: -1})
		shipped := rules.Default()
		shipped.LookupMillis = 0 // no time at all, which no admin can set
		o.policy = policy.New(o.db, o.journal, o.roster, o.dir, shipped)
		o.desk.Policy = o.policy
		if v := o.check(p1, "boris").Verdict; v.Color != rules.Grey || v.Why != rules.WhyCheckFailed {
			t.Errorf("without any time: %+v", v)
		}
		ask := o.door()
		if status, answer := ask("admin", "PUT", "/api/v1/policy", policyBody(t, func(p *rules.Policy) { p.LookupMillis = 10 })); status != http.StatusUnprocessableEntity || !strings.Contains(answer, `"lookup_ms"`) {
			t.Errorf("too little: %d %s", status, answer)
		}
		if status, answer := ask("admin", "PUT", "/api/v1/policy", policyBody(t, func(p *rules.Policy) { p.LookupMillis = 5000 })); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		if v := o.check(p1, "boris").Verdict; v.Color != rules.Red {
			t.Errorf("with time enough: %+v", v)
		}
	})
}
