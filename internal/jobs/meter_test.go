package jobs

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"callhue/internal/store"
)

func TestJobsAreCounted(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		registry := prometheus.NewRegistry()
		r := newRunner(t, db, quick, func(o *Options) { o.Metrics = registry })
		running := make(chan bool, 3)
		r.Handle(Kind{Name: "mail", Backoff: Schedule(0), Run: func(ctx context.Context, job *Job) error {
			switch job.Key {
			case "bad":
				return errors.New("no")
			case "long":
				running <- true
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}})
		for _, key := range []string{"good", "bad", "long"} {
			r.enqueue(t, "mail", key, nil)
		}
		lease, err := r.TryAcquire(t.Context(), "mail")
		if err != nil || lease == nil {
			t.Fatal(err)
		}
		stop := start(t, r)
		<-running
		compare := func(text string) error {
			return testutil.GatherAndCompare(registry, strings.NewReader(strings.ReplaceAll(text, "\t", "")),
				"callhue_jobs", "callhue_job_attempts_total", "callhue_jobs_running", "callhue_leases_held")
		}
		eventually(t, "all is counted", func() bool {
			return compare(`
				# HELP callhue_job_attempts_total Attempts to run jobs by kind and outcome: done, failed, dead, interrupted, lost.
				# TYPE callhue_job_attempts_total counter
				callhue_job_attempts_total{kind="mail",outcome="dead"} 1
				callhue_job_attempts_total{kind="mail",outcome="done"} 1
				# HELP callhue_jobs Jobs in the database by kind and state: waiting (or running) and dead.
				# TYPE callhue_jobs gauge
				callhue_jobs{kind="mail",state="dead"} 1
				callhue_jobs{kind="mail",state="waiting"} 1
				callhue_jobs{kind="tick/jobs.sweep",state="waiting"} 1
				# HELP callhue_jobs_running Jobs that this process runs now, by kind.
				# TYPE callhue_jobs_running gauge
				callhue_jobs_running{kind="mail"} 1
				# HELP callhue_leases_held Leases that this process holds.
				# TYPE callhue_leases_held gauge
				callhue_leases_held 1
			`) == nil
		})
		stop()
		lease.Release()
		err = compare(`
			# HELP callhue_job_attempts_total Attempts to run jobs by kind and outcome: done, failed, dead, interrupted, lost.
			# TYPE callhue_job_attempts_total counter
			callhue_job_attempts_total{kind="mail",outcome="dead"} 1
			callhue_job_attempts_total{kind="mail",outcome="done"} 1
			callhue_job_attempts_total{kind="mail",outcome="interrupted"} 1
			# HELP callhue_jobs Jobs in the database by kind and state: waiting (or running) and dead.
			# TYPE callhue_jobs gauge
			callhue_jobs{kind="mail",state="dead"} 1
			callhue_jobs{kind="mail",state="waiting"} 1
			callhue_jobs{kind="tick/jobs.sweep",state="waiting"} 1
			# HELP callhue_jobs_running Jobs that this process runs now, by kind.
			# TYPE callhue_jobs_running gauge
			callhue_jobs_running{kind="mail"} 0
			# HELP callhue_leases_held Leases that this process holds.
			# TYPE callhue_leases_held gauge
			callhue_leases_held 0
		`)
		if err != nil {
			t.Error(err)
		}
	})
}
