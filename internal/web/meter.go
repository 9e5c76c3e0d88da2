package web

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// meter counts requests by the route's pattern, never by the path: paths hold
// ids, and sometimes secrets.
type meter struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	streams  prometheus.Gauge
}

func newMeter(registry *prometheus.Registry) *meter {
	m := &meter{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callhue_requests_total", Help: "Requests by route pattern and status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "callhue_request_seconds", Help: "Time from the request's arrival to its answer.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "callhue_live_streams", Help: "Open streams of server-sent events.",
		}),
	}
	registry.MustRegister(m.requests, m.seconds, m.streams)
	return m
}

// route returns the function that counts one request of the route. The counters
// of each status are looked up once: their labels cost as much as a cached
// lookup.
func (m *meter) route(r Route) func(status int, took time.Duration) {
	seconds := m.seconds.WithLabelValues(r.Method, r.Path)
	var byStatus sync.Map // int -> prometheus.Counter
	return func(status int, took time.Duration) {
		counter, ok := byStatus.Load(status)
		if !ok {
			counter, _ = byStatus.LoadOrStore(status,
				m.requests.WithLabelValues(r.Method, r.Path, strconv.Itoa(status)))
		}
		counter.(prometheus.Counter).Inc()
		seconds.Observe(took.Seconds())
	}
}
