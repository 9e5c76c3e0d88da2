package staff

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/internal/web"
)

type reply struct {
	status int
	header http.Header
	cookie string
	body   map[string]any
}

func (a reply) id() int64 {
	n, _ := a.body["id"].(float64)
	return int64(n)
}

// serve serves the routes of the package behind the real Who; auth is a token, or
// "callhue=…" for a cookie.
func serve(t *testing.T, r *Roster) func(auth, method, path, body string) reply {
	t.Helper()
	s, err := web.New(web.Options{Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Now: time.Now,
		PublicURL: "http://calls.example", Ready: func(context.Context) error { return nil },
		Who: r.Authenticate}, r.Routes())
	if err != nil {
		t.Fatal(err)
	}
	return func(auth, method, path, body string) reply {
		t.Helper()
		req := httptest.NewRequest(method, path, bytes.NewBufferString(body))
		if strings.HasPrefix(auth, "callhue=") {
			req.Header.Set("Cookie", auth)
		} else if auth != "" {
			req.Header.Set("Authorization", "Bearer "+auth)
		}
		res, err := s.App().Test(req, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		out := reply{status: res.StatusCode, header: res.Header}
		for _, c := range res.Cookies() {
			out.cookie = c.Name + "=" + c.Value
		}
		_ = json.NewDecoder(res.Body).Decode(&out.body)
		return out
	}
}

func tokenFor(t *testing.T, r *Roster, u *User) string {
	t.Helper()
	_, secret, err := r.AddToken(t.Context(), system, u.ID, NewToken{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestSignInOverHTTP(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		do := serve(t, r)
		u := add(t, r, "ivanov", password("correct horse"), func(in *NewUser) { in.Extension = "101" })
		if a := do("", "POST", "/api/v1/session", `{"login":"ivanov","password":"wrong horse"}`); a.status != 401 ||
			a.body["code"] != "sign_in_wrong" || a.cookie != "" {
			t.Fatalf("%+v", a)
		}
		in := do("", "POST", "/api/v1/session", `{"login":"ivanov","password":"correct horse"}`)
		if in.status != 200 || in.body["extension"] != "101" || in.body["password"] != nil ||
			!strings.HasPrefix(in.cookie, "callhue=") || !strings.Contains(in.header.Get("Set-Cookie"), "HttpOnly") {
			t.Fatalf("%+v", in)
		}
		me := do(in.cookie, "GET", "/api/v1/me", "")
		if me.status != 200 || me.id() != u.ID || me.body["login"] != "ivanov" || fmt.Sprint(me.body["teams"]) != "[]" {
			t.Fatalf("%+v", me)
		}
		if a := do(in.cookie, "POST", "/api/v1/live/ticket", ""); a.status != 201 || a.body["ticket"] == "" {
			t.Fatalf("%+v", a)
		}
		if a := do(in.cookie, "DELETE", "/api/v1/session", ""); a.status != 204 || a.cookie != "callhue=" {
			t.Fatalf("%+v", a)
		}
		if a := do(in.cookie, "GET", "/api/v1/me", ""); a.status != 401 {
			t.Fatalf("signed out: %+v", a)
		}
		link := "/signin/" + must[string](t)(r.Link(t.Context(), system, u.ID, time.Hour))
		if a := do("", "HEAD", link, ""); a.status != 200 || a.cookie != "" {
			t.Fatalf("a look at where the link leads: %+v", a)
		}
		for range 2 { // a preview, a scanner of mail
			if a := do("", "GET", link, ""); a.status != 200 || a.cookie != "" {
				t.Fatalf("a look at the page: %+v", a)
			}
		}
		first, second := do("", "POST", link, ""), do("", "POST", link, "")
		if first.status != 303 || first.header.Get("Location") != "/" ||
			do(first.cookie, "GET", "/api/v1/me", "").status != 200 {
			t.Fatalf("%+v", first)
		}
		if second.status != 303 || second.header.Get("Location") != "/signin?error=link_used" || second.cookie != "" {
			t.Fatalf("%+v", second)
		}
		if a := do("", "GET", link, ""); a.status != 303 || a.header.Get("Location") != "/signin?error=link_used" {
			t.Fatalf("the page of a used link: %+v", a)
		}
	})
}

func TestRightsOfTheRoutes(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		do := serve(t, r)
		victim := add(t, r, "victim")
		tokens := map[access.Role]string{}
		for _, role := range everyRole {
			tokens[role] = tokenFor(t, r, add(t, r, string(role), func(in *NewUser) { in.Roles = access.Roles{role} }))
		}
		asks := map[access.Role]bool{access.Agent: true, access.Supervisor: true, access.Admin: true,
			access.Service: true}
		for _, route := range r.Routes() {
			if len(route.Roles) == 1 && route.Roles[0] == access.Anyone[0] {
				continue
			}
			// A missing record and an empty body: the one who may gets past the door, and nothing happens.
			path := strings.NewReplacer(":id", "999999", ":identity", "1", ":deputy", "1", ":token",
				"1", ":session", "1").Replace(route.Path)
			own := strings.HasPrefix(path, "/api/v1/me") || strings.HasSuffix(path, "/live/ticket")
			if strings.HasSuffix(path, "/session") {
				continue
			}
			if got := do("", route.Method, path, `{}`).status; got != 401 {
				t.Errorf("%s %s as nobody: %d", route.Method, path, got)
			}
			for role, token := range tokens {
				may := own || role == access.Admin ||
					route.Method == "GET" && asks[role] && !strings.HasSuffix(path, "/tokens") &&
						!strings.HasSuffix(path, "/sessions")
				if got := do(token, route.Method, path, `{}`).status; (got == 403) == may || got == 401 || got >= 500 {
					t.Errorf("%s %s as %s: %d", route.Method, path, role, got)
				}
			}
		}
		if u := must[*User](t)(r.Find(t.Context(), victim.ID)); u.Version != victim.Version {
			t.Error("somebody changed the victim")
		}
	})
}

