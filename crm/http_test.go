package crm

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/internal/web"
)

// door answers requests as the user whose login is the bearer token.
func door(t *testing.T, w *world) func(method, path, as, body string) (int, map[string]any) {
	t.Helper()
	users := map[string]*access.User{"anna": as(anna), "boris": as(boris),
		"igor": {ID: igor, Roles: access.Roles{access.Supervisor}},
		"rita": {ID: rita, Roles: access.Roles{access.Supervisor}},
		"pbx":  {ID: 99, Roles: access.Roles{access.Service}}, "tv": {ID: 98, Roles: access.Roles{access.Display}}}
	server, err := web.New(web.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Metrics: prometheus.NewRegistry(), Ready: func(context.Context) error { return nil },
		Who: func(_ context.Context, bearer, _ string) (*access.User, error) { return users[bearer], nil }}, w.Routes())
	must(t, err)
	return func(method, path, as, body string) (int, map[string]any) {
		t.Helper()
		w.follow()
		r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+as)
		res, err := server.App().Test(r, -1)
		must(t, err)
		raw, err := io.ReadAll(res.Body)
		must(t, err)
		var out map[string]any
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &out); err != nil {
				t.Fatalf("%s %s answered %q", method, path, raw)
			}
		}
		return res.StatusCode, out
	}
}

func TestRoutesOfTheRecords(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ask := door(t, newWorld(t, db))
		for _, c := range []struct {
			why, method, path, as, body string
			status                      int
			holds                       string // part of the answer
		}{
			{"an agent adds a company", "POST", "/companies", "anna",
				`{"name":"Acme","owner_id":11,"phones":[{"value":"8 (495) 000-00-11","kind":"work"}],"emails":["a@example.com"],"team_ids":[12]}`, 201, `"status":{"code":"WAITING"`},
			{"with its page", "GET", "/companies/1", "pbx", "", 200, `"url":"/companies/1"`},
			{"and owner", "GET", "/companies/1", "anna", "", 200, `"owner":{"active":true,"extension":"","id":11`},
			{"a machine only reads", "POST", "/companies", "pbx", `{"name":"x"}`, 403, `"role_missing"`},
			{"a screen on the wall does not even that", "GET", "/companies", "tv", "", 403, `"role_missing"`},
			{"an unknown field", "POST", "/companies", "anna", `{"name":"x","colour":"red"}`, 422, `"field":"colour"`},
			{"no JSON", "POST", "/companies", "anna", `{"name":`, 400, `"malformed_json"`},
			{"a wrong field", "POST", "/companies", "anna", `{"name":"x","owner_id":999}`, 422, `"field":"owner_id"`},
			{"no such company", "GET", "/companies/77", "anna", "", 404, `"not_found"`},
			{"the owner may not", "PUT", "/companies/1/status", "anna", `{"status":"IN_WORK","version":1}`, 403,
				`"status_change_forbidden"`},
			{"the head may", "PUT", "/companies/1/status", "igor", `{"status":"IN_WORK","reason":"signed","version":1}`,
				200, `"code":"IN_WORK"`},
			{"not twice", "PUT", "/companies/1/status", "igor", `{"status":"WAITING","version":1}`, 409,
				`"stale_version"`},
			{"nor to anything", "PUT", "/companies/1/status", "igor", `{"status":"NO_SUCH","version":2}`, 422,
				`"unknown_status"`},
			{"a protected company keeps its owner", "PUT", "/companies/1/owner", "boris", `{"owner_id":12,"version":2}`,
				403, `"owner_change_forbidden"`},
			{"an owner must be named", "PUT", "/companies/1/owner", "igor", `{"version":2}`, 422, `"owner_id"`},
			{"the head gives it away", "PUT", "/companies/1/owner", "igor", `{"owner_id":12,"version":2}`, 200,
				`"owner_id":12`},
			{"a change without a version", "PUT", "/companies/1", "anna", `{"name":"Acme & Co"}`, 422,
				`"field":"version"`},
			{"a stranger does not even rename it", "PUT", "/companies/1", "anna", `{"name":"Best","version":3}`, 403,
				`"company_change_forbidden"`},
			{"what is not given stays", "PUT", "/companies/1", "boris", `{"name":"Best","version":3}`, 200,
				`"e164":"+74950000011"`},
			{"a contact", "POST", "/contacts", "anna",
				`{"name":"Petrov","post":"Director","company_ids":[1],"phones":[{"value":"+447700900123"}]}`, 201,
				`"companies":[{"id":1,"name":"Best"}]`},
			{"changed", "PUT", "/contacts/1", "anna", `{"post":"CTO","version":1}`, 200, `"post":"CTO"`},
			{"found by its number", "GET", "/contacts?number=%2B44%207700%20900123", "pbx", "", 200,
				`"next_page_token":""`},
			{"a lead", "POST", "/leads", "boris", `{"title":"Request 7","name":"Sidorov","stage":"","source":"site"}`,
				201, `"semantics":"open"`},
			{"lost", "PUT", "/leads/1", "boris", `{"stage":"failed","version":1}`, 200, `"semantics":"failed"`},
			{"converted all the same", "POST", "/leads/1/convert", "boris",
				`{"company":{"name":"Delta","status":"CLIENT"},"contact":{}}`, 200, `"warnings":["status_ignored"]`},
			{"once", "POST", "/leads/1/convert", "boris", `{"company":{}}`, 409, `"already_converted"`},
			{"removed", "DELETE", "/leads/1", "boris", "", 204, ""},
			{"and gone", "GET", "/leads/1", "boris", "", 404, `"not_found"`},
			{"what may be one and the same", "GET", "/duplicates?kind=contact&reason=name", "igor", "", 200,
				`"items":[]`},
			{"what is wrong is counted", "GET", "/reports/data-quality", "igor", "", 200,
				`{"count":1,"report":"companies_without_phone"}`},
			{"and listed", "GET", "/reports/data-quality/companies_without_phone?limit=1", "igor", "", 200,
				`"name":"Delta"`},
			{"not for an agent: such lists are the whole book", "GET", "/reports/data-quality", "anna", "", 403,
				`"role_missing"`},
			{"an unknown report", "GET", "/reports/data-quality/x", "igor", "", 404, `"not_found"`},
			{"nor is one a file", "GET", "/reports/data-quality/x?format=csv", "igor", "", 404, `"not_found"`},
			{"merged by an agent: one of them is protected", "POST", "/companies/2/merge", "anna",
				`{"from_ids":[1],"version":1}`, 403, `"merge_forbidden"`},
			{"by a head of both", "POST", "/companies/2/merge", "rita",
				`{"from_ids":[1],"reason":"the same","version":1}`, 200, `"e164":"+74950000011"`},
			{"where it went", "GET", "/companies/1", "anna", "", 404, `"merged_into":2`},
			{"a contact into itself", "POST", "/contacts/1/merge", "rita", `{"from_ids":[1],"version":1}`, 422,
				`"from_ids"`},
			{"nor is a company's", "DELETE", "/companies/2?version=7", "igor", "", 409, `"stale_version"`},
			{"an old version is not removed", "DELETE", "/contacts/1?version=1", "igor", "", 409, `"stale_version"`},
		} {
			status, out := ask(c.method, c.path, c.as, c.body)
			raw, err := json.Marshal(out)
			must(t, err)
			if status != c.status || !strings.Contains(string(raw), c.holds) {
				t.Errorf("%s: %s %s %s\n got %d %s\nwant %d with %s", c.why, c.as, c.method, c.path, status, raw,
					c.status, c.holds)
			}
		}
	})
}

