package kpi

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
)

// api asks a server with the floor's routes, as one of the shop.
func (s *shop) api(as, method, path, body string) (int, string) {
	s.t.Helper()
	people := map[string]*access.User{
		"root": {ID: s.root, Roles: access.Roles{access.Admin}},
		"igor": {ID: s.igor, Roles: access.Roles{access.Supervisor}},
		"anna": {ID: s.anna, Roles: access.Roles{access.Agent}},
	}
	server, err := web.New(web.Options{
		Who: func(_ context.Context, bearer, _ string) (*access.User, error) {
			if u := people[bearer]; u != nil {
				return u, nil
			}
			return nil, fault.Unauthorised("sign_in_first")
		},
		Ready: func(context.Context) error { return nil }, Log: slog.New(slog.DiscardHandler),
		Metrics: prometheus.NewRegistry(), Now: s.Clock.Now,
	}, s.ledger.Routes())
	if err != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequest(method, "/api/v1/kpi"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+as)
	answer, err := server.App().Test(r, -1)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, string(said)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

const profileJSON = `{"name":"Sellers","base":5000000,"zone":"Europe/Moscow","indicators":[
	{"code":"revenue","name":"Revenue","direction":"more","plan":2000000.50,"weight":60,"cap":120},
	{"code":"overdue","name":"Overdue tasks","direction":"less","plan":"4","weight":40,"cap":100},
	{"code":"incidents","name":"Incidents","direction":"penalty","plan":0,"weight":0,"cap":20,"each":2.5}],
	"bonus":{"kind":"step","points":[{"score":80,"pay":50},{"score":100,"pay":100}]}}`

func TestTheAPIOfKPI(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		anna := "/months/2026-02/users/" + itoa(s.anna)
		for _, c := range []struct {
			as, method, path, body string
			status                 int
			has                    string // a part of the answer
		}{
			{"root", "POST", "/profiles", strings.Replace(profileJSON, `"weight":60`, `"weight":59.99`, 1), 422,
				`{"field":"indicators.weight","code":"sum_not_100"}`},
			{"root", "POST", "/profiles", strings.Replace(profileJSON, `"weight":60`, `"weight":"a"`, 1), 422,
				`"code":"wrong_type"`},
			{"root", "POST", "/profiles", strings.Replace(profileJSON, `"weight":60`, `"weight":0.00001`, 1), 422,
				`"code":"wrong_type"`},
			{"root", "POST", "/profiles", profileJSON, 201, `"plan":2000000.5,"weight":60,"cap":120,"source":"manual"`},
			{"igor", "POST", "/profiles", profileJSON, 403, "role_missing"},
			{"anna", "GET", "/profiles", "", 403, "role_missing"},
			{"igor", "GET", "/profiles/1", "", 404, "kpi_profile"}, // it measures no one of his
			{"root", "PUT", "/profiles/1/users/" + itoa(s.anna), `{"base":4567891}`, 200, `"base":4567891`},
			{"igor", "GET", "/profiles", "", 200, `"name":"Sellers"`},
			{"anna", "GET", anna, "", 200, `"fact":null`},
			{"igor", "PUT", anna + "/facts/revenue", `{"fact":2000000.5}`, 200, `"score":60`},
			{"igor", "PUT", anna + "/facts/overdue", `{"fact":"5","version":0}`, 200, `"score":92`}, // 60 + 80 % x 40
			{"igor", "PUT", anna + "/facts/overdue", `{"fact":4,"version":0}`, 409, "stale_version"},
			{"igor", "PUT", anna + "/facts/overdue", `{"version":1}`, 422, `"required"`},
			// 2 283 945.5 goes up
			{"igor", "PUT", anna + "/facts/incidents", `{"fact":3}`, 200,
				`"score":84.5,"pay":50,"base":4567891,"bonus":2283946`},
			{"anna", "PUT", anna + "/facts/incidents", `{"fact":0,"version":1}`, 403, "role_missing"},
			{"igor", "PUT", "/months/2026-02/users/" + itoa(s.igor) + "/facts/incidents", `{"fact":0}`, 403,
				"kpi_forbidden"},
			{"igor", "POST", "/months/2026-02/calculate", `{}`, 200, `"revision":1`},
			{"anna", "GET", anna + "/revisions", "", 200, `"revision":1`},
			{"anna", "GET", anna + "?revision=2", "", 404, "kpi_sheet"},
			{"anna", "GET", "/months/2026-02/users/" + itoa(s.boris), "", 403, "kpi_forbidden"},
			{"anna", "GET", "/months/2026-02", "", 200, `"bonus":2283946`},
			{"anna", "GET", "/months/2026-02?format=csv", "", 200,
				"2026-02," + itoa(s.anna) + ",Anna,Sellers,1,84.5,50,4567891,2283946,false,1"},
			{"root", "POST", "/months/2026-02/close", "", 409, "month_not_over"},
			{"root", "GET", "/months/2026-13", "", 404, "month"},
			{"root", "GET", "/months/february", "", 404, "month"},
			{"root", "PUT", "/profiles/1", `{"indicators":[],"version":1}`, 422,
				`{"field":"indicators","code":"required"}`},
			{"root", "PUT", "/profiles/1", `{"base":7,"version":1}`, 200, `"version":2`},
			{"igor", "GET", "/profiles/1/versions", "", 200, `"version":1`},
			{"root", "DELETE", "/profiles/1", "", 409, "profile_in_use"},
			{"root", "DELETE", "/profiles/1/users/" + itoa(s.anna), "", 204, ""},
			{"root", "DELETE", "/profiles/1/users/" + itoa(s.anna), "", 404, "holder"},
			{"root", "DELETE", "/profiles/1", "", 204, ""},
			{"root", "GET", "/months", "", 200, `"closed":false`},
		} {
			status, said := s.api(c.as, c.method, c.path, c.body)
			if status != c.status || !strings.Contains(said, c.has) {
				t.Errorf("%s %s %s %s: %d %s, want %d with %s", c.as, c.method, c.path, c.body, status, said,
					c.status, c.has)
			}
		}
	})
}

func TestMonthsAreReadInPages(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		s.profile(s.anna, s.boris, s.vera)
		var names []string
		for token := ""; ; {
			status, said := s.api("root", "GET", "/months/2026-02?limit=2&page_token="+token, "")
			var page web.List[Sheet]
			if err := json.Unmarshal([]byte(said), &page); err != nil || status != 200 {
				t.Fatalf("%d %s", status, said)
			}
			for _, sheet := range page.Items {
				names = append(names, sheet.User.Name)
			}
			if token = page.NextPageToken; token == "" {
				break
			}
		}
		if strings.Join(names, " ") != "Anna Boris Vera" {
			t.Errorf("read %v", names)
		}
	})
}
