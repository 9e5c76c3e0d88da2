package web_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
)

func row(method, path string, roles access.Roles, do web.Handler) web.Route {
	return web.Route{Method: method, Path: path, Roles: roles, Summary: "A row of a test.", Do: do}
}

func nothing() web.Handler {
	return web.Do(func(*web.Request, web.Nothing) (web.Nothing, error) { return web.Nothing{}, nil })
}

func TestRolesDecideWhoMay(t *testing.T) {
	s := newServer(t, web.Options{}, []web.Route{
		row("GET", "/api/v1/agents", access.Staff, nothing()),
		row("GET", "/api/v1/heads", access.Heads, nothing()),
		row("GET", "/api/v1/anyone", access.Anyone, nothing()),
		row("GET", "/api/v1/nobody", nil, nothing()),
	})
	for _, c := range []struct {
		path, user string
		status     int
		code       string
	}{
		{"agents", "", 401, "sign_in_first"},
		{"agents", "stranger", 401, "sign_in_first"},
		{"agents", "petrov", 204, ""},
		{"heads", "petrov", 403, "role_missing"},
		{"heads", "orlova", 204, ""},
		{"heads", "root", 204, ""},
		{"anyone", "", 204, ""},
		{"anyone", "stranger", 204, ""},
		{"nobody", "", 401, "sign_in_first"},
		{"nobody", "root", 403, "role_missing"},
	} {
		ask := call{method: "GET", path: "/api/v1/" + c.path}
		if c.user != "" {
			ask = ask.as(c.user)
		}
		answer, body := ask.to(t, s)
		if c.code != "" {
			refused(t, answer, body, c.status, c.code)
		} else if answer.StatusCode != c.status {
			t.Errorf("%s as %q: %d %s", c.path, c.user, answer.StatusCode, body)
		}
		if want := c.status == 401; want != (answer.Header.Get("WWW-Authenticate") != "") {
			t.Errorf("%s as %q: WWW-Authenticate %q", c.path, c.user, answer.Header.Get("WWW-Authenticate"))
		}
	}
}

func TestForeignPagesCannotChangeAnything(t *testing.T) {
	s := newServer(t, web.Options{PublicURL: "https://hue.example"}, []web.Route{
		row("POST", "/api/v1/thing", access.Staff, nothing()),
		row("GET", "/api/v1/thing", access.Staff, nothing()),
		row("POST", "/api/v1/session", access.Anyone, nothing()),
		row("POST", "/hooks/office", access.Anyone, nothing()),
		{Method: "POST", Path: "/signin/:secret", Roles: access.Anyone, Summary: "Sign in.", Do: nothing(),
			SignsIn: true},
	})
	cookie := [2]string{"Cookie", s.SessionCookie() + "=petrov"}
	token := [2]string{"Authorization", "Bearer petrov"}
	for _, c := range []struct {
		why, method, path string
		headers           [][2]string
		status            int
	}{
		{"our own page", "POST", "/api/v1/thing", [][2]string{cookie, {"Sec-Fetch-Site", "same-origin"}}, 204},
		{"a foreign page", "POST", "/api/v1/thing", [][2]string{cookie, {"Sec-Fetch-Site", "cross-site"}}, 403},
		{"a neighbour's page", "POST", "/api/v1/thing", [][2]string{cookie, {"Sec-Fetch-Site", "same-site"}}, 403},
		{"an old browser, our page", "POST", "/api/v1/thing", [][2]string{cookie, {"Origin", "http://example.com"}},
			204},
		{"an old browser behind a proxy that changes Host", "POST", "/api/v1/thing",
			[][2]string{cookie, {"Origin", "https://hue.example"}}, 204},
		{"an old browser, a foreign page", "POST", "/api/v1/thing",
			[][2]string{cookie, {"Origin", "https://elsewhere.example"}}, 403},
		{"a page that hides where it is from", "POST", "/api/v1/thing", [][2]string{cookie, {"Origin", "null"}}, 403},
		{"a foreign page that only reads", "GET", "/api/v1/thing",
			[][2]string{cookie, {"Sec-Fetch-Site", "cross-site"}}, 204},
		{"a token is nothing that a foreign page has", "POST", "/api/v1/thing",
			[][2]string{token, {"Sec-Fetch-Site", "cross-site"}}, 204},
		{"no browser", "POST", "/api/v1/thing", [][2]string{cookie}, 204},
		{"a foreign page that signs its visitor in", "POST", "/api/v1/session",
			[][2]string{{"Sec-Fetch-Site", "cross-site"}}, 403},
		{"a foreign page that posts a sign-in link", "POST", "/signin/secret",
			[][2]string{{"Origin", "https://elsewhere.example"}}, 403},
		{"a sign-in link posted by our page", "POST", "/signin/secret",
			[][2]string{{"Sec-Fetch-Site", "same-origin"}}, 204},
		{"a machine's door", "POST", "/hooks/office", [][2]string{{"Origin", "https://pbx.example"}}, 204},
	} {
		t.Run(c.why, func(t *testing.T) {
			header := map[string]string{}
			for _, h := range c.headers {
				header[h[0]] = h[1]
			}
			answer, body := call{method: c.method, path: c.path, header: header}.to(t, s)
			if answer.StatusCode != c.status {
				t.Errorf("got %d %s", answer.StatusCode, body)
			}
			if c.status == 403 {
				refused(t, answer, body, 403, "cross_site")
			}
		})
	}
}

