package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// JobLost is the key of the conflict that a transaction ends with when its job was
// replaced, cancelled or taken over meanwhile.
const JobLost = "job_lost"

// Kind is a kind of jobs and how they are run.
type Kind struct {
	Name string // up to 60 characters
	// Run runs one job. A job whose Run returned an error is run again later. When the
	// process has to end, or the claim is lost, the context ends; such an attempt does
	// not count.
	Run func(ctx context.Context, job *Job) error
	// Backoff is when a job that failed is run again; one that is not run again is
	// dead. nil is Doubling from 1 s to 5 min.
	Backoff Backoff
	// AtOnce is how many jobs of the kind one process runs at the same time; 0 is 8.
	AtOnce int
	// Ordered has the jobs of a key run one after another, in the order of their ids, by
	// one process at a time for the whole kind. A dead job does not hold up the others.
	Ordered bool
	// PollEvery is how soon a job that another process has added is seen; 0 is that of
	// the runner. A job that was seen runs at its moment, not at the next poll.
	PollEvery time.Duration

	next func(after time.Time) time.Time // of a tick: when it is due after a run
}

// Job is one piece of work while it runs.
type Job struct {
	ID        int64
	Kind, Key string
	Attempt   int       // counted from 1
	CreatedAt time.Time // when it was added or set

	payload  []byte
	claim    string
	ranAt    time.Time // of a tick: its last run
	finished atomic.Bool
}

// Decode reads the payload with which the job was added.
func (j *Job) Decode(into any) error { return json.Unmarshal(j.payload, into) }

// Finish marks the job done in a transaction of its Run, so that its effects and its
// end are committed together. It fails with the conflict job_lost when the job was
// replaced, cancelled or taken over by another process.
func (j *Job) Finish(tx *store.Tx) error {
	held, err := removeClaimed(tx, j.ID, j.claim)
	if err == nil && !held {
		err = fault.Conflict(JobLost)
	}
	if err == nil {
		tx.After(func() { j.finished.Store(true) })
	}
	return err
}

// Handle has the runner run the jobs of a kind.
func (r *Runner) Handle(k Kind) {
	if k.Backoff == nil {
		k.Backoff = Doubling(time.Second, 5*time.Minute)
	}
	if k.AtOnce == 0 {
		k.AtOnce = 8
	}
	if k.PollEvery == 0 {
		k.PollEvery = r.opt.PollEvery
	}
	q := newQueue(r, k)
	q.kinds[k.Name] = k
	r.queues[k.Name] = q
}

// Enqueue adds a job in the transaction of its caller. It runs at least once, not
// before due, and after the jobs of its key when the kind is ordered. payload becomes
// JSON; key is up to 100 characters.
func (r *Runner) Enqueue(tx *store.Tx, kind, key string, payload any, due time.Time) error {
	return r.add(tx, kind, payload, due, func(text string) error {
		return insertJob(tx, kind, key, r.slot+r.serial.Add(1), text, due)
	})
}

// Set adds the one job of a key, such as a timer, or replaces it. A run of the replaced
// job cannot finish any more. A key is either set or enqueued, never both.
func (r *Runner) Set(tx *store.Tx, kind, key string, payload any, due time.Time) error {
	return r.add(tx, kind, payload, due, func(text string) error { return setJob(tx, kind, key, text, due) })
}

func (r *Runner) add(tx *store.Tx, kind string, payload any, due time.Time, write func(payload string) error) error {
	q := r.queues[kind]
	if q == nil {
		return fmt.Errorf("jobs: the kind %q is not handled", kind)
	}
	text, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	if err := write(string(text)); err != nil {
		return err
	}
	if due.Before(tx.Now().Add(q.pollEvery)) {
		tx.After(q.wake.Notify)
	}
	return nil
}

// Cancel removes the jobs of a key and returns how many there were. A run of one of
// them cannot finish any more.
func (r *Runner) Cancel(tx *store.Tx, kind, key string) (int64, error) {
	return removeJobs(tx, kind, key)
}

// Revive lets the dead jobs of a kind begin their attempts again and returns how many
// there were.
func (r *Runner) Revive(tx *store.Tx, kind string) (int64, error) {
	if q := r.queues[kind]; q != nil {
		tx.After(q.wake.Notify)
	}
	return reviveJobs(tx, kind)
}
