package outhooks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/crm"
	"callhue/internal/secrets"
	"callhue/internal/text"
	"callhue/internal/web"
	"callhue/journal"
)

// Message is the body of a delivery: an entry of the journal, and which delivery
// this is. Both numbers stay the same in every attempt and replay.
type Message struct {
	journal.Entry
	Delivery int64 `json:"delivery"`
	// ExternalIDs are what other systems call the client at the time of the attempt.
	ExternalIDs []crm.ExternalID `json:"external_ids,omitempty"`
}

// The headers of a delivery besides its signature.
const (
	deliveryHeader = "X-Callhue-Delivery"
	attemptHeader  = "X-Callhue-Attempt"
)

// How long a receiver may take, and how much of its answer we look at and keep.
const (
	sendTimeout  = 10 * time.Second
	readAnswer   = 4 << 10
	detailLength = 300
)

// outOutcome is what became of an attempt; a closed set, a label of the metrics.
type outOutcome string

const (
	outDone   outOutcome = "done"
	outFailed outOutcome = "failed"
	outGone   outOutcome = "gone" // 410
)

// answered is what came of an attempt.
type answered struct {
	outcome outOutcome
	status  int           // of HTTP, 0 without an answer
	took    time.Duration // until the answer was read
	pause   time.Duration // what Retry-After asks for
	why     string        // a code; "" when it was taken
	detail  string        // the beginning of the answer, or what the network said
}

// send makes one attempt.
func (c *Dispatcher) send(ctx context.Context, row *hookRow, d deliveryRow, e journal.Entry) answered {
	start := time.Now()
	said := c.request(ctx, row, d, e)
	said.took = time.Since(start)
	return said
}

func (c *Dispatcher) request(ctx context.Context, row *hookRow, d deliveryRow, e journal.Entry) answered {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	r, err := c.sealed(ctx, row, d, e)
	switch {
	case errors.Is(err, errNoEntry):
		return answered{outcome: outFailed, why: "entry_missing"}
	case err != nil: // the key of the installation was changed: rotate the secret
		return answered{outcome: outFailed, why: "secret_unreadable"}
	}
	answer, err := c.client.Do(r)
	if err != nil {
		return answered{outcome: outFailed, why: unreached(err),
			detail: text.Cut(web.Unaddressed(err).Error(), detailLength)}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, readAnswer))
	said := answered{outcome: outFailed, status: answer.StatusCode, why: "status",
		detail: text.Cut(strings.TrimSpace(string(body)), detailLength)}
	switch status := answer.StatusCode; {
	case status >= 200 && status < 300 && err != nil:
		said.why, said.detail = unreached(err), text.Cut(web.Unaddressed(err).Error(), detailLength)
	case status >= 200 && status < 300:
		said.outcome, said.why = outDone, ""
	case status >= 300 && status < 400:
		said.why = "redirected"
	case status == http.StatusGone:
		said.outcome, said.why = outGone, "gone"
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		said.pause = web.RetryAfter(answer.Header, c.opt.DB.Clock(), longestPause)
	}
	return said
}

// externalIDs returns what other systems call the client of an entry. A delivery is as good without them.
func (c *Dispatcher) externalIDs(ctx context.Context, e journal.Entry) []crm.ExternalID {
	about := e.Client
	if about.ID == 0 {
		about = e.Subject
	}
	kind, err := crm.KindOf(about.Kind)
	if err != nil {
		return nil
	}
	found, err := crm.FindExternalIDs(c.opt.DB.Read(ctx), kind, []int64{about.ID})
	if err != nil {
		c.opt.Log.Warn("external ids not read", "error", err)
	}
	return slices.DeleteFunc(found[about.ID], func(x crm.ExternalID) bool { return !x.Shown() })
}

// errNoEntry reports that the journal does not have what a delivery is of.
var errNoEntry = errors.New("the journal has no such entry")

// sealed makes the signed request of a delivery.
func (c *Dispatcher) sealed(ctx context.Context, row *hookRow, d deliveryRow, e journal.Entry) (*http.Request, error) {
	if e.ID == 0 {
		return nil, errNoEntry
	}
	body, err := json.Marshal(Message{e, d.ID, c.externalIDs(ctx, e)})
	if err != nil {
		return nil, err
	}
	kept, err := c.opt.Seal.OpenRing(row.Secrets, sealContext(row.ID))
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, row.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	now := c.opt.DB.Clock()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Callhue")
	r.Header.Set(deliveryHeader, strconv.FormatInt(d.ID, 10))
	r.Header.Set(attemptHeader, strconv.Itoa(d.Attempts+1))
	r.Header.Set(secrets.SignatureHeader, kept.At(now).Signature(now, body))
	return r, nil
}

// unreached returns the code of why a receiver was not reached.
func unreached(err error) string {
	var timeout net.Error
	var name *net.DNSError
	switch {
	case errors.Is(err, web.ErrPrivate):
		return "private_address"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &name):
		return "unknown_host"
	}
	return "unreachable"
}

// outMeter counts attempts. A subscription is no label.
type outMeter struct {
	attempts *prometheus.CounterVec
	dead     prometheus.Counter
	seconds  prometheus.Histogram
}

func newOutMeter(registry prometheus.Registerer) *outMeter {
	m := &outMeter{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callhue_hook_out_attempts_total",
			Help: "Attempts to deliver to subscriptions by outcome: done, failed, gone.",
		}, []string{"outcome"}),
		dead: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "callhue_hook_out_dead_total", Help: "Deliveries that became dead letters.",
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "callhue_hook_out_seconds", Help: "How long receivers took.",
			Buckets: []float64{.01, .05, .1, .5, 1, 2.5, 5, 10},
		}),
	}
	registry.MustRegister(m.attempts, m.dead, m.seconds)
	return m
}

func (m *outMeter) count(said answered, d deliveryRow) {
	m.attempts.WithLabelValues(string(said.outcome)).Inc()
	m.seconds.Observe(said.took.Seconds())
	if d.State == string(DeliveryDead) {
		m.dead.Inc()
	}
}
