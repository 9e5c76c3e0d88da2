package bitrix24

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"callhue/crm"
	"callhue/crmsync"
	portal "callhue/test/fakecrm/bitrix24"
)

func TestStaff(t *testing.T) {
	w := newWorld(t, portal.Options{Users: 130, Departments: 3})
	w.sim.ChangeUser(130, func(u *portal.User) { u.Active, u.Name, u.LastName, u.Departments = false, "", "", nil })
	staff, err := w.webhook().Staff(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(staff.Users) != 130 {
		t.Fatalf("%d users", len(staff.Users))
	}
	want := crmsync.User{
		ID:         "1",
		Name:       "User1 Petrov",
		Email:      "user1@portal.example",
		Extension:  "101",
		Phones:     []string{"8 (495) 000-90-01"},
		Department: "2",
		Active:     true,
	}
	if diff := cmp.Diff(want, staff.Users[0]); diff != "" {
		t.Error(diff)
	}
	if last := staff.Users[129]; last.Active || last.Name != "user130@portal.example" || last.Department != "" ||
		last.ID != "130" {
		t.Errorf("the dismissed one: %+v", last)
	}
	departments := []crmsync.Department{
		{ID: "1", Name: "Department 1", HeadID: "1"},
		{ID: "2", Name: "Department 2", ParentID: "1", HeadID: "2"},
		{ID: "3", Name: "Department 3", ParentID: "1", HeadID: "3"},
	}
	if diff := cmp.Diff(departments, staff.Departments); diff != "" {
		t.Error(diff)
	}
	if got := len(w.sim.Requests()); got != 3 {
		t.Errorf("%d requests for 130 users and 3 departments, want 3", got)
	}

	w = newWorld(t, portal.Options{HideExtensions: true})
	if staff, err = w.webhook().Staff(context.Background()); err != nil || len(staff.Users) != 5 ||
		staff.Users[0].Extension != "" || !staff.Users[0].Withheld.Extension {
		t.Errorf("extensions kept back: %+v, %v", staff.Users, err)
	}
}

func TestStatusFieldsAndStages(t *testing.T) {
	w := newWorld(t, portal.Options{})
	p := w.webhook()
	fields, err := p.StatusFields(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	wantFields := []crmsync.StatusField{
		{
			Code: "UF_CRM_STATE",
			Name: "Состояние клиента",
			Entries: []crmsync.Entry{
				{Value: "FREE", Name: "Свободен"},
				{Value: "WORK", Name: "В работе"},
				{Value: "WAIT", Name: "Ждём"},
			},
		},
		{
			Code:    "UF_CRM_GRADE",
			Name:    "Категория",
			Entries: []crmsync.Entry{{Value: "101", Name: "A"}, {Value: "102", Name: "B"}, {Value: "103", Name: "C"}},
		},
	}
	if diff := cmp.Diff(wantFields, fields); diff != "" {
		t.Error(diff)
	}
	stages, err := p.Stages(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range stages {
		got[s.Value] = s.Stage
		if s.Name == "" {
			t.Errorf("%s has no name", s.Value)
		}
	}
	want := map[string]string{
		"NEW":        crm.StageNew,
		"IN_PROCESS": crm.StageInProcess,
		"PROCESSED":  crm.StageInProcess,
		"UC_CALL":    crm.StageInProcess,
		"CONVERTED":  crm.StageConverted,
		"JUNK":       crm.StageFailed,
		"UC_SPAM":    crm.StageFailed,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	w.checkRequests()
}

func TestStageOfAnEntry(t *testing.T) {
	for _, c := range []struct {
		why  string
		e    directoryEntry
		want string
	}{
		{
			"a portal that tells it in EXTRA only",
			directoryEntry{Value: "UC_1", Extra: dict[any]{"SEMANTICS": "success"}}, crm.StageConverted,
		},
		{
			"lost, to be analysed", directoryEntry{Value: "UC_2", Extra: dict[any]{"SEMANTICS": "apology"}},
			crm.StageFailed,
		},
		{"in process", directoryEntry{Value: "UC_3", Extra: dict[any]{"SEMANTICS": "process"}}, crm.StageInProcess},
		{"an old portal, which tells nothing", directoryEntry{Value: "JUNK"}, crm.StageFailed},
		{"an old portal's converted ones", directoryEntry{Value: "CONVERTED"}, crm.StageConverted},
		{"the first", directoryEntry{Value: "NEW"}, crm.StageNew},
	} {
		if got := c.e.stage(); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

func TestAbout(t *testing.T) {
	w := newWorld(t, portal.Options{})
	for _, p := range []*Portal{w.webhook(), w.application()} {
		about, err := p.About(context.Background())
		if err != nil || about.User != "User1 Petrov" || about.URL != w.sim.Address()+"/" || about.Name == "" {
			t.Errorf("%+v, %v", about, err)
		}
	}
}

func TestUserOfAPage(t *testing.T) {
	w := newWorld(t, portal.Options{})
	for _, p := range []*Portal{w.webhook(), w.application()} {
		for user, want := range map[int]string{1: "1 true", 3: "3 false"} {
			id, admin, err := p.User(context.Background(), w.sim.Tokens(user).Access)
			if got := id + map[bool]string{true: " true", false: " false"}[admin]; err != nil || got != want {
				t.Errorf("user %d: %s, %v", user, got, err)
			}
		}
		for _, token := range []string{"", "nobodys"} {
			if _, _, err := p.User(context.Background(), token); key(err) != "crm_refused" {
				t.Errorf("token %q: %v", token, err)
			}
		}
		over := w.sim.Tokens(2).Access
		w.sim.Expire()
		if id, _, err := p.User(context.Background(), over); key(err) != "crm_refused" || id != "" {
			t.Errorf("an expired token: %q, %v", id, err)
		}
	}
}
