package jobs

import (
	"context"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// newRunner returns the runner of one more process on the database of db, with a
// connection of its own.
func newRunner(t testing.TB, db *store.DB, change ...func(*Options)) *Runner {
	t.Helper()
	own, err := store.Open(context.Background(), db.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Close() })
	opt := Options{DB: own, Log: slog.New(slog.DiscardHandler), Random: rand.Reader}
	for _, f := range change {
		f(&opt)
	}
	r, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// quick has polls that a test can wait for in real time.
func quick(o *Options) { o.PollEvery = 20 * time.Millisecond }

// seldom has polls that cost little where a test lets hours pass.
func seldom(o *Options) { o.PollEvery = time.Minute }

// start runs a runner until stop is called, which waits for its end.
func start(t testing.TB, r *Runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run ended with %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// failing is what *testing.T and *rapid.T share.
type failing interface {
	Helper()
	Fatal(args ...any)
}

func (r *Runner) write(t failing, f func(tx *store.Tx) error) {
	t.Helper()
	if err := r.opt.DB.Write(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func (r *Runner) enqueue(t testing.TB, kind, key string, payload any) {
	t.Helper()
	r.write(t, func(tx *store.Tx) error { return r.Enqueue(tx, kind, key, payload, tx.Now()) })
}

// stored is one row of jobs as tests compare it.
type stored struct {
	Kind     string `db:"kind"`
	Key      string `db:"job_key"`
	State    string `db:"state"`
	DueAt    int64  `db:"due_at"`
	Attempts int    `db:"attempts"`
	Error    string `db:"error"`
}

// rows returns all jobs but the ticks.
func rows(t failing, db *store.DB) (list []stored) {
	t.Helper()
	err := db.Read(context.Background()).Select(&list,
		"SELECT kind, job_key, state, due_at, attempts, error FROM jobs WHERE kind NOT LIKE 'tick/%' ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// eventually waits for something that another goroutine does.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

func isFault(err error, key string) bool { return err != nil && fault.Of(err).Key == key }
