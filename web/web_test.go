package web_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/fault"
	"callhue/web"
)

// noon is when every test happens.
var noon = time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)

// The users of the tests by the secret they show, as a token or as a session.
var users = map[string]*web.User{
	"petrov": {ID: 18, Login: "petrov", Roles: web.Roles{web.Agent}},
	"orlova": {ID: 5, Login: "orlova", Roles: web.Roles{web.Supervisor}},
	"root":   {ID: 1, Login: "root", Roles: web.Roles{web.Admin}},
}

func whoInTests(_ context.Context, bearer, session string) (*web.User, error) {
	if user := users[bearer+session]; user != nil {
		return user, nil
	}
	return nil, fault.Unauthorised("sign_in_first")
}

// newServer builds a server from opt, with what a test does not care about
// filled in.
func newServer(t testing.TB, opt web.Options, tables ...[]web.Route) *web.Server {
	t.Helper()
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
	s, err := web.New(opt, tables...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
