package webhooks

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/fault"
)

// outcome is what became of a request.
type outcome string

const (
	outcomeUnderstood outcome = "understood"
	outcomeIgnored    outcome = "ignored" // a known dialect, an event that we have no use for
	outcomeRefused    outcome = "refused" // nobody whom we know
	outcomeInvalid    outcome = "invalid" // known, but not readable
	outcomeLimited    outcome = "limited" // too much at once
	outcomeFailed     outcome = "failed"  // by us
)

// Values lists the outcomes, for the API reference.
func (outcome) Values() []string {
	return []string{string(outcomeUnderstood), string(outcomeIgnored), string(outcomeRefused), string(outcomeInvalid), string(outcomeLimited),
		string(outcomeFailed)}
}

func outcomeOf(f *fault.Error, h Parsed) outcome {
	switch {
	case f == nil && h.Ignored != "":
		return outcomeIgnored
	case f == nil:
		return outcomeUnderstood
	}
	switch f.Kind {
	case fault.KindInvalid:
		return outcomeInvalid
	case fault.KindBusy:
		return outcomeLimited
	case fault.KindInternal:
		return outcomeFailed
	}
	return outcomeRefused
}

// reasonOf is why a request was refused, as a label: a closed set, never text
// of the request.
func reasonOf(f *fault.Error) string {
	if f.Kind == fault.KindMissing {
		return "no_webhooks"
	}
	return f.Key
}

// meter counts requests. A source is no label: their number is not bounded by us.
type meter struct {
	requests *prometheus.CounterVec
	refused  *prometheus.CounterVec
	known    sync.Map // [2]string{dialect, outcome} -> prometheus.Counter: finding one by its labels costs more than counting
}

func newMeter(registry prometheus.Registerer) *meter {
	m := &meter{
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

func (m *meter) count(dialect string, o outcome, reason string) {
	labels := [2]string{dialect, string(o)}
	counter, ok := m.known.Load(labels)
	if !ok {
		counter, _ = m.known.LoadOrStore(labels, m.requests.WithLabelValues(labels[:]...))
	}
	counter.(prometheus.Counter).Inc()
	if reason != "" {
		m.refused.WithLabelValues(dialect, reason).Inc()
	}
}
