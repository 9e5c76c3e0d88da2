package calls

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
)

// answerSpy is a web.IdempotencyStore that remembers what the last write has stored.
type answerSpy struct{ stored *web.Answer }

func (s *answerSpy) Begin(context.Context, int64, string, string) (*web.Answer, web.Reservation, error) {
	s.stored = nil
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

// TestANoteStoresItsAnswer: what a repeated request gets after a crash is what the first one would have got.
func TestANoteStoresItsAnswer(t *testing.T) {
	inOffice(t, func(o *office) {
		shown := o.hear(event(Ringing, "102", 0))
		spy := &answerSpy{}
		server, err := web.New(web.Options{
			Who: func(context.Context, string, string) (*access.User, error) {
				u := o.user["boris"]
				return &access.User{ID: u.ID, Login: u.Login, Roles: u.Roles, Language: u.Language}, nil
			},
			Ready: func(context.Context) error { return nil }, Log: slog.New(slog.DiscardHandler),
			Metrics: prometheus.NewRegistry(), Now: o.db.Clock, Idempotency: spy,
		}, o.desk.Routes())
		o.must(err)
		for _, why := range []string{"a note", "the same note again"} {
			path := fmt.Sprintf("/api/v1/calls/%d/note", shown.Call.ID)
			request := httptest.NewRequest("POST", path, strings.NewReader(`{"note":"wants a price"}`))
			request.Header.Set("Authorization", "Bearer boris")
			request.Header.Set("Idempotency-Key", why)
			answer, err := server.App().Test(request, -1)
			o.must(err)
			body, err := io.ReadAll(answer.Body)
			o.must(err)
			o.must(answer.Body.Close())
			if answer.StatusCode != 200 || spy.stored == nil || spy.stored.Body != string(body) {
				t.Errorf("%s: answered %d %s, stored %+v", why, answer.StatusCode, body, spy.stored)
			}
		}
	})
}

// TestACallStoresItsCard: the card of an event, such as that of a test call, is stored with the event.
func TestACallStoresItsCard(t *testing.T) {
	inOffice(t, func(o *office) {
		var stored any
		ctx := store.Along(t.Context(), func(tx *store.Tx) error {
			stored, _ = tx.Answered()
			return nil
		})
		ringing := event(Ringing, "102", 0)
		card, err := o.desk.Handle(ctx, o.origin, ringing)
		o.must(err)
		kept, ok := stored.(Card)
		if !ok || card.Agent == nil {
			t.Fatalf("stored %T of agent %v", stored, card.Agent)
		}
		if diff := cmp.Diff(string(journal.Details(kept)), string(journal.Details(card))); diff != "" {
			t.Errorf("stored (-) and answered (+) differ:\n%s", diff)
		}
	})
}
