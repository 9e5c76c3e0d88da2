package calllog

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"callhue/calls"
	"callhue/crmsync"
	"callhue/crmsync/bitrix24"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/phone"
	portal "callhue/test/fakecrm/bitrix24"
)

// noon is 2026-03-12 09:16:05 UTC, noon in Moscow.
var noon = time.Unix(1773306965, 0).UTC()

// The numbers of the tests: a client's, and one that no one here knows.
var (
	acme     = phone.Number{Kind: phone.External, E164: 74950000011}
	stranger = phone.Number{Kind: phone.External, E164: 74950000077}
)

// fakeTracker knows calls as they stand, and one client.
type fakeTracker struct {
	mu    sync.Mutex
	calls []calls.Progress
}

func (d *fakeTracker) Progress(_ context.Context, ids []int64) (list []calls.Progress, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.calls {
		if slices.Contains(ids, p.ID) {
			p.Agents = slices.Clone(p.Agents)
			list = append(list, p)
		}
	}
	return list, nil
}

func (d *fakeTracker) Knows(_ context.Context, n phone.Number) (bool, error) { return n == acme, nil }

// fakeSyncer knows the CRM's ids of our users, and records what is searched and what was refused.
type fakeSyncer struct {
	users map[int64]string

	mu      sync.Mutex
	asked   []string
	refused []string
	grant   crmsync.Token
}

func (m *fakeSyncer) ImportByNumber(_ context.Context, _ int64, n phone.Number) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, n.String())
	return nil
}

func (m *fakeSyncer) TheirUser(_ context.Context, _, user int64) (string, bool) {
	name, known := m.users[user]
	return name, known
}

func (m *fakeSyncer) refuse(what string, f *fault.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refused = append(m.refused, what+": "+f.Key)
}

func (m *fakeSyncer) refusals() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.refused)
}

// Token and SaveToken are a crmsync.TokenStore.
func (m *fakeSyncer) Token(context.Context) (crmsync.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.grant, nil
}

func (m *fakeSyncer) SaveToken(_ context.Context, g crmsync.Token) (crmsync.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g.Version++
	m.grant = g
	return g, nil
}

// world is a CRM in which the calls of a PBX are logged.
type world struct {
	t        *testing.T
	db       *store.DB
	journal  *journal.Journal
	tracker  *fakeTracker
	crm      *fakeSyncer
	portal   *portal.Portal // where it is one
	notifier *Notifier
	source   Source
}

func newWorld(t *testing.T, db *store.DB, name string, client crmsync.Telephony) *world {
	t.Helper()
	w := &world{t: t, db: db, journal: journal.New(db, slog.New(slog.DiscardHandler)), tracker: &fakeTracker{},
		crm: &fakeSyncer{}}
	w.journal.Register(calls.Verbs()...)
	w.notifier = w.newNotifier()
	w.source = Source{ID: 2, Name: name, Phone: client, Refused: w.crm.refuse,
		Own: func(_ context.Context, p *calls.Progress) (bool, error) { return p.Source == name, nil }}
	return w
}

// newNotifier returns the notifier of another process.
func (w *world) newNotifier() *Notifier {
	w.t.Helper()
	runner, err := jobs.New(jobs.Options{DB: w.db, Log: slog.New(slog.DiscardHandler), Random: rand.Reader})
	if err != nil {
		w.t.Fatal(err)
	}
	return New(Parts{DB: w.db, Jobs: runner, Journal: w.journal, Tracker: w.tracker, Syncer: w.crm,
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()})
}

// inPortal runs a test with a portal in which calls are logged.
func inPortal(t *testing.T, f func(w *world)) {
	t.Helper()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := portal.New(portal.Options{Rate: -1})
		server := httptest.NewServer(p)
		t.Cleanup(server.Close)
		p.Listens(server.URL)
		w := newWorld(t, db, "bitrix24-sync", nil)
		tokens := p.Tokens(1)
		w.crm.users = map[int64]string{17: "1", 18: "2", 19: "3"}
		w.crm.grant = crmsync.Token{Access: tokens.Access, Refresh: tokens.Refresh, Expires: time.Now().Add(time.Hour),
			Account: portal.Member, Version: 1}
		client, err := bitrix24.New(bitrix24.Options{Portal: server.URL, ClientID: portal.ClientID,
			ClientSecret: portal.ClientSecret, OAuth: p.OAuth(), Tokens: w.crm, Client: web.NewClient(true),
			Wait: hurry})
		if err != nil {
			t.Fatal(err)
		}
		w.portal, w.source.Phone = p, client
		f(w)
	})
}

