package jobs

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"callhue/internal/store"
)

func TestALeaseHasOneHolder(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		first, second := newRunner(t, db), newRunner(t, db)
		try := func(r *Runner) *Lease {
			t.Helper()
			l, err := r.TryAcquire(ctx, "mail")
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		held := try(first)
		if held == nil || try(second) != nil || try(first) != nil {
			t.Fatal("one process has the lease, once")
		}
		if taken, err := Held(db.Read(ctx), "mail"); err != nil || !taken {
			t.Errorf("Held: %v %v", taken, err)
		}
		held.Release()
		if held.Context().Err() == nil {
			t.Error("the context goes on after the release")
		}
		if taken, err := Held(db.Read(ctx), "mail"); err != nil || taken {
			t.Errorf("Held after the release: %v %v", taken, err)
		}
		next := try(second)
		if next == nil {
			t.Fatal("a released lease can be acquired at once")
		}
		held.Release() // late, by one who has lost it
		if try(first) != nil {
			t.Error("a second release took the lease from its next holder")
		}
		next.Release()
	})
}

// TestManyWantOneLease has goroutines of two processes race for a lease again and again.
func TestManyWantOneLease(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		runners := []*Runner{newRunner(t, db, quick), newRunner(t, db, quick)}
		var holders, most, turns atomic.Int64
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				runners[i%2].RunWhileLeased(context.Background(), "mail", func(context.Context, *Lease) {
					if n := holders.Add(1); n > most.Load() {
						most.Store(n)
					}
					time.Sleep(2 * time.Millisecond)
					turns.Add(1)
					holders.Add(-1)
				})
			})
		}
		all.Wait()
		if most.Load() != 1 || turns.Load() != 16 {
			t.Errorf("%d turns, %d of them at once", turns.Load(), most.Load())
		}
	})
}

// TestOnlyTheHolderCommits has a holder fall asleep and lose its lease in a transaction.
func TestOnlyTheHolderCommits(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		first, second := newRunner(t, db), newRunner(t, db)
		held, err := first.TryAcquire(ctx, "mail")
		if err != nil || held == nil {
			t.Fatal(err)
		}
		first.write(t, held.Guard)
		first.write(t, func(tx *store.Tx) error { // as if the holder had slept for a minute
			_, err := tx.Exec("UPDATE leases SET until_at = 1")
			return err
		})
		first.write(t, held.Guard) // no other process wanted it meanwhile
		next, err := second.TryAcquire(ctx, "mail")
		if err != nil || next == nil {
			t.Fatalf("a lease that ran out is free: %v", err)
		}
		if err := first.opt.DB.Write(ctx, held.Guard); !isFault(err, LeaseLost) {
			t.Errorf("the first holder wrote: %v", err)
		}
		if held.Context().Err() == nil {
			t.Error("the first holder goes on")
		}
		second.write(t, next.Guard)
		next.Release()
		held.Release()
	})
}

// TestALeaseIsKeptAndLost keeps a lease for an hour, cuts its holder from the database,
// and has another process wait for it.
func TestALeaseIsKeptAndLost(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			begun := time.Now()
			first, second := newRunner(t, db), newRunner(t, db)
			var ended, took atomic.Int64 // after so many nanoseconds
			var done sync.WaitGroup
			done.Go(func() {
				first.RunWhileLeased(ctx, "mail", func(ctx context.Context, _ *Lease) {
					<-ctx.Done()
					ended.CompareAndSwap(0, int64(time.Since(begun)))
				})
			})
			time.Sleep(2 * time.Second)
			done.Go(func() {
				second.RunWhileLeased(ctx, "mail", func(ctx context.Context, _ *Lease) {
					took.Store(int64(time.Since(begun)))
					<-ctx.Done()
				})
			})
			time.Sleep(time.Hour)
			if ended.Load() != 0 || took.Load() != 0 {
				t.Fatalf("the lease ended after %d ns, the other process took it after %d ns", ended.Load(),
					took.Load())
			}
			cut := time.Since(begun)
			_ = first.opt.DB.Close()
			time.Sleep(time.Minute)
			end, next := time.Duration(ended.Load()), time.Duration(took.Load())
			if end < cut+5*time.Second || end >= next || next > cut+defaultLeaseTime+2*time.Second {
				t.Errorf("cut off after %v, the first one stopped after %v, the second one began after %v", cut, end,
					next)
			}
			cancel()
			done.Wait()
		})
	})
}

// TestALeaseIsHandedOver has the holder release the lease that another process, and
// then another goroutine of its own process, waits for.
func TestALeaseIsHandedOver(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		synctest.Test(t, func(t *testing.T) {
			first, second := newRunner(t, db), newRunner(t, db)
			var done sync.WaitGroup
			var released, took time.Time
			for _, c := range []struct {
				why   string
				next  *Runner
				limit time.Duration
			}{
				{"another process", second, defaultPollEvery + 100*time.Millisecond},
				{"the same process", first, 100 * time.Millisecond},
			} {
				held := make(chan bool)
				done.Go(func() {
					first.RunWhileLeased(t.Context(), "mail", func(context.Context, *Lease) {
						close(held)
						time.Sleep(100*time.Second + time.Millisecond)
						released = time.Now()
					})
				})
				<-held
				c.next.RunWhileLeased(t.Context(), "mail", func(context.Context, *Lease) { took = time.Now() })
				if wait := took.Sub(released); wait > c.limit {
					t.Errorf("%s waited for %v", c.why, wait)
				}
				done.Wait()
			}
		})
	})
}
