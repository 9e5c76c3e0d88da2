package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// ran remembers what was run when.
type ran struct {
	mu    sync.Mutex
	begun time.Time
	list  []string
	at    []time.Duration
}

func (r *ran) add(what string) (nth int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list, r.at = append(r.list, what), append(r.at, time.Since(r.begun))
	return len(r.list)
}

func (r *ran) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}

func (r *ran) times(what string) (n int) {
	for _, one := range r.all() {
		if one == what {
			n++
		}
	}
	return n
}

// TestJobsRunOnce has many transactions add jobs while two processes run them. Every
// fifth transaction is rolled back.
func TestJobsRunOnce(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		const writers, each = 8, 40
		var done ran
		runners := []*Runner{newRunner(t, db, quick), newRunner(t, db, quick)}
		for _, r := range runners {
			r.Handle(Kind{Name: "mail", AtOnce: 4, Run: func(_ context.Context, job *Job) error {
				var what string
				if err := job.Decode(&what); err != nil {
					return err
				}
				if what != job.Key {
					return fmt.Errorf("%s has the payload %q", job.Key, what)
				}
				done.add(what)
				return nil
			}})
			start(t, r)
		}
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range each {
					key := fmt.Sprintf("%d-%d", w, i)
					err := runners[w%2].opt.DB.Write(context.Background(), func(tx *store.Tx) error {
						err := runners[w%2].Enqueue(tx, "mail", key, key, tx.Now())
						if err == nil && i%5 == 0 {
							err = errors.New("roll back")
						}
						return err
					})
					if (err != nil) != (i%5 == 0) {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		const want = writers * each * 4 / 5
		eventually(t, "all jobs are done", func() bool { return len(done.all()) >= want && len(rows(t, db)) == 0 })
		list := done.all()
		slices.Sort(list)
		if len(list) != want || len(slices.Compact(list)) != want {
			t.Errorf("%d runs of %d jobs, want %d", len(list), len(slices.Compact(list)), want)
		}
	})
}

// TestAJobThatFailsIsRunAgain walks the whole schedule of outgoing webhooks, a day and
// a quarter of it, and looks at the moments of the attempts.
func TestAJobThatFailsIsRunAgain(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		synctest.Test(t, func(t *testing.T) {
			r, done := newRunner(t, db, seldom), ran{begun: time.Now()}
			waits := Schedule(0, 5*time.Second, 5*time.Minute, 30*time.Minute, 2*time.Hour)
			r.Handle(Kind{Name: "mail", Backoff: waits, Run: func(_ context.Context, job *Job) error {
				done.add(fmt.Sprintf("%s %d", job.Key, job.Attempt))
				if job.Key == "busy" && job.Attempt == 1 {
					return fault.Busy("crm_busy", time.Minute)
				}
				if job.Key == "busy" {
					return nil
				}
				return fault.Missing("mailbox")
			}})
			stop := start(t, r)
			r.enqueue(t, "mail", "a", nil)
			r.write(t,
				func(tx *store.Tx) error { return r.Enqueue(tx, "mail", "busy", nil, tx.Now().Add(10*time.Hour)) })
			time.Sleep(24 * time.Hour)
			stop()
			want := []string{"a 1", "a 2", "a 3", "a 4", "a 5", "busy 1", "busy 2"}
			if got := done.all(); !slices.Equal(got, want) {
				t.Fatalf("attempts %v", got)
			}
			for i, after := range []string{"0s", "5s", "5m5s", "35m5s", "2h35m5s", "10h", "10h1m"} {
				at, err := time.ParseDuration(after)
				if err != nil {
					t.Fatal(err)
				}
				if late := done.at[i] - at; late < 0 || late > time.Second {
					t.Errorf("attempt %q was made after %v, want %v", want[i], done.at[i], at)
				}
			}
			list := rows(t, db)
			for i := range list {
				list[i].DueAt = 0
			}
			dead := stored{Kind: "mail", Key: "a", State: stateDead, Attempts: 5, Error: "not_found"}
			if !slices.Equal(list, []stored{dead}) {
				t.Errorf("what is left: %+v", list)
			}
			var revived int64
			r.write(t, func(tx *store.Tx) (err error) { revived, err = r.Revive(tx, "mail"); return err })
			if list := rows(t, db); revived != 1 || list[0].State != stateWaiting || list[0].Attempts != 0 {
				t.Errorf("%d revived: %+v", revived, list)
			}
			r.write(t, func(tx *store.Tx) error {
				_, err := tx.Exec("UPDATE jobs SET state = 'dead', due_at = ?",
					store.Millis(tx.Now().Add(-keepDead-time.Hour)))
				return err
			})
			if err := r.sweep(t.Context(), time.Time{}); err != nil || len(rows(t, db)) != 0 {
				t.Errorf("a job that died long ago is still here: %v", err)
			}
		})
	})
}

