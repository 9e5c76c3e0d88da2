package outhooks

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
)

// api asks a server with the courier's routes as its admin.
func (p *post) api(method, path, body string) (int, string) {
	p.t.Helper()
	server, err := web.New(web.Options{
		Who: func(_ context.Context, bearer, _ string) (*access.User, error) {
			if bearer == "root" {
				return p.admin, nil
			}
			return nil, fault.Unauthorised("sign_in_first")
		},
		Ready: func(context.Context) error { return nil }, Log: slog.New(slog.DiscardHandler),
		Metrics: prometheus.NewRegistry(), Now: p.Clock.Now,
	}, p.courier.Routes())
	if err != nil {
		p.t.Fatal(err)
	}
	r := httptest.NewRequest(method, "/api/v1/hooks-out"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer root")
	answer, err := server.App().Test(r, -1)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.StatusCode, string(said)
}

func read[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func TestSubscribingByTheAPI(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p, r := newPost(t, db), newReceiver(t)
		status, said := p.api("POST", "", `{"name":"crm","url":"`+r.URL+`","verbs":["company.*"]}`)
		made := read[Subscribed](t, said)
		if status != 201 || made.ID == 0 || made.Secret == "" || !made.Active ||
			!slices.Equal(made.Verbs, []string{"company.*"}) {
			t.Fatalf("%d %s", status, said)
		}
		r.secret = made.Secret
		for range 3 {
			p.happens(crm.CompanyStatus, 310)
		}
		p.happens(crm.RecordAdded, 310) // not wanted
		p.round(made.HookOut)
		if status, said = p.api("GET", "/1/deliveries?limit=2&state=done", ""); status != 200 {
			t.Fatalf("%d %s", status, said)
		}
		page := read[web.List[Delivery]](t, said)
		if len(page.Items) != 2 || page.NextPageToken == "" || page.Items[0].ID < page.Items[1].ID || r.unproved != 0 {
			t.Fatalf("the first page: %s", said)
		}
		_, said = p.api("GET", "/1/deliveries?limit=2&page_token="+page.NextPageToken, "")
		if rest := read[web.List[Delivery]](t, said); len(rest.Items) != 1 || rest.Items[0].ID >= page.Items[1].ID ||
			rest.NextPageToken != "" {
			t.Errorf("the second page: %s", said)
		}
		if status, said = p.api("POST", "/1/deliveries/1/replay", ""); status != 200 ||
			read[Delivery](t, said).State != DeliveryWaiting {
			t.Errorf("replay: %d %s", status, said)
		}
		if status, said = p.api("POST", "/1/test", ""); status != 200 || read[Delivery](t, said).State != DeliveryDone {
			t.Errorf("test: %d %s", status, said)
		}
		if status, said = p.api("POST", "/1/replay", ""); status != 200 || read[Replayed](t, said).Replayed != 0 {
			t.Errorf("replay of no dead letters: %d %s", status, said)
		}
		_, said = p.api("GET", "", "")
		if list := read[web.List[HookOutState]](t, said); len(list.Items) != 1 || list.Items[0].Waiting != 1 ||
			strings.Contains(said, made.Secret) {
			t.Errorf("list: %s", said)
		}
		status, said = p.api("POST", "/1/rotate", "")
		if rotated := read[Subscribed](t, said); status != 200 || rotated.Secret == made.Secret ||
			rotated.Version != 2 {
			t.Errorf("rotate: %d %s", status, said)
		}
		status, said = p.api("PUT", "/1", `{"verbs":[],"active":false,"version":2}`)
		if changed := read[HookOut](t, said); status != 200 || changed.Active || len(changed.Verbs) != 0 ||
			changed.Version != 3 {
			t.Errorf("change: %d %s", status, said)
		}
		for _, c := range []struct {
			method, path, body string
			status             int
			code               string
		}{
			{"POST", "", `{"name":"x","url":"https://crm.example/","secret":"mine"}`, 422, "unknown_field"},
			{"PUT", "/1", `{"active":true}`, 422, "required"},
			{"PUT", "/1", `{"active":true,"version":2}`, 409, "stale_version"},
			{"GET", "/2", "", 404, "not_found"},
			{"GET", "/2/deliveries", "", 404, "not_found"},
			{"GET", "/1/deliveries?state=lost", "", 422, "unknown_value"},
			{"GET", "/1/deliveries?page_token=x", "", 422, "malformed"},
			{"POST", "/2/test", "", 404, "not_found"},
			{"POST", "/2/replay", "", 404, "not_found"},
			{"POST", "/1/deliveries/99/replay", "", 404, "not_found"},
			{"POST", "/1/deliveries/1/replay", "", 409, "delivery_waiting"},
			{"DELETE", "/1", "", 204, ""},
			{"DELETE", "/1", "", 404, "not_found"},
		} {
			if status, said := p.api(c.method, c.path, c.body); status != c.status || !strings.Contains(said, c.code) {
				t.Errorf("%s %s %s: %d %s, want %d %s", c.method, c.path, c.body, status, said, c.status, c.code)
			}
		}
		var left int
		if err := p.DB.Read(context.Background()).Get(&left, "SELECT COUNT(*) FROM hook_deliveries"); err != nil ||
			left != 0 {
			t.Errorf("%d deliveries are left, %v", left, err)
		}
	})
}

func TestOldDeliveriesAreForgotten(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		p, r := newPost(t, db), newReceiver(t)
		h := p.subscribe(r)
		const many = keepDeliveries + 30
		for range many {
			p.happens(crm.CompanyStatus, 310)
		}
		p.round(h)
		left := func() (n int) {
			t.Helper()
			if err := p.courier.tidy(ctx, h.ID); err != nil {
				t.Fatal(err)
			}
			if err := p.DB.Read(ctx).Get(&n, "SELECT COUNT(*) FROM hook_deliveries"); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := left(); n != many {
			t.Errorf("%d are left: what the journal may still show is kept", n)
		}
		p.Clock.Move(2*journal.LongAgo + 1e9)
		p.round(h)
		if n := left(); n != keepDeliveries {
			t.Errorf("%d are left, want the last %d", n, keepDeliveries)
		}
		p.round(h)
		if got := len(r.ids()); got != many {
			t.Errorf("%d were sent, want each of the %d once", got, many)
		}
	})
}

func TestDeliveriesAreCounted(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p, r := newPost(t, db), newReceiver(t)
		h := p.subscribe(r)
		p.courier.meter = newOutMeter(prometheus.NewRegistry())
		p.happens(crm.CompanyStatus, 310)
		p.round(h)
		r.answers(500)
		p.happens(crm.CompanyStatus, 310)
		for range schedule {
			p.round(h)
			p.Clock.Move(11 * 3600 * 1e9)
		}
		value := func(c prometheus.Metric) float64 {
			var m dto.Metric
			if err := c.Write(&m); err != nil {
				t.Fatal(err)
			}
			return m.Counter.GetValue()
		}
		meter := p.courier.meter
		done, failed := value(meter.attempts.WithLabelValues("done")), value(meter.attempts.WithLabelValues("failed"))
		if dead := value(meter.dead); done != 1 || failed != 8 || dead != 1 {
			t.Errorf("done %v, failed %v, dead %v", done, failed, dead)
		}
	})
}
