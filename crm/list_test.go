package crm

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"callhue/internal/store"
	"callhue/internal/web"
)

func TestListsFilter(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		fir := w.company(NewCompany{Name: "Ёлка и Ко", OwnerID: anna, Phones: phones("8 (495) 000-00-11"),
			Emails: []string{"Info@Example.com"}})
		acme := w.company(NewCompany{Name: "Acme 100%", OwnerID: vera, Status: "IN_WORK",
			Phones: phones("+447700900123")})
		goneCo := w.company(NewCompany{Name: "Acme gone", OwnerID: vera, Status: "IN_WORK",
			Phones: phones("+447700900123")})
		must(t, w.RemoveCompany(ctx, as(adminID), goneCo.ID, 0))
		for _, c := range []struct {
			why  string
			f    Filter
			want []int64
			key  string
		}{
			{"everything, newest first", Filter{}, []int64{acme.ID, fir.ID}, ""},
			{"case and ё do not matter", Filter{Q: "елка И"}, []int64{fir.ID}, ""},
			{"an e-mail", Filter{Q: "info@example"}, []int64{fir.ID}, ""},
			{"part of a number as typed", Filter{Q: "000-00-11"}, []int64{fir.ID}, ""},
			{"the number as read", Filter{Q: "+7 (495) 000"}, []int64{fir.ID}, ""},
			{"signs are no words", Filter{Q: "100%"}, []int64{acme.ID}, ""},
			{"nothing found", Filter{Q: "_"}, nil, ""},
			{"by status", Filter{Status: "IN_WORK"}, []int64{acme.ID}, ""},
			{"by owner", Filter{OwnerID: anna}, []int64{fir.ID}, ""},
			{"by number in any spelling", Filter{Number: "0044 7700 900123"}, []int64{acme.ID}, ""},
			{"all together", Filter{Q: "acme", Status: "IN_WORK", OwnerID: vera, Number: "+447700900123"},
				[]int64{acme.ID}, ""},
			{"together they exclude", Filter{Q: "acme", OwnerID: anna}, nil, ""},
			{"a status that is none", Filter{Status: "NO_SUCH"}, nil, "invalid_input"},
			{"a number that is none", Filter{Number: "who"}, nil, "invalid_input"},
			{"a page token of somebody else's", Filter{Paging: web.Paging{PageToken: "%%%"}}, nil, "invalid_input"},
		} {
			page, err := w.ListCompanies(ctx, c.f)
			wantFault(t, c.why, err, c.key)
			var got []int64
			for _, found := range page.Items {
				got = append(got, found.ID)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.why, got, c.want)
			}
		}
		_, err := w.ListLeads(ctx, Filter{Status: "IN_WORK"})
		wantFault(t, "leads have no status", err, "invalid_input")
	})
}

func TestPagesAreStable(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		var want []int64
		for i := range 11 {
			want = append(want, w.lead(NewLead{Name: fmt.Sprint("Lead ", i), OwnerID: anna,
				Phones: phones("+74950000011", "101")}).ID)
		}
		slices.Reverse(want)
		var got []int64
		f := Filter{OwnerID: anna, Paging: web.Paging{Limit: 4}}
		for pages := 1; ; pages++ {
			page, err := w.ListLeads(ctx, f)
			must(t, err)
			for _, l := range page.Items {
				if len(l.Phones) != 2 || l.Phones[1].Value != "101" {
					t.Errorf("lead %d has the phones %+v", l.ID, l.Phones)
				}
				got = append(got, l.ID)
			}
			// What happens between two pages moves nothing.
			w.lead(NewLead{Name: "New", OwnerID: anna})
			if page.NextPageToken == "" {
				if pages != 3 {
					t.Errorf("%d pages, want 3", pages)
				}
				break
			}
			f.PageToken = page.NextPageToken
		}
		if !slices.Equal(got, want) {
			t.Errorf("the pages hold %v, want %v", got, want)
		}
	})
}

func TestWhatStandsAroundAClient(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		acme, zero := w.company(NewCompany{Name: "Acme"}), w.company(NewCompany{Name: "Zero"})
		var contacts, leads []int64
		for range 12 {
			contacts = append(contacts, w.contact(NewContact{Name: "P", CompanyIDs: []int64{zero.ID, acme.ID}}).ID)
			leads = append(leads, w.lead(NewLead{Name: "L", CompanyID: acme.ID, ContactID: contacts[0]}).ID)
		}
		must(t, w.RemoveContact(ctx, as(anna), contacts[11], 0))
		must(t, w.RemoveLead(ctx, as(anna), leads[11], 0))
		people, err := w.ContactsOf(ctx, acme.ID)
		must(t, err)
		if len(people) != 10 || people[0].ID != contacts[10] || people[0].Companies[0].Name != "Zero" {
			t.Errorf("contacts of the company: %d, the first %+v", len(people), people[0])
		}
		companies, err := w.CompaniesOf(ctx, contacts[0])
		must(t, err)
		if len(companies) != 2 || companies[0].ID != zero.ID {
			t.Errorf("companies of the contact: %+v, want the primary one first", companies)
		}
		for _, of := range []struct {
			kind Kind
			id   int64
		}{{KindCompany, acme.ID}, {KindContact, contacts[0]}} {
			found, err := w.LeadsOf(ctx, of.kind, of.id)
			must(t, err)
			if len(found) != 10 || found[0].ID != leads[10] || found[0].Company.Name != "Acme" {
				t.Errorf("leads of the %s: %d, the first %+v", of.kind, len(found), found[0])
			}
		}
	})
}
