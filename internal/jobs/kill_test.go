package jobs

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"callhue/internal/store"
)

// childOf has the test's own binary be a process of its own, which can be killed: it
// holds the database's URL.
const childOf = "CALLHUE_TEST_JOBS_DATABASE"

func TestMain(m *testing.M) {
	if url := os.Getenv(childOf); url != "" {
		os.Exit(child(url))
	}
	os.Exit(m.Run())
}

// child takes a lease and begins a job, and then does nothing for ever.
func child(url string) int {
	db, err := store.Open(context.Background(), url)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	r, err := New(killed(db))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	lease, err := r.TryAcquire(context.Background(), "mail")
	if err != nil || lease == nil {
		fmt.Println("no lease:", err)
		return 1
	}
	fmt.Println("leased")
	r.Handle(Kind{Name: "mail", Run: func(context.Context, *Job) error {
		fmt.Println("begun")
		select {}
	}})
	r.Tick(Tick{Name: "second", Next: Every(time.Second), Run: func(context.Context, time.Time) error {
		fmt.Println("ticking")
		select {}
	}})
	fmt.Println(r.Run(context.Background()))
	return 1
}

// TestAKilledProcess kills a process that holds a lease and runs a job and a tick. The
// lease is renewed until then; afterwards this process does each of them once, and not
// before the lease time is over.
func TestAKilledProcess(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r, done := newRunner(t, db), ran{begun: time.Now()}
		r.opt.LeaseTime, r.opt.PollEvery = killed(db).LeaseTime, killed(db).PollEvery
		r.Handle(Kind{Name: "mail", PollEvery: 20 * time.Millisecond, Run: func(_ context.Context, job *Job) error {
			done.add(fmt.Sprintf("job %d", job.Attempt))
			return nil
		}})
		r.Tick(Tick{Name: "second", Next: Every(time.Hour), Run: func(context.Context, time.Time) error {
			done.add("tick")
			return nil
		}})
		r.enqueue(t, "mail", "", nil)

		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), childOf+"="+db.URL)
		said := &lines{}
		command.Stdout = said
		command.Stderr = os.Stderr
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the child works", func() bool {
			return said.has("leased") && said.has("begun") && said.has("ticking")
		})
		start(t, r)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		go r.RunWhileLeased(ctx, "mail", func(context.Context, *Lease) { done.add("lease") })
		time.Sleep(killed(db).LeaseTime * 5 / 4)
		if got := done.all(); len(got) != 0 {
			t.Errorf("while the other process lives: %v", got)
		}
		if err := command.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		at := time.Since(done.begun)
		_ = command.Wait()
		eventually(t, "everything is done here", func() bool { return len(done.all()) >= 3 })
		time.Sleep(killed(db).LeaseTime / 2)
		for _, what := range []string{"job 2", "lease", "tick"} {
			if n := done.times(what); n != 1 {
				t.Errorf("%s: %d times of %v", what, n, done.all())
			}
		}
		for i, when := range done.at { // a slow machine gets some more time
			if after := when - at; after < killed(db).LeaseTime/3 || after > killed(db).LeaseTime+5*time.Second {
				t.Errorf("%s came %v after the kill, the lease time is %v", done.list[i], after, killed(db).LeaseTime)
			}
		}
	})
}

// killed are the options of both processes.
func killed(db *store.DB) Options {
	return Options{
		DB:        db,
		Log:       slog.New(slog.DiscardHandler),
		Random:    rand.Reader,
		LeaseTime: 1200 * time.Millisecond,
		PollEvery: 20 * time.Millisecond,
	}
}

// lines gathers what a child prints.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) has(line string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), line+"\n")
}