// hurry waits a thousandth of a pause between two attempts at a request.
func hurry(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause / 1000):
		return nil
	}
}

// startNotifier has a process serve the CRM until stop is called.
func (w *world) startNotifier() (stop func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.notifier.Run(ctx, w.source)
	}()
	stop = func() {
		cancel()
		<-done
	}
	w.t.Cleanup(stop)
	return stop
}

// until waits for something that happens beside the test.
func (w *world) until(what string, is func() bool) {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("never: %s", what)
		}
	}
}

// setCall sets the state of a call in the tracker, and records an entry about it in the journal.
func (w *world) setCall(p calls.Progress) {
	w.t.Helper()
	w.tracker.mu.Lock()
	w.tracker.calls = append(slices.DeleteFunc(w.tracker.calls, func(c calls.Progress) bool { return c.ID == p.ID }), p)
	w.tracker.mu.Unlock()
	verb := calls.CardChanged
	if p.State == calls.StateRinging {
		verb = calls.CallStarted
	}
	err := w.db.Write(context.Background(), func(tx *store.Tx) error {
		_, err := w.journal.Record(tx, journal.Entry{Verb: verb, Subject: journal.Ref{Kind: "call", ID: p.ID}})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// call is a call of the office that began a moment ago.
func (w *world) call(id int64, state calls.State, agents ...string) calls.Progress {
	p := callWith(state, agents...)
	p.ID, p.CallID, p.StartedAt = id, "c"+strconv.FormatInt(id, 10), time.Now()
	if state == calls.StateEnded {
		p.EndedAt, p.Recording, p.Talked, p.Result = time.Now(), "https://pbx.example/1", 42*time.Second, calls.ResultAnswered
	}
	return p
}

// requests counts the portal's requests about calls by method: register 1, show 0, hide 1 ...
func (w *world) requests() map[string]int {
	counts := map[string]int{}
	for _, r := range w.portal.Requests() {
		if word, is := strings.CutPrefix(strings.ToLower(r.Method), "telephony.externalcall."); is &&
			r.Status == http.StatusOK {
			counts[word]++
		}
	}
	return counts
}

// onlyCall returns the one call that the portal has.
func (w *world) onlyCall() portal.Call {
	w.t.Helper()
	list := w.portal.Calls()
	if len(list) != 1 {
		w.t.Fatalf("the portal has %d calls: %+v", len(list), list)
	}
	return list[0]
}

// wantEcho checks whether a call reported by a CRM is recognised as an echo.
func (w *world) wantEcho(crmID string, n phone.Number, rings, want bool) {
	w.t.Helper()
	if got, err := w.notifier.IsEcho(context.Background(), crmID, n, rings); err != nil || got != want {
		w.t.Errorf("%s of %v is an echo: %v %v", crmID, n, got, err)
	}
}

// counted returns the metric of a step and a result; waiting the number of calls that wait.
func (w *world) counted(method stepKind, r result) float64 {
	return testutil.ToFloat64(w.notifier.meter.steps.WithLabelValues(string(method), string(r)))
}

func (w *world) waiting() float64 { return testutil.ToFloat64(w.notifier.meter.waiting) }

// makeDue makes a call due now that waits for its next attempt.
func (w *world) makeDue(call int64) {
	w.t.Helper()
	err := w.db.Write(context.Background(), func(tx *store.Tx) error {
		log, err := findLogged(tx, w.source.ID, call)
		if err != nil {
			return err
		}
		log.setDue(time.Now())
		return updateLogged(tx, log)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
