// Package jobs runs work that must survive a restart and must not run twice.
//
// Several processes share one database, and any of them may be killed. The package
// offers what they need to share work:
//
//   - a lease: one process at a time does something (lease.go),
//   - a queue: jobs that are due at a moment, each run by one process, repeated with
//     back-off when it fails (queue.go),
//   - a tick: a job that is due again and again (tick.go),
//   - a loop: work that each process repeats for itself (loop.go).
//
// A job is added in the transaction of its caller and runs at least once. A process
// claims it for a while and renews the claim as long as it works; when the process is
// killed, the claim ends and another process runs the job. The clocks of the processes
// may differ by a few seconds at most: leases and claims end by the clock.
//
// Read next: queue.go, then lease.go.
package jobs

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"callhue/internal/store"
)

// The defaults of Options.
const (
	defaultLeaseTime = 30 * time.Second
	defaultPollEvery = time.Second
)

// Options are what a Runner is built from.
type Options struct {
	DB     *store.DB // its clock is the clock of due times, leases and claims
	Log    *slog.Logger
	Random io.Reader
	// Metrics may be nil.
	Metrics prometheus.Registerer
	// LeaseTime is how long a killed process keeps its leases and its jobs; 0 is 30 s.
	LeaseTime time.Duration
	// PollEvery is how often a process looks for what others have added or released;
	// 0 is 1 s.
	PollEvery time.Duration
}

// Runner runs jobs and holds leases for one process.
type Runner struct {
	opt     Options
	process string // the name of this process in leases and claims
	serial  atomic.Int64
	slot    int64 // the first slot of the jobs that this process adds
	meter   *meter

	queues map[string]*queue
	ticks  *queue // nil without ticks

	mu       sync.Mutex
	released chan struct{} // closed when this process releases a lease
}

// New returns the runner of a process. Kinds and ticks are added before Run.
func New(opt Options) (*Runner, error) {
	if opt.LeaseTime == 0 {
		opt.LeaseTime = defaultLeaseTime
	}
	if opt.PollEvery == 0 {
		opt.PollEvery = defaultPollEvery
	}
	name := make([]byte, 8)
	if _, err := io.ReadFull(opt.Random, name); err != nil {
		return nil, err
	}
	r := &Runner{opt: opt, process: hex.EncodeToString(name), queues: map[string]*queue{},
		released: make(chan struct{})}
	r.slot = int64(binary.BigEndian.Uint64(name) >> 2)
	r.meter = newMeter(r)
	r.Tick(Tick{Name: "jobs.sweep", Next: Every(time.Hour), Run: r.sweep})
	return r, nil
}

// Run runs jobs and ticks until the context ends, then waits for those that are
// running. What they do not finish in time is due at once for another process.
func (r *Runner) Run(ctx context.Context) error {
	if err := r.scheduleTicks(ctx); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return r.ticks.serve(ctx) })
	for _, q := range r.queues {
		group.Go(func() error { return q.serve(ctx) })
	}
	return group.Wait()
}

// newHolder returns a name for a lease or a claim that was never used before.
func (r *Runner) newHolder() string {
	return r.process + "." + strconv.FormatInt(r.serial.Add(1), 10)
}

// How long dead jobs are kept, and leases of processes that were killed.
const (
	keepDead   = 30 * 24 * time.Hour
	keepLeases = 24 * time.Hour
)

// sweep removes jobs that died long ago and leases that ran out long ago.
func (r *Runner) sweep(ctx context.Context, _ time.Time) error {
	return r.opt.DB.Write(ctx, func(tx *store.Tx) error {
		if err := removeDeadJobs(tx, tx.Now().Add(-keepDead)); err != nil {
			return err
		}
		return removeOldLeases(tx, tx.Now().Add(-keepLeases))
	})
}

// lastWords is how long a process that ends may take to record what became of its
// work.
const lastWords = 2 * time.Second

// ToEnd returns a context for what has to be recorded even if ctx ends meanwhile: it then lasts for another 2 s.
func ToEnd(ctx context.Context) (context.Context, context.CancelFunc) {
	end, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lastWords, cancel) })
	return end, func() {
		stop()
		cancel()
	}
}
