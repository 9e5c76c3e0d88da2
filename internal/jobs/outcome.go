package jobs

import (
	"context"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
)

// outcome is what became of one attempt.
type outcome string

const (
	outcomeDone        outcome = "done"
	outcomeFailed      outcome = "failed"      // it is run again
	outcomeDead        outcome = "dead"        // it is not
	outcomeInterrupted outcome = "interrupted" // the process has to end
	outcomeLost        outcome = "lost"        // another process has it, or it was replaced
)

// record writes the outcome of a run and counts it.
func (q *queue) record(ctx context.Context, r *run, failed error) (became outcome) {
	job := r.job
	became = outcomeDone
	if !job.finished.Load() {
		end, cancel := ToEnd(ctx)
		defer cancel()
		err := q.opt.DB.Write(end, func(tx *store.Tx) (err error) {
			became, err = q.recordIn(tx, job, failed, ctx.Err() != nil)
			return err
		})
		if err != nil { // the claim runs out, and the job is run again
			q.opt.Log.Error("the outcome of a job was not recorded", "kind", job.Kind, "key", job.Key, "error", err)
			became = outcomeLost
		}
	}
	q.meter.outcomes.WithLabelValues(job.Kind, string(became)).Inc()
	log := q.opt.Log.With("kind", job.Kind, "key", job.Key, "attempt", job.Attempt)
	switch became {
	case outcomeFailed:
		log.Warn("a job failed", "error", failed)
	case outcomeDead:
		log.Error("a job failed for the last time", "error", failed)
	}
	return became
}

func (q *queue) recordIn(tx *store.Tx, job *Job, failed error, stopped bool) (became outcome, err error) {
	kind, held := q.kinds[job.Kind], false
	switch {
	case failed == nil && kind.next != nil:
		became = outcomeDone
		held, err = tickDone(tx, job.ID, job.claim, kind.next(tx.Now()))
	case failed == nil:
		became = outcomeDone
		held, err = removeClaimed(tx, job.ID, job.claim)
	case stopped:
		became = outcomeInterrupted
		held, err = postpone(tx, job.ID, job.claim, tx.Now(), job.Attempt-1, "")
	default:
		became, held, err = q.retry(tx, kind, job, fault.Of(failed))
	}
	if err == nil && !held {
		became = outcomeLost
	}
	return became, err
}

// retry has a job that failed run again later, or declares it dead.
func (q *queue) retry(tx *store.Tx, kind Kind, job *Job, f *fault.Error) (became outcome, held bool, err error) {
	code := text.Cut(f.Key, 60)
	due, again := kind.Backoff.Next(tx.Now(), job.Attempt, f.RetryAfter)
	if !again {
		held, err = bury(tx, job.ID, job.claim, code)
		return outcomeDead, held, err
	}
	if kind.next != nil {
		if next := kind.next(tx.Now()); next.Before(due) {
			due = next
		}
	}
	held, err = postpone(tx, job.ID, job.claim, due, job.Attempt, code)
	return outcomeFailed, held, err
}
