package crm

import (
	"context"
	"fmt"
	"testing"
	"time"

	"callhue/internal/store"
)

func TestFillMakesTheRowsOfAdd(t *testing.T) {
	t.Parallel()
	var companies []NewCompany
	var contacts []NewContact
	var leads []NewLead
	for i := range 120 { // more than one insert takes
		number := fmt.Sprintf("+7495000%04d", i)
		companies = append(companies, NewCompany{Name: fmt.Sprint("Company ", i), OwnerID: anna,
			TeamIDs: []int64{boris}, Phones: phones(number, "8"+number[2:], "101")})
		contacts = append(contacts, NewContact{Name: fmt.Sprint("Contact ", i), Post: "Director",
			Phones: phones(number), Emails: []string{"a@example.com", "b@example.com"},
			CompanyIDs: []int64{int64(i + 1), int64(i/2 + 1)}})
		leads = append(leads, NewLead{Title: fmt.Sprint("Lead ", i), OwnerID: vera, CompanyID: int64(i % 2),
			ContactID: int64(i % 3), Phones: phones(number)})
	}
	store.Test(t, func(t *testing.T, filled *store.DB) {
		ctx, w := context.Background(), newWorld(t, filled)
		at := time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)
		filled.Clock = func() time.Time { return at }
		ids, err := w.AddCompanies(ctx, as(igor), companies)
		must(t, err)
		if len(ids) != 120 || ids[0] != 1 || ids[119] != 120 {
			t.Fatalf("the ids are %v", ids)
		}
		_, err = w.AddContacts(ctx, as(anna), contacts)
		must(t, err)
		_, err = w.AddLeads(ctx, as(anna), leads)
		must(t, err)
		if plain, stored := plainIndex(t, filled), storedIndex(t, filled); plain != stored {
			t.Error("the index is not what phones and links say")
		}

		one := w.company(companies[0])
		two, err := w.AddCompanies(ctx, as(adminID), companies[:1])
		must(t, err)
		if two[0] != one.ID+1 {
			t.Errorf("filling goes on at %d, want %d", two[0], one.ID+1)
		}
		store.Test(t, func(t *testing.T, added *store.DB) {
			v := newWorld(t, added)
			added.Clock = filled.Clock
			for _, in := range companies {
				_, err := v.AddCompany(ctx, as(igor), in)
				must(t, err)
			}
			for _, in := range contacts {
				v.contact(in)
			}
			for _, in := range leads {
				v.lead(in)
			}
			v.company(companies[0])
			v.company(companies[0])
			if dump(t, filled) != dump(t, added) {
				t.Error("the rows of Fill are not those of Add")
			}
			if n, m := len(w.entries(RecordAdded)), len(v.entries(RecordAdded)); n != m {
				t.Errorf("Fill wrote %d entries, Add %d", n, m)
			}
		})

		before := dump(t, filled)
		_, err = w.AddContacts(ctx, as(anna), []NewContact{{Name: "P"}, {CompanyIDs: []int64{1}}})
		wantFault(t, "one wrong record refuses the list", err, "invalid_input")
		_, err = w.AddLeads(ctx, as(anna), []NewLead{{Name: "P", CompanyID: 9999}})
		wantFault(t, "a link to nothing refuses the list", err, "invalid_input")
		_, err = w.AddCompanies(ctx, as(anna), []NewCompany{{Name: "Acme", OwnerID: anna, Status: "CLIENT"}})
		wantFault(t, "the table of rights holds here too", err, "status_change_forbidden")
		if dump(t, filled) != before {
			t.Error("a refused list left something")
		}
	})
}
