package calllog

import (
	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/fault"
)

// result is the result of a step.
type result string

const (
	resultDone    result = "done"
	resultRefused result = "refused"  // by the CRM, which understood it
	resultFailed  result = "failed"   // the CRM was not reached, or demands a pause
	resultGivenUp result = "given_up" // refused too often, or too late by now
)

func resultOf(f *fault.Error) result {
	switch {
	case f == nil:
		return resultDone
	case f.Kind == fault.KindForbidden || f.Kind == fault.KindInvalid:
		return resultRefused
	}
	return resultFailed
}

// meter counts the steps. A source is no label: the number of sources is not bounded.
type meter struct {
	steps   *prometheus.CounterVec
	waiting prometheus.Gauge
}

func newMeter(registry prometheus.Registerer) *meter {
	m := &meter{
		steps: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callhue_crm_told_total",
			Help: "Steps of calls sent to CRMs by method (register, show, hide, finish) and result: done, refused, failed, given_up.",
		}, []string{"method", "result"}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "callhue_crm_told_waiting",
			Help: "Calls with a step that a CRM did not accept yet and that is retried.",
		}),
	}
	registry.MustRegister(m.steps, m.waiting)
	return m
}

func (m *meter) count(method stepKind, r result) {
	m.steps.WithLabelValues(string(method), string(r)).Inc()
}

// setWaiting records whether a step of a call is waiting for a retry.
func (s *sender) setWaiting(call int64, late bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case late && !s.late[call]:
		s.late[call] = true
		s.meter.waiting.Inc()
	case !late && s.late[call]:
		delete(s.late, call)
		s.meter.waiting.Dec()
	}
}
