package amocrm

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/crm"
	"callhue/crmsync"
	sim "callhue/test/fakecrm/amocrm"
)

var noon = time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)

// fillAccount adds a status field for companies and one record of each kind.
func fillAccount(account *sim.Account) {
	account.AddField(
		sim.Field{
			ID:      9200,
			Name:    "State",
			Type:    "select",
			Entries: []sim.Entry{{ID: 77001, Name: "In work"}, {ID: 77002, Name: "Waiting"}},
		},
	)
	account.AddField(
		sim.Field{ID: 9201, Name: "Size", Type: "radiobutton", Entries: []sim.Entry{{ID: 77101, Name: "Small"}}},
	)
	account.AddField(
		sim.Field{ID: 9202, Name: "Tags", Type: "multiselect", Entries: []sim.Entry{{ID: 77201, Name: "Hot"}}},
	)
	account.AddField(sim.Field{ID: 9203, Name: "Old number", Type: "text"})
	account.Fill(
		sim.Companies,
		sim.Record{
			ID:          310,
			Name:        "Acme",
			Responsible: 301,
			UpdatedBy:   302,
			CreatedAt:   noon,
			UpdatedAt:   noon.Add(time.Hour),
			Phones: []sim.Value{
				{Text: "8 (495) 000-00-11", Code: "WORK"},
				{Text: "+7 495 000-00-12", Code: "FAX"},
			},
			Emails:  []sim.Value{{Text: "info@acme.example", Code: "WORK"}},
			Entries: map[int64]int64{9200: 77001, 9201: 77101},
		},
	)
	account.Fill(
		sim.Contacts,
		sim.Record{
			ID:          55,
			Name:        "Ivanov",
			Responsible: 301,
			CreatedAt:   noon,
			UpdatedAt:   noon,
			Post:        "Buyer",
			Companies:   []int64{310, 311},
			Phones:      []sim.Value{{Text: "+7 495 000-00-13", Code: "MOB"}, {Text: "84950000014", Code: "PRIV"}},
		},
	)
	account.Fill(
		sim.Leads,
		sim.Record{ID: 900, Name: "Deal of Acme", Responsible: 302, UpdatedBy: 301, CreatedAt: noon, UpdatedAt: noon,
			Companies: []int64{310}, Contacts: []int64{55, 56}, Status: 31002, Pipeline: 3100},
	)
}

func TestRecords(t *testing.T) {
	inWorld(t, func(w *world) {
		fillAccount(w.account)
		ctx, p := context.Background(), w.portal()
		for _, want := range []crmsync.Record{
			{Kind: crm.KindCompany, ID: "310", Name: "Acme", OwnerID: "301", ChangedBy: "302",
				CreatedAt: noon, ChangedAt: noon.Add(time.Hour), Status: "77001",
				Phones: []crmsync.Phone{
					{Value: "8 (495) 000-00-11", Kind: "work"}, {Value: "+7 495 000-00-12", Kind: "fax"},
				}, Emails: []string{"info@acme.example"}},
			{Kind: crm.KindContact, ID: "55", Name: "Ivanov", OwnerID: "301", CreatedAt: noon, ChangedAt: noon,
				Post: "Buyer", CompanyIDs: []string{"310", "311"},
				Phones: []crmsync.Phone{
					{Value: "+7 495 000-00-13", Kind: "mobile"}, {Value: "84950000014", Kind: "other"},
				}},
			{Kind: crm.KindLead, ID: "900", Title: "Deal of Acme", OwnerID: "302", ChangedBy: "301",
				CreatedAt: noon, ChangedAt: noon,
				CompanyIDs: []string{"310"}, ContactID: "55", Stage: "31002"},
		} {
			page, err := p.Page(ctx, crmsync.Query{Kind: want.Kind, StatusField: "9200"})
			if diff := cmp.Diff([]crmsync.Record{want}, page.Records); err != nil || diff != "" || page.Total != -1 {
				w.Errorf("%v: %v\n%s", want.Kind, err, diff)
			}
			read, err := p.Read(ctx, want.Kind, []string{want.ID, "999999", "x", want.ID}, "9200")
			if diff := cmp.Diff([]crmsync.Record{want}, read.Records); err != nil || diff != "" {
				w.Errorf("%v: %v\n%s", want.Kind, err, diff)
			}
		}
		if page, err := p.Page(ctx, crmsync.Query{Kind: crm.KindCompany}); err != nil || page.Records[0].Status != "" {
			w.Errorf("a status without a field: %+v, %v", page.Records, err)
		}
	})
}

func TestReadManyAndDeletedRecords(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.portal()
		fill(w.account, sim.Contacts, 350)
		w.account.Remove(sim.Contacts, 7100)
		ids := walk(w.T, p, crmsync.Query{Kind: crm.KindContact}, func() {})
		before := len(w.account.Log())
		got, err := p.Read(context.Background(), crm.KindContact, append(ids, "7100", "-1", "", "1 or 2"), "")
		if err != nil || len(got.Records) != 349 {
			w.Errorf("%d records, %v", len(got.Records), err)
		}
		for _, r := range w.account.Log()[before:] {
			if len(r.Query) > 6000 {
				w.Errorf("an address of %d bytes", len(r.Query))
			}
		}
		none, err := p.Read(context.Background(), crm.KindContact, nil, "")
		if none.Records != nil || err != nil {
			w.Errorf("%v, %v", none.Records, err)
		}
	})
}

