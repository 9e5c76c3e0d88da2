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

// fakeDesk knows calls as they stand, and one client.
type fakeDesk struct {
	mu    sync.Mutex
	calls []calls.Progress
}

func (d *fakeDesk) Progress(_ context.Context, ids []int64) (list []calls.Progress, err error) {
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

func (d *fakeDesk) Knows(_ context.Context, n phone.Number) (bool, error) { return n == acme, nil }

// fakeMirror knows what a CRM calls our users, and writes down what it is asked for
// and what was refused.
type fakeMirror struct {
	users map[int64]string

	mu      sync.Mutex
	asked   []string
	refused []string
	grant   crmsync.Token
}

func (m *fakeMirror) ImportByNumber(_ context.Context, _ int64, n phone.Number) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, n.String())
	return nil
}

func (m *fakeMirror) TheirUser(_ context.Context, _, user int64) (string, bool) {
	name, known := m.users[user]
	return name, known
}

func (m *fakeMirror) refuse(what string, f *fault.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refused = append(m.refused, what+": "+f.Key)
}

func (m *fakeMirror) refusals() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.refused)
}

// Token and SaveGrant are crmsync.Grants.
func (m *fakeMirror) Token(context.Context) (crmsync.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.grant, nil
}

func (m *fakeMirror) SaveToken(_ context.Context, g crmsync.Token) (crmsync.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g.Version++
	m.grant = g
	return g, nil
}

// world is a CRM that is told of the calls of a PBX.
type world struct {
	t       *testing.T
	db      *store.DB
	journal *journal.Journal
	desk    *fakeDesk
	crm     *fakeMirror
	portal  *portal.Portal // where it is one
	herald  *Notifier
	source  Source
}

func newWorld(t *testing.T, db *store.DB, name string, tells crmsync.Telephony) *world {
	t.Helper()
	w := &world{t: t, db: db, journal: journal.New(db, slog.New(slog.DiscardHandler)), desk: &fakeDesk{}, crm: &fakeMirror{}}
	w.journal.Register(calls.Verbs()...)
	w.herald = w.another()
	w.source = Source{ID: 2, Name: name, Phone: tells, Refused: w.crm.refuse,
		Own: func(_ context.Context, p *calls.Progress) (bool, error) { return p.Source == name, nil }}
	return w
}

// another is the herald of another process.
func (w *world) another() *Notifier {
	w.t.Helper()
	runner, err := jobs.New(jobs.Options{DB: w.db, Log: slog.New(slog.DiscardHandler), Random: rand.Reader})
	if err != nil {
		w.t.Fatal(err)
	}
	return New(Parts{DB: w.db, Jobs: runner, Journal: w.journal, Tracker: w.desk, Syncer: w.crm, Log: slog.New(slog.DiscardHandler),
		Metrics: prometheus.NewRegistry()})
}

// inPortal runs a test with a portal whose application is told.
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
		w.crm.grant = crmsync.Token{Access: tokens.Access, Refresh: tokens.Refresh, Expires: time.Now().Add(time.Hour), Account: portal.Member, Version: 1}
		client, err := bitrix24.New(bitrix24.Options{Portal: server.URL, ClientID: portal.ClientID, ClientSecret: portal.ClientSecret, OAuth: p.OAuth(),
			Tokens: w.crm, Client: web.NewClient(true)})
		if err != nil {
			t.Fatal(err)
		}
		w.portal, w.source.Phone = p, client
		f(w)
	})
}

// works has a process attend to the CRM until stop is called.
func (w *world) works() (stop func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.herald.Run(ctx, w.source)
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

// goes has the desk know a call as it stands now, and the journal tell of it.
func (w *world) goes(p calls.Progress) {
	w.t.Helper()
	w.desk.mu.Lock()
	w.desk.calls = append(slices.DeleteFunc(w.desk.calls, func(c calls.Progress) bool { return c.ID == p.ID }), p)
	w.desk.mu.Unlock()
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
	p := on(state, agents...)
	p.ID, p.CallID, p.StartedAt = id, "c"+strconv.FormatInt(id, 10), time.Now()
	if state == calls.StateEnded {
		p.EndedAt, p.Recording, p.Talked, p.Result = time.Now(), "https://pbx.example/1", 42*time.Second, calls.ResultAnswered
	}
	return p
}

// told counts what the portal was asked of calls: register 1, show 0, hide 1 ...
func (w *world) told() map[string]int {
	counts := map[string]int{}
	for _, r := range w.portal.Requests() {
		if word, is := strings.CutPrefix(strings.ToLower(r.Method), "telephony.externalcall."); is && r.Status == http.StatusOK {
			counts[word]++
		}
	}
	return counts
}

// only is the one call that the portal has.
func (w *world) only() portal.Call {
	w.t.Helper()
	list := w.portal.Calls()
	if len(list) != 1 {
		w.t.Fatalf("the portal has %d calls: %+v", len(list), list)
	}
	return list[0]
}

// echoes checks whether what a CRM tells of a call is taken for an echo.
func (w *world) echoes(theirs string, n phone.Number, rings, want bool) {
	w.t.Helper()
	if got, err := w.herald.IsEcho(context.Background(), theirs, n, rings); err != nil || got != want {
		w.t.Errorf("%s of %v is an echo: %v %v", theirs, n, got, err)
	}
}

// counted is what the metrics say of one thing told; waiting how many calls wait.
func (w *world) counted(method deedKind, r result) float64 {
	return testutil.ToFloat64(w.herald.meter.told.WithLabelValues(string(method), string(r)))
}

func (w *world) waiting() float64 { return testutil.ToFloat64(w.herald.meter.waiting) }

// hurry has a call be due now that waits for its next try.
func (w *world) hurry(call int64) {
	w.t.Helper()
	err := w.db.Write(context.Background(), func(tx *store.Tx) error {
		told, err := toldCall(tx, w.source.ID, call)
		if err != nil {
			return err
		}
		told.due(time.Now())
		return updateTold(tx, told)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
