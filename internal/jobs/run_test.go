package jobs

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"callhue/internal/store"
)

// TestAJobThatIsReplacedWhileItRuns moves a timer and cancels another one while
// they run: what the runs wanted to write is rolled back.
func TestAJobThatIsReplacedWhileItRuns(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		var done ran
		r, running, goOn := newRunner(t, db, quick), make(chan string), make(chan bool)
		r.Handle(Kind{Name: "timer", Run: func(ctx context.Context, job *Job) error {
			var n int
			if err := job.Decode(&n); err != nil {
				return err
			}
			if n == 1 {
				running <- job.Key
				<-goOn
			}
			err := r.opt.DB.Write(ctx, job.Finish)
			done.add(fmt.Sprintf("%s %d: %v", job.Key, n, isFault(err, JobLost)))
			return err
		}})
		stop := start(t, r)
		set := func(key string, n int) {
			r.write(t, func(tx *store.Tx) error { return r.Set(tx, "timer", key, n, tx.Now()) })
		}
		set("moved", 1)
		set("cancelled", 1)
		<-running
		<-running
		set("moved", 2)
		r.write(t, func(tx *store.Tx) error {
			if n, err := r.Cancel(tx, "timer", "cancelled"); n != 1 || err != nil {
				t.Errorf("%d cancelled, %v", n, err)
			}
			return nil
		})
		close(goOn)
		eventually(t, "the new timer goes off", func() bool { return len(done.all()) == 3 && len(rows(t, db)) == 0 })
		stop()
		got := done.all()
		slices.Sort(got)
		if !slices.Equal(got, []string{"cancelled 1: true", "moved 1: true", "moved 2: false"}) {
			t.Errorf("%v", got)
		}
	})
}

// TestALongJobKeepsItsClaim has one process run a job for an hour while another one
// looks for work.
func TestALongJobKeepsItsClaim(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		synctest.Test(t, func(t *testing.T) {
			done := ran{begun: time.Now()}
			for range 2 {
				r := newRunner(t, db, seldom)
				r.Handle(Kind{Name: "import", Run: func(ctx context.Context, job *Job) error {
					done.add("begun")
					select {
					case <-ctx.Done():
						return ctx.Err()
					case <-time.After(time.Hour + time.Millisecond):
						return nil
					}
				}})
				start(t, r)
				if done.times("begun") == 0 {
					r.enqueue(t, "import", "file", nil)
					time.Sleep(time.Second)
				}
			}
			time.Sleep(3 * time.Hour)
			if n := done.times("begun"); n != 1 || len(rows(t, db)) != 0 {
				t.Errorf("begun %d times, left %+v", n, rows(t, db))
			}
		})
	})
}

// TestAProcessThatIsCutOff runs a job, loses the database, and stops before another
// process begins.
func TestAProcessThatIsCutOff(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		synctest.Test(t, func(t *testing.T) {
			done := ran{begun: time.Now()}
			runners := []*Runner{newRunner(t, db), newRunner(t, db)}
			for i, r := range runners {
				r.Handle(Kind{Name: "import", Run: func(ctx context.Context, job *Job) error {
					done.add(fmt.Sprintf("begun by %d", i))
					if i == 0 {
						<-ctx.Done()
						done.add("stopped by 0")
					}
					return nil
				}})
			}
			start(t, runners[0])
			runners[0].enqueue(t, "import", "file", nil)
			time.Sleep(time.Second)
			_ = runners[0].opt.DB.Close()
			start(t, runners[1])
			time.Sleep(2 * time.Minute)
			if got := done.all(); !slices.Equal(got, []string{"begun by 0", "stopped by 0", "begun by 1"}) {
				t.Errorf("%v", got)
			}
		})
	})
}

// TestAProcessThatEnds returns its jobs back at once, and their attempt does not count.
func TestAProcessThatEnds(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r, running := newRunner(t, db, quick), make(chan bool, 1)
		r.Handle(Kind{Name: "import", Run: func(ctx context.Context, _ *Job) error {
			running <- true
			<-ctx.Done()
			return ctx.Err()
		}})
		stop := start(t, r)
		r.enqueue(t, "import", "file", nil)
		<-running
		stop()
		if list := rows(t, db); len(list) != 1 || list[0].Attempts != 0 || list[0].DueAt > time.Now().UnixMilli() {
			t.Errorf("%+v", list)
		}
	})
}

// TestAJobThatPanics fails by itself and harms no other one.
func TestAJobThatPanics(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		var done ran
		r := newRunner(t, db, quick)
		r.Handle(Kind{Name: "mail", Backoff: Schedule(0), Run: func(_ context.Context, job *Job) error {
			if job.Key == "bad" {
				panic("no")
			}
			done.add(job.Key)
			return nil
		}})
		start(t, r)
		r.enqueue(t, "mail", "bad", nil)
		r.enqueue(t, "mail", "good", nil)
		eventually(t, "one is done, one is dead", func() bool {
			list := rows(t, db)
			return len(list) == 1 && list[0].State == stateDead && done.times("good") == 1
		})
	})
}

// TestABacklogOfOneKindHoldsUpNoOther has a thousand slow jobs of one kind wait.
func TestABacklogOfOneKindHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		synctest.Test(t, func(t *testing.T) {
			done := ran{begun: time.Now()}
			r := newRunner(t, db)
			r.Handle(Kind{Name: "slow", AtOnce: 2, Run: func(ctx context.Context, _ *Job) error {
				select {
				case <-ctx.Done():
				case <-time.After(time.Minute):
				}
				return ctx.Err()
			}})
			r.Handle(Kind{Name: "quick", Run: func(context.Context, *Job) error { done.add("quick"); return nil }})
			r.write(t, func(tx *store.Tx) error {
				for i := range 1000 {
					if err := r.Enqueue(tx, "slow", fmt.Sprint(i), nil, tx.Now()); err != nil {
						return err
					}
				}
				return nil
			})
			start(t, r)
			time.Sleep(5 * time.Second)
			r.enqueue(t, "quick", "", nil)
			time.Sleep(100 * time.Millisecond)
			if done.times("quick") != 1 {
				t.Error("it waits")
			}
		})
	})
}
