package bitrix24

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/crm"
	"callhue/crmsync"
	portal "callhue/test/fakecrm/bitrix24"
)

// TestUnkindPortals reads everything from portals that are unkind in one way each: what they leave unsaid changes
// nothing of what is read.
func TestUnkindPortals(t *testing.T) {
	for _, way := range []string{
		portal.TimeEmpty, portal.TextNumbers, portal.NextAbsent, portal.NothingNext, portal.TotalWrong,
		portal.KeysMissing, portal.LinksLost, portal.OrderIgnored, portal.PhonesNull, portal.PhonesText,
		portal.PhonesByPlace, portal.OddTypes, portal.ListsBehind} {
		for _, lists := range []Lists{Classic, Items} {
			t.Run(way+" "+string(lists), func(t *testing.T) {
				w := newWorld(t, portal.Options{Companies: 230, Contacts: 230, Users: 120})
				p := w.webhook(func(o *Options) { o.Lists, o.Rate, o.Burst = lists, 50, 1000 })
				want := map[crm.Kind][]crmsync.Record{}
				for _, kind := range []crm.Kind{crm.KindCompany, crm.KindContact} {
					want[kind], _ = w.every(p, crmsync.Query{Kind: kind, StatusField: "UF_CRM_STATE"})
				}
				w.sim.Unkind(way)
				for kind, records := range want {
					got, pages := w.every(p, crmsync.Query{Kind: kind, StatusField: "UF_CRM_STATE"})
					slices.SortFunc(got, func(a, b crmsync.Record) int { return int(parseID(a.ID) - parseID(b.ID)) })
					if way == portal.ListsBehind { // what no list has is read by itself
						got = nil
						for n := range records {
							one, err := p.Read(context.Background(), kind, []string{records[n].ID}, "UF_CRM_STATE")
							if got = append(got, one.Records...); err != nil || n > 20 {
								break
							}
						}
						records = records[:len(got)]
					}
					if diff := cmp.Diff(plain(records), plain(got)); diff != "" {
						t.Errorf("%s: %s", kind, diff)
					}
					if way == portal.OrderIgnored && !pages[len(pages)-1].Unordered {
						t.Errorf("%s: it is not noted that lists have no order", kind)
					}
				}
				staff, err := p.Staff(context.Background())
				if err != nil || len(staff.Users) != 120 {
					t.Errorf("%d users, %v", len(staff.Users), err)
				}
				if _, err := p.StatusFields(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// plain returns what counts of records: neither the title that OddTypes takes away, nor the kind of a phone that is a
// text, nor who changed them.
func plain(list []crmsync.Record) []crmsync.Record {
	out := slices.Clone(list)
	for i := range out {
		out[i].ChangedBy, out[i].Name, out[i].ChangedAt = "", "", time.Time{}
		out[i].Phones = slices.Clone(out[i].Phones)
		for n := range out[i].Phones {
			out[i].Phones[n].Kind = ""
		}
	}
	return out
}

// TestWhatIsLeftOutIsUnknown reads records whose phones, owners or links were left out: they are not empty.
func TestWhatIsLeftOutIsUnknown(t *testing.T) {
	for _, c := range []struct {
		way   string
		kind  crm.Kind
		lists Lists
		want  crmsync.Unknown
	}{
		{portal.PhonesAbsent, crm.KindCompany, Classic, crmsync.UnknownPhones},
		{portal.PhonesAbsent, crm.KindCompany, Items, crmsync.UnknownPhones | crmsync.UnknownEmails},
		{portal.FieldsAbsent, crm.KindCompany, Classic, crmsync.UnknownOwner},
		{portal.FieldsAbsent, crm.KindContact, Items, crmsync.UnknownOwner | crmsync.UnknownCompanies},
		{portal.LinksGone, crm.KindContact, Classic, crmsync.UnknownCompanies},
		{portal.LinksLost, crm.KindContact, Classic, 0},
	} {
		w := newWorld(t, portal.Options{Companies: 60, Contacts: 60})
		p := w.webhook(func(o *Options) { o.Lists = c.lists })
		w.sim.Unkind(c.way)
		all, _ := w.every(p, crmsync.Query{Kind: c.kind})
		read, err := p.Read(context.Background(), c.kind, []string{"10"}, "")
		if err != nil || len(all) != 60 || len(read.Records) != 1 {
			t.Fatalf("%s: %d records, %v", c.way, len(all), err)
		}
		one := read.Records[0].Unknown
		for why, got := range map[string]crmsync.Unknown{"a page": all[9].Unknown, "a reading": one} {
			if got != c.want {
				t.Errorf("%s of a %s, %s, %s: unknown %b, want %b", why, c.kind, c.lists, c.way, got, c.want)
			}
		}
	}
}

// TestOddRecordsOfAPortalAreSetAside reads a portal with odd and empty records: the others come, and the odd ones are
// named.
func TestOddRecordsOfAPortalAreSetAside(t *testing.T) {
	w := newWorld(t, portal.Options{Companies: 1200})
	p := w.webhook()
	w.sim.Unkind(portal.OddRecords, portal.NullRecords)
	all, pages := w.every(p, crmsync.Query{Kind: crm.KindCompany})
	named, nameless := map[string]bool{}, 0
	for _, page := range pages {
		for _, u := range page.Unreadable {
			if named[u.ID] = true; u.ID == "" {
				nameless++
			}
		}
	}
	if len(all) != 1080 || !named["7"] || !named["1197"] || nameless == 0 {
		t.Errorf("%d records, named %d, without an id %d", len(all), len(named), nameless)
	}
	got, err := p.Read(context.Background(), crm.KindCompany, []string{"6", "7", "8", "99999"}, "")
	if err != nil || len(got.Records) != 2 || len(got.Hidden) != 0 || len(got.Unreadable) < 1 {
		t.Errorf("read: %d records, hidden %v, unreadable %v, %v", len(got.Records), got.Hidden, got.Unreadable, err)
	}
	w.sim.Unkind(portal.CodelessNo)
	got, err = p.Read(context.Background(), crm.KindCompany, []string{"8", "99999"}, "")
	if err != nil || len(got.Records) != 1 || !slices.Equal(got.Hidden, []string{"99999"}) {
		t.Errorf("a refusal without a reason: %d records, hidden %v, %v", len(got.Records), got.Hidden, err)
	}
}

// TestDatesInAFilter scans portals that ignore the time of changes in one of their lists or the zone that is written
// with it: what changed is found, with all its companies.
func TestDatesInAFilter(t *testing.T) {
	for _, way := range []string{portal.DatesByItems, portal.ZoneIgnored, portal.DatesIgnored} {
		w := newWorld(t, portal.Options{Companies: 90, Contacts: 180, Zone: time.FixedZone("", -5*3600)})
		p := w.webhook()
		w.every(p, crmsync.Query{Kind: crm.KindContact}) // which also tells the portal's zone
		w.sim.Unkind(way)
		w.clock.Wait(context.Background(), time.Hour)
		since := w.clock.Now().Add(-10 * time.Minute)
		w.sim.Change(portal.Contact, 3, 175, func(r *portal.Record) { r.Owner = 2 })
		all, _ := w.every(p, crmsync.Query{Kind: crm.KindContact, Since: since})
		if way == portal.DatesIgnored {
			w.ids(way, all, 180)
			continue
		}
		if len(all) != 1 || all[0].ID != "175" || fmt.Sprint(all[0].CompanyIDs) != "[85 86]" || all[0].Unknown != 0 {
			t.Errorf("%s: %+v", way, all)
		}
	}
}

// TestUsersOfOtherKinds reads users who are no employees, and values that were withheld.
func TestUsersOfOtherKinds(t *testing.T) {
	w := newWorld(t, portal.Options{})
	for n, kind := range []string{"extranet", "email", "bot", "imconnector", "shop"} {
		w.sim.Hire(portal.User{Name: kind, Email: fmt.Sprintf("%d@elsewhere.example", n), Active: true, Type: kind})
	}
	staff, err := w.webhook().Staff(context.Background())
	if err != nil || len(staff.Users) != 10 {
		t.Fatalf("%d users, %v", len(staff.Users), err)
	}
	for n, u := range staff.Users {
		if u.Outside != (n >= 5) || u.Withheld != (crmsync.Withheld{}) {
			t.Errorf("%+v", u)
		}
	}
	w.sim.Unkind(portal.UsersWithheld)
	if staff, err = w.webhook().Staff(context.Background()); err != nil ||
		staff.Users[0].Withheld != (crmsync.Withheld{Extension: true, Active: true}) {
		t.Errorf("%+v, %v", staff.Users[0], err)
	}
}

// TestSeveralNumbersInOneValue keeps the lines of a value apart.
func TestSeveralNumbersInOneValue(t *testing.T) {
	w := newWorld(t, portal.Options{})
	w.sim.Add(portal.Company, 1, portal.Record{Title: "Acme", Phones: []portal.Multi{
		{Type: "WORK", Value: " +7 495 000-00-11 \r\n8 (495) 000-00-12\n\n"}, {Type: "X", Value: "+74950000013"}}})
	got, err := w.webhook().Read(context.Background(), crm.KindCompany, []string{"1"}, "")
	want := []crmsync.Phone{{Value: "+7 495 000-00-11\n8 (495) 000-00-12", Kind: "work"},
		{Value: "+74950000013", Kind: "other"}}
	if err != nil || len(got.Records) != 1 || !cmp.Equal(got.Records[0].Phones, want) {
		t.Errorf("%+v, %v", got.Records, err)
	}
}

// TestNamesInThePortalsOrder reads names as a portal shows them: the last name first, if it is set like that.
func TestNamesInThePortalsOrder(t *testing.T) {
	w := newWorld(t, portal.Options{})
	w.sim.Add(portal.Contact, 1, portal.Record{Name: "Анна", SecondName: "Петровна", LastName: "Белкина"})
	for last, want := range map[bool]string{false: "Анна Петровна Белкина", true: "Белкина Анна Петровна"} {
		p := w.webhook(func(o *Options) { o.LastFirst = last })
		got, err := p.Read(context.Background(), crm.KindContact, []string{"1"}, "")
		if err != nil || len(got.Records) != 1 || got.Records[0].Name != want {
			t.Errorf("%+v, %v, want %s", got.Records, err, want)
		}
	}
}