// TestHiddenRecordsAreNotDeleted takes administrator rights away: a list then omits hidden records like
// deleted ones.
func TestHiddenRecordsAreNotDeleted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.account.AddUser(sim.User{ID: 301, Name: "Ivanov", Active: true})
		w.account.Fill(
			sim.Companies,
			sim.Record{ID: 1, Name: "Acme", Responsible: 301},
			sim.Record{ID: 2, Name: "Delta", Responsible: 302},
			sim.Record{ID: 3, Name: "Gone"},
		)
		w.account.Remove(sim.Companies, 3)
		read := func() (shown, hidden []string) {
			got, err := w.portal().Read(context.Background(), crm.KindCompany, []string{"1", "2", "3"}, "")
			if err != nil {
				w.Fatal(err)
			}
			for _, r := range got.Records {
				shown = append(shown, r.ID)
			}
			return shown, got.Hidden
		}
		if shown, hidden := read(); !slices.Equal(shown, []string{"1", "2"}) || hidden != nil {
			w.Errorf("an administrator is shown %v, not %v", shown, hidden)
		}
		w.account.SignInAs(301)
		if shown, hidden := read(); !slices.Equal(shown, []string{"1"}) || !slices.Equal(hidden, []string{"2", "3"}) {
			w.Errorf("another user sees %v, not %v: 2 may still exist", shown, hidden)
		}
		w.account.Trouble(sim.Trouble{Path: "/api/v4/users", Kind: "500"})
		if _, err := w.portal().Read(context.Background(), crm.KindCompany, []string{"2"}, ""); keyOf(
			err,
		) != "crm_unreachable" {
			w.Errorf("who cannot be asked is taken for an administrator: %v", err)
		}
	})
}

// TestOddAnswers decodes numbers, empty objects and null as PHP encodes them.
func TestOddAnswers(t *testing.T) {
	var got theirPage
	text := `{"_links":[],"_embedded":{"contacts":[
		{"id":"55","name":null,"first_name":"Ivan","last_name":"Ivanov","responsible_user_id":"301","updated_by":0,"created_at":1773316800,"custom_fields_values":[
			{"field_id":9101,"field_code":"PHONE","values":[{"value":74950000011,"enum_code":"HOME"},
				{"value":null},null,
				{"value":"  "}]},
			{"field_id":9104,"field_code":null,"values":[{"value":true},{"value":[1]}]},{"field_id":9105,"values":null}],"_embedded":[]},
		{"id":56,"name":"Petrov","custom_fields_values":null,"_embedded":{"companies":[]}},
		{"id":57,"custom_fields_values":[{"field_code":"PHONE","values":[{"value":{"x":1}}]}]},
		null, 7, {"id":58,"custom_fields_values":{"2":{"field_code":"PHONE","values":{"5":{"value":"+74950000012"}}}},
			"responsible_user_id":null,"is_deleted":0,"created_at":"1773316800","_embedded":{"companies":null}}]}}`
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := []crmsync.Record{
		{
			Kind:      crm.KindContact,
			ID:        "55",
			Name:      "Ivan Ivanov",
			OwnerID:   "301",
			CreatedAt: noon,
			Phones:    []crmsync.Phone{{Value: "74950000011", Kind: "home"}},
			Unknown:   crmsync.UnknownCompanies,
		},
		{Kind: crm.KindContact, ID: "56", Name: "Petrov", Unknown: crmsync.UnknownOwner},
		{Kind: crm.KindContact, ID: "58", CreatedAt: noon,
			Phones: []crmsync.Phone{{Value: "+74950000012", Kind: "other"}}},
	}
	var read []crmsync.Record
	var odd []string
	for _, raw := range got.Embedded.V["contacts"].list {
		if r, err := decodeRecord(raw); err != nil {
			odd = append(odd, unreadable(raw, err).ID+" "+err.Error())
		} else {
			read = append(read, r.record(crm.KindContact, ""))
		}
	}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"57 " + errOdd.Error(), " " + errNoRecord.Error()}, odd); diff != "" {
		t.Error(diff)
	}
}

