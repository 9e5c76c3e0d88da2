package webhooks

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/calls"
	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/phone"
	"callhue/rules"
	"callhue/staff"
	"callhue/webhooks/sources"
)

// noon is when the tests happen: 2026-03-12 09:16:05 UTC, noon in Moscow.
var noon = time.Unix(1773306965, 0).UTC()

// fakeTracker records events and questions, and knows one client and two agents.
type fakeTracker struct {
	mu         sync.Mutex
	handled    []calls.Event
	questions  []calls.Question
	plans      []*phone.Plan
	fails      error
	unfinished []calls.Unfinished
	slow       time.Duration
}

func (d *fakeTracker) Receive(ctx context.Context, origin calls.Origin, e calls.Event, _ time.Duration) (calls.Card,
	error) {
	return d.Handle(ctx, origin, e)
}

func (d *fakeTracker) Postpone(calls.Origin, calls.Event) {}

func (d *fakeTracker) Handle(_ context.Context, origin calls.Origin, e calls.Event) (calls.Card, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails != nil {
		return calls.Card{}, d.fails
	}
	d.handled, d.plans = append(d.handled, e), append(d.plans, origin.Plan)
	card := cardOf(origin.Plan.Parse(e.Number))
	card.Call = &calls.CallPart{ID: 7, Source: e.Source, CallID: e.CallID, Direction: e.Direction, State: calls.State(e.Kind), StartedAt: noon}
	if u, _ := d.AgentOf(context.Background(), e.Source, e.Agent); u != nil {
		card.Agent = u.Person()
		card.Agent.Login = u.Login
	} else {
		card.Verdict = calls.VerdictPart{Color: rules.None, Why: "agent_unknown", DecidedAt: noon}
	}
	return card, nil
}

func (d *fakeTracker) Check(ctx context.Context, q calls.Question) (calls.Card, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-ctx.Done():
		return calls.Card{}, ctx.Err()
	case <-time.After(d.slow):
	}
	d.questions = append(d.questions, q)
	return cardOf(q.Number), d.fails
}

func (d *fakeTracker) Relate(_ context.Context, _ *access.User, card *calls.Card) error {
	card.Related = &calls.Related{}
	return nil
}

func (d *fakeTracker) CallerName(card calls.Card, max int, ascii bool) string {
	return (*calls.Tracker)(nil).CallerName(card, max, ascii) // needs nothing but the card
}

func (d *fakeTracker) AgentOf(_ context.Context, _, identity string) (*staff.User, error) {
	switch identity {
	case "101", "ivanov", "17":
		return &staff.User{ID: 17, Login: "ivanov", Name: "Ivanov"}, nil
	case "102", "petrov":
		return &staff.User{ID: 18, Login: "petrov", Name: "Petrov"}, nil
	}
	return nil, nil
}

func (d *fakeTracker) HolderOf(_ context.Context, source, identity string) (*staff.User, error) {
	switch {
	case source == "bitrix24-sync" && identity == "17", source == "bitrix24-app" && identity == "17":
		return &staff.User{ID: 17, Login: "ivanov", Name: "Ivanov", Active: true}, nil
	case source == "bitrix24-sync" && (identity == "18" || identity == "2"):
		return &staff.User{ID: 18, Login: "petrov", Name: "Petrov", Active: true}, nil
	}
	return nil, nil
}

func (d *fakeTracker) DirectionOf(ctx context.Context, source, callID string) (rules.Direction, error) {
	return "", nil
}

func (d *fakeTracker) PhoneHolder(context.Context, phone.Number) (*staff.User, error) {
	return nil, nil
}

func (d *fakeTracker) Unfinished(context.Context, string) ([]calls.Unfinished, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.unfinished, nil
}

func (d *fakeTracker) Route(ctx context.Context, source string, n phone.Number) (calls.Routing, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := calls.Routing{Number: n.String(), Targets: []calls.RouteTarget{}, Timeout: 20}
	select {
	case <-ctx.Done():
		return r, ctx.Err()
	case <-time.After(d.slow):
	}
	if n.E164 == 74950000011 && d.fails == nil {
		r.Client = &calls.RoutedClient{Kind: rules.KindCompany, ID: 310, Name: "Acme, Ltd"}
		r.Targets = []calls.RouteTarget{
			{Kind: calls.RouteOwner, User: crm.Named{ID: 17, Name: "Ivan Ivanov"}, Extension: map[bool]string{true: "ivanov", false: "101"}[source == "named"]},
			{Kind: calls.RouteGroup, User: crm.Named{ID: 18, Name: "Petrov"}, Extension: "102"},
		}
	}
	return r, d.fails
}

// cardOf returns the card of the one client that the fake tracker knows; one number is on
// the do-not-call list.
func cardOf(n phone.Number) calls.Card {
	card := calls.Card{Number: calls.NumberPart{Raw: n.Raw, E164: n.String(), Kind: rules.NumberKind(n.Kind.String())}, Matches: []calls.Record{}, Actions: []rules.Action{},
		Verdict: calls.VerdictPart{Color: rules.None, Why: "unknown_number", DecidedAt: noon}}
	if n.E164 == 74950000011 {
		card.Subject = &calls.Record{Kind: rules.KindCompany, ID: 310, Name: "Acme, Ltd", Since: noon, URL: "/companies/310",
			Owner: &staff.Person{ID: 17, Name: "Ivan Ivanov", Extension: "101", Active: true}}
		card.Verdict.Color, card.Verdict.Why = rules.Red, "foreign_in_work"
	}
	if n.E164 == 74950000066 {
		card.DoNotCall = &calls.DoNotCallPart{Mode: rules.DoNotCallWarn, Since: noon}
	}
	return card
}

