package crmsync

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
)

// runInBackground runs the source until stop is called, which waits for its end.
func runInBackground(m *Syncer, s Source) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() { m.Run(ctx, s) })
	return func() { cancel(); ended.Wait() }
}

// until waits for the work of another goroutine.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: it does not come", what)
		}
	}
}

// TestOneOfTwoProcessesWorks runs a source in two processes, ends the one that works, and then lets a
// killed process hold the lease.
func TestOneOfTwoProcessesWorks(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		db.Clock = time.Now
		w.work.lease.Release()
		first, second := newSyncer(t, db), newSyncer(t, db)
		crm1, crm2 := newCRM(db.Clock), newCRM(db.Clock)
		for _, c := range []*fakeCRM{crm1, crm2} {
			c.records, c.users, c.tree, c.fields = w.crm.records, w.crm.users, w.crm.tree, w.crm.fields
		}
		source := func(c *fakeCRM) Source { return Source{ID: 1, Name: "portal", Portal: c} }
		asked := func(c *fakeCRM) int {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.asked["about"] + c.asked["read company"] + c.asked["page company"]
		}
		stop1 := runInBackground(first, source(crm1))
		until(t, "the first one works", func() bool { return w.state().State == stateFollowing })
		stop2 := runInBackground(second, source(crm2))
		must(
			t,
			second.Enqueue(context.Background(), 1, []Change{{Ref: Ref{crm.KindCompany, "1"}}}),
		) // reported to the process that does not work
		until(t, "the first one reads the change", func() bool {
			n, err := queueLength(db.Read(context.Background()), 1)
			must(t, err)
			return n == 0
		})
		is(t, "what the second one asked", asked(crm2), 0)
		stop1()
		until(t, "the second one goes on at once", func() bool { return asked(crm2) > 0 })
		stop2()

		killedProcess(t, db, 900*time.Millisecond)
		before := asked(crm1)
		stop3 := runInBackground(first, source(crm1))
		defer stop3()
		time.Sleep(300 * time.Millisecond)
		is(t, "what the first one asked before the lease ran out", asked(crm1), before)
		until(t, "the first one takes over", func() bool { return asked(crm1) > before })
	})
}

// killedProcess acquires the lease of the source for a while and does nothing more.
func killedProcess(t *testing.T, db *store.DB, leaseTime time.Duration) {
	t.Helper()
	own, err := store.Open(context.Background(), db.URL)
	must(t, err)
	runner, err := jobs.New(
		jobs.Options{DB: own, Log: slog.New(slog.DiscardHandler), Random: rand.Reader, LeaseTime: leaseTime},
	)
	must(t, err)
	lease, err := runner.TryAcquire(context.Background(), leaseName(1))
	must(t, err)
	if lease == nil {
		t.Fatal("another process works for the source")
	}
	must(t, own.Close())
}

// TestNothingIsWrittenWithoutTheLease suspends a process in the middle of a page while another one takes
// over.
func TestNothingIsWrittenWithoutTheLease(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		w.fill()
		w.crm.before = func(call string) {
			if call == "page company" {
				must(t, db.Write(ctx, func(tx *store.Tx) error {
					_, err := tx.Exec("UPDATE leases SET holder = 'other' WHERE name = ?", leaseName(1))
					return err
				}))
			}
		}
		var err error
		for more := true; more && err == nil; {
			more, err = w.work.step(ctx)
		}
		if !isFault(err, jobs.LeaseLost) {
			t.Errorf("it ended with %v", err)
		}
		is(t, "companies", w.ours(crm.KindCompany, "1"), int64(0))
		is(t, "where the import is", w.state().State, stateImporting)
	})
}

// TestRemovedSourceStaysRemoved removes a source while a process imports a page of it.
func TestRemovedSourceStaysRemoved(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		w.fill()
		w.crm.before = func(call string) {
			if call == "page company" {
				must(t, db.Write(ctx, func(tx *store.Tx) error { return w.RemoveSource(tx, w.source.ID) }))
			}
		}
		w.work.connectedAt = time.Time{}
		for range 4 {
			must(t, w.work.round(ctx))
		}
		if _, err := findSource(db.Read(ctx), w.source.ID); !fault.Is(err, fault.KindMissing) {
			t.Errorf("it is here again: %v", err)
		}
		var left int
		must(t, db.Read(ctx).Get(&left, "SELECT COUNT(*) FROM companies"))
		is(t, "companies", left, 0)
		is(t, "pages that were asked for", w.crm.asked["page company"], 1)
		sync, err := w.Sync(ctx, w.source.ID)
		must(t, err)
		is(t, "the state", sync.State, SyncState(stateOff))
	})
}

// TestTokenStoreSealsAndChecksVersions saves a token in two processes at once: a refresh token is good for
// one refresh.
func TestTokenStoreSealsAndChecksVersions(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		first, second := w.TokenStore(7, "other"), newSyncer(t, db).TokenStore(7, "other")
		none, err := first.Token(ctx)
		must(t, err)
		is(t, "the version of none", none.Version, int64(0))
		saved, err := first.SaveToken(
			ctx,
			Token{Access: "access-1", Refresh: "refresh-1", Expires: time.Unix(1000, 0).UTC()},
		)
		must(t, err)
		got, err := second.Token(ctx)
		must(t, err)
		if got != saved || got.Access != "access-1" || got.Version != 1 {
			t.Errorf("%+v, want %+v", got, saved)
		}
		if _, err := second.SaveToken(ctx, Token{Access: "again"}); !isFault(err, "stale_version") {
			t.Errorf("a grant in the place of none: %v", err)
		}
		got.Access = "access-2"
		_, err = second.SaveToken(ctx, got)
		must(t, err)
		if _, err := first.SaveToken(ctx, saved); !isFault(err, "stale_version") {
			t.Errorf("the slower one: %v", err)
		}
		var stored string
		must(t, db.Read(ctx).Get(&stored, "SELECT granted FROM mirrors WHERE source_id = 7"))
		if stored == "" || strings.Contains(stored, "access") || strings.Contains(stored, "refresh") {
			t.Errorf("what is stored is %q", stored)
		}
	})
}
