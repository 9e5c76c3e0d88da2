package crmsync

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
	"callhue/staff"
	"callhue/statuses"
)

// world is a Syncer of one source on a database, with a clock that moves one second at each reading and
// that a test may advance.
type world struct {
	*testing.T
	*Syncer
	crm    *fakeCRM
	work   *work
	source Source
	skip   *atomic.Int64 // seconds
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{T: t, skip: &atomic.Int64{}}
	start := time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC)
	db.Clock = func() time.Time { return start.Add(time.Duration(w.skip.Add(1)) * time.Second) }
	w.Syncer = newSyncer(t, db)
	if err := w.Directory.Seed(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.crm = newCRM(db.Clock)
	w.crm.fields = []StatusField{
		{Code: "UF", Name: "Status", Entries: []Entry{{"10", "In work"}, {"20", "Waiting"}, {"30", "Other"}}},
	}
	w.crm.tree = []Department{
		{ID: "1", Name: "Head office", HeadID: "9"},
		{ID: "2", Name: "Sales", ParentID: "1", HeadID: "3"},
	}
	w.crm.users = []User{{ID: "9", Name: "Rita", Email: "rita@acme.example", Department: "1", Active: true},
		{ID: "3", Name: "Igor", Email: "igor@acme.example", Department: "2", Active: true, Extension: "103"},
		{ID: "17", Name: "Ivanov", Email: "ivanov@acme.example", Department: "2", Active: true, Extension: "101"},
		{ID: "18", Name: "Petrov", Email: "petrov@acme.example", Department: "2", Active: true, Extension: "102"}}
	w.source = Source{ID: 1, Name: "portal", Portal: w.crm, Plan: w.Plan, Every: 5 * time.Minute}
	w.startWork()
	w.saveMapping(func(m *mapping) {
		m.StatusField, m.Statuses = "UF", map[string]string{"10": statuses.InWork, "20": statuses.Waiting}
	})
	return w
}

// newSyncer builds a Syncer on a database, as another process would.
func newSyncer(t testing.TB, db *store.DB) *Syncer {
	t.Helper()
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	j := journal.New(db, log)
	roster, directory := staff.New(db, j, plan), statuses.New(db, j)
	seal, err := secrets.NewSeal(make([]byte, 32), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	runner, err := jobs.New(jobs.Options{DB: db.At(time.Now), Log: log, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return New(
		Parts{
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
}

// startWork starts the work for the source as a new process.
func (w *world) startWork() {
	w.Helper()
	if w.work != nil {
		w.work.lease.Release()
	}
	w.ensureRow(context.Background(), w.source)
	lease, err := w.Jobs.TryAcquire(context.Background(), leaseName(w.source.ID))
	must(w.T, err)
	if lease == nil {
		w.Fatal("another process works for the source")
	}
	w.work = &work{Syncer: w.Syncer, source: w.source, lease: lease, scanDue: true}
}

// saveMapping saves a mapping without the API.
func (w *world) saveMapping(change func(*mapping)) {
	w.Helper()
	must(w.T, w.DB.Write(context.Background(), func(tx *store.Tx) error {
		row, err := findSource(tx, w.source.ID)
		if err != nil {
			return err
		}
		m, err := mappingOf(row.Mapping)
		if err != nil {
			return err
		}
		change(&m)
		text, err := m.text()
		if err != nil {
			return err
		}
		return putMapping(tx, w.source.ID, text, row.MappingVersion)
	}))
}

// run works until nothing is left to do.
func (w *world) run() {
	w.Helper()
	for n := 0; ; n++ {
		more, err := w.work.step(context.Background())
		must(w.T, err)
		if !more {
			break
		}
		if n > 10_000 {
			w.Fatal("there is no end to it")
		}
	}
	if w.state().ErrorCode != "" {
		w.Fatalf("it ended with %s %s", w.state().ErrorCode, w.state().ErrorText)
	}
}

// catchUp lets some time pass and works.
func (w *world) catchUp() {
	w.Helper()
	w.skip.Add(1000)
	w.run()
}

func (w *world) enqueue(kind crm.Kind, ids ...string) {
	w.Helper()
	var list []Change
	for _, id := range ids {
		list = append(list, Change{Ref: Ref{kind, id}})
	}
	must(w.T, w.Enqueue(context.Background(), w.source.ID, list))
}

func (w *world) state() sourceRow {
	w.Helper()
	row, err := findSource(w.DB.Read(context.Background()), w.source.ID)
	must(w.T, err)
	return row
}

// ours returns the id of our record of one of theirs, 0 for none.
func (w *world) ours(kind crm.Kind, id string) int64 {
	w.Helper()
	links, err := (&work{Syncer: w.Syncer, source: w.source}).resolveLinks(
		w.DB.Read(context.Background()),
		kind,
		[]string{id},
	)
	must(w.T, err)
	return links[id].OurID
}

func (w *world) company(id string) crm.Company {
	w.Helper()
	c, err := w.Records.FindCompany(context.Background(), w.ours(crm.KindCompany, id))
	must(w.T, err)
	return c
}

func (w *world) contact(id string) crm.Contact {
	w.Helper()
	c, err := w.Records.FindContact(context.Background(), w.ours(crm.KindContact, id))
	must(w.T, err)
	return c
}

func (w *world) lead(id string) crm.Lead {
	w.Helper()
	l, err := w.Records.FindLead(context.Background(), w.ours(crm.KindLead, id))
	must(w.T, err)
	return l
}

// user returns our user of one of theirs, nil for none.
func (w *world) user(id string) *staff.User {
	w.Helper()
	org, err := w.Roster.Org(context.Background())
	must(w.T, err)
	return org.Holder(w.source.Name, id)
}

func (w *world) conflicts() []string {
	w.Helper()
	rows, err := conflictsBefore(w.DB.Read(context.Background()), w.source.ID, 0, 100)
	must(w.T, err)
	var list []string
	for _, r := range rows {
		list = append(list, crm.Kind(r.Kind).String()+" "+r.TheirID+" "+r.Part+" "+r.Code)
	}
	slices.Sort(list)
	return list
}

func (w *world) refusals() int {
	w.Helper()
	list, err := journal.List(
		w.DB.Read(context.Background()),
		journal.History{Verb: journal.ChangeRefused, Limit: 1000},
	)
	must(w.T, err)
	return len(list)
}

func values(list []crm.Phone) (out []string) {
	for _, p := range list {
		out = append(out, p.Value)
	}
	return out
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t testing.TB, what string, got, want any) {
	t.Helper()
	if !equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func equal(got, want any) bool {
	if g, ok := got.([]string); ok {
		return slices.Equal(g, want.([]string))
	}
	if g, ok := got.([]int64); ok {
		return slices.Equal(g, want.([]int64))
	}
	return got == want
}

func isFault(err error, key string) bool { return err != nil && fault.Of(err).Key == key }

// boss is an admin of ours.
var boss = &access.User{Roles: access.Admins}