// app is a receiver with its sources on a database, behind a web server.
type app struct {
	t        testing.TB
	sources  *sources.Registry
	receiver *Receiver
	tracker  *fakeTracker
	syncer   *fakeSyncer
	notifier *fakeNotifier
	db       *store.DB
	journal  *journal.Journal
	web      *web.Server
	reg      *prometheus.Registry
	now      time.Time
}

func testKey() []byte { return bytes.Repeat([]byte{7}, 32) }

func moscow(t testing.TB) *phone.Plan {
	t.Helper()
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// counting is a source of randomness that tests can foresee.
type counting struct{ next byte }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = c.next
		c.next++
	}
	return len(p), nil
}

// parts are what a receiver and its sources are built from.
type parts struct {
	Options
	sources sources.Options
}

// newApp returns an app on a database; change may replace what it is built from.
func newApp(t testing.TB, db *store.DB, change ...func(*parts)) *app {
	t.Helper()
	h := &app{t: t, tracker: &fakeTracker{}, syncer: newFakeSyncer(), notifier: &fakeNotifier{}, db: db, now: noon, reg: prometheus.NewRegistry()}
	log := slog.New(slog.DiscardHandler)
	db.Clock = func() time.Time { return h.now }
	h.journal = journal.New(db, log)
	random := &counting{}
	seal, err := secrets.NewSeal(testKey(), random)
	if err != nil {
		t.Fatal(err)
	}
	opt := parts{
		Options: Options{DB: db, Tracker: h.tracker, Syncer: h.syncer, Notifier: h.notifier, Metrics: h.reg, Log: log,
			Now: func() time.Time { return h.now }, Random: random},
		sources: sources.Options{DB: db, Journal: h.journal, Seal: seal, Plan: moscow(t), Log: log, Random: random},
	}
	for _, f := range change {
		f(&opt)
	}
	if h.sources, err = sources.New(opt.sources); err != nil {
		t.Fatal(err)
	}
	opt.Sources = h.sources
	if h.receiver, err = New(opt.Options); err != nil {
		t.Fatal(err)
	}
	h.receiver.timeouts = timeouts{callerName: time.Minute, route: time.Minute, event: time.Minute, originate: time.Minute, originateFailure: time.Minute}
	h.web, err = web.New(web.Options{
		Who: func(_ context.Context, bearer, _ string) (*access.User, error) {
			switch bearer {
			case "root":
				return &access.User{ID: 1, Login: "root", Roles: access.Roles{access.Admin}}, nil
			case "chief":
				return &access.User{ID: 2, Login: "chief", Roles: access.Roles{access.Admin}}, nil
			case "petrov":
				return &access.User{ID: 18, Login: "petrov", Roles: access.Roles{access.Agent}}, nil
			}
			return nil, fault.Unauthorised("sign_in_first")
		},
		Ready: func(context.Context) error { return nil }, PublicURL: "https://callhue.example/",
		Log: log, Metrics: h.reg, Now: opt.Now,
	}, h.sources.Routes(), h.receiver.Routes())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *app) add(draft sources.NewSource) sources.Source {
	h.t.Helper()
	s, _, err := h.sources.Add(context.Background(), administrator, draft)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// send sends a request to the server and returns the answer's status, body and headers.
func (h *app) send(r *http.Request) (int, string, http.Header) {
	h.t.Helper()
	answer, err := h.web.App().Test(r, -1)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer.StatusCode, string(body), answer.Header
}

func (h *app) post(path, kind, body string, headers ...string) (int, string) {
	h.t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	status, said, _ := h.send(r)
	return status, said
}

// signed posts JSON to a generic source with a signature.
func (h *app) signed(path, secret, body string) (int, string) {
	h.t.Helper()
	return h.post(path, "application/json", body, secrets.SignatureHeader, signature(secret, h.now, body))
}

func signature(secret string, at time.Time, body string) string {
	return secrets.Set{secret}.Signature(at, []byte(body))
}

// counted reads a counter as Prometheus sees it; labels are its values in the
// order of their names.
func (h *app) counted(name string, labels ...string) float64 {
	h.t.Helper()
	families, err := h.reg.Gather()
	if err != nil {
		h.t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			var values []string
			for _, label := range m.GetLabel() {
				values = append(values, label.GetValue())
			}
			if family.GetName() == name && slices.Equal(values, labels) {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

// lastLine is the newest line of a source's log.
func (h *app) lastLine(s sources.Source) LogLine {
	h.t.Helper()
	lines, err := h.receiver.Log(context.Background(), s.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	if len(lines) == 0 {
		h.t.Fatal("the log is empty")
	}
	return lines[0]
}

const ringingJSON = `{"event":"ringing","call_id":"c1","direction":"out","number":"+74950000011","agent":"102"}`