func TestSessionCookie(t *testing.T) {
	signIn := []web.Route{row("POST", "/api/v1/session", access.Anyone,
		web.Do(func(r *web.Request, _ web.Nothing) (web.Nothing, error) {
			r.SetSession("petrov", noon.Add(time.Hour))
			return web.Nothing{}, nil
		}))}
	for url, want := range map[string]string{
		"":                    "callhue=petrov; expires=Thu, 12 Mar 2026 13:00:00 GMT; path=/; HttpOnly; SameSite=Lax",
		"https://hue.example": "__Host-callhue=petrov; expires=Thu, 12 Mar 2026 13:00:00 GMT; path=/; HttpOnly; secure; SameSite=Lax",
	} {
		s := newServer(t, web.Options{PublicURL: url}, signIn)
		answer, _ := call{method: "POST", path: "/api/v1/session"}.to(t, s)
		if got := answer.Header.Get("Set-Cookie"); got != want {
			t.Errorf("at %q:\ngot  %s\nwant %s", url, got, want)
		}
		if hsts := answer.Header.Get("Strict-Transport-Security"); (hsts != "") != (url != "") {
			t.Errorf("at %q: Strict-Transport-Security %q", url, hsts)
		}
	}
}

func TestSecurityHeadersStandOnEveryAnswer(t *testing.T) {
	s := newServer(t, web.Options{FrameAncestors: []string{"https://portal.example"},
		Pages: fstest.MapFS{"index.html": {Data: []byte("<p>")}}},
		[]web.Route{row("GET", "/api/v1/boom", access.Anyone, web.Raw(func(*web.Request) error { panic("boom") }))})
	for _, path := range []string{"/", "/healthz", "/api/v1/nowhere", "/api/v1/boom", "/docs"} {
		answer, _ := call{method: "GET", path: path}.to(t, s)
		policy := answer.Header.Get("Content-Security-Policy")
		if path == "/" && !strings.Contains(policy, "media-src 'self' http: https:;") {
			t.Errorf("%q lets nobody hear a recording, which the PBX keeps", policy)
		}
		if answer.Header.Get("X-Content-Type-Options") != "nosniff" || answer.Header.Get("X-Frame-Options") != "DENY" ||
			!strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "script-src 'unsafe") {
			t.Errorf("%s: %v", path, answer.Header)
		}
		if answer.Header.Get("Cross-Origin-Opener-Policy") != "same-origin" ||
			answer.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" ||
			!strings.Contains(answer.Header.Get("Permissions-Policy"), "microphone=()") {
			t.Errorf("%s: %v", path, answer.Header)
		}
	}
	answer, _ := call{method: "GET", path: "/embed/card"}.to(t, s)
	if p := answer.Header.Get("Content-Security-Policy"); !strings.HasSuffix(p,
		"frame-ancestors 'self' https://portal.example") || answer.Header.Get("X-Frame-Options") != "" ||
		answer.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("/embed/card: %v", answer.Header)
	}
}

