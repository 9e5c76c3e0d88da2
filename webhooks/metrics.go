package webhooks

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/fault"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

// outcomeOf returns what became of a request; f is nil when it was handled.
func outcomeOf(f *fault.Error, parsed dialects.Parsed) sources.Outcome {
	switch {
	case f == nil && parsed.Ignored != "":
		return sources.Ignored
	case f == nil:
		return sources.Understood
	}
	switch f.Kind {
	case fault.KindInvalid:
		return sources.Invalid
	case fault.KindBusy:
		return sources.Limited
	case fault.KindInternal, fault.KindUnavailable:
		return sources.Failed
	}
	return sources.Refused
}

// reasonLabel returns why a request was refused, as one of a closed set of labels: never text of the request.
func reasonLabel(f *fault.Error) string {
	switch {
	case f == nil:
		return ""
	case f.Kind == fault.KindMissing:
		return "no_webhooks"
	}
	return f.Key
}

// requestMetrics counts requests for Prometheus. The source is no label: the number of sources is not bounded.
type requestMetrics struct {
	requests *prometheus.CounterVec
	refused  *prometheus.CounterVec
	// counters holds a prometheus.Counter by [2]string{dialect, outcome}: finding one by its labels costs more than
	// counting.
	counters sync.Map
}

func newRequestMetrics(registry prometheus.Registerer) *requestMetrics {
	m := &requestMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callhue_webhook_requests_total", Help: "Requests of PBXs and CRMs by dialect and outcome.",
		}, []string{"dialect", "outcome"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callhue_webhook_refused_total", Help: "Requests of PBXs and CRMs that were refused, by dialect and reason.",
		}, []string{"dialect", "reason"}),
	}
	registry.MustRegister(m.requests, m.refused)
	return m
}

func (m *requestMetrics) count(dialect string, outcome sources.Outcome, reason string) {
	labels := [2]string{dialect, string(outcome)}
	counter, ok := m.counters.Load(labels)
	if !ok {
		counter, _ = m.counters.LoadOrStore(labels, m.requests.WithLabelValues(labels[:]...))
	}
	counter.(prometheus.Counter).Inc()
	if reason != "" {
		m.refused.WithLabelValues(dialect, reason).Inc()
	}
}
