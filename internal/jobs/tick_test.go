package jobs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"callhue/internal/store"
)

// TestOneProcessRunsATick has two processes and an hourly tick for a day and a half.
// The first process ends, and later the second; a third one catches up.
func TestOneProcessRunsATick(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var at, lasts []time.Time
			process := func() (stop func()) {
				r := newRunner(t, db, seldom)
				r.Tick(Tick{Name: "count", Next: Every(time.Hour), Run: func(_ context.Context, last time.Time) error {
					mu.Lock()
					defer mu.Unlock()
					at, lasts = append(at, time.Now().UTC()), append(lasts, last)
					return nil
				}})
				return start(t, r)
			}
			begun := time.Now().UTC() // midnight
			time.Sleep(20 * time.Minute)
			stop1 := process()
			stop2 := process()
			time.Sleep(10 * time.Hour)
			stop1()
			time.Sleep(2 * time.Hour)
			stop2()
			mu.Lock()
			defer mu.Unlock()
			if len(at) != 12 {
				t.Fatalf("it ran at %v", at)
			}
			for i, one := range at {
				if late := one.Sub(begun.Add(time.Duration(i+1) * time.Hour)); late < 0 || late > 100*time.Millisecond {
					t.Errorf("run %d was at %v", i, one)
				}
				if i > 0 && lasts[i].Sub(at[i-1]).Abs() > 100*time.Millisecond {
					t.Errorf("run %d was given a last one at %v, not %v", i, lasts[i], at[i-1])
				}
			}
			mu.Unlock()
			time.Sleep(24 * time.Hour)
			stop3 := process()
			time.Sleep(time.Second)
			stop3()
			mu.Lock()
			if len(at) != 13 {
				t.Errorf("after a day without a process it ran %d times", len(at)-12)
			}
		})
	})
}

// TestATickThatFails is run again soon, and never later than its next turn.
func TestATickThatFails(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var at []time.Duration
			begun := time.Now()
			r := newRunner(t, db, seldom)
			r.Tick(Tick{Name: "count", Next: Every(10 * time.Second), Run: func(context.Context, time.Time) error {
				mu.Lock()
				defer mu.Unlock()
				if at = append(at, time.Since(begun).Round(time.Second)); len(at) < 7 {
					return errors.New("no")
				}
				return nil
			}})
			stop := start(t, r)
			time.Sleep(45 * time.Second)
			stop()
			seconds := []time.Duration{10, 11, 13, 17, 20, 30, 40}
			for i := range seconds {
				seconds[i] *= time.Second
			}
			if !slices.Equal(at, seconds) {
				t.Errorf("it ran after %v", at)
			}
		})
	})
}

// TestATickBecomesMoreFrequent finds the daily turn of an older version in the database.
func TestATickBecomesMoreFrequent(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			for _, period := range []time.Duration{24 * time.Hour, time.Hour} {
				r := newRunner(t, db, seldom)
				r.Tick(Tick{Name: "count", Next: Every(period),
					Run: func(context.Context, time.Time) error { n++; return nil }})
				stop := start(t, r)
				time.Sleep(80 * time.Minute)
				stop()
			}
			if n != 1 {
				t.Errorf("it ran %d times", n)
			}
		})
	})
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		one, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return one
	}
	for _, c := range []struct {
		why   string
		next  func(time.Time) time.Time
		after string
		want  string
	}{
		{"on the hour", Every(time.Hour), "2026-03-12T09:16:05Z", "2026-03-12T10:00:00Z"},
		{"not twice at one moment", Every(time.Hour), "2026-03-12T10:00:00Z", "2026-03-12T11:00:00Z"},
	} {
		if got := c.next(at(c.after)); !got.Equal(at(c.want)) {
			t.Errorf("%s: %v, want %s", c.why, got.UTC(), c.want)
		}
	}
}
