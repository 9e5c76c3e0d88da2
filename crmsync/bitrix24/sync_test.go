package bitrix24_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/crmsync/bitrix24"
	"callhue/internal/jobs"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/phone"
	"callhue/staff"
	"callhue/statuses"
	sim "callhue/test/fakecrm/bitrix24"
)

// syncWorld is a portal that is synchronised into a database.
type syncWorld struct {
	*testing.T
	sim    *sim.Portal
	syncer *crmsync.Syncer
	plan   *phone.Plan
}

func newSyncWorld(t *testing.T, db *store.DB, o sim.Options) *syncWorld {
	t.Helper()
	plan, err := phone.NewPlan("RU", "495")
	must(t, err)
	m := &syncWorld{T: t, sim: sim.New(o), plan: plan}
	log := slog.New(slog.DiscardHandler)
	j := journal.New(db, log)
	roster, directory := staff.New(db, j, plan), statuses.New(db, j)
	must(t, directory.Seed(context.Background()))
	seal, err := secrets.NewSeal(make([]byte, 32), rand.Reader)
	must(t, err)
	runner, err := jobs.New(jobs.Options{DB: db, Log: log, Random: rand.Reader})
	must(t, err)
	m.syncer = crmsync.New(
		crmsync.Parts{
			DB:        db,
			Jobs:      runner,
			Journal:   j,
			Records:   crm.New(db, j, roster, directory, plan),
			Roster:    roster,
			Directory: directory,
			Plan:      plan,
			Seal:      seal,
			Log:       log,
		},
	)
	return m
}

// attend runs the sync of the portal as an installed application until the test ends.
func (m *syncWorld) attend(change func(*bitrix24.Options)) {
	m.Helper()
	server := httptest.NewServer(m.sim)
	m.sim.Listens(server.URL)
	ctx, stop := context.WithCancel(context.Background())
	o := bitrix24.Options{
		Portal:       server.URL,
		ClientID:     sim.ClientID,
		ClientSecret: sim.ClientSecret,
		OAuth:        m.sim.OAuth(),
		Tokens:       m.syncer.TokenStore(1, "b24"),
		Client:       web.NewClient(true),
	}
	change(&o)
	portal, err := bitrix24.New(o)
	must(m.T, err)
	_, form := m.sim.InstallForm(1, "http://callhue.example/")
	must(
		m.T,
		portal.Install(
			ctx,
			bitrix24.Installation{Refresh: form.Get("REFRESH_ID"), Application: form.Get("APPLICATION_TOKEN"),
				Member: form.Get("member_id"), Handler: server.URL + "/nowhere"},
		),
	)
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.syncer.Run(ctx, crmsync.Source{ID: 1, Name: "b24", Portal: portal, Plan: m.plan, Every: time.Hour})
	}()
	m.Cleanup(func() {
		stop()
		<-done
		server.Close()
		if n := m.sim.Writes(); n != 0 {
			m.Errorf("%d requests wanted to change a record there", n)
		}
		if n := m.sim.Busy(); n != 0 {
			m.Errorf("the portal was asked too much %d times", n)
		}
	})
	m.until("the portal is known", func(s crmsync.Sync) bool { return s.Portal != nil })
	mapping, err := m.syncer.MappingOf(ctx, 1)
	must(m.T, err)
	field, states := "UF_CRM_STATE", map[string]string{"WORK": statuses.InWork, "WAIT": statuses.Waiting}
	_, err = m.syncer.ChangeMapping(
		ctx,
		0,
		1,
		crmsync.MappingChange{Version: mapping.Version, StatusField: &field, Statuses: &states},
	)
	must(m.T, err)
}

// until waits for a state of the sync.
func (m *syncWorld) until(what string, is func(crmsync.Sync) bool) {
	m.Helper()
	var s crmsync.Sync
	for range 1200 {
		var err error
		s, err = m.syncer.Sync(context.Background(), 1)
		must(m.T, err)
		if is(s) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	m.Fatalf("%s: not reached: %+v, import %+v, error %+v", what, s, s.Import, s.Error)
}

func linked(s crmsync.Sync, kind string) (n, changed int64) {
	for _, c := range s.Counts {
		if c.Kind == kind {
			return c.Linked, c.Changed
		}
	}
	return 0, 0
}

// TestSyncOfAWholePortal imports more than one page, then reported changes, deletions, and what a call
// looks up. Nothing is ever written to the portal.
func TestSyncOfAWholePortal(t *testing.T) {
	for _, lists := range []bitrix24.Lists{bitrix24.Classic, bitrix24.Items} {
		t.Run(string(lists), func(t *testing.T) {
			store.Test(t, func(t *testing.T, db *store.DB) {
				m := newSyncWorld(t, db, sim.Options{Companies: 160, Contacts: 160, Leads: 120, Users: 12})
				m.attend(func(o *bitrix24.Options) { o.Lists = lists })
				m.follow()
			})
		})
	}
}

// follow expects 103 leads of 120: every seventh is converted, is a client by now and is not imported.
func (m *syncWorld) follow() {
	ctx := context.Background()
	m.until("all is there", func(s crmsync.Sync) bool {
		companies, _ := linked(s, "company")
		contacts, _ := linked(s, "contact")
		leads, _ := linked(s, "lead")
		users, _ := linked(s, "user")
		return s.State == "following" && companies == 160 && contacts == 160 && leads == 103 && users == 12
	})
	m.sim.Change(sim.Company, 1, 7, func(r *sim.Record) { r.Title, r.Owner = "Acme", 3 })
	must(m.T, m.syncer.Enqueue(ctx, 1, []crmsync.Change{{Ref: crmsync.Ref{Kind: crm.KindCompany, ID: "7"}}}))
	m.until("a change is there", func(s crmsync.Sync) bool {
		_, changed := linked(s, "company")
		return s.Queue == 0 && changed == 1
	})
	m.sim.Remove(sim.Contact, 160)
	must(
		m.T,
		m.syncer.Enqueue(ctx, 1, []crmsync.Change{{Ref: crmsync.Ref{Kind: crm.KindContact, ID: "160"}, Removed: true}}),
	)
	m.until("what is gone is gone", func(s crmsync.Sync) bool {
		contacts, _ := linked(s, "contact")
		return contacts == 159
	})
	m.sim.Add(
		sim.Company,
		1,
		sim.Record{Title: "Unreported", Owner: 2, Phones: []sim.Multi{{Type: "WORK", Value: "8 495 000-99-99"}}},
	)
	must(m.T, m.syncer.ImportByNumber(ctx, 1, m.plan.Parse("+7 495 000-99-99")))
	m.until("what a call asks for is there", func(s crmsync.Sync) bool {
		companies, _ := linked(s, "company")
		return companies == 161
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
