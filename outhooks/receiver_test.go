package outhooks

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/test/house"
)

func TestGoneSwitchesOff(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		p, r := newPost(t, db), newReceiver(t)
		h := p.subscribe(r)
		r.answers(410)
		p.happens(crm.CompanyStatus, 310)
		p.round(h)
		state, err := p.courier.Hook(ctx, h.ID)
		if err != nil || state.Active || state.DisabledReason != "gone" || state.Dead != 1 {
			t.Fatalf("after 410: %+v, %v", state, err)
		}
		p.happens(crm.CompanyStatus, 311)
		if held, err := p.courier.round(ctx, h.ID, true); held || err != nil || len(r.words()) != 1 {
			t.Errorf("it is attended to: %v, %v, %v", held, err, r.words())
		}
		p.Clock.Move(time.Hour)
		on := true
		if _, err := p.courier.ChangeHook(ctx, p.admin, h.ID,
			HookOutChange{Active: &on, Version: state.Version}); err != nil {
			t.Fatal(err)
		}
		r.answers(200)
		id := p.happens(crm.CompanyStatus, 312)
		p.round(h)
		if got := r.ids(); len(got) != 2 || got[1] != id {
			t.Errorf("switched on again it hears of what happens from then on: %v", got)
		}
	})
}

func TestRetryAfterIsRespected(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, header string
		status      int
		pause       time.Duration // of the whole subscription
		next        time.Duration // of this delivery
	}{
		{"seconds", "120", 429, 2 * time.Minute, 2 * time.Minute},
		{"a date", house.Noon.Add(time.Hour).Format(http.TimeFormat), 503, time.Hour, time.Hour},
		{"shorter than the schedule", "2", 503, 2 * time.Second, 5 * time.Second},
		{"a week is too long", "604800", 429, longestPause, longestPause},
		{"garbage", "soon", 503, 0, 5 * time.Second},
		{"a negative one", "-5", 503, 0, 5 * time.Second},
		{"a status that has none", "120", 500, 0, 5 * time.Second},
	} {
		t.Run(c.why, func(t *testing.T) {
			store.Test(t, func(t *testing.T, db *store.DB) {
				p, r := newPost(t, db), newReceiver(t)
				h := p.subscribe(r)
				r.answers(c.status, "Retry-After", c.header)
				p.happens(crm.CompanyStatus, 310)
				p.round(h)
				if d := p.last(h); d.DueAt == nil || !d.DueAt.Equal(house.Noon.Add(c.next)) {
					t.Errorf("next attempt at %v, want after %v", d.DueAt, c.next)
				}
				r.answers(200)
				p.happens(crm.CompanyStatus, 311)
				if c.pause > 0 {
					p.Clock.Move(c.pause - time.Millisecond)
					p.round(h)
					if got := r.words(); len(got) != 1 {
						t.Errorf("another delivery in the pause: %v", got)
					}
					p.Clock.Move(time.Millisecond)
				}
				p.round(h)
				if got := r.words(); len(got) < 2 {
					t.Errorf("nothing after the pause: %v", got)
				}
			})
		})
	}
}

func TestReceiversThatMisbehave(t *testing.T) {
	t.Parallel()
	elsewhere := newReceiver(t)
	for _, c := range []struct {
		why    string
		answer func(w http.ResponseWriter, n int)
		want   string // the error's code
		status int
	}{
		{"redirects are not followed", func(w http.ResponseWriter, _ int) {
			w.Header().Set("Location", elsewhere.URL)
			w.WriteHeader(307)
		}, "redirected", 307},
		{"a connection that is closed", func(w http.ResponseWriter, _ int) { hijack(t, w, "") }, "unreachable", 0},
		{"garbage", func(w http.ResponseWriter, _ int) { hijack(t, w, "\x00\x01 no HTTP at all\r\n\r\n") },
			"unreachable", 0},
		{"an answer that breaks off", func(w http.ResponseWriter, _ int) {
			hijack(t, w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
		}, "unreachable", 200},
		{"endless headers", func(w http.ResponseWriter, _ int) {
			hijack(t, w, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 64<<10)+"\r\n\r\n")
		}, "unreachable", 0},
		{"a body without an end is cut", func(w http.ResponseWriter, _ int) {
			for range 100 {
				_, _ = io.WriteString(w, strings.Repeat("y", 1000))
			}
		}, "", 200},
		{"404", func(w http.ResponseWriter, _ int) { w.WriteHeader(404) }, "status", 404},
	} {
		t.Run(c.why, func(t *testing.T) {
			store.Test(t, func(t *testing.T, db *store.DB) {
				p, r := newPost(t, db), newReceiver(t)
				h := p.subscribe(r)
				r.answer = c.answer
				p.happens(crm.CompanyStatus, 310)
				p.round(h)
				d := p.last(h)
				if d.Error != c.want || d.Status != c.status || len(d.Detail) > detailLength ||
					strings.Contains(d.Detail, "/in") {
					t.Errorf("%+v, want error %q, status %d", d, c.want, c.status)
				}
				if want := (c.want == ""); (d.State == DeliveryDone) != want {
					t.Errorf("state %s", d.State)
				}
			})
		})
	}
	if got := elsewhere.words(); len(got) != 0 {
		t.Errorf("the redirect was followed: %v", got)
	}
}

func hijack(t testing.TB, w http.ResponseWriter, raw string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.WriteString(conn, raw)
	_ = conn.Close()
}

func TestASlowReceiverIsGivenUp(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p, r := newPost(t, db), newReceiver(t)
		p.courier.client.Timeout = 100 * time.Millisecond
		h := p.subscribe(r)
		slow := make(chan struct{})
		r.answer = func(http.ResponseWriter, int) { <-slow }
		p.happens(crm.CompanyStatus, 310)
		p.round(h)
		close(slow)
		if d := p.last(h); d.Error != "timeout" || d.State != DeliveryWaiting || d.Millis < 100 {
			t.Errorf("%+v", d)
		}
	})
}
