package amocrm_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/crmsync/amocrm"
	"callhue/internal/jobs"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
	"callhue/staff"
	"callhue/statuses"
	sim "callhue/test/fakecrm/amocrm"
)

// syncWorld is an account that is synchronised into a database.
type syncWorld struct {
	*testing.T
	account *sim.Account
	syncer  *crmsync.Syncer
	plan    *phone.Plan
}

func newSyncWorld(t *testing.T, db *store.DB) *syncWorld {
	t.Helper()
	plan, err := phone.NewPlan("RU", "495")
	must(t, err)
	m := &syncWorld{T: t, account: sim.New(sim.Options{Token: "token"}), plan: plan}
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

// attend runs the sync of the account until the test ends.
func (m *syncWorld) attend() {
	server := httptest.NewServer(m.account)
	portal := amocrm.New(
		amocrm.Options{
			Address: server.URL,
			Token:   "token",
			Name:    "amo",
			Plan:    m.plan,
			Client:  server.Client(),
			Now:     time.Now,
		},
	)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.syncer.Run(ctx, crmsync.Source{ID: 1, Name: "amo", Portal: portal, Plan: m.plan, Every: time.Hour})
	}()
	m.Cleanup(func() {
		stop()
		<-done
		server.Close()
		if n := m.account.Writes(); n != 0 {
			m.Errorf("%d records were written there", n)
		}
		for _, r := range m.account.Log() {
			if r.Method != "GET" || r.Status == 429 {
				m.Errorf("%s %s: %d", r.Method, r.Path, r.Status)
			}
		}
	})
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

// TestSyncOfAWholeAccount imports everything, then reported changes, deletions, and what a call looks up.
// Nothing is ever written to the account.
func TestSyncOfAWholeAccount(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		m := newSyncWorld(t, db)
		m.account.AddUser(sim.User{ID: 301, Name: "Ivanov", Email: "ivanov@portal.example", Active: true})
		m.account.AddUser(sim.User{ID: 302, Name: "Petrov", Email: "petrov@portal.example", Active: true})
		for i := range int64(300) {
			number := fmt.Sprintf("+7 495 000-%02d-%02d", i/100, i%100)
			m.account.Fill(
				sim.Companies,
				sim.Record{
					ID:          1001 + i,
					Name:        "Acme",
					Responsible: 301,
					UpdatedBy:   300,
					Phones:      []sim.Value{{Text: number, Code: "WORK"}},
				},
			)
			m.account.Fill(
				sim.Contacts,
				sim.Record{
					ID:          2001 + i,
					Name:        "Sidorov",
					Responsible: 302,
					UpdatedBy:   300,
					Companies:   []int64{1001 + i},
				},
			)
		}
		m.account.Fill(
			sim.Leads,
			sim.Record{
				ID:          3001,
				Name:        "Deal",
				Responsible: 301,
				Status:      31002,
				Contacts:    []int64{2001},
				Companies:   []int64{1001},
			},
			sim.Record{ID: 3002, Name: "Lost deal", Responsible: 301, Status: 143, Contacts: []int64{2002}},
		)
		m.attend()
		ctx := context.Background()

		m.until("all is there", func(s crmsync.Sync) bool {
			companies, _ := linked(s, "company")
			contacts, _ := linked(s, "contact")
			leads, _ := linked(s, "lead")
			return s.State == "following" && companies == 300 && contacts == 300 && leads == 2 &&
				s.Portal.Name == "Demo"
		})

		m.account.Change(
			sim.Companies,
			1001,
			300,
			func(r *sim.Record) { r.Responsible, r.Name = 302, "Acme of Petrov" },
		)
		must(t, m.syncer.Enqueue(ctx, 1, []crmsync.Change{{Ref: crmsync.Ref{Kind: crm.KindCompany, ID: "1001"}}}))
		m.until("a change is there", func(s crmsync.Sync) bool {
			_, changed := linked(s, "company")
			return s.Queue == 0 && changed == 1
		})

		m.account.Remove(sim.Contacts, 2300)
		must(
			t,
			m.syncer.Enqueue(
				ctx,
				1,
				[]crmsync.Change{{Ref: crmsync.Ref{Kind: crm.KindContact, ID: "2300"}, Removed: true}},
			),
		)
		m.until("what is gone is gone", func(s crmsync.Sync) bool {
			contacts, _ := linked(s, "contact")
			return contacts == 299
		})

		m.account.Fill(
			sim.Companies,
			sim.Record{
				ID:          1999,
				Name:        "Unreported",
				Responsible: 301,
				Phones:      []sim.Value{{Text: "8 495 000-99-99", Code: "WORK"}},
			},
		)
		must(t, m.syncer.ImportByNumber(ctx, 1, m.plan.Parse("+7 495 000-99-99")))
		m.until("what a call asks for is there", func(s crmsync.Sync) bool {
			companies, _ := linked(s, "company")
			return companies == 301
		})
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
