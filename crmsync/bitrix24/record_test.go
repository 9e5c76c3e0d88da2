package bitrix24

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/phone"
	portal "callhue/test/fakecrm/bitrix24"
)

// fullPortal returns a portal with one complete record of each kind.
func fullPortal(t *testing.T, o portal.Options) (*world, map[crm.Kind]crmsync.Record) {
	w := newWorld(t, o)
	numbers := []portal.Multi{
		{Type: "WORK", Value: "8 (495) 000-00-11"},
		{Type: "MOBILE", Value: " +7 495\u00a0000-00-12 "},
		{Type: "HOME", Value: "4950000013"},
		{
			Type:  "FAX",
			Value: "+44 7700 900014",
		},
		{Type: "PAGER", Value: "15"},
		{Type: "", Value: "+7 495 000-00-16 доб. 12"},
		{Type: "WORK", Value: "  "},
	}
	mails := []portal.Multi{{Type: "WORK", Value: "ivanov@portal.example"}, {Type: "HOME", Value: "i@portal.example "}}
	for range 3 {
		w.sim.Add(portal.Company, 2, portal.Record{Title: " Acme  Ltd ", Owner: 3, Phones: numbers, Emails: mails,
			UF: map[string]any{"UF_CRM_STATE": "WORK", "UF_CRM_GRADE": 102}})
	}
	w.sim.Add(
		portal.Contact,
		2,
		portal.Record{
			Name:       "Ivan",
			SecondName: "Petrovich",
			LastName:   "Ivanov",
			Post:       "Buyer",
			Owner:      3,
			Phones:     numbers,
			Emails:     mails,
			Company:    2,
			Companies:  []int{2, 3, 1},
		},
	)
	w.sim.Add(
		portal.Lead,
		2,
		portal.Record{
			Title:    "Asks for a price",
			Name:     "Ivan",
			LastName: "Ivanov",
			Post:     "Buyer",
			Owner:    3,
			Phones:   numbers,
			Emails:   mails,
			Company:  2,
			Contact:  1,
			Stage:    "UC_CALL",
			Source:   "WEB",
		},
	)
	at := w.clock.Now()
	phones := []crmsync.Phone{
		{Value: "8 (495) 000-00-11", Kind: "work"},
		{Value: "+7 495 000-00-12", Kind: "mobile"},
		{Value: "4950000013", Kind: "home"},
		{
			Value: "+44 7700 900014",
			Kind:  "fax",
		},
		{Value: "15", Kind: "other"},
		{Value: "+7 495 000-00-16 доб. 12", Kind: "other"},
	}
	emails := []string{"ivanov@portal.example", "i@portal.example"}
	return w, map[crm.Kind]crmsync.Record{
		crm.KindCompany: {
			Kind:      crm.KindCompany,
			ID:        "1",
			Name:      "Acme Ltd",
			OwnerID:   "3",
			Phones:    phones,
			Emails:    emails,
			Status:    "WORK",
			CreatedAt: at,
			ChangedAt: at,
			ChangedBy: "2",
		},
		crm.KindContact: {
			Kind:       crm.KindContact,
			ID:         "1",
			Name:       "Ivan Petrovich Ivanov",
			Post:       "Buyer",
			OwnerID:    "3",
			Phones:     phones,
			Emails:     emails,
			CompanyIDs: []string{"2", "3", "1"},
			CreatedAt:  at,
			ChangedAt:  at,
			ChangedBy:  "2",
		},
		crm.KindLead: {
			Kind:    crm.KindLead,
			ID:      "1",
			Name:    "Ivan Ivanov",
			Title:   "Asks for a price",
			Post:    "Buyer",
			OwnerID: "3",
			Phones:  phones,
			Emails:  emails,
			CompanyIDs: []string{
				"2",
			},
			ContactID: "1",
			Stage:     "UC_CALL",
			Source:    "WEB",
			CreatedAt: at,
			ChangedAt: at,
			ChangedBy: "2",
		},
	}
}

func TestBothListsReturnTheSameRecords(t *testing.T) {
	for _, old := range []bool{false, true} {
		for _, lists := range []Lists{Classic, Items} {
			if old && lists == Items {
				continue
			}
			w, want := fullPortal(t, portal.Options{NoItems: old})
			p := w.webhook(func(o *Options) { o.Lists = lists })
			for kind, record := range want {
				all, _ := w.every(p, crmsync.Query{Kind: kind, StatusField: "UF_CRM_STATE"})
				if diff := cmp.Diff(record, all[0]); diff != "" {
					t.Errorf("a page of %s, kind %v, old %v: %s", lists, kind, old, diff)
				}
				got, err := p.Read(context.Background(), kind, []string{"1", "99", "1", "x", ""}, "UF_CRM_STATE")
				read := got.Records
				if err != nil || len(read) != 1 {
					t.Fatalf("%s, kind %v: %d records, %v", lists, kind, len(read), err)
				}
				if diff := cmp.Diff(record, read[0]); diff != "" {
					t.Errorf("read of %s, kind %v, old %v: %s", lists, kind, old, diff)
				}
			}
			w.checkRequests()
		}
	}
}

