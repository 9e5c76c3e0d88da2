package jobs

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// queue runs the jobs of one kind, or of all ticks, in this process.
type queue struct {
	*Runner
	name      string
	kinds     map[string]Kind
	atOnce    int
	ordered   bool
	pollEvery time.Duration
	wake      Signal

	mu      sync.Mutex
	running map[int64]*run
	more    bool        // the last look found more than it could begin
	alarm   *time.Timer // for the next job that will be due
	work    sync.WaitGroup
}

// run is one job that runs in this process.
type run struct {
	job       *Job
	ctx       context.Context
	stop      context.CancelFunc
	confirmed time.Time // when its claim was last known to hold, by the clock of this machine
}

func newQueue(r *Runner, k Kind) *queue {
	return &queue{
		Runner:    r,
		name:      k.Name,
		kinds:     map[string]Kind{},
		atOnce:    k.AtOnce,
		ordered:   k.Ordered,
		pollEvery: k.PollEvery,
		wake:      NewSignal(),
		running:   map[int64]*run{},
	}
}

// serve runs what is due until the context ends.
func (q *queue) serve(ctx context.Context) error {
	if !q.ordered {
		return q.loop(ctx)
	}
	q.RunWhileLeased(ctx, "jobs/"+q.name, func(ctx context.Context, _ *Lease) { _ = q.loop(ctx) })
	return nil
}

func (q *queue) loop(ctx context.Context) error {
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	var renewer sync.WaitGroup
	renewer.Go(func() { q.renew(renewing) })
	defer renewer.Wait()
	defer stop()
	defer q.work.Wait() // first of all
	defer q.alarmAt(0)
	name := "running jobs of kind " + q.name
	return Loop{Name: name, Every: q.pollEvery, Wake: q.wake, Log: q.opt.Log, Do: q.round}.Run(ctx)
}

// round begins what is due, as much of it as this process may run at once.
func (q *queue) round(ctx context.Context) error {
	for {
		free := q.free()
		if free <= 0 {
			return nil
		}
		list, now, err := q.due(ctx, free+1)
		if err != nil {
			return err
		}
		q.setMore(len(list) > free)
		var ready []int64
		for _, d := range list {
			if d.DueAt <= now {
				ready = append(ready, d.ID)
				continue
			}
			q.alarmAt(time.Duration(d.DueAt-now) * time.Millisecond)
			break
		}
		ready = q.notRunning(list, ready[:min(len(ready), free)])
		if len(ready) == 0 {
			return nil
		}
		if err := q.begin(ctx, ready); err != nil {
			return err
		}
		if len(list) <= free {
			return nil
		}
	}
}

// due returns jobs that are due before the next poll, and the moment of the look.
func (q *queue) due(ctx context.Context, limit int) (list []dueJob, now int64, err error) {
	read := q.opt.DB.Read(ctx)
	before := read.Now().Add(q.pollEvery)
	if q.ordered {
		list, err = dueHeads(read, q.name, before, limit)
	} else {
		list, err = dueJobs(read, q.names(), before, limit)
	}
	return list, store.Millis(read.Now()), err
}

func (q *queue) names() (names []string) {
	for name := range q.kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (q *queue) free() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.atOnce - len(q.running)
}

func (q *queue) setMore(more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.more = more
}

// alarmAt wakes the queue after a while instead of when it was to be woken; after 0 not
// at all.
func (q *queue) alarmAt(after time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.alarm != nil {
		q.alarm.Stop()
	}
	if after > 0 {
		q.alarm = time.AfterFunc(after, q.wake.Notify)
	}
}

// notRunning leaves out what this process still runs although its claim has ended, and
// in an ordered queue the other jobs of such a key.
func (q *queue) notRunning(list []dueJob, ids []int64) []int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	busy := map[string]bool{}
	for _, r := range q.running {
		busy[r.job.Key] = q.ordered
	}
	keys := map[int64]string{}
	for _, d := range list {
		keys[d.ID] = d.Key
	}
	return slices.DeleteFunc(ids, func(id int64) bool { return q.running[id] != nil || busy[keys[id]] })
}