func TestFaultsBecomeProblems(t *testing.T) {
	var said error
	var log bytes.Buffer
	s := newServer(t, web.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, []web.Route{
		row("GET", "/api/v1/fault", access.Anyone,
			web.Do(func(*web.Request, web.Nothing) (web.Nothing, error) { return web.Nothing{}, said })),
		row("GET", "/api/v1/panic", access.Anyone,
			web.Do(func(*web.Request, web.Nothing) (web.Nothing, error) { panic("secret thing") })),
	})
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{fault.Missing("company"), 404, "not_found"},
		{fault.Stale(), 409, "stale_version"},
		{fault.Invalid("name", "empty"), 422, "invalid_input"},
		{fault.Forbidden("status_change_forbidden"), 403, "status_change_forbidden"},
		{fault.Unauthorised("wrong_secret"), 401, "wrong_secret"},
		{fault.Unavailable("database_away", 90*time.Second), 503, "database_away"},
		{fault.Busy("too_many_checks", 90*time.Second), 429, "too_many_checks"},
		{errors.New("dial tcp 10.0.0.1: secret thing"), 500, "internal"},
	} {
		said = c.err
		answer, body := call{method: "GET", path: "/api/v1/fault"}.to(t, s)
		refused(t, answer, body, c.status, c.code)
		if strings.Contains(body, "secret thing") {
			t.Errorf("a foreign error's text left the server: %s", body)
		}
		if want := map[bool]string{true: "90"}[c.status == 429 || c.status == 503]; answer.Header.Get("Retry-After") != want {
			t.Errorf("%v: Retry-After %q", c.err, answer.Header.Get("Retry-After"))
		}
	}
	log.Reset()
	answer, body := call{method: "GET", path: "/api/v1/panic"}.to(t, s)
	refused(t, answer, body, 500, "internal")
	if !strings.Contains(log.String(), "secret thing") || !strings.Contains(log.String(), "route_test.go") {
		t.Errorf("the panic and its place are not in the log: %s", log.String())
	}
}

func TestUnknownRoutesAndMethods(t *testing.T) {
	s := newServer(t, web.Options{Pages: fstest.MapFS{"index.html": {Data: []byte("app")}}}, []web.Route{
		row("GET", "/api/v1/thing", access.Anyone,
			web.Do(func(*web.Request, web.Nothing) (map[string]int, error) { return map[string]int{"a": 1}, nil })),
		row("POST", "/api/v1/act", access.Anyone, nothing()),
	})
	for _, c := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/api/v1/nowhere", 404, "no_such_route"},
		{"POST", "/api/v1/nowhere", 404, "no_such_route"},
		{"POST", "/companies", 404, "no_such_route"},
		{"GET", "/hooks/none", 404, "no_such_route"},
		{"GET", "/assets/gone.js", 404, "no_such_route"},
		{"GET", "/../../go.mod", 404, "no_such_route"},
		{"DELETE", "/api/v1/thing", 405, "method_not_allowed"},
		{"GET", "/api/v1/act", 405, "method_not_allowed"},
	} {
		answer, body := call{method: c.method, path: c.path}.to(t, s)
		t.Run(c.method+c.path, func(t *testing.T) { refused(t, answer, body, c.status, c.code) })
		if c.status == 405 && answer.Header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", c.method, c.path)
		}
	}
	answer, body := call{method: "HEAD", path: "/api/v1/thing"}.to(t, s)
	if answer.StatusCode != 200 || body != "" || answer.Header.Get("Content-Length") != "7" {
		t.Errorf("HEAD: %d %q %v", answer.StatusCode, body, answer.Header)
	}
}

func TestPages(t *testing.T) {
	s := newServer(t, web.Options{Pages: fstest.MapFS{
		"index.html": {Data: []byte("the app")}, "assets/a1.js": {Data: []byte("js")},
		"embed/card.js": {Data: []byte("card")}, "embed/card.html": {Data: []byte("frame")},
	}})
	for _, c := range []struct{ path, body, kind, cache string }{
		{"/", "the app", "text/html; charset=utf-8", "no-cache"},
		{"/companies/310", "the app", "text/html; charset=utf-8", "no-cache"},
		{"/apiary", "the app", "text/html; charset=utf-8", "no-cache"},
		{"/assets/a1.js", "js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/embed/card", "frame", "text/html; charset=utf-8", "no-cache"},
		{"/embed/card.js", "card", "text/javascript; charset=utf-8", "no-cache"},
	} {
		answer, body := call{method: "GET", path: c.path}.to(t, s)
		got := []string{body, answer.Header.Get("Content-Type"), answer.Header.Get("Cache-Control")}
		if diff := cmp.Diff([]string{c.body, c.kind, c.cache}, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.path, diff)
		}
		if open := answer.Header.Get("Access-Control-Allow-Origin") == "*"; open != strings.HasPrefix(c.path,
			"/embed/") {
			t.Errorf("%s: open to other origins: %v", c.path, open)
		}
	}
	bare := newServer(t, web.Options{Pages: fstest.MapFS{".keep": {}}})
	answer, body := call{method: "GET", path: "/"}.to(t, bare)
	if p := refused(t, answer, body, http.StatusNotFound, "not_found"); !strings.Contains(p.Args["hint"].(string),
		"make build") {
		t.Errorf("without a build: %s", body)
	}
}

