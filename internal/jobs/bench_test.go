package jobs

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"callhue/internal/store"
)

// BenchmarkTimers has a thousand timers be due at once, each of which writes something
// and finishes in the same transaction. µs/timer is what one costs after its moment.
func BenchmarkTimers(b *testing.B) {
	store.Test(b, func(b *testing.B, db *store.DB) {
		const timers = 1000
		for _, processes := range []int{1, 2} {
			b.Run(strconv.Itoa(processes)+" processes", func(b *testing.B) {
				var done atomic.Int64
				for range processes {
					r := newRunner(b, db)
					r.Handle(Kind{Name: "timer", AtOnce: 16, Run: func(ctx context.Context, job *Job) error {
						defer done.Add(1)
						return r.opt.DB.Write(ctx, func(tx *store.Tx) error {
							name, turn := store.Column{Name: "name", Value: job.Key}, store.Column{Name: "turn",
								Value: 1}
							if err := tx.Upsert("timed", []store.Column{name}, []store.Column{turn}); err != nil {
								return err
							}
							return job.Finish(tx)
						})
					}})
					start(b, r)
				}
				r := newRunner(b, db)
				r.Handle(Kind{Name: "timer"})
				r.write(b, func(tx *store.Tx) error {
					_, err := tx.Exec("CREATE TABLE IF NOT EXISTS timed (name VARCHAR(100) PRIMARY KEY, turn BIGINT)")
					return err
				})
				rounds := 0
				var worked time.Duration
				for b.Loop() {
					rounds++
					due := time.Now().Add(2 * time.Second)
					r.write(b, func(tx *store.Tx) error {
						for i := range timers {
							if err := r.Set(tx, "timer", strconv.Itoa(i), nil, due); err != nil {
								return err
							}
						}
						return nil
					})
					for done.Load() < int64(rounds*timers) {
						time.Sleep(time.Millisecond)
					}
					worked += time.Since(due)
				}
				b.ReportMetric(float64(worked.Microseconds())/float64(rounds*timers), "µs/timer")
				b.ReportMetric(float64(done.Load()-int64(rounds*timers)), "repeated")
			})
		}
	})
}
