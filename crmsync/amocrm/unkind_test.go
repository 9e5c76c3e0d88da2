package amocrm

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/crm"
	"callhue/crmsync"
	sim "callhue/test/fakecrm/amocrm"
)

// pagesOf reads all pages of a kind.
func pagesOf(w *world, p *Portal, q crmsync.Query) (all []crmsync.Record, pages []crmsync.Page) {
	w.Helper()
	for range 100 {
		page, err := p.Page(context.Background(), q)
		if err != nil {
			w.Fatal(err)
		}
		all, pages = append(all, page.Records...), append(pages, page)
		if q.After = page.Next; q.After == "" {
			slices.SortFunc(all, func(a, b crmsync.Record) int { return compareNumeric(a.ID, b.ID) })
			return all, pages
		}
	}
	w.Fatal("the pages do not end")
	return nil, nil
}

// TestUnkindAccounts reads everything from accounts that are unkind in one way each: what they leave unsaid changes
// nothing of what is read.
func TestUnkindAccounts(t *testing.T) {
	for _, way := range []string{sim.FilterIgnored, sim.OrderIgnored, sim.OddTypes, sim.LinksOfPages, sim.NullRecords,
		sim.EmptyWith200} {
		t.Run(way, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.account.FillSample(sim.SampleSize{Users: 3, Companies: 600, Contacts: 600, Leads: 10})
				p, ctx := w.portal(), context.Background()
				want := map[crm.Kind][]crmsync.Record{}
				for _, kind := range []crm.Kind{crm.KindCompany, crm.KindContact, crm.KindLead} {
					want[kind], _ = pagesOf(w, p, crmsync.Query{Kind: kind, StatusField: "9200"})
				}
				w.account.Unkind(way)
				for kind, records := range want {
					got, pages := pagesOf(w, p, crmsync.Query{Kind: kind, StatusField: "9200"})
					if diff := cmp.Diff(records, got); diff != "" {
						w.Errorf("%s: %s", kind, diff)
					}
					if way == sim.OrderIgnored && !pages[len(pages)-1].Unordered {
						w.Errorf("%s: it is not noted that lists have no order", kind)
					}
					ids := []string{records[3].ID, records[7].ID, "999999"}
					read, err := p.Read(ctx, kind, ids, "9200")
					diff := cmp.Diff([]crmsync.Record{records[3], records[7]}, read.Records)
					if diff != "" || err != nil || len(read.Hidden) > 0 {
						w.Errorf("reading %s: %v, hidden %v: %s", kind, err, read.Hidden, diff)
					}
				}
				none, err := p.Page(ctx, crmsync.Query{Kind: crm.KindLead, Since: time.Now().Add(time.Hour)})
				if err != nil || len(none.Records) != 0 && way != sim.DatesIgnored || none.Next != "" {
					w.Errorf("an empty list: %d records, next %q, %v", len(none.Records), none.Next, err)
				}
				if staff, err := p.Staff(ctx); err != nil || len(staff.Users) != 4 {
					w.Errorf("%d users, %v", len(staff.Users), err)
				}
			})
		})
	}
}

// TestWhatIsLeftOutIsUnknown reads records whose links or fields were left out: they are not empty.
func TestWhatIsLeftOutIsUnknown(t *testing.T) {
	inWorld(t, func(w *world) {
		w.account.FillSample(sim.SampleSize{Users: 2, Companies: 3, Contacts: 3, Leads: 3})
		p := w.portal()
		fields := crmsync.UnknownPhones | crmsync.UnknownEmails | crmsync.UnknownOwner
		for _, c := range []struct {
			way  string
			kind crm.Kind
			want crmsync.Unknown
		}{
			{sim.LinksAbsent, crm.KindCompany, 0},
			{sim.LinksAbsent, crm.KindContact, crmsync.UnknownCompanies},
			{sim.LinksAbsent, crm.KindLead, crmsync.UnknownCompanies | crmsync.UnknownContact},
			{sim.FieldsAbsent, crm.KindCompany, fields},
			{sim.FieldsAbsent, crm.KindContact, fields},
			{sim.FieldsAbsent, crm.KindLead, crmsync.UnknownOwner},
		} {
			w.account.Unkind(c.way)
			all, _ := pagesOf(w, p, crmsync.Query{Kind: c.kind})
			if len(all) != 3 || all[1].Unknown != c.want {
				w.Errorf("%s, %s: unknown %b, want %b", c.way, c.kind, all[1].Unknown, c.want)
			}
		}
		w.account.Unkind(sim.RightsAbsent)
		staff, err := p.Staff(context.Background())
		if err != nil || !staff.Users[1].Withheld.Active {
			w.Errorf("users without rights: %+v, %v", staff.Users, err)
		}
	})
}

// TestOddRecordsOfAnAccountAreSetAside reads an account with odd records: the others come, and the odd ones are named.
func TestOddRecordsOfAnAccountAreSetAside(t *testing.T) {
	inWorld(t, func(w *world) {
		w.account.FillSample(sim.SampleSize{Users: 1, Companies: 600})
		w.account.Unkind(sim.OddRecords, sim.NullRecords)
		p := w.portal()
		all, pages := pagesOf(w, p, crmsync.Query{Kind: crm.KindCompany})
		named := map[string]bool{}
		for _, page := range pages {
			for _, u := range page.Unreadable {
				named[u.ID] = true
			}
		}
		if len(all) != 540 || !named["1007"] || !named["1597"] || len(named) != 60 {
			w.Errorf("%d records, %d are named", len(all), len(named))
		}
		got, err := p.Read(context.Background(), crm.KindCompany, []string{"1006", "1007"}, "")
		if err != nil || len(got.Records) != 1 || !slices.ContainsFunc(got.Unreadable,
			func(u crmsync.Unreadable) bool { return u.ID == "1007" }) {
			w.Errorf("read: %+v, %v", got, err)
		}
	})
}

// TestAccountsWithAnotherName names the address of an account that was renamed.
func TestAccountsWithAnotherName(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.portal()
		about, err := p.About(context.Background())
		if err != nil || about.MovedTo != "" {
			w.Errorf("%+v, %v", about, err)
		}
		w.account.Rename("acme2")
		about, err = p.About(context.Background())
		if err != nil || about.MovedTo != "http://acme2.amocrm.test" {
			w.Errorf("%+v, %v", about, err)
		}
		w.account.Trouble(sim.Trouble{Kind: "redirect"})
		if _, err := p.About(context.Background()); keyOf(err) != "crm_moved" {
			w.Error(err)
		}
	})
}
