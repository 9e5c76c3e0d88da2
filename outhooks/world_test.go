package outhooks

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
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

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/jobs"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
	"callhue/test/house"
)

// receiver is a program that is told what happens: a real HTTP server that
// checks signatures as docs/hooks-out.md says and answers as it is told.
type receiver struct {
	*httptest.Server
	t        testing.TB
	mu       sync.Mutex
	secret   string
	got      []received
	answer   func(w http.ResponseWriter, n int) // n counts from 1
	unproved int
}

type received struct {
	Message
	attempt string
	header  http.Header
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{t: t, answer: func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusNoContent) }}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		var m Message
		if err := json.Unmarshal(body, &m); err != nil {
			t.Errorf("body is no JSON: %v", err)
		}
		r.mu.Lock()
		if r.secret != "" && (secrets.Set{r.secret}).Prove(q.Header.Get(secrets.SignatureHeader), body,
			signedAt(q.Header.Get(secrets.SignatureHeader))) != nil {
			r.unproved++
		}
		r.got = append(r.got, received{m, q.Header.Get(attemptHeader), q.Header.Clone()})
		n, answer := len(r.got), r.answer
		r.mu.Unlock()
		answer(w, n)
	}))
	t.Cleanup(r.Close)
	return r
}

// signedAt is the time of a signature: the clock of these tests is moved by hand.
func signedAt(header string) time.Time {
	text, _, _ := strings.Cut(strings.TrimPrefix(header, "t="), ",")
	seconds, _ := strconv.ParseInt(text, 10, 64)
	return time.Unix(seconds, 0)
}

// words returns what arrived: "verb client attempt".
func (r *receiver) words() (list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.got {
		list = append(list, string(m.Verb)+" "+laneOf(m.Entry)+" "+m.attempt)
	}
	return list
}

func (r *receiver) ids() (list []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.got {
		list = append(list, m.ID)
	}
	return list
}

func (r *receiver) answers(status int, headers ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = func(w http.ResponseWriter, _ int) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "said "+strconv.Itoa(status))
	}
}

// post is a Dispatcher on a database, with a clock that is moved by hand.
type post struct {
	*house.Parts
	t        testing.TB
	courier  *Dispatcher
	reg      *prometheus.Registry
	admin    *access.User
	couriers byte
}

func newPost(t testing.TB, db *store.DB) *post {
	t.Helper()
	p := &post{Parts: house.Join(t, db), t: t, reg: prometheus.NewRegistry()}
	p.Journal.Register(slices.Concat(crm.Verbs(), staff.Verbs(),
		[]journal.VerbInfo{{Verb: "incident.recorded"}, {Verb: "call.started"}})...)
	p.admin = p.User("root", 0, access.Admin)
	p.courier = p.other(p.Journal)
	return p
}

// roster is the Roster of one more process.
func (p *post) roster(j *journal.Journal) *staff.Roster { return staff.New(p.DB, j, p.Plan) }

// other is the courier of one more process on the same database.
func (p *post) other(j *journal.Journal) *Dispatcher {
	p.t.Helper()
	p.couriers++
	random := &counting{next: p.couriers * 50}
	seal, err := secrets.NewSeal(bytes.Repeat([]byte{7}, 32), random)
	if err != nil {
		p.t.Fatal(err)
	}
	runner, err := jobs.New(jobs.Options{DB: p.DB, Log: slog.New(slog.DiscardHandler), Random: random})
	if err != nil {
		p.t.Fatal(err)
	}
	c, err := New(DispatcherOptions{DB: p.DB, Jobs: runner, Journal: j, Roster: p.roster(j), Seal: seal,
		AllowPrivate: true, Metrics: p.reg, Log: slog.New(slog.DiscardHandler), Random: random})
	if err != nil {
		p.t.Fatal(err)
	}
	p.reg = prometheus.NewRegistry() // for the next one
	return c
}

func (p *post) subscribe(r *receiver, verbs ...string) HookOut {
	p.t.Helper()
	h, secret, err := p.courier.AddHook(context.Background(), p.admin,
		NewHookOut{Name: "crm " + r.URL, URL: r.URL + "/in", Verbs: verbs})
	if err != nil {
		p.t.Fatal(err)
	}
	r.secret = secret
	return h
}

// happens writes an entry about a client.
func (p *post) happens(verb journal.Verb, client int64) (id int64) {
	p.t.Helper()
	err := p.DB.Write(context.Background(), func(tx *store.Tx) (err error) {
		id, err = p.Journal.Record(tx, journal.Entry{Verb: verb, Actor: p.admin.ID,
			Client: journal.Ref{Kind: "company", ID: client}, Subject: journal.Ref{Kind: "company", ID: client},
			Amount: 7, Details: journal.Details(map[string]string{"name": "Acme"})})
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return id
}

func (p *post) round(h HookOut) {
	p.t.Helper()
	if _, err := p.courier.round(context.Background(), h.ID, true); err != nil {
		p.t.Fatal(err)
	}
}

func (p *post) deliveries(h HookOut) []Delivery {
	p.t.Helper()
	list, err := p.courier.Deliveries(context.Background(), h.ID, "", 0, 100)
	if err != nil {
		p.t.Fatal(err)
	}
	return list
}

func (p *post) last(h HookOut) Delivery {
	p.t.Helper()
	list := p.deliveries(h)
	if len(list) == 0 {
		p.t.Fatal("no delivery")
	}
	return list[0]
}
