package journal_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/internal/store"
	"callhue/journal"
)

// ear collects the entries of a listener.
type listener struct {
	mu  sync.Mutex
	ids []int64
}

func (e *listener) hear(list []journal.Entry) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, entry := range list {
		e.ids = append(e.ids, entry.ID)
	}
}

func (e *listener) heard() []int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.ids)
}

// times returns how often an id was delivered.
func (e *listener) times(id int64) (n int) {
	for _, heard := range e.heard() {
		if heard == id {
			n++
		}
	}
	return n
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// running returns a journal that polls the database until the test ends.
func running(t *testing.T, db *store.DB) *journal.Journal {
	t.Helper()
	j := journal.NewForTest(db, quiet())
	run(t, j)
	return j
}

// run has a journal poll the database until the test ends.
func run(t *testing.T, j *journal.Journal) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() {
		if err := j.Run(ctx); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); ended.Wait() })
	until(t, "the tail to begin", func() bool { return j.SinceRead() < time.Second })
}

// until waits for something that happens beside the test, also on a slow machine.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came: %s", what)
		}
	}
}

// looked waits until tails have looked twice more at what others write.
func looked(t *testing.T, db *store.DB, journals ...*journal.Journal) {
	t.Helper()
	other := journal.NewForTest(db, quiet())
	for range 2 {
		ears := make([]listener, len(journals))
		var deaf []func()
		for i, j := range journals {
			deaf = append(deaf, j.Listen(ears[i].hear))
		}
		id := write(t, db, other, journal.Entry{})
		for i := range ears {
			until(t, "what another one wrote", func() bool { return ears[i].times(id) == 1 })
			deaf[i]()
		}
	}
}

// write adds one entry in a transaction of its own.
func write(t *testing.T, db *store.DB, j *journal.Journal, e journal.Entry) (id int64) {
	t.Helper()
	if e.Verb == "" {
		e.Verb = journal.RecordChanged
	}
	err := db.Write(context.Background(), func(tx *store.Tx) (err error) {
		id, err = j.Record(tx, e)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestOwnCommitIsDeliveredBeforeWriteReturns(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := running(t, db) // polls meanwhile: the one who tells, it must be told by then
		var heard listener
		j.Listen(heard.hear)
		for range 200 {
			if id := write(t, db, j, journal.Entry{}); heard.times(id) != 1 {
				t.Fatalf("entry %d was heard %d times when Write returned", id, heard.times(id))
			}
		}
	})
}

func TestRolledBackEntryIsNotDelivered(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := journal.NewForTest(db, quiet())
		var heard listener
		j.Listen(heard.hear)
		refused := errors.New("refused")
		err := db.Write(context.Background(), func(tx *store.Tx) error {
			if _, err := j.Record(tx, journal.Entry{Verb: journal.RecordAdded}); err != nil {
				return err
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		list, err := journal.List(db.Read(context.Background()), journal.History{Limit: 10})
		if err != nil || len(list) != 0 || len(heard.heard()) != 0 {
			t.Errorf("stored %v, heard %v, %v", list, heard.heard(), err)
		}
	})
}

func TestTwoReadersSeeEachOther(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		old := write(t, db, journal.NewForTest(db, quiet()), journal.Entry{})
		one, two := running(t, db), running(t, db)
		var first, second listener
		one.Listen(first.hear)
		stop := two.Listen(second.hear)
		a, b := write(t, db, one, journal.Entry{}), write(t, db, two, journal.Entry{})
		until(t, "both tails", func() bool { return first.times(b) == 1 && second.times(a) == 1 })
		stop()
		last := write(t, db, one, journal.Entry{})
		looked(t, db, one, two)
		for _, id := range []int64{a, b} {
			if first.times(id) != 1 || second.times(id) != 1 {
				t.Errorf("entry %d was told %d and %d times", id, first.times(id), second.times(id))
			}
		}
		if first.times(old) != 0 {
			t.Error("an entry from before the start was told")
		}
		if first.times(last) != 1 || second.times(last) != 0 {
			t.Errorf("the last entry was heard %d times, and %d times by who had stopped", first.times(last),
				second.times(last))
		}
	})
}

func TestSnapshotOlderThanTheReaderIsReadAgain(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j, other := journal.NewForTest(db, quiet()), journal.NewForTest(db, quiet())
		seen := journal.NewSnapshot(j, func(ctx context.Context) (*int, error) {
			list, err := journal.List(db.Read(ctx), journal.History{Limit: 10})
			n := len(list)
			return &n, err
		}, journal.StatusChanged)
		get := func() int {
			n, err := seen.Get(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			return *n
		}
		if n := get(); n != 0 {
			t.Fatalf("%d entries in an empty journal", n)
		}
		write(t, db, other, journal.Entry{Verb: journal.StatusChanged}) // another process, while this one starts
		run(t, j)
		if n := get(); n != 1 {
			t.Errorf("the picture knows %d entries, want 1", n)
		}
	})
}

