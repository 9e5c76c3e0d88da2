package journal_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"callhue/internal/store"
	"callhue/journal"
)

func every(journal.Entry) bool { return true }

// follow gathers what a Follow tells in the background.
func follow(t *testing.T, j *journal.Journal, from int64, want func(journal.Entry) bool) *listener {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	heard := &listener{}
	var ended sync.WaitGroup
	ended.Go(func() {
		err := j.Follow(ctx, from, want, func(e journal.Entry) error {
			heard.hear([]journal.Entry{e})
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("follow ended: %v", err)
		}
	})
	t.Cleanup(func() { stop(); ended.Wait() })
	return heard
}

func TestFollowStartsNow(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := journal.NewForTest(db, quiet())
		before := write(t, db, j, journal.Entry{})
		heard := follow(t, j, 0, func(e journal.Entry) bool { return e.Actor == 18 })
		var last int64
		until(t, "the first entry", func() bool {
			write(t, db, j, journal.Entry{Actor: 7})
			last = write(t, db, j, journal.Entry{Actor: 18})
			time.Sleep(10 * time.Millisecond)
			return heard.times(last) == 1
		})
		if heard.times(before) != 0 {
			t.Error("the past was told")
		}
	})
}

// Every entry written while a reader reconnects is sent once: what it missed,
// what happens meanwhile, what comes after.
func TestFollowResumesWithoutAGap(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := running(t, db)
		from := write(t, db, j, journal.Entry{})
		missed := []int64{}
		for range 50 {
			missed = append(missed, write(t, db, j, journal.Entry{}))
		}
		var wrote listener
		stop, ended := make(chan struct{}), sync.WaitGroup{}
		ended.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					wrote.hear([]journal.Entry{{ID: write(t, db, j, journal.Entry{})}})
				}
			}
		})
		var readers []*listener
		for range 5 {
			time.Sleep(10 * time.Millisecond)
			readers = append(readers, follow(t, j, from, every))
		}
		time.Sleep(20 * time.Millisecond)
		close(stop)
		ended.Wait()
		ids := append(missed, wrote.heard()...)
		for i, r := range readers {
			until(t, "the last entry", func() bool { return r.times(ids[len(ids)-1]) > 0 })
			got := r.heard()
			for _, id := range ids {
				if n := r.times(id); n != 1 {
					t.Errorf("reader %d was told entry %d %d times", i, id, n)
				}
			}
			if !slices.IsSorted(got) {
				t.Errorf("reader %d: one writer's entries in the order %v", i, got)
			}
		}
	})
}

func TestFollowRepeatsWhatMayHaveCommittedLate(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := journal.NewForTest(db, quiet())
		clock := time.Now()
		db.Clock = func() time.Time { return clock }
		long := write(t, db, j, journal.Entry{})
		clock = clock.Add(20 * time.Second)
		close := write(t, db, j, journal.Entry{})
		from := write(t, db, j, journal.Entry{})
		heard := follow(t, j, from, every)
		until(t, "the overlap", func() bool { return heard.times(from) == 1 })
		if heard.times(close) != 1 || heard.times(long) != 0 {
			t.Errorf("told %v of %d (long ago), %d (just before) and %d", heard.heard(), long, close, from)
		}
	})
}

func TestSlowReaderIsCut(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := journal.NewForTest(db, quiet())
		stuck, ended := make(chan struct{}), make(chan error, 1)
		var sent listener
		go func() {
			ended <- j.Follow(context.Background(), 0, every, func(e journal.Entry) error {
				sent.hear([]journal.Entry{e})
				<-stuck
				return nil
			})
		}()
		until(t, "the reader", func() bool {
			write(t, db, j, journal.Entry{})
			return len(sent.heard()) > 0
		})
		err := db.Write(context.Background(), func(tx *store.Tx) error {
			for range 300 {
				if _, err := j.Record(tx, journal.Entry{Verb: journal.CardShown}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err) // returned at all: no one waited for the reader
		}
		close(stuck)
		select {
		case err := <-ended:
			if !errors.Is(err, journal.ErrSlow) {
				t.Errorf("ended with %v", err)
			}
		case <-time.After(time.Minute):
			t.Error("the slow reader was not cut")
		}
	})
}

func TestFollowEndsWithTheReader(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := journal.NewForTest(db, quiet())
		from := write(t, db, j, journal.Entry{})
		gone := errors.New("gone")
		err := j.Follow(context.Background(), from, every, func(journal.Entry) error { return gone })
		if !errors.Is(err, gone) {
			t.Errorf("got %v", err)
		}
	})
}
