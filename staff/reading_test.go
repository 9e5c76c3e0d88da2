package staff_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
	"callhue/test/house"
)

func newBudget(p *house.Parts) *staff.ReadingBudget {
	return staff.NewReadingBudget(p.DB, p.Journal, p.Roster, staff.DefaultReadingLimits())
}

func TestEachReadsAsMuchAsTheyMay(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		supervisor := h.User("sara", h.B, access.Supervisor)
		machine := h.User("crm", 0, access.Service)
		for _, c := range []struct {
			why  string
			user *access.User
			may  int
		}{
			{"an agent", h.Anna, 600},
			{"the head of a department", h.Igor, 3000},
			{"a supervisor", supervisor, 3000},
			{"an admin", h.Admin, 100_000},
			{"a service account", machine, 100_000},
		} {
			budget, read := newBudget(h.Parts), 0
			for budget.Take(t.Context(), c.user, 50) == nil {
				read += 50
			}
			if read != c.may {
				t.Errorf("%s reads %d records, want %d", c.why, read, c.may)
			}
		}
		unbounded := newBudget(h.Parts)
		unbounded.Limits.Agents = 0
		if err := unbounded.Take(t.Context(), h.Vera, 1_000_000); err != nil {
			t.Errorf("a limit of 0 is none: %v", err)
		}
	})
}

func TestTheReadingWindowMovesOn(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		budget := newBudget(h.Parts)
		take := func(n int) error { return budget.Take(t.Context(), h.Anna, n) }
		house.Must(t, take(400))
		h.Clock.Move(3 * time.Minute)
		house.Must(t, take(200))
		err := take(1)
		if f := fault.Of(err); f == nil || f.Key != "reading_limited" ||
			f.RetryAfter < 6*time.Minute || f.RetryAfter > 8*time.Minute {
			t.Fatalf("refused until the first 400 are ten minutes old: %+v", f)
		}
		budget.GiveBack(h.Anna, 50)
		house.Must(t, take(50)) // what was taken and not read
		if take(1) == nil {
			t.Error("more than was given back")
		}
		h.Clock.Move(8 * time.Minute)
		house.Must(t, take(400))
		if take(1) == nil {
			t.Error("the 200 of the fourth minute still count")
		}
		h.Clock.Move(time.Hour)
		house.Must(t, take(600))
		if n := len(h.Entries(staff.ReadingLimited)); n != 1 {
			t.Errorf("%d entries of one window, want 1", n)
		}
		_ = take(1)
		if n := len(h.Entries(staff.ReadingLimited)); n != 2 {
			t.Errorf("%d entries of two windows, want 2", n)
		}
	})
}

// TestHeadsSeeWhoReadsTooMuch: the entry reaches the user's heads live, and no one else.
func TestHeadsSeeWhoReadsTooMuch(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		_ = newBudget(h.Parts).Take(t.Context(), h.Anna, 601)
		entry := h.Entries(staff.ReadingLimited)[0]
		if entry.Subject != (journal.Ref{Kind: "user", ID: h.Anna.ID}) || entry.Team != h.A {
			t.Errorf("entry = %+v", entry)
		}
		info, _ := h.Journal.Info(staff.ReadingLimited)
		for _, u := range []*access.User{h.Rita, h.Igor, h.Oleg, h.Anna, h.Boris, h.Admin} {
			want := u == h.Igor || u == h.Rita
			if got := info.Audience(entry).Includes(journal.Listener{User: *u}); got != want {
				t.Errorf("%s gets it live: %v, want %v", u.Login, got, want)
			}
		}
	})
}

func TestRequestsOfOneMomentShareTheBudget(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		budget := newBudget(h.Parts)
		var group sync.WaitGroup
		var taken atomic.Int64
		for range 40 {
			group.Go(func() {
				if budget.Take(t.Context(), h.Anna, 50) == nil {
					taken.Add(50)
				}
			})
		}
		group.Wait()
		if taken.Load() != 600 {
			t.Errorf("%d records, want 600", taken.Load())
		}
		if n := len(h.Entries(staff.ReadingLimited)); n != 1 {
			t.Errorf("%d entries, want 1", n)
		}
	})
}

func TestAnotherProcessRefusesToo(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		other := house.Join(t, db)
		other.Clock.Set(h.Clock.Now())
		budget := newBudget(other)
		go other.Journal.Run(t.Context())
		_ = newBudget(h.Parts).Take(t.Context(), h.Anna, 601)
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
			if budget.Take(t.Context(), h.Anna, 1) != nil {
				return
			}
			if time.Now().After(deadline) {
				t.Fatal("the other process lets them read")
			}
		}
	})
}

// TestABusyDayStaysBelow: 120 calls with a client page each, 60 searches with ten results, and 200 list pages of 25
// rows, which is what the browser asks for, at any time of eight hours. The worst ten minutes of 300 such days stay
// below the budget of an agent.
func TestABusyDayStaysBelow(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		type reading struct {
			at      time.Duration
			records int
		}
		h := house.New(t, db)
		budget := newBudget(h.Parts)
		random := rand.New(rand.NewPCG(1, 2))
		refused := 0
		for range 300 {
			var day []reading
			add := func(times, records int) {
				for range times {
					day = append(day, reading{time.Duration(random.Int64N(int64(8 * time.Hour))), records})
				}
			}
			add(120, 4)
			add(60, 10)
			add(200, 25)
			slices.SortFunc(day, func(a, b reading) int { return int(a.at - b.at) })
			morning := h.Clock.Now()
			for _, r := range day {
				h.Clock.Set(morning.Add(r.at))
				if budget.Take(t.Context(), h.Anna, r.records) != nil {
					refused++
				}
			}
			h.Clock.Set(morning.Add(24 * time.Hour))
		}
		if refused > 0 {
			t.Errorf("%d of %d requests refused", refused, 300*380)
		}
	})
}