func TestStatusOfAnEnumerationAndOfNoField(t *testing.T) {
	for _, lists := range []Lists{Classic, Items} {
		w, _ := fullPortal(t, portal.Options{})
		p := w.webhook(func(o *Options) { o.Lists = lists })
		for field, want := range map[string]string{"UF_CRM_GRADE": "102", "": "", "UF_CRM_GONE": ""} {
			got, err := p.Read(context.Background(), crm.KindCompany, []string{"1"}, field)
			read := got.Records
			if err != nil || read[0].Status != want {
				t.Errorf("%s, field %q: %q, %v", lists, field, read[0].Status, err)
			}
		}
		for value, want := range map[string]any{"101": []any{"101", "102"}, "": []any{}, "7": 7} {
			w.sim.Change(portal.Company, 1, 1, func(r *portal.Record) { r.UF = map[string]any{"UF_CRM_GRADE": want} })
			got, err := p.Read(context.Background(), crm.KindCompany, []string{"1"}, "UF_CRM_GRADE")
			read := got.Records
			if err != nil || read[0].Status != value {
				t.Errorf("%s, value %v: %q, %v", lists, want, read[0].Status, err)
			}
		}
	}
}

func TestCompaniesOfContactsInAnOldPortal(t *testing.T) {
	w := newWorld(t, portal.Options{Companies: 40, Contacts: 120, NoItems: true})
	p := w.webhook()
	all, _ := w.every(p, crmsync.Query{Kind: crm.KindContact})
	w.ids("contacts", all, 120)
	if got := all[4].CompanyIDs; len(got) != 2 || got[0] != "5" || got[1] != "6" {
		t.Errorf("companies of contact 5: %v", got)
	}
	if got := all[3].CompanyIDs; len(got) != 1 || got[0] != "4" {
		t.Errorf("companies of contact 4: %v", got)
	}
	w.checkRequests()
}

func TestReadManyRecords(t *testing.T) {
	for _, kind := range allKinds {
		w := newWorld(t, portal.Options{Companies: 1500, Contacts: 1500, Leads: 1500})
		p := w.webhook()
		var ids []string
		for _, r := range mustPage(w, p, kind) {
			ids = append(ids, r.ID)
		}
		for _, gone := range []int{2, 1400} {
			w.sim.Remove(kinds[kind].code, gone)
		}
		w.sim.Forget()
		got, err := p.Read(context.Background(), kind, ids, "")
		read := got.Records
		if err != nil {
			t.Fatal(err)
		}
		w.ids("read", read, 1500, 2, 1400)
		if got := len(w.sim.Requests()); got > 3 { // the last one reads the deleted ones
			t.Errorf("kind %v: %d requests", kind, got)
		}
		if none, err := p.Read(context.Background(), kind, nil, ""); err != nil || len(none.Records) != 0 {
			t.Errorf("nothing: %v, %v", none.Records, err)
		}
		w.checkRequests()
	}
}

// TestEmptyUserField uses all the ways in which PHP encodes an empty field.
func TestEmptyUserField(t *testing.T) {
	for _, lists := range []Lists{Classic, Items} {
		w := newWorld(t, portal.Options{Companies: 1})
		p := w.webhook(func(o *Options) { o.Lists = lists })
		for _, empty := range []any{nil, false, "", " ", "0", 0, []any{}, []any{"0"}, []any{nil}, map[string]any{}} {
			w.sim.Change("COMPANY", 1, 1, func(r *portal.Record) {
				r.UF = map[string]any{"UF_CRM_GRADE": empty}
				r.Phones, r.Emails, r.Owner = nil, nil, 0
			})
			got, err := p.Read(context.Background(), crm.KindCompany, []string{"1"}, "UF_CRM_GRADE")
			read := got.Records
			if err != nil || len(read) != 1 || read[0].Status != "" || read[0].OwnerID != "" ||
				len(read[0].Phones) != 0 ||
				read[0].Name != "Company 1" {
				t.Errorf("%s, %#v: %+v, %v", lists, empty, read, err)
			}
		}
	}
}

// TestHiddenRecordsAreNotDeleted checks that hidden records, which a list omits like deleted ones, are told
// apart.
func TestHiddenRecordsAreNotDeleted(t *testing.T) {
	for why, lists := range map[string]func(*Options){"classic": func(*Options) {}, "items": items} {
		for _, kind := range allKinds {
			w := newWorld(t, portal.Options{Companies: 120, Contacts: 120, Leads: 120, NoItems: why == "classic"})
			p := w.webhook(lists)
			var ids, theirs []string
			for _, r := range mustPage(w, p, kind) {
				if ids = append(ids, r.ID); r.OwnerID != "1" && r.ID != "2" {
					theirs = append(theirs, r.ID)
				}
			}
			w.sim.Remove(kinds[kind].code, 2)
			w.sim.ChangeUser(1, func(u *portal.User) { u.Admin = false }) // sees only their own records
			got, err := p.Read(context.Background(), kind, append(ids, "9999"), "")
			read, hidden := got.Records, got.Hidden
			if err != nil || len(read) != 119-len(theirs) || len(theirs) < 90 || !slices.Equal(hidden, theirs) {
				t.Errorf("%s, kind %v: %v, %d records, hidden %v", why, kind, err, len(read), hidden)
			}
			w.sim.Break(portal.Fault{Kind: portal.Denied, Method: p.getCommand(kind, 1).method})
			if _, err := p.Read(context.Background(), kind, ids, ""); key(err) != "crm_refused" {
				t.Errorf("%s, kind %v: what cannot be asked is taken for gone: %v", why, kind, err)
			}
			w.checkRequests()
		}
	}
}

