package crm

import (
	"context"
	"slices"
	"strings"
	"testing"

	"callhue/internal/fault"
	"callhue/internal/store"
)

func TestEveryWrongFieldIsNamed(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		long := strings.Repeat("я", 301)
		many := make([]Phone, 51)
		for i := range many {
			many[i].Value = "101"
		}
		for _, c := range []struct {
			why   string
			write func() error
			want  []string // field: code
		}{
			{"a company of nothing", func() error { _, err := w.AddCompany(ctx, as(anna), NewCompany{}); return err },
				[]string{"name: required"}},
			{"everything wrong at once", func() error {
				_, err := w.AddCompany(ctx, as(igor),
					NewCompany{Name: long, OwnerID: 999, TeamIDs: []int64{anna, 998, 0},
						Phones: []Phone{{Value: " "}, {Value: "101", Kind: strings.Repeat("k", 21)},
							{Value: strings.Repeat("1", 101)}}, Emails: []string{"a@example.com", "who"}})
				return err
			},
				[]string{"name: too_long", "phones.0.value: required", "phones.1.kind: too_long",
					"phones.2.value: too_long", "emails.1: not_an_email", "owner_id: unknown", "team_ids: unknown",
					"team_ids: unknown"}},
			{"more phones than anybody has", func() error {
				_, err := w.AddContact(ctx, as(anna), NewContact{Name: "P", Phones: many})
				return err
			}, []string{"phones: too_many"}},
			{"a contact of companies that are not there", func() error {
				_, err := w.AddContact(ctx, as(anna), NewContact{CompanyIDs: []int64{77}})
				return err
			}, []string{"company_ids: unknown", "name: required"}},
			{"a lead of nothing, in a stage that only conversion leads to", func() error {
				_, err := w.AddLead(ctx, as(anna), NewLead{Stage: StageConverted, CompanyID: 77, ContactID: 78})
				return err
			}, []string{"company_id: unknown", "contact_id: unknown", "name: required", "stage: convert_instead"}},
			{"a stage that nobody knows", func() error {
				_, err := w.AddLead(ctx, as(anna), NewLead{Name: "P", Stage: "won"})
				return err
			}, []string{"stage: unknown"}},
			{"a control character", func() error {
				_, err := w.AddCompany(ctx, as(anna), NewCompany{Name: "Ac\x00me"})
				return err
			}, []string{"name: malformed"}},
			{"bytes that are no text", func() error {
				_, err := w.AddCompany(ctx, as(anna), NewCompany{Name: "Ac\xffme"})
				return err
			}, []string{"name: malformed"}},
		} {
			before := dump(t, db)
			err := c.write()
			wantFault(t, c.why, err, "invalid_input")
			var got []string
			for _, f := range fault.Of(err).Fields {
				got = append(got, f.Field+": "+f.Code)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s:\n got %q\nwant %q", c.why, got, c.want)
			}
			if dump(t, db) != before {
				t.Errorf("%s: something was written", c.why)
			}
		}
	})
}

func TestPhonesAreKeptAsTyped(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		c := w.company(NewCompany{Name: "Acme", Phones: []Phone{
			{Value: " 8 (495) 000-00-11 доб. 12 ", Kind: "Mobile", Number: "+79990000000", Valid: false},
			{Value: "ask Maria"}, {Value: "101"}, {Value: "12345678"}}})
		for i, want := range []Phone{
			{Value: "8 (495) 000-00-11 доб. 12", Kind: "mobile", Number: "+74950000011", Extension: "12", Valid: true},
			{Value: "ask Maria", Kind: "work"}, {Value: "101", Kind: "work"}, {Value: "12345678", Kind: "work"}} {
			want.Since = c.CreatedAt
			if c.Phones[i] != want {
				t.Errorf("phone %d is %+v, want %+v", i, c.Phones[i], want)
			}
		}
		if found := w.reach("12345678"); len(found) != 1 {
			t.Errorf("digits that cannot be read are searched as they are; they reach %+v", found)
		}
	})
}

func TestAPhoneWithSeveralNumbersIsTakenApart(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		c := w.company(NewCompany{Name: "Acme", Phones: []Phone{
			{Value: "8 (812) 000-00-11, 000-00-12 доб. 3", Kind: "mobile"},
			{Value: "+7 812 000-00-11"}, {Value: "call the porter"}, {Value: "8 812 000-00-11 доб. 4"}}})
		var got []string
		for _, p := range c.Phones {
			got = append(got, strings.Join([]string{p.Value, p.Kind, p.Number, p.Extension}, "|"))
		}
		want := []string{"8 (812) 000-00-11|mobile|+78120000011|", "+7 812 000-00-12 ext. 3|mobile|+78120000012|3",
			"call the porter|work||", "8 812 000-00-11 доб. 4|work|+78120000011|4"}
		if !slices.Equal(got, want) {
			t.Errorf("the phones are %q, want %q", got, want)
		}
		if len(w.reach("+74950000012")) != 0 {
			t.Error("the second number is one of the home area")
		}
	})
}