func TestAReportIsAFileThatNoSpreadsheetRuns(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		acme := w.company(NewCompany{Name: `=HYPERLINK("https://example.com")`, OwnerID: anna,
			Phones: phones("+74950000011")})
		petrov := w.contact(NewContact{Name: "Petrov, \"P.\"", Phones: phones("+74950000011")})
		w.follow()
		server, err := web.New(web.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Metrics: prometheus.NewRegistry(), Ready: func(context.Context) error { return nil },
			Who: func(context.Context, string, string) (*access.User, error) {
				return &access.User{ID: igor, Roles: access.Roles{access.Supervisor}}, nil
			}}, w.Routes())
		must(t, err)
		r := httptest.NewRequest("GET", "/api/v1/reports/data-quality/shared_numbers?format=csv", nil)
		r.Header.Set("Authorization", "Bearer igor")
		res, err := server.App().Test(r, -1)
		must(t, err)
		raw, err := io.ReadAll(res.Body)
		must(t, err)
		want := "\ufeffvalue,kind,id,name,owner,status,company,updated_at\r\n" +
			`'+74950000011,company,1,"'=HYPERLINK(""https://example.com"")",Somebody,WAITING,,` +
			acme.UpdatedAt.Format(time.RFC3339) + "\r\n" +
			`'+74950000011,contact,1,"Petrov, ""P.""",,,,` + petrov.UpdatedAt.Format(time.RFC3339) + "\r\n"
		if string(raw) != want {
			t.Errorf("the file is\n%s\nwant\n%s", raw, want)
		}
	})
}