func TestUsersOverHTTP(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		do := serve(t, r)
		boss := add(t, r, "boss", admin)
		token := tokenFor(t, r, boss)
		dep := do(token, "POST", "/api/v1/departments", `{"name":"Sales","head_id":`+fmt.Sprint(boss.ID)+`}`)
		if dep.status != 201 || dep.body["kind"] != "sales" {
			t.Fatalf("%+v", dep)
		}
		made := do(token, "POST", "/api/v1/users",
			fmt.Sprintf(`{"login":"petrov","name":"Petrov","roles":["agent"],"department_id":%d,"extension":"101","language":"en"}`, dep.id()))
		if made.status != 201 || fmt.Sprint(made.body["extensions"]) != "[101]" || made.body["dismissed_at"] != nil {
			t.Fatalf("%+v", made)
		}
		if me := do(token, "GET", "/api/v1/me", ""); fmt.Sprint(me.body["teams"]) != fmt.Sprint([]int64{dep.id()}) {
			t.Fatalf("%+v", me)
		}
		user := fmt.Sprintf("/api/v1/users/%d", made.id())
		for _, tc := range []struct {
			method, path, body string
			status             int
			code               string
		}{
			{"POST", "/api/v1/users", `{"login":"petrov","name":"P","roles":["agent"]}`, 409, "login_taken"},
			{"POST", "/api/v1/users", `{"login":"x","nick":"P"}`, 422, "invalid_input"},
			{"PUT", user, `{"name":"P"}`, 422, "invalid_input"},
			{"PUT", user, `{"name":"P","version":9}`, 409, "stale_version"},
			{"PUT", user, `{"name":"Pyotr","version":1}`, 200, ""},
			{"PUT", "/api/v1/users/abc", `{"version":1}`, 404, "not_found"},
			{"POST", user + "/identities", `{"source":"office","value":"P-1"}`, 201, ""},
			{"POST", user + "/identities", `{"source":"office","value":" "}`, 422, "invalid_input"},
			{"POST", user + "/identities", `{"source":"office","value":"p-1"}`, 409, "identity_taken"},
			{"POST", user + "/deputies",
				fmt.Sprintf(`{"deputy_id":%d,"from":"2026-03-01T00:00:00Z","until":"2026-03-09T00:00:00+03:00"}`,
					boss.ID), 201, ""},
			{"POST", user + "/deputies",
				fmt.Sprintf(`{"deputy_id":%d,"from":"2026-03-01T00:00:00Z","until":"2026-03-01T00:00:00Z"}`, boss.ID),
				422, "invalid_input"},
			{"GET", "/api/v1/users?q=pyotr&active=true&limit=1", "", 200, ""},
			{"GET", "/api/v1/users?page_token=%21", "", 422, "invalid_input"},
			{"GET", "/api/v1/users?active=maybe", "", 422, "invalid_input"},
			{"PUT", user + "/password", `{"password":"correct horse"}`, 204, ""},
			{"POST", user + "/link", `{"minutes":9000000000000000000}`, 422, "invalid_input"},
			{"DELETE", fmt.Sprintf("/api/v1/departments/%d", dep.id()), "", 409, "department_in_use"},
			{"DELETE", user, "", 204, ""},
			{"DELETE", fmt.Sprintf("/api/v1/users/%d", boss.ID), "", 409, "last_admin"},
		} {
			a := do(token, tc.method, tc.path, tc.body)
			if code, _ := a.body["code"].(string); a.status != tc.status || code != tc.code {
				t.Errorf("%s %s %s: %d %v", tc.method, tc.path, tc.body, a.status, a.body)
			}
		}
		link := do(token, "POST", fmt.Sprintf("/api/v1/users/%d/link", boss.ID), `{"minutes":15}`)
		if at, _ := link.body["url"].(string); link.status != 201 ||
			!strings.HasPrefix(at, "http://calls.example/signin/") {
			t.Errorf("%+v", link)
		}
		if made := do(token, "POST",
			fmt.Sprintf("/api/v1/users/%d/tokens", boss.ID), `{"name":"crm"}`); made.status != 201 ||
			do(made.body["token"].(string), "GET", "/api/v1/me", "").status != 200 {
			t.Errorf("%+v", made)
		}
	})
}