func TestFilesAreSentCompressedAndOnce(t *testing.T) {
	s := newServer(t, web.Options{Pages: fstest.MapFS{
		"index.html": {Data: []byte("the app")}, "assets/a1.js": {Data: []byte("script")},
		"assets/a1.js.br": {Data: []byte("b")}, "assets/a1.js.gz": {Data: []byte("g")},
	}})
	get := func(path, name, value string) (*http.Response, string) {
		return call{method: "GET", path: path, header: map[string]string{name: value}}.to(t, s)
	}
	tags := map[string]bool{}
	for accepted, want := range map[string]string{"": "script", "gzip, deflate, br, zstd": "b", "gzip": "g",
		"br;q=0, gzip": "g", "deflate": "script", "identity": "script"} {
		answer, body := get("/assets/a1.js", "Accept-Encoding", accepted)
		coding := map[string]string{"b": "br", "g": "gzip"}[want]
		if body != want || answer.Header.Get("Content-Encoding") != coding ||
			answer.Header.Get("Vary") != "Accept-Encoding" ||
			answer.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("Accept-Encoding %q: %q %v", accepted, body, answer.Header)
		}
		tags[answer.Header.Get("ETag")] = true
	}
	if len(tags) != 3 {
		t.Errorf("three forms have the tags %v", tags)
	}
	answer, _ := get("/calls", "Accept", "text/html")
	again, body := get("/calls", "If-None-Match", answer.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("the same page again: %d %q", again.StatusCode, body)
	}
	if answer, _ := get("/assets/a1.js.map", "Accept", "*/*"); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a file that is not there: %d", answer.StatusCode)
	}
}

func TestTablesThatCannotWorkAreRefused(t *testing.T) {
	mute := row("GET", "/a", access.Anyone, nothing())
	mute.Summary = ""
	for why, table := range map[string][]web.Route{
		"two rows":   {row("GET", "/a", access.Anyone, nothing()), row("GET", "/a", access.Staff, nothing())},
		"no summary": {mute},
		"no handler": {row("GET", "/a", access.Anyone, web.Handler{})},
	} {
		if _, err := web.New(options(web.Options{}), table); err == nil {
			t.Errorf("%s: was taken", why)
		}
	}
	if _, err := web.New(options(web.Options{PublicURL: "hue.example"})); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("a public URL without a scheme: %v", err)
	}
}

func TestContextOfARequest(t *testing.T) {
	var kept context.Context
	var begun time.Time
	s := newServer(t, web.Options{}, []web.Route{row("GET", "/api/v1/a", access.Anyone,
		web.Do(func(r *web.Request, _ web.Nothing) (web.Nothing, error) {
			kept = r.Context()
			if at, ok := kept.Deadline(); !ok || time.Until(at) > 30*time.Second ||
				at.Before(begun.Add(30*time.Second)) {
				t.Errorf("deadline %v %v", at, ok)
			}
			child, cancel := context.WithTimeout(kept, time.Minute)
			defer cancel()
			if kept.Err() != nil || child.Err() != nil {
				t.Error("over before its time")
			}
			return web.Nothing{}, nil
		}))})
	begun = time.Now()
	call{method: "GET", path: "/api/v1/a"}.to(t, s)
	select {
	case <-kept.Done():
	case <-time.After(time.Minute):
		t.Error("the context outlived its request")
	}
}

func TestPagesInFramesOfOthers(t *testing.T) {
	page := row("POST", "/portal/page", access.Anyone, web.Raw(func(r *web.Request) error {
		if r.User != nil {
			t.Errorf("it knows %s", r.User.Login)
		}
		r.Frame([]string{"https://scripts.example"}, "https://portal.example")
		return r.C.SendString("page")
	}))
	page.Embedded = true
	s := newServer(t, web.Options{}, []web.Route{page})
	answer, body := call{method: "POST", path: "/portal/page",
		header: map[string]string{"Cookie": s.SessionCookie() + "=root", "Sec-Fetch-Site": "cross-site"}}.to(t, s)
	policy := answer.Header.Get("Content-Security-Policy")
	if answer.StatusCode != 200 || answer.Header.Get("X-Frame-Options") != "" ||
		!strings.HasSuffix(policy, "frame-ancestors https://portal.example") ||
		!strings.HasPrefix(policy, "script-src 'self' https://scripts.example; default-src 'self'") {
		t.Errorf("%d %s %v", answer.StatusCode, body, answer.Header)
	}
}
