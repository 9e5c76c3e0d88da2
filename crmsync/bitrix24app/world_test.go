package bitrix24app

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/calls"
	"callhue/crmsync"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/permits"
	"callhue/phone"
	"callhue/rules"
	"callhue/staff"
	portal "callhue/test/fakecrm/bitrix24"
	"callhue/webhooks"
	"callhue/webhooks/sources"
)

// fakeTracker knows one client, and Petrov by his id in the portal.
type fakeTracker struct {
	webhooks.Tracker
	asked []calls.Question
	live  []calls.Card
}

func (d *fakeTracker) Check(_ context.Context, q calls.Question) (calls.Card, error) {
	d.asked = append(d.asked, q)
	return cardOf(q.Number), nil
}

func (d *fakeTracker) LiveCards(context.Context, int64) ([]calls.Card, error) { return d.live, nil }

func (d *fakeTracker) HolderOf(_ context.Context, source, identity string) (*staff.User, error) {
	if source == "bitrix24-sync" && identity == "2" {
		return &staff.User{ID: 18, Login: "petrov", Name: "Petrov", Active: true}, nil
	}
	return nil, nil
}

// cardOf is red for the one client that the fake tracker knows.
func cardOf(n phone.Number) calls.Card {
	card := calls.Card{Number: calls.NumberPart{Raw: n.Raw, E164: n.String(), Kind: rules.NumberKind(n.Kind.String())},
		Matches: []calls.Record{}, Actions: []rules.Action{},
		Verdict: calls.VerdictPart{Color: rules.None, Why: "unknown_number"}}
	if n.E164 == 74950000011 {
		card.Verdict.Color, card.Verdict.Why = rules.Red, "foreign_in_work"
	}
	return card
}

// fakeSyncer keeps the token of the one portal.
type fakeSyncer struct {
	webhooks.Syncer
	mu    sync.Mutex
	grant crmsync.Token
}

func (m *fakeSyncer) TokenStore(int64, string) crmsync.TokenStore { return m }

func (m *fakeSyncer) Token(context.Context) (crmsync.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.grant, nil
}

func (m *fakeSyncer) SaveToken(_ context.Context, g crmsync.Token) (crmsync.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if g.Version != m.grant.Version {
		return crmsync.Token{}, fault.Stale()
	}
	g.Version++
	m.grant = g
	return g, nil
}

// fakeNotifier knows the call 6, which was logged in the portal.
type fakeNotifier struct{ webhooks.Notifier }

func (fakeNotifier) CallOf(_ context.Context, theirs string) (int64, error) {
	return map[string]int64{"externalCall.6": 6}[theirs], nil
}

// fakeTickets records for which users a stream is opened.
type fakeTickets struct{ of []int64 }

func (f *fakeTickets) AddTicket(_ context.Context, user int64) (string, time.Time, error) {
	f.of = append(f.of, user)
	return fmt.Sprintf("ticket-%d", len(f.of)), time.Time{}, nil
}

// fakePermits records the requests.
type fakePermits struct{ asked []string }

func (f *fakePermits) Ask(_ context.Context, by *access.User, in permits.NewAsk) (permits.Ask, error) {
	f.asked = append(f.asked, fmt.Sprintf("%d %s of %d on call %d", by.ID, in.Kind, in.CompanyID, in.CallID))
	if in.CompanyID != 310 {
		return permits.Ask{}, fault.Missing("company")
	}
	return permits.Ask{ID: 1, Kind: in.Kind, State: permits.AskOpen}, nil
}

// world is an App behind a web server, and a portal that shows its pages.
type world struct {
	t        *testing.T
	sources  *sources.Registry
	receiver *webhooks.Receiver
	app      *App
	tracker  *fakeTracker
	crm      *fakeSyncer
	tickets  *fakeTickets
	permits  *fakePermits
	web      *web.Server
	portal   *portal.Portal
	source   sources.Source
	now      time.Time
}

// inPortal runs a test with a portal whose application we are.
func inPortal(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := portal.New(portal.Options{Rate: -1})
		server := httptest.NewServer(p)
		t.Cleanup(server.Close)
		p.Listens(server.URL)
		w := &world{t: t, tracker: &fakeTracker{}, crm: &fakeSyncer{}, tickets: &fakeTickets{}, permits: &fakePermits{},
			portal: p}
		w.now = time.Now() // the portal's tokens live by its own clock
		w.build(db)
		var err error
		w.source, _, err = w.sources.Add(t.Context(), access.System(),
			sources.NewSource{Name: "bitrix24-sync", Dialect: "bitrix24-sync", Secret: portal.ClientSecret,
				Settings: map[string]string{"portal": server.URL, "client_id": portal.ClientID,
					"oauth_url": p.OAuth()}})
		if err != nil {
			t.Fatal(err)
		}
		f(t, w)
	})
}

func (w *world) build(db *store.DB) {
	w.t.Helper()
	log, metrics, now := slog.New(slog.DiscardHandler), prometheus.NewRegistry(), func() time.Time { return w.now }
	seal, err := secrets.NewSeal(bytes.Repeat([]byte{7}, 32), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	w.sources, err = sources.New(sources.Options{DB: db, Journal: journal.New(db, log), Seal: seal, Plan: moscow(w.t),
		Log: log, Random: rand.Reader})
	if err != nil {
		w.t.Fatal(err)
	}
	w.receiver, err = webhooks.New(webhooks.Options{DB: db, Sources: w.sources, Tracker: w.tracker, Syncer: w.crm,
		Notifier: fakeNotifier{}, AllowPrivate: true, Metrics: metrics, Log: log, Now: now, Random: rand.Reader})
	if err != nil {
		w.t.Fatal(err)
	}
	w.app, err = New(Parts{Receiver: w.receiver, Tracker: w.tracker, Tickets: w.tickets, Notifier: fakeNotifier{},
		Permits: w.permits, Seal: seal, Log: log, Now: now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.app.portalTimeout = time.Minute // a loaded machine must not look like a slow portal
	w.web, err = web.New(web.Options{
		Who: func(context.Context, string, string) (*access.User, error) {
			return nil, fault.Unauthorised("sign_in_first")
		},
		Ready: func(context.Context) error { return nil }, PublicURL: "https://callhue.example/", Log: log,
		Metrics: metrics, Now: now,
	}, w.app.Routes())
	if err != nil {
		w.t.Fatal(err)
	}
}

func moscow(t *testing.T) *phone.Plan {
	t.Helper()
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// send returns a request to the server and the answer's status and body.
func (w *world) send(r *http.Request) (int, string, http.Header) {
	w.t.Helper()
	answer, err := w.web.App().Test(r, -1)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.StatusCode, string(body), answer.Header
}

// posts posts a form of the portal to a page, as its user's browser does.
func (w *world) post(action string, form url.Values, headers ...string) (int, string, http.Header) {
	w.t.Helper()
	at, err := url.Parse(action)
	if err != nil {
		w.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", at.RequestURI(), strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return w.send(r)
}
