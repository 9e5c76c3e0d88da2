package webhooks

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/internal/web"
)

// answerSpy is a web.IdempotencyStore that remembers what the last write has stored.
type answerSpy struct{ stored *web.Answer }

func (s *answerSpy) Begin(context.Context, int64, string, string) (*web.Answer, web.Reservation, error) {
	return nil, s, nil
}

func (s *answerSpy) Within(ctx context.Context, render func(value any) *web.Answer) context.Context {
	return store.Along(ctx, func(tx *store.Tx) error {
		if value, ok := tx.Answered(); ok {
			s.stored = render(value)
		}
		return nil
	})
}

func (s *answerSpy) Finish(context.Context, *web.Answer) error { return nil }

// TestAChangedSourceStoresItsAnswer: what a repeated request gets after a crash is what the first one would have got.
func TestAChangedSourceStoresItsAnswer(t *testing.T) {
	h := newApp(t, sqlite(t))
	h.office()
	spy := &answerSpy{}
	server, err := web.New(web.Options{
		Who: func(context.Context, string, string) (*access.User, error) {
			return &access.User{ID: 1, Login: "root", Roles: access.Roles{access.Admin}}, nil
		},
		Ready: func(context.Context) error { return nil }, PublicURL: "https://callhue.example/",
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Now: h.db.Clock, Idempotency: spy,
	}, h.sources.Routes())
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest("PUT", "/api/v1/sources/1", strings.NewReader(`{"version":1,"area":"812"}`))
	request.Header.Set("Authorization", "Bearer root")
	request.Header.Set("Idempotency-Key", "a change")
	answer, err := server.App().Test(request, -1)
	if err != nil {
		t.Fatal(err)
	}
	body := new(strings.Builder)
	if err := answer.Write(body); err != nil {
		t.Fatal(err)
	}
	_, sent, _ := strings.Cut(body.String(), "\r\n\r\n")
	if answer.StatusCode != 200 || spy.stored == nil || spy.stored.Body != sent {
		t.Errorf("answered %d %s, stored %+v", answer.StatusCode, sent, spy.stored)
	}
}
