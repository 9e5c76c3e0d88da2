package calls

import (
	"context"
	"slices"
	"testing"

	"callhue/crm"
	"callhue/rules"
)

func TestAChangedClientRepaintsTheLiveCards(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		const unknown = "+74950000077"
		ringing := event(Ringing, "102", 0)
		ringing.CallID, ringing.Number = "c-2", unknown
		if v := o.hear(ringing).Verdict; v.Color != rules.None || v.Why != rules.WhyUnknown {
			t.Fatalf("before: %+v", v)
		}
		look := func(why string, color rules.Color, verbs ...string) {
			t.Helper()
			var told []string
			for range 2 * looksAtStale {
				mark := o.mark()
				o.must(o.desk.reevaluateStale(ctx))
				told = append(told, o.verbs(mark)...)
			}
			if !slices.Equal(told, verbs) {
				t.Errorf("%s: told %v, want %v", why, told, verbs)
			}
			if v := o.live("boris").Verdict; v.Color != color {
				t.Errorf("%s: the card is %s %s, want %s", why, v.Color, v.Why, color)
			}
		}
		look("nothing happened", rules.None)
		c, err := o.book.FindCompany(ctx, o.check(p1, "anna").Subject.ID)
		o.must(err)
		c, err = o.book.ChangeCompany(ctx, o.admin, c.ID, crm.CompanyChange{Version: c.Version, Phones: &[]crm.Phone{{Value: unknown, Kind: "work"}}})
		o.must(err)
		look("the number is a guarded company's now", rules.Red, "card.changed")
		_, err = o.book.SetOwner(ctx, o.admin, c.ID, o.user["boris"].ID, "", c.Version)
		o.must(err)
		look("the company is his own now", rules.None, "card.changed")
		ringing.Kind = Ended
		o.hear(ringing)
		mark := o.mark()
		c, err = o.book.FindCompany(ctx, c.ID)
		o.must(err)
		_, err = o.book.SetOwner(ctx, o.admin, c.ID, o.user["vera"].ID, "", c.Version)
		o.must(err)
		before := len(o.verbs(mark))
		o.must(o.desk.reevaluateStale(ctx))
		if after := o.verbs(mark); len(after) != before {
			t.Errorf("a card of a call that is over was painted: %v", after)
		}
	})
}
