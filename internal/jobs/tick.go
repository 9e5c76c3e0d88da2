package jobs

import (
	"context"
	"time"

	"callhue/internal/store"
)

// Tick is work that is due again and again and that one process does each time. The
// database keeps when it ran last and when it is due, so a restart skips nothing: what
// was due while no process ran is done once at the start.
type Tick struct {
	Name string // up to 50 characters
	// Next returns when the tick is due after a moment.
	Next func(after time.Time) time.Time
	// Run does the work. last is when it was done before, zero for never. What fails is
	// done again after 1 s to 5 min, but not later than its next turn.
	Run func(ctx context.Context, last time.Time) error
}

// Every returns the schedule of a fixed period, counted from midnight UTC on
// 1 January of year 1: an hourly tick is due on the hour.
func Every(period time.Duration) func(after time.Time) time.Time {
	return func(after time.Time) time.Time { return after.Truncate(period).Add(period) }
}

// tickKind is the kind of the job of a tick.
func tickKind(name string) string { return "tick/" + name }

// Tick has the runner do the work of a tick.
func (r *Runner) Tick(t Tick) {
	if r.ticks == nil {
		r.ticks = newQueue(r, Kind{Name: "tick", AtOnce: 8, PollEvery: r.opt.PollEvery})
	}
	kind := Kind{Name: tickKind(t.Name), Backoff: Doubling(time.Second, 5*time.Minute), next: t.Next}
	kind.Run = func(ctx context.Context, job *Job) error { return t.Run(ctx, job.ranAt) }
	r.ticks.kinds[kind.Name] = kind
}

// scheduleTicks adds the jobs of ticks that the database does not have yet.
func (r *Runner) scheduleTicks(ctx context.Context) error {
	return r.opt.DB.Write(ctx, func(tx *store.Tx) error {
		for _, name := range r.ticks.names() {
			if err := ensureTick(tx, name, r.ticks.kinds[name].next(tx.Now())); err != nil {
				return err
			}
		}
		return nil
	})
}