func TestLowerIDThatCommitsLaterIsDelivered(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		if db.Engine() == "sqlite" {
			t.Skip("SQLite has one writer: ids are the order of commits")
		}
		writer, reader := journal.NewForTest(db, quiet()), running(t, db)
		var heard listener
		reader.Listen(heard.hear)
		hold, held := make(chan struct{}), make(chan int64, 1)
		var slow sync.WaitGroup
		slow.Go(func() {
			err := db.Write(context.Background(), func(tx *store.Tx) error {
				id, err := writer.Record(tx, journal.Entry{Verb: journal.RecordAdded})
				held <- id
				<-hold
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
		low := <-held
		high := write(t, db, writer, journal.Entry{})
		if low >= high {
			t.Fatalf("the held entry has the id %d, the later one %d", low, high)
		}
		until(t, "the later entry", func() bool { return heard.times(high) == 1 })
		looked(t, db, reader) // and must not step over the gap
		if heard.times(low) != 0 {
			t.Fatal("an entry was told before its commit")
		}
		close(hold)
		slow.Wait()
		until(t, "the lower id", func() bool { return heard.times(low) == 1 })
		looked(t, db, reader)
		if heard.times(low) != 1 || heard.times(high) != 1 {
			t.Errorf("told %v", heard.heard())
		}
	})
}

func TestEntryKeepsEverything(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := journal.NewForTest(db, quiet())
		want := journal.Entry{Actor: 18, Team: 3, Verb: journal.CompanyStatus,
			Subject: journal.Ref{Kind: "company", ID: 310}, Client: journal.Ref{Kind: "company", ID: 310}, Amount: 5,
			Details: journal.Details(map[string]string{"to": "В работе"})}
		want.ID = write(t, db, j, want)
		list, err := journal.List(db.Read(context.Background()), journal.History{Limit: 2})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		got := list[0]
		if got.At.Location() != time.UTC || time.Since(got.At) > time.Hour {
			t.Errorf("written at %v", got.At)
		}
		want.At = got.At
		a, _ := json.Marshal(want)
		b, _ := json.Marshal(got)
		if string(a) != string(b) {
			t.Errorf("wrote %s\nread  %s", a, b)
		}
	})
}

func TestUnknownVerbPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an unknown verb was taken")
		}
	}()
	_, _ = journal.NewForTest(nil, quiet()).Record(nil, journal.Entry{Verb: "company.eaten"})
}

// lines counts what is logged.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, string(line))
	return len(line), nil
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.all, "")
}

func TestALostDatabaseIsOneLineOfTheLog(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		log := &lines{}
		run(t, journal.NewForTest(db, slog.New(slog.NewTextHandler(log, nil))))
		rename := func(from, to string) {
			t.Helper()
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec("ALTER TABLE " + from + " RENAME TO " + to)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		rename("journal", "journal_away")
		until(t, "the loss to be told", func() bool { return strings.Contains(log.text(), "cannot be read") })
		time.Sleep(700 * time.Millisecond) // three polls more
		rename("journal_away", "journal")
		until(t, "the return to be told", func() bool { return strings.Contains(log.text(), "can be read again") })
		if n := strings.Count(log.text(), "\n"); n != 2 {
			t.Errorf("%d lines, want one of the loss and one of the return:\n%s", n, log.text())
		}
	})
}

func TestManyEntriesAtOnceAreDeliveredLikeSingleOnes(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := journal.NewForTest(db, slog.New(slog.DiscardHandler))
		var heard []journal.Entry
		j.Listen(func(list []journal.Entry) { heard = append(heard, list...) })
		err := db.Write(context.Background(), func(tx *store.Tx) error {
			list := make([]journal.Entry, 250)
			for i := range list {
				list[i] = journal.Entry{Verb: journal.RecordAdded, Subject: journal.Ref{"company", int64(i)},
					Amount: int64(i)}
			}
			return j.RecordAll(tx, list)
		})
		if err != nil {
			t.Fatal(err)
		}
		stored, err := journal.List(db.Read(context.Background()), journal.History{Limit: 1000})
		if err != nil || len(stored) != 250 || len(heard) != 250 {
			t.Fatalf("%d stored, %d heard, %v", len(stored), len(heard), err)
		}
		for i, e := range heard {
			if e.ID != stored[249-i].ID || e.Amount != stored[249-i].Amount || string(stored[i].Details) != "{}" {
				t.Fatalf("entry %d was heard as %+v, stored as %+v", i, e, stored[249-i])
			}
		}
	})
}
