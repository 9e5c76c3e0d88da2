package crmsync

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/internal/web"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		w.fill()
		w.run()
		w.crm.put(crm.KindCompany, "1", "18", func(r *Record) { r.OwnerID, r.Status = "18", "20" })
		w.enqueue(crm.KindCompany, "1")
		w.run()
		w.source.Portal = paged{w.crm}
		defer w.registerPortal(w.source)()
		list, err := w.Conflicts(ctx, 1, 0, 10)
		must(t, err)
		server, err := web.New(
			web.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
				Ready: func(context.Context) error { return nil },
				Who: func(_ context.Context, bearer, _ string) (*access.User, error) {
					return &access.User{Roles: access.Roles{access.Role(bearer)}}, nil
				}},
			w.Routes(),
		)
		must(t, err)
		one := fmt.Sprintf("/conflicts/%d", list[0].ID)
		for _, c := range []struct {
			why, method, path, as, body string
			status                      int
			holds                       string
		}{
			{
				"the status", "GET", "", "admin", "", 200,
				`"state":"following","portal":{"name":"Acme","url":"https://portal.example/","user":"Robot"},"error":null,"import":{"phase":"gone"`,
			},
			{
				"what it counts", "GET", "", "admin", "", 200,
				`"counts":[{"kind":"user","linked":4,"added":4,"changed":0},{"kind":"company","linked":2,"added":2`,
			},
			{"only for admins", "GET", "", "supervisor", "", 403, `"role_missing"`},
			{
				"the mapping", "GET", "/mapping", "admin", "", 200,
				`"status_fields":[{"code":"UF","name":"Status","entries":[{"value":"10","name":"In work"}`,
			},
			{
				"its statuses", "GET", "/mapping", "admin", "", 200,
				`"statuses":[{"value":"10","name":"In work","status":"IN_WORK"}`,
			},
			{
				"its users", "GET", "/mapping", "admin", "", 200,
				`{"id":"3","name":"Igor","email":"igor@acme.example","extension":"103","active":true,"user":{"id":`,
			},
			{
				"its stages", "GET", "/mapping", "admin", "", 200,
				`{"value":"WORK","name":"In work","stage":"in_process"}`,
			},
			{"an unknown field", "PUT", "/mapping", "admin", `{"version":2,"colour":"red"}`, 422, `"colour"`},
			{"no version", "PUT", "/mapping", "admin", `{}`, 422, `"version"`},
			{"an old version", "PUT", "/mapping", "admin", `{"version":1}`, 409, `"stale_version"`},
			{"a kind that is none", "PUT", "/mapping", "admin", `{"version":2,"kinds":["deal"]}`, 422, `"kinds"`},
			{"a kind twice", "PUT", "/mapping", "admin", `{"version":2,"kinds":["lead","lead"]}`, 422, `"kinds"`},
			{"unknown owners mode", "PUT", "/mapping", "admin", `{"version":2,"owners":"mine"}`, 422, `"owners"`},
			{
				"a field that is none", "PUT", "/mapping", "admin", `{"version":2,"status_field":"NO"}`, 422,
				`"status_field"`,
			},
			{
				"a status that is none", "PUT", "/mapping", "admin", `{"version":2,"statuses":{"30":"NO"}}`, 422,
				`"statuses.30"`,
			},
			{"a user who is none", "PUT", "/mapping", "admin", `{"version":2,"users":{"17":999}}`, 422, `"users.17"`},
			{
				"a stage that is none", "PUT", "/mapping", "admin", `{"version":2,"stages":{"WORK":"won"}}`, 422,
				`"stages.WORK"`,
			},
			{
				"a change", "PUT", "/mapping", "admin",
				`{"version":2,"kinds":["company"],"make_users":false,"statuses":{"30":"IN_WORK","20":""},"stages":{"WORK":"new"},"users":{"9":0}}`,
				200, `"version":3,"kinds":["company"],"owners":"guarded","make_users":false`,
			},
			{
				"the changed mapping", "GET", "/mapping", "admin", "", 200,
				`{"value":"20","name":"Waiting","status":""},{"value":"30","name":"Other","status":"IN_WORK"}`,
			},
			{"no user is chosen", "GET", "/mapping", "admin", "", 200, `"user":null,"how":"chosen"`},
			{"another field", "PUT", "/mapping", "admin", `{"version":3,"status_field":""}`, 200, `"statuses":[]`},
			{
				"the conflicts", "GET", "/conflicts?limit=1", "admin", "", 200,
				`"their_url":"https://portal.example/1/1","record":{"kind":"company","id":` +
					fmt.Sprint(w.company("1").ID) + `,"name":"Acme"},"what":"owner"`,
			},
			{
				"the author", "GET", "/conflicts", "admin", "", 200,
				`"ours":"Ivanov","theirs":"Petrov","by":{"id":` + fmt.Sprint(w.user("18").ID) + `,"name":"Petrov"}`,
			},
			{"a token that is none", "GET", "/conflicts?page_token=x", "admin", "", 422, `"page_token"`},
			{"one is accepted", "POST", one + "/accept", "admin", "{}", 204, ""},
			{"not twice", "POST", one + "/accept", "admin", "{}", 404, `"not_found"`},
			{"many by an agent", "POST", "/conflicts/accept", "agent", `{"ids":[1]}`, 403, `"role_missing"`},
			{"many, and none is named", "POST", "/conflicts/dismiss", "admin", `{"ids":[]}`, 422, `"ids"`},
			{
				"many, and all are gone", "POST", "/conflicts/accept", "admin",
				fmt.Sprintf(`{"ids":[%d]}`, list[0].ID), 200, `"done":false,"code":"not_found"`,
			},
			{"not by an agent", "POST", fmt.Sprintf(
				"/conflicts/%d/dismiss", list[1].ID,
			), "agent", "{}", 403, `"role_missing"`},
			{"one is dismissed", "POST", fmt.Sprintf("/conflicts/%d/dismiss", list[1].ID), "admin", "{}", 204, ""},
			{"none is left", "GET", "/conflicts", "admin", "", 200, `"items":[]`},
			{"an import", "POST", "/import", "admin", "{}", 200, `"import":{"phase":"gone"`},
		} {
			status, body := ask(t, server, c.method, "/api/v1/sources/1/sync"+c.path, c.as, c.body)
			if status != c.status || !strings.Contains(body, c.holds) {
				t.Errorf("%s: %d %s", c.why, status, body)
			}
		}
		is(t, "whose the company is", w.company("1").OwnerID, w.user("18").ID)
		for _, path := range []string{"/mapping", ""} {
			if status, body := ask(
				t, server, "GET", "/api/v1/sources/77/sync"+path, "admin", "",
			); (status == 404) != (path != "") {
				t.Errorf("a source that is none: %d %s", status, body)
			}
		}
	})
}

// paged is a CRM that tells where its users open a record.
type paged struct{ *fakeCRM }

func (paged) PageOf(r Ref) string { return fmt.Sprintf("https://portal.example/%d/%s", r.Kind, r.ID) }

func ask(t *testing.T, server *web.Server, method, path, as, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+as)
	answer, err := server.App().Test(r, -1)
	must(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer.StatusCode, string(text)
}
