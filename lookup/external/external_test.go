package external_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/lookup"
	"callhue/lookup/external"
	"callhue/lookup/query"
	"callhue/rules"
	"callhue/staff"
	"callhue/test/house"
)

// key is the number that the tests ask for.
const key = 74950000011

// asker plays a system.
type asker struct {
	rows  []external.Row
	err   error
	gate  chan struct{} // nil: it answers at once
	asked atomic.Int64
}

func (a *asker) Ask(ctx context.Context, _ query.Spellings, _ *external.Watch) ([]external.Row, error) {
	a.asked.Add(1)
	if a.gate != nil {
		select {
		case <-a.gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return a.rows, a.err
}

func (*asker) Close() error { return nil }

// fixture is a source over an organisation.
type fixture struct {
	*house.Parts
	clock *house.Clock
	owner *access.User
}

func withOrganisation(t *testing.T, test func(f *fixture)) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		f := &fixture{Parts: house.Join(t, db), clock: &house.Clock{}}
		f.clock.Set(time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC))
		f.owner = f.Add(staff.NewUser{Login: "ivanov", Name: "Иванов Пётр", Roles: access.Roles{access.Agent},
			Extension: "101"})
		test(f)
	})
}

func (f *fixture) source(a external.Asker, change ...func(*external.Config)) *external.Source {
	cfg := external.Config{
		Name:      "crm",
		Priority:  1,
		Plan:      f.Plan,
		Statuses:  map[string]string{"в работе": "IN_WORK"},
		Budget:    time.Minute, // a loaded machine must not look like a slow system
		Fresh:     30 * time.Second,
		Roster:    f.Roster,
		Directory: f.Directory,
		Now:       f.clock.Now,
		Log:       house.Log(),
	}
	for _, c := range change {
		c(&cfg)
	}
	return external.New(cfg, a)
}

func find(t *testing.T, s *external.Source) *lookup.Match {
	t.Helper()
	m, err := s.Find(context.Background(), key)
	house.Must(t, err)
	return m
}

func wantWhy(t *testing.T, s *external.Source, why string) {
	t.Helper()
	_, err := s.Find(context.Background(), key)
	if got := external.CodeOf(err); got != why {
		t.Errorf("got %v, want %s", err, why)
	}
}

var vektor = external.Row{external.Kind: "company", external.ID: "c-7", external.Name: "ООО «Вектор»",
	external.Owner: "ivanov", external.Status: "В  работе", external.URL: "https://crm.example/c/7"}

func TestRowsBecomeAMatch(t *testing.T) {
	withOrganisation(t, func(f *fixture) {
		f.Add(staff.NewUser{Login: "anna", Name: "Anna Smith", Roles: access.Roles{access.Agent}})
		f.Add(staff.NewUser{Login: "a.smith", Name: "Smith Anna", Roles: access.Roles{access.Agent}})
		rows := []external.Row{
			vektor,
			{external.Kind: "contact", external.ID: "p-1", external.Name: "Сидоров", external.Owner: "Пётр Иванов",
				external.CompanyID: "c-8", external.CompanyName: "Acme", external.CompanyOwner: "boss@crm.example",
				external.CompanyStatus: "Closed", external.Since: "2026-03-01"},
			{external.Kind: "contact", external.ID: "p-1", external.CompanyID: "c-7", external.CompanyOwner: "101",
				external.CompanyStatus: "в работе"},
			{external.Kind: "lead", external.ID: "l-1", external.Name: "Заявка", external.Owner: "Anna Smith"},
		}
		trial, err := f.source(&asker{rows: rows}).Try(context.Background(), key)
		house.Must(t, err)
		want := external.Unknown{Owners: []string{"boss@crm.example", "Anna Smith"}, Statuses: []string{"Closed"},
			Times: []string{}}
		if diff := cmp.Diff(want, trial.Unknown); diff != "" {
			t.Error(diff)
		}
		m := find(t, f.source(&asker{rows: rows}))
		if len(m.Companies) != 3 || len(m.Contacts) != 1 || len(m.Leads) != 1 {
			t.Fatalf("%+v", m)
		}
		own := m.Companies[0]
		if own.Owner != f.owner.ID || own.Status.Effect != rules.EffectRed || own.Origin.ID != "c-7" ||
			own.Origin.URL != "https://crm.example/c/7" || own.LocalID() != 0 || own.ID < 1<<40 {
			t.Errorf("%+v %+v", own, own.Origin)
		}
		acme := m.Companies[1]
		if acme.Owner != 0 || acme.Origin.Owner != "boss@crm.example" || acme.Status.State != rules.StatusUnknown ||
			acme.Origin.IsUnassigned(acme.Owner) {
			t.Errorf("%+v %+v", acme, acme.Origin)
		}
		if c := m.Contacts[0]; c.Owner != f.owner.ID || len(c.Companies) != 2 || c.Companies[0].ID != acme.ID {
			t.Errorf("%+v", c)
		}
		again := find(t, f.source(&asker{rows: rows}))
		if diff := cmp.Diff(m, again); diff != "" {
			t.Errorf("the ids are not stable: %s", diff)
		}
	})
}