func mustPage(w *world, p *Portal, kind crm.Kind) []crmsync.Record {
	all, _ := w.every(p, crmsync.Query{Kind: kind})
	return all
}

func TestFind(t *testing.T) {
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		t.Fatal(err)
	}
	w, _ := fullPortal(t, portal.Options{})
	everybody := []crmsync.Ref{
		{Kind: crm.KindCompany, ID: "1"},
		{Kind: crm.KindCompany, ID: "2"},
		{Kind: crm.KindCompany, ID: "3"},
		{Kind: crm.KindContact, ID: "1"},
		{Kind: crm.KindLead, ID: "1"},
	}
	for _, p := range []*Portal{w.webhook(), w.webhook(items), w.application()} {
		for _, c := range []struct {
			why, number string
			want        []crmsync.Ref
		}{
			{"stored with 8", "+7 495 000-00-11", everybody},
			{"stored without a country", "8 495 000 00 13", everybody},
			{"stored with an extension", "+74950000016", everybody},
			{"a number of another country", "+44 7700 900014", everybody},
			{"unknown", "+7 495 000-99-99", nil},
			{"an internal number is not looked for", "101", nil},
			{"hidden", "anonymous", nil},
		} {
			got, err := p.Find(context.Background(), plan.Parse(c.number))
			if err != nil {
				t.Fatalf("%s: %v", c.why, err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", c.why, diff)
			}
		}
	}
	w.checkRequests()
}

// TestFindAsTheCallCardDoes searches what the portal's own card would show too, and does without if the
// application has no right to telephony.
func TestFindAsTheCallCardDoes(t *testing.T) {
	for _, denied := range []bool{false, true} {
		w := newWorld(t, portal.Options{})
		w.sim.Add(
			portal.Company,
			1,
			portal.Record{Title: "Acme", Phones: []portal.Multi{{Type: "WORK", Value: "+74950000011"}}},
		)
		if denied {
			w.sim.Break(portal.Fault{Kind: portal.Denied, Method: "telephony.externalcall.searchcrmentities"})
		}
		p := w.application()
		w.sim.Forget()
		got, err := p.Find(context.Background(), phone.Number{Kind: phone.External, E164: 74950000011})
		if err != nil || len(got) != 1 || got[0] != (crmsync.Ref{Kind: crm.KindCompany, ID: "1"}) {
			t.Errorf("denied %v: %v, %v", denied, got, err)
		}
		asked := 0
		for _, r := range w.sim.Requests() {
			if strings.EqualFold(r.Method, "telephony.externalCall.searchCrmEntities") {
				asked++
			}
		}
		if asked != 1 {
			t.Errorf("denied %v: it was asked %d times", denied, asked)
		}
		if shown, err := p.searchForCard(context.Background(), "+74950000011"); err != nil ||
			len(shown) == 0 != denied {
			t.Errorf("denied %v: it would show %v, %v", denied, shown, err)
		}
	}
}

// TestFindAmongMany checks that a kind with twenty records does not hide the others.
func TestFindAmongMany(t *testing.T) {
	w := newWorld(t, portal.Options{})
	for range 25 {
		w.sim.Add(
			portal.Lead,
			1,
			portal.Record{Title: "Lead", Stage: "NEW", Phones: []portal.Multi{{Type: "WORK", Value: "+74950000011"}}},
		)
	}
	w.sim.Add(
		portal.Company,
		1,
		portal.Record{Title: "Acme", Phones: []portal.Multi{{Type: "WORK", Value: "+74950000011"}}},
	)
	got, err := w.webhook().Find(context.Background(), phone.Number{Kind: phone.External, E164: 74950000011})
	if err != nil || len(got) != 21 || got[0] != (crmsync.Ref{Kind: crm.KindCompany, ID: "1"}) {
		t.Errorf("%d found, %v, %v", len(got), got, err)
	}
}

func TestTimesCarryTheirZone(t *testing.T) {
	if got, want := text("2026-03-12T12:16:04+03:00").time(), time.Date(2026, 3, 12, 9, 16, 4, 0, time.UTC); !got.Equal(
		want,
	) {
		t.Errorf("%s, want %s", got, want)
	}
	if got := text("12.03.2026").time(); !got.IsZero() {
		t.Error(got)
	}
}
