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
	told    *prometheus.CounterVec
	waiting prometheus.Gauge
}

func newMeter(registry prometheus.Registerer) *meter {
	m := &meter{
		told: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callhue_crm_told_total",
			Help: "What CRMs were told of calls by method (register, show, hide, finish) and result: done, refused, failed, given_up.",
		}, []string{"method", "result"}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "callhue_crm_told_waiting", Help: "Calls of which a CRM has not taken something that it is told again and again.",
		}),
	}
	registry.MustRegister(m.told, m.waiting)
	return m
}

func (m *meter) count(method deedKind, r result) {
	m.told.WithLabelValues(string(method), string(r)).Inc()
}

// waits records whether a step of a call is waiting for a retry.
func (t *teller) waits(call int64, late bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case late && !t.late[call]:
		t.late[call] = true
		t.meter.waiting.Inc()
	case !late && t.late[call]:
		delete(t.late, call)
		t.meter.waiting.Dec()
	}
}