func TestAnAnswerIsKeptWhileItIsFresh(t *testing.T) {
	withOrganisation(t, func(f *fixture) {
		a := &asker{rows: []external.Row{vektor}}
		s := f.source(a)
		find(t, s)
		f.clock.Move(29 * time.Second)
		find(t, s)
		if n := a.asked.Load(); n != 1 {
			t.Errorf("asked %d times while the answer was fresh", n)
		}
		f.clock.Move(2 * time.Second) // it is shown once more, and asked for again
		if len(find(t, s).Companies) != 1 {
			t.Error("an answer that is a little too old is not shown")
		}
		eventually(t, func() bool { return a.asked.Load() == 2 })
		f.clock.Move(2 * time.Minute)
		eventually(t, func() bool { // the second question may still be on its way
			find(t, s)
			return a.asked.Load() == 3
		})
		s.Forget()
		find(t, s)
		if n := a.asked.Load(); n != 4 {
			t.Errorf("asked %d times after everything was forgotten, want 4", n)
		}
	})
}

func TestAnAnswerThatWasAskedForBeforeAChangeIsNotKept(t *testing.T) {
	withOrganisation(t, func(f *fixture) {
		a := &asker{rows: []external.Row{vektor}, gate: make(chan struct{})}
		s := f.source(a)
		done := make(chan error)
		go func() {
			_, err := s.Find(context.Background(), key)
			done <- err
		}()
		eventually(t, func() bool { return a.asked.Load() == 1 })
		s.Forget()
		close(a.gate)
		house.Must(t, <-done)
		find(t, s)
		if n := a.asked.Load(); n != 2 {
			t.Errorf("asked %d times, want 2", n)
		}
	})
}

func TestLookupsOfOneNumberShareAQuestion(t *testing.T) {
	withOrganisation(t, func(f *fixture) {
		a := &asker{rows: []external.Row{vektor}, gate: make(chan struct{})}
		s := f.source(a)
		var all sync.WaitGroup
		var failed atomic.Int64
		for range 50 {
			all.Go(func() {
				if m, err := s.Find(context.Background(), key); err != nil || m.Empty() {
					failed.Add(1)
				}
			})
		}
		eventually(t, func() bool { return a.asked.Load() == 1 })
		close(a.gate)
		all.Wait()
		if a.asked.Load() != 1 || failed.Load() != 0 {
			t.Errorf("asked %d times, %d failed", a.asked.Load(), failed.Load())
		}
	})
}

func TestASlowSystemIsNoUnknownNumber(t *testing.T) {
	withOrganisation(t, func(f *fixture) {
		a := &asker{rows: []external.Row{vektor}, gate: make(chan struct{})}
		s := f.source(a, func(c *external.Config) { c.Budget = 10 * time.Millisecond })
		wantWhy(t, s, "timeout")
		close(a.gate) // the late answer is kept: the grey card becomes red
		eventually(t, func() bool { m, err := s.Find(context.Background(), key); return err == nil && !m.Empty() })
		if n := a.asked.Load(); n != 1 {
			t.Errorf("asked %d times, want 1", n)
		}
	})
}

func TestASystemIsNotAskedForManyNumbersAtATime(t *testing.T) {
	withOrganisation(t, func(f *fixture) {
		a := &asker{gate: make(chan struct{})}
		defer close(a.gate)
		s := f.source(a, func(c *external.Config) { c.Budget = time.Millisecond })
		busy := 0
		for n := range int64(20) {
			if _, err := s.Find(context.Background(), key+n); external.CodeOf(err) == "too_many" {
				busy++
			}
		}
		if busy != 12 {
			t.Errorf("%d of 20 lookups were turned away, want 12", busy)
		}
	})
}

func TestABreakerOpensAndCloses(t *testing.T) {
	withOrganisation(t, func(f *fixture) {
		a := &asker{err: errors.New("out of order")}
		s := f.source(a)
		for range 5 {
			wantWhy(t, s, "failed")
		}
		wantWhy(t, s, "resting")
		stats := s.Stats()
		if stats.State != external.StateResting || stats.LastError != "resting" || a.asked.Load() != 5 {
			t.Errorf("%+v, asked %d times", stats, a.asked.Load())
		}
		f.clock.Move(time.Second + time.Millisecond)
		wantWhy(t, s, "failed") // one is let through
		f.clock.Move(time.Second + time.Millisecond)
		wantWhy(t, s, "resting") // now for two seconds
		f.clock.Move(time.Second)
		a.err, a.rows = nil, []external.Row{vektor}
		if len(find(t, s).Companies) != 1 {
			t.Error("the breaker did not close")
		}
		if stats := s.Stats(); stats.State != external.StateReady || stats.Failed == 0 {
			t.Errorf("%+v", stats)
		}
	})
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for range 2000 {
		if holds() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("it did not happen")
}
