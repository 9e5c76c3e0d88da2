package jobs

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"callhue/internal/store"
)

// modelJob is a job as the plain model knows it.
type modelJob struct {
	stored
	outcomes []int // of its attempts
}

// The outcomes of an attempt.
const (
	itIsDone = iota
	itFinishes
	itFails
)

// model is the queue written down plainly: one list in the order of ids.
type model struct {
	jobs  []*modelJob
	now   time.Time
	waits Backoff
}

const modelLease = 20 * time.Second

// at is a moment in the stored form.
func (m *model) at(after time.Duration) int64 { return store.Millis(m.now.Add(after)) }

func (m *model) remove(gone func(*modelJob) bool) { m.jobs = slices.DeleteFunc(m.jobs, gone) }

// ready returns the jobs of a kind that are due, the earliest first.
func (m *model) ready(kind string) (list []*modelJob) {
	held := map[string]bool{}
	for _, j := range m.jobs {
		if j.Kind != kind || j.State != stateWaiting {
			continue
		}
		if due := j.DueAt <= m.at(0); due && !(kind == "ordered" && held[j.Key]) {
			list = append(list, j)
		}
		held[j.Key] = true
	}
	slices.SortStableFunc(list, func(a, b *modelJob) int { return cmp.Compare(a.DueAt, b.DueAt) })
	return list
}

// run runs one job as the queue should.
func (m *model) run(j *modelJob) {
	j.Attempts++
	wait, again := m.waits(j.Attempts)
	switch _, allowed := m.waits(j.Attempts - 1); {
	case j.Attempts > 1 && !allowed:
		j.State, j.DueAt, j.Error = stateDead, m.at(0), interrupted
	case j.outcomes[j.Attempts-1] != itFails:
		m.remove(func(other *modelJob) bool { return other == j })
	case again:
		j.DueAt, j.Error = m.at(wait), "internal"
	default:
		j.State, j.DueAt, j.Error = stateDead, m.at(0), "internal"
	}
}

// TestTheQueueAgainstAModel does what comes to mind, in two processes of which each may
// die with jobs in its hands, and compares the table with the model after each step.
func TestTheQueueAgainstAModel(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		m := &model{waits: Schedule(0, 5*time.Second, 10*time.Second)}
		var processes []*Runner
		for range 2 {
			r := newRunner(t, db, func(o *Options) { o.LeaseTime = modelLease })
			r.opt.DB.Clock = func() time.Time { return m.now }
			run := func(ctx context.Context, job *Job) error {
				var outcomes []int
				if err := job.Decode(&outcomes); err != nil {
					return err
				}
				switch outcomes[job.Attempt-1] {
				case itFinishes:
					return r.opt.DB.Write(ctx, job.Finish)
				case itFails:
					return errors.New("no")
				}
				return nil
			}
			for _, kind := range []string{"plain", "ordered", "timer"} {
				r.Handle(Kind{Name: kind, Ordered: kind == "ordered", AtOnce: 3, Backoff: m.waits, Run: run})
			}
			processes = append(processes, r)
		}
		rapid.Check(t, func(rt *rapid.T) {
			m.jobs, m.now = nil, time.Unix(1773306965, 0)
			processes[0].write(rt, func(tx *store.Tx) error { _, err := tx.Exec("DELETE FROM jobs"); return err })
			rt.Repeat(map[string]func(*rapid.T){
				"":       func(rt *rapid.T) { m.compare(rt, db) },
				"add":    func(rt *rapid.T) { m.add(rt, rapid.SampledFrom(processes).Draw(rt, "process")) },
				"cancel": func(rt *rapid.T) { m.cancel(rt, processes[0]) },
				"wait": func(rt *rapid.T) {
					m.now = m.now.Add(time.Duration(rapid.IntRange(1, 25).Draw(rt, "seconds")) * time.Second)
				},
				"work":  func(rt *rapid.T) { m.work(rt, rapid.SampledFrom(processes).Draw(rt, "process")) },
				"crash": func(rt *rapid.T) { m.crash(rt, rapid.SampledFrom(processes).Draw(rt, "process")) },
			})
		})
	})
}

func drawKind(rt *rapid.T) string {
	return rapid.SampledFrom([]string{"plain", "ordered", "timer"}).Draw(rt, "kind")
}

func drawKey(rt *rapid.T) string { return rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "key") }

func (m *model) add(rt *rapid.T, r *Runner) {
	kind, key := drawKind(rt), drawKey(rt)
	due := m.now.Add(time.Duration(rapid.IntRange(-3, 10).Draw(rt, "due")) * time.Second)
	outcomes := rapid.SliceOfN(rapid.IntRange(itIsDone, itFails), 3, 3).Draw(rt, "outcomes")
	job := &modelJob{outcomes: outcomes}
	job.stored = stored{Kind: kind, Key: key, State: stateWaiting, DueAt: store.Millis(due)}
	r.write(rt, func(tx *store.Tx) error {
		if kind == "timer" {
			return r.Set(tx, kind, key, outcomes, due)
		}
		return r.Enqueue(tx, kind, key, outcomes, due)
	})
	for _, old := range m.jobs {
		if kind == "timer" && old.Kind == kind && old.Key == key {
			*old = *job // keeps its place
			return
		}
	}
	m.jobs = append(m.jobs, job)
}

func (m *model) cancel(rt *rapid.T, r *Runner) {
	kind, key := drawKind(rt), drawKey(rt)
	r.write(rt, func(tx *store.Tx) error { _, err := r.Cancel(tx, kind, key); return err })
	m.remove(func(j *modelJob) bool { return j.Kind == kind && j.Key == key })
}

// work has a process run all that is due of a kind.
func (m *model) work(rt *rapid.T, r *Runner) {
	kind := drawKind(rt)
	q := r.queues[kind]
	for {
		list, now, err := q.due(rt.Context(), 1)
		if err == nil && len(list) > 0 && list[0].DueAt <= now {
			err = q.round(rt.Context())
			q.work.Wait()
		} else if err == nil {
			break
		}
		if err != nil {
			rt.Fatal(err)
		}
	}
	q.alarmAt(0)
	for ready := m.ready(kind); len(ready) > 0; ready = m.ready(kind) {
		m.run(ready[0])
	}
}

// crash has a process claim what is due of a kind and die.
func (m *model) crash(rt *rapid.T, r *Runner) {
	kind := drawKind(rt)
	q := r.queues[kind]
	list, now, err := q.due(rt.Context(), 2)
	if err != nil {
		rt.Fatal(err)
	}
	var ids []int64
	for _, d := range list {
		if d.DueAt <= now {
			ids = append(ids, d.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	r.write(rt, func(tx *store.Tx) error {
		_, err := claimJobs(tx, ids, r.newHolder(), tx.Now().Add(modelLease))
		return err
	})
	for _, j := range m.ready(kind)[:len(ids)] {
		j.Attempts++
		j.DueAt = m.at(modelLease)
	}
}

// compare looks whether the table holds what the model does.
func (m *model) compare(rt *rapid.T, db *store.DB) {
	var want []stored
	for _, j := range m.jobs {
		want = append(want, j.stored)
	}
	if got := rows(rt, db); !slices.Equal(got, want) {
		rt.Fatalf("the table has\n%+v, the model\n%+v", got, want)
	}
}