// begin claims jobs and runs those that no other process has claimed before.
func (q *queue) begin(ctx context.Context, ids []int64) error {
	slices.Sort(ids)
	claim, asked := q.newHolder(), time.Now()
	var rows []jobRow
	err := q.opt.DB.Write(ctx, func(tx *store.Tx) (err error) {
		rows, err = claimJobs(tx, ids, claim, tx.Now().Add(q.opt.LeaseTime))
		return err
	})
	if err != nil {
		return err
	}
	for _, row := range rows {
		r := &run{job: row.job(), confirmed: asked}
		r.ctx, r.stop = context.WithCancel(ctx)
		q.mu.Lock()
		q.running[row.ID] = r
		q.mu.Unlock()
		q.meter.running.WithLabelValues(row.Kind).Inc()
		q.work.Go(func() {
			became := q.record(ctx, r, q.call(r))
			q.end(r, became)
		})
	}
	return nil
}

func (row jobRow) job() *Job {
	return &Job{ID: row.ID, Kind: row.Kind, Key: row.Key, Attempt: row.Attempts, CreatedAt: store.Time(row.CreatedAt),
		payload: []byte(row.Payload), claim: row.Claim, ranAt: store.Time(row.RanAt)}
}

// end forgets a run, and looks for what can begin now or soon: another job, or the next
// attempt of this one.
func (q *queue) end(r *run, became outcome) {
	r.stop()
	q.meter.running.WithLabelValues(r.job.Kind).Dec()
	q.mu.Lock()
	delete(q.running, r.job.ID)
	again := q.more || q.ordered || became != outcomeDone || q.kinds[r.job.Kind].next != nil
	q.mu.Unlock()
	if again {
		q.wake.Notify()
	}
}

// interrupted is the code of a job whose attempts all ended with their process.
const interrupted = "interrupted"

// call runs a job. A panic is the failure of this one job.
func (q *queue) call(r *run) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			q.opt.Log.Error("a job panicked", "kind", r.job.Kind, "key", r.job.Key, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	if failed := r.job.Attempt - 1; failed > 0 {
		if _, again := q.kinds[r.job.Kind].Backoff(failed); !again {
			return fault.Conflict(interrupted)
		}
	}
	return q.kinds[r.job.Kind].Run(r.ctx, r.job)
}

// renew extends the claims of what runs for long, and stops what has lost its claim.
func (q *queue) renew(ctx context.Context) {
	tick := time.NewTicker(q.opt.LeaseTime / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var ids []int64
		var claims []string
		q.mu.Lock()
		for id, r := range q.running {
			ids, claims = append(ids, id), append(claims, r.job.claim)
		}
		q.mu.Unlock()
		if len(ids) == 0 {
			continue
		}
		slices.Sort(ids)
		slices.Sort(claims)
		asked := time.Now()
		held, err := q.extend(ctx, ids, slices.Compact(claims))
		if err != nil {
			q.opt.Log.Warn("claims of jobs were not renewed", "kind", q.name, "error", err)
		}
		q.confirm(ids, held, asked, err)
	}
}

func (q *queue) extend(ctx context.Context, ids []int64, claims []string) (held []int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, q.opt.LeaseTime/4)
	defer cancel()
	err = q.opt.DB.Write(ctx, func(tx *store.Tx) (err error) {
		held, err = extendClaims(tx, ids, claims, tx.Now().Add(q.opt.LeaseTime))
		return err
	})
	return held, err
}

// confirm remembers which claims hold and stops the runs of the others. While the
// database is away a run goes on until shortly before its claim ends.
func (q *queue) confirm(ids, held []int64, asked time.Time, failed error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, id := range ids {
		r := q.running[id]
		switch {
		case r == nil:
		case failed == nil && slices.Contains(held, id):
			r.confirmed = asked
		case failed == nil || time.Since(r.confirmed) >= q.opt.LeaseTime/2:
			q.opt.Log.Warn("the claim of a job was lost", "kind", r.job.Kind, "key", r.job.Key)
			r.stop()
		}
	}
}
