package web_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
)

// noon is when every test happens.
var noon = time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)

// The users of the tests by the secret they show, as a token or as a session.
var users = map[string]*access.User{
	"petrov": {ID: 18, Login: "petrov", Roles: access.Roles{access.Agent}},
	"orlova": {ID: 5, Login: "orlova", Roles: access.Roles{access.Supervisor}},
	"root":   {ID: 1, Login: "root", Roles: access.Roles{access.Admin}},
}

func whoInTests(_ context.Context, bearer, session string) (*access.User, error) {
	if user := users[bearer+session]; user != nil {
		return user, nil
	}
	return nil, fault.Unauthorised("sign_in_first")
}

// options fills in what a test does not care about.
func options(opt web.Options) web.Options {
	if opt.Who == nil {
		opt.Who = whoInTests
	}
	if opt.Ready == nil {
		opt.Ready = func(context.Context) error { return nil }
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = func() time.Time { return noon }
	}
	opt.Metrics = prometheus.NewRegistry()
	return opt
}

func newServer(t testing.TB, opt web.Options, tables ...[]web.Route) *web.Server {
	t.Helper()
	s, err := web.New(options(opt), tables...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// call sends one request to a server without a socket and returns the answer.
type call struct {
	method, path, body string
	header             map[string]string
}

func (c call) to(t testing.TB, s *web.Server) (*http.Response, string) {
	t.Helper()
	req := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
	for name, value := range c.header {
		req.Header.Set(name, value)
	}
	answer, err := s.App().Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// as adds a user's token.
func (c call) as(user string) call {
	header := map[string]string{"Authorization": "Bearer " + user}
	maps.Copy(header, c.header)
	c.header = header
	return c
}

// refused checks that an answer is a problem with this status and code.
func refused(t *testing.T, answer *http.Response, body string, status int, code string) web.Problem {
	t.Helper()
	var p web.Problem
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		t.Fatalf("%d %q: %v", answer.StatusCode, body, err)
	}
	if answer.StatusCode != status || p.Status != status || p.Code != code {
		t.Errorf("got %d %s, want %d %s", answer.StatusCode, body, status, code)
	}
	if kind := answer.Header.Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("content type %q", kind)
	}
	return p
}

// listening runs a server on a real socket until the test ends; stop ends it
// earlier.
func listening(t *testing.T, s *web.Server) (url string, stop func()) {
	t.Helper()
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.ServeOn(ctx, on); err != nil {
			t.Error(err)
		}
	}()
	stop = func() { cancel(); <-ended }
	t.Cleanup(stop)
	return "http://" + on.Addr().String(), stop
}
