package jobs

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// meter counts jobs and leases. Keys and names of leases are no labels: their number
// has no bound.
type meter struct {
	runner   *Runner
	outcomes *prometheus.CounterVec
	running  *prometheus.GaugeVec
	leases   prometheus.Gauge
	stored   *prometheus.Desc
}

func newMeter(r *Runner) *meter {
	m := &meter{
		runner: r,
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callhue_job_attempts_total",
			Help: "Attempts to run jobs by kind and outcome: done, failed, dead, interrupted, lost.",
		}, []string{"kind", "outcome"}),
		running: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "callhue_jobs_running", Help: "Jobs that this process runs now, by kind.",
		}, []string{"kind"}),
		leases: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "callhue_leases_held", Help: "Leases that this process holds.",
		}),
		stored: prometheus.NewDesc("callhue_jobs",
			"Jobs in the database by kind and state: waiting (or running) and dead.", []string{"kind", "state"}, nil),
	}
	if r.opt.Metrics != nil {
		r.opt.Metrics.MustRegister(m.outcomes, m.running, m.leases, m)
	}
	return m
}

// Describe implements prometheus.Collector for what is counted in the database.
func (m *meter) Describe(to chan<- *prometheus.Desc) { to <- m.stored }

// Collect implements prometheus.Collector. Without the database it reports nothing.
func (m *meter) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	counts, err := countJobs(m.runner.opt.DB.Read(ctx))
	if err != nil {
		return
	}
	for _, n := range counts {
		to <- prometheus.MustNewConstMetric(m.stored, prometheus.GaugeValue, float64(n.Count), n.Kind, n.State)
	}
}