func TestFindUsesPhoneFieldsOnly(t *testing.T) {
	inWorld(t, func(w *world) {
		fillAccount(w.account)
		w.account.Fill(
			sim.Companies,
			sim.Record{ID: 400, Name: "Order 74950000013", Texts: map[int64]string{9203: "84950000013"}},
		)
		w.account.Fill(
			sim.Contacts,
			sim.Record{ID: 401, Name: "Petrov", Phones: []sim.Value{{Text: "8-495-000-00-13 доб. 12", Code: "WORK"}}},
			sim.Record{
				ID:     404,
				Name:   "two in one field",
				Phones: []sim.Value{{Text: "84950000098, 84950000097", Code: "WORK"}},
			},
			sim.Record{ID: 402, Name: "a longer number", Phones: []sim.Value{{Text: "+44 7495 0000013", Code: "WORK"}}},
			sim.Record{ID: 403, Name: "only in the mail", Emails: []sim.Value{{Text: "4950000013@mail.example"}}},
		)
		p := w.portal()
		for raw, want := range map[string]string{
			"+7 495 000-00-13": "contact 55, contact 401", "84950000011": "company 310", "84950000097": "contact 404",
			"84950000099": "", "101": "", "anonymous": "",
		} {
			got, err := p.Find(context.Background(), number(w, raw))
			var said []string
			for _, ref := range got {
				said = append(said, ref.Kind.String()+" "+ref.ID)
			}
			if strings.Join(said, ", ") != want || err != nil {
				w.Errorf("%s: %v, %v", raw, said, err)
			}
		}
		for _, r := range w.account.Log() {
			if strings.Contains(r.Query, "query=") && !strings.Contains(r.Query, "query=495") {
				w.Errorf("asked for %s: +7 and 8 are two beginnings there", r.Query)
			}
		}
	})
}

func TestStatusFields(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range int64(120) {
			w.account.AddField(sim.Field{ID: 1000 + i, Name: "Note", Type: "text"})
		}
		fillAccount(w.account)
		got, err := w.portal().StatusFields(context.Background())
		want := []crmsync.StatusField{
			{
				Code:    "9200",
				Name:    "State",
				Entries: []crmsync.Entry{{Value: "77001", Name: "In work"}, {Value: "77002", Name: "Waiting"}},
			},
			{Code: "9201", Name: "Size", Entries: []crmsync.Entry{{Value: "77101", Name: "Small"}}},
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			w.Error(err, diff)
		}
	})
}

func TestStages(t *testing.T) {
	inWorld(t, func(w *world) {
		one := []crmsync.Stage{
			{
				Value: "31000",
				Name:  "Incoming",
				Stage: crm.StageNew,
			}, {Value: "31001", Name: "First talk", Stage: crm.StageNew}, {
				Value: "31002", Name: "Offer", Stage: crm.StageInProcess,
			},
			{
				Value: "142",
				Name:  "Won",
				Stage: crm.StageConverted,
			}, {Value: "143", Name: "Lost", Stage: crm.StageFailed},
		}
		got, err := w.portal().Stages(context.Background())
		if diff := cmp.Diff(one, got); err != nil || diff != "" {
			w.Error(err, diff)
		}
		w.account.AddPipeline(
			sim.Pipeline{
				ID:       3200,
				Name:     "Partners",
				Statuses: []sim.Status{{ID: 32001, Name: "Talk"}, {ID: 142, Name: "Signed"}, {ID: 143, Name: "No"}},
			},
		)
		got, err = w.portal().Stages(context.Background())
		two := []crmsync.Stage{
			{
				Value: "31000",
				Name:  "Main: Incoming",
				Stage: crm.StageNew,
			}, {Value: "31001", Name: "Main: First talk", Stage: crm.StageNew},
			{
				Value: "31002",
				Name:  "Main: Offer",
				Stage: crm.StageInProcess,
			}, {Value: "32001", Name: "Partners: Talk", Stage: crm.StageNew}, one[3], one[4],
		}
		if diff := cmp.Diff(two, got); err != nil || diff != "" {
			w.Error(err, diff)
		}
	})
}

func TestStaff(t *testing.T) {
	inWorld(t, func(w *world) {
		w.account.AddGroup(sim.Group{ID: 5, Name: "Partners"})
		w.account.AddUser(sim.User{ID: 301, Name: "Ivanov", Email: "ivanov@portal.example", Active: true, Group: 5})
		w.account.AddUser(sim.User{ID: 302, Name: "Petrov", Group: 6})
		got, err := w.portal().Staff(context.Background())
		want := crmsync.Staff{
			Departments: []crmsync.Department{{ID: "0", Name: "Sales"}, {ID: "5", Name: "Partners"}},
			Users: []crmsync.User{
				{ID: "300", Name: "Admin", Email: "admin@portal.example", Department: "0", Active: true, Admin: true},
				{
					ID:         "301",
					Name:       "Ivanov",
					Email:      "ivanov@portal.example",
					Department: "5",
					Active:     true,
				}, {ID: "302", Name: "Petrov"},
			},
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			w.Error(err, diff)
		}
	})
}

func TestTokenWithoutAdminRights(t *testing.T) {
	inWorld(t, func(w *world) {
		w.account.AddUser(sim.User{ID: 301, Name: "Ivanov", Active: true})
		w.account.SignInAs(301)
		p := w.portal()
		if about, err := p.About(context.Background()); err != nil || about.User != "301" {
			w.Errorf("%+v, %v", about, err)
		}
		if _, err := p.Staff(context.Background()); keyOf(err) != "crm_refused" {
			w.Error(err)
		}
		if err := p.Install(context.Background(), "https://callhue.example/hooks/amo"); keyOf(err) != "crm_refused" {
			w.Error(err)
		}
	})
}
