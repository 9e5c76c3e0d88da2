package staff

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/store"
	"callhue/internal/web"
)

// TestALinkIsForItsButton checks what a link does in a browser in which someone is signed in, and from foreign pages.
func TestALinkIsForItsButton(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		ivanov := add(t, r, "ivanov", func(in *NewUser) { in.Name, in.Language = "<i>Иванов</i>", "ru" })
		petrov := add(t, r, "petrov")
		linkFor := func(u *User) string {
			return "/signin/" + must[string](t)(r.Link(t.Context(), system, u.ID, time.Hour))
		}
		s, err := web.New(web.Options{Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
			Now: time.Now, Ready: func(context.Context) error { return nil }, Who: r.Authenticate}, r.Routes())
		if err != nil {
			t.Fatal(err)
		}
		send := func(method, path string, header http.Header, form url.Values) (*http.Response, string) {
			t.Helper()
			q := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for name, values := range header {
				q.Header[name] = values
			}
			a, err := s.App().Test(q, -1)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(a.Body)
			if err != nil {
				t.Fatal(err)
			}
			return a, string(body)
		}

		link := linkFor(ivanov)
		a, page := send("GET", link, nil, nil)
		policy := a.Header.Get("Content-Security-Policy")
		if a.StatusCode != 200 || !strings.Contains(page, "Войти как &lt;i&gt;Иванов") ||
			!strings.Contains(page, `<form method="post">`) || strings.Contains(page, "<script") ||
			!strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") ||
			a.Header.Get("Cache-Control") != "no-store" || len(a.Cookies()) > 0 {
			t.Fatal(a.StatusCode, a.Header, page)
		}
		for _, foreign := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}},
			{"Origin": {"https://elsewhere.example"}}, {"Origin": {"null"}}} {
			if a, _ := send("POST", link, foreign, nil); a.StatusCode != 403 || len(a.Cookies()) > 0 {
				t.Fatalf("%v signed its visitor in: %d", foreign, a.StatusCode)
			}
		}
		a, _ = send("POST", link, http.Header{"Sec-Fetch-Site": {"same-origin"}}, nil)
		if a.StatusCode != 303 || len(a.Cookies()) != 1 {
			t.Fatal("our own page: ", a.StatusCode, a.Cookies())
		}

		asIvanov := http.Header{"Cookie": {"callhue=" + a.Cookies()[0].Value}, "Sec-Fetch-Site": {"same-origin"}}
		link = linkFor(petrov)
		a, page = send("GET", link, asIvanov, nil)
		if a.StatusCode != 200 || !strings.Contains(page, "Иванов") || !strings.Contains(page, "petrov") {
			t.Fatal("it hides who is signed in: ", page)
		}
		if a, page = send("POST", link, asIvanov, nil); a.StatusCode != 409 || len(a.Cookies()) > 0 ||
			!strings.Contains(page, `name="instead_of"`) {
			t.Fatal("replaced a session unasked: ", a.StatusCode, page)
		}
		shown := func(id int64) url.Values { return url.Values{"instead_of": {strconv.FormatInt(id, 10)}} }
		if a, _ = send("POST", link, asIvanov, shown(petrov.ID)); a.StatusCode != 409 {
			t.Fatal("replaced another session than the one that was shown: ", a.StatusCode)
		}
		if a, _ = send("POST", link, asIvanov, shown(ivanov.ID)); a.StatusCode != 303 || len(a.Cookies()) != 1 {
			t.Fatal("refused who was asked: ", a.StatusCode)
		}
		if a, _ = send("GET", "/api/v1/me", asIvanov, nil); a.StatusCode != 401 {
			t.Fatal("the session that was replaced goes on: ", a.StatusCode)
		}
	})
}