// TestATimerGoesOffAtItsMoment has two processes look for jobs once a minute: one of
// them adds timers, and both know when to look again.
func TestATimerGoesOffAtItsMoment(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		synctest.Test(t, func(t *testing.T) {
			done := ran{begun: time.Now()}
			var stops []func()
			runners := []*Runner{newRunner(t, db, seldom), newRunner(t, db, seldom)}
			for _, r := range runners {
				r.Handle(Kind{Name: "timer", Run: func(_ context.Context, job *Job) error {
					done.add(job.Key)
					return nil
				}})
				stops = append(stops, start(t, r))
			}
			time.Sleep(time.Second)
			want := map[string]time.Duration{
				"soon":  12345 * time.Millisecond,
				"later": 2*time.Hour + 7*time.Millisecond,
				"past":  time.Second,
			}
			for key, after := range want {
				runners[0].write(t, func(tx *store.Tx) error {
					return runners[0].Set(tx, "timer", key, nil, done.begun.Add(after))
				})
			}
			time.Sleep(3 * time.Hour)
			for _, stop := range stops {
				stop()
			}
			for i, key := range done.all() {
				if late := done.at[i] - want[key]; late < -time.Millisecond || late > 50*time.Millisecond {
					t.Errorf("%s went off after %v, want %v", key, done.at[i], want[key])
				}
			}
			if n := len(done.all()); n != 3 {
				t.Errorf("%d timers went off", n)
			}
		})
	})
}

// TestJobsOfAKeyInOrder has jobs of some keys fail now and then; the next one waits.
func TestJobsOfAKeyInOrder(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		const keys, each = 5, 12
		var done ran
		var mu sync.Mutex
		busy := map[string]bool{}
		runners := []*Runner{newRunner(t, db, quick), newRunner(t, db, quick)}
		for _, r := range runners {
			backoff := Schedule(0, 30*time.Millisecond)
			r.Handle(Kind{Name: "mail", Ordered: true, Backoff: backoff, Run: func(_ context.Context, job *Job) error {
				mu.Lock()
				if busy[job.Key] {
					t.Errorf("two jobs of the key %s at once", job.Key)
				}
				busy[job.Key] = true
				mu.Unlock()
				defer func() { mu.Lock(); defer mu.Unlock(); busy[job.Key] = false }()
				var n int
				if err := job.Decode(&n); err != nil {
					return err
				}
				if n%5 == 2 && job.Attempt == 1 || n == 7 {
					return errors.New("not now")
				}
				done.add(fmt.Sprintf("%s %d", job.Key, n))
				return nil
			}})
			start(t, r)
		}
		for i := range keys * each {
			runners[i%2].enqueue(t, "mail", fmt.Sprintf("k%d", i%keys), i/keys)
		}
		eventually(t, "all jobs are done or dead", func() bool {
			return !slices.ContainsFunc(rows(t, db), func(s stored) bool { return s.State == stateWaiting })
		})
		got := map[string][]string{}
		for _, one := range done.all() {
			got[one[:2]] = append(got[one[:2]], one[3:])
		}
		for key, list := range got {
			if !slices.Equal(list, []string{"0", "1", "2", "3", "4", "5", "6", "8", "9", "10", "11"}) {
				t.Errorf("%s: %v", key, list)
			}
		}
		if len(got) != keys || len(rows(t, db)) != keys {
			t.Errorf("%d keys, %d dead jobs", len(got), len(rows(t, db)))
		}
	})
}

func TestAnUnknownKindIsRefused(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := newRunner(t, db)
		err := r.opt.DB.Write(t.Context(), func(tx *store.Tx) error { return r.Enqueue(tx, "mial", "", nil, tx.Now()) })
		if err == nil {
			t.Error("it was added")
		}
	})
}
