package calls

import (
	"context"
	"slices"
	"testing"

	"callhue/crm"
	"callhue/rules"
	"callhue/staff"
)

// TestAColleaguesOwnPhone is row 26 from end to end: the card names the
// colleague, as long as no client has the number.
func TestAColleaguesOwnPhone(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		give := func(login string, phones ...string) {
			t.Helper()
			u, err := o.roster.Find(ctx, o.user[login].ID)
			o.must(err)
			_, err = o.roster.Change(ctx, o.as("admin"), u.ID, staff.UserChange{Version: u.Version, Phones: &phones})
			o.must(err)
		}
		seen := func(number string) (why rules.Why, color rules.Color, names []string, title string) {
			card := o.check(number, "boris")
			for _, c := range card.Colleagues {
				names = append(names, c.Name)
			}
			return card.Verdict.Why, card.Verdict.Color, names, card.Verdict.Title
		}
		if why, _, names, _ := seen(p7); why != rules.WhyUnknown || names != nil {
			t.Fatalf("before: %s %v", why, names)
		}
		give("vera", "8 495 000 10 07")
		if why, color, names, title := seen(p7); why != rules.WhyEmployee || color != rules.None || !slices.Equal(names, []string{"vera"}) || title != "Colleague: vera" {
			t.Errorf("Vera's own phone: %s %s %v %q", why, color, names, title)
		}
		give("anna", p7)
		if _, _, names, title := seen(p7); !slices.Equal(names, []string{"anna", "vera"}) || title != "Colleague: anna, vera" {
			t.Errorf("a phone of two: %v %q", names, title)
		}
		if name := o.desk.CallerName(o.check(p7, "boris"), 0, true); name != "anna - vera" {
			t.Errorf("on a desk phone: %q", name)
		}
		if card := o.check("101", "boris"); len(card.Colleagues) != 1 || card.Colleagues[0].ID != o.user["anna"].ID {
			t.Errorf("Anna's extension: %+v", card.Colleagues)
		}

		give("vera", p1) // the number of Anna's client: laundering by way of the staff
		if why, color, names, _ := seen(p1); why != rules.WhyForeignInWork || color != rules.Red || names != nil {
			t.Errorf("a client's number that is a colleague's too: %s %s %v, want red all the same", why, color, names)
		}
		lead, err := o.book.AddLead(ctx, o.admin, crm.NewLead{Title: "New", OwnerID: o.user["vera"].ID, Phones: []crm.Phone{{Value: p7}}})
		o.must(err)
		if why, color, names, _ := seen(p7); why != rules.WhyLeadOnly || color != rules.Blue || names != nil {
			t.Errorf("a lead got the number: %s %s %v, want blue", why, color, names)
		}
		o.must(o.book.RemoveLead(ctx, o.admin, lead.ID, lead.Version))
		if why, _, _, _ := seen(p7); why != rules.WhyEmployee {
			t.Errorf("the lead is gone: %s", why)
		}
		give("anna")
		o.must(o.roster.Disable(ctx, o.as("admin"), o.user["vera"].ID))
		if why, _, names, _ := seen(p7); why != rules.WhyUnknown || names != nil {
			t.Errorf("nobody's any more: %s %v", why, names)
		}
	})
}
