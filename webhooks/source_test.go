package webhooks

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/webhooks/dialects"
)

var ctx = context.Background()

// administrator is the user who connects the sources.
var administrator = &access.User{ID: 1, Roles: access.Admins}

func TestRemoveSource(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		s := h.office()
		h.signed("/hooks/office", secretOfOffice, ringingJSON)
		h.lastLine(s)
		h.signed("/hooks/office", secretOfOffice, ringingJSON) // its line is still in memory
		if err := h.sources.Remove(ctx, administrator, s.ID); err != nil {
			t.Fatal(err)
		}
		if status, _ := h.signed("/hooks/office", secretOfOffice, ringingJSON); status != 404 {
			t.Errorf("a removed source is answered %d", status)
		}
		if err := h.receiver.log.flush(ctx); err != nil {
			t.Fatal(err)
		}
		if rows, err := logRows(db.Read(ctx), s.ID, keptRequests); err != nil || len(rows) != 0 {
			t.Errorf("its log is still there: %v %v", rows, err)
		}
		if err := h.sources.Remove(ctx, administrator, s.ID); !fault.Is(err, fault.KindMissing) {
			t.Errorf("removed twice: %v", err)
		}
	})
}

// TestLostKey: with another key of the installation nothing is proved any more,
// and a rotation is the way out.
func TestLostKey(t *testing.T) {
	db := sqlite(t)
	newApp(t, db).office()
	h := newApp(t, db, func(o *parts) {
		seal, err := secrets.NewSeal(make([]byte, 32), o.Random)
		if err != nil {
			t.Fatal(err)
		}
		o.sources.Seal = seal
	})
	if status, _ := h.signed("/hooks/office", secretOfOffice, ringingJSON); status != 401 {
		t.Errorf("answered %d", status)
	}
	s, err := h.sources.Find(ctx, "office")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.sources.Rotate(ctx, administrator, s.ID, "SECRET-of-later"); err != nil {
		t.Fatal(err)
	}
	if status, _ := h.signed("/hooks/office", "SECRET-of-later", ringingJSON); status != 200 {
		t.Errorf("answered %d after the rotation", status)
	}
}

// api sends a request to the API as the user of a token and returns the answer.
func (h *app) api(method, path, token, body string) (int, map[string]any) {
	h.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	status, said, _ := h.send(r)
	var out map[string]any
	if said != "" {
		if err := json.Unmarshal([]byte(said), &out); err != nil {
			h.t.Fatalf("%s %s: %d %s", method, path, status, said)
		}
	}
	return status, out
}

// TestAPI walks through the routes as an administrator does.
func TestAPI(t *testing.T) {
	h := newApp(t, sqlite(t))
	call := h.api
	for _, route := range slices.Concat(h.sources.Routes(), h.receiver.Routes()) {
		if strings.HasPrefix(route.Path, "/api/") {
			path := strings.ReplaceAll(route.Path, ":id", "1")
			if status, _ := call(route.Method, path, "petrov", "{}"); status != 403 {
				t.Errorf("%s %s by an agent: %d", route.Method, path, status)
			}
			if status, _ := call(route.Method, path, "", "{}"); status != 401 {
				t.Errorf("%s %s by nobody: %d", route.Method, path, status)
			}
		}
	}
	status, made := call("POST", "/api/v1/sources", "root", `{"name":"office","dialect":"generic"}`)
	if status != 201 || made["url"] != "https://callhue.example/hooks/office" || len(made["secret"].(string)) < 32 || len(made["steps"].([]any)) == 0 {
		t.Fatalf("%d %v", status, made)
	}
	status, given := call("POST", "/api/v1/sources", "root", `{"name":"simple","dialect":"generic","secret":"SECRET-that-is-given","settings":{"path_secret":"true"}}`)
	if status != 201 || given["secret"] != "" || given["url"] != "https://callhue.example/hooks/simple/SECRET-that-is-given" {
		t.Errorf("%d %v", status, given)
	}
	if status, said := call("POST", "/api/v1/sources", "root", `{"name":"x","dialect":"generic","color":"red"}`); status != 422 {
		t.Errorf("an unknown field: %d %v", status, said)
	}
	status, list := call("GET", "/api/v1/sources", "root", "")
	if items := list["items"].([]any); status != 200 || len(items) != 2 || strings.Contains(mustJSON(t, list), made["secret"].(string)) {
		t.Errorf("%d %v", status, list)
	}
	if status, one := call("GET", "/api/v1/sources/1", "root", ""); status != 200 || one["name"] != "office" {
		t.Errorf("%d %v", status, one)
	}
	status, put := call("PUT", "/api/v1/sources/1", "root", `{"version":1,"settings":{"path_secret":"true"}}`)
	if status != 200 || put["version"] != 2.0 || put["url"] != "https://callhue.example/hooks/office/SECRET" {
		t.Errorf("%d %v", status, put)
	}
	if status, said := call("PUT", "/api/v1/sources/1", "root", `{"version":1,"active":false}`); status != 409 {
		t.Errorf("an old version: %d %v", status, said)
	}
	status, rotated := call("POST", "/api/v1/sources/1/rotate", "root", `{}`)
	if status != 200 || rotated["url"] != "https://callhue.example/hooks/office/"+rotated["secret"].(string) {
		t.Errorf("%d %v", status, rotated)
	}
	if status, said := h.signed("/hooks/office", made["secret"].(string), ringingJSON); status != 200 {
		t.Errorf("%d %s", status, said)
	}
	h.signed("/hooks/simple", "a-wrong-secret", ringingJSON)
	_, list = call("GET", "/api/v1/sources", "root", "")
	for _, item := range list["items"].([]any) {
		s := item.(map[string]any)
		if want := map[string]any{"office": "2026-03-12T09:16:05Z", "simple": nil}[s["name"].(string)]; s["heard_at"] != want {
			t.Errorf("%v was heard at %v, want %v", s["name"], s["heard_at"], want)
		}
	}
	status, log := call("GET", "/api/v1/sources/1/log", "root", "")
	if lines := log["items"].([]any); status != 200 || len(lines) != 1 || lines[0].(map[string]any)["status"] != 200.0 {
		t.Errorf("%d %v", status, log)
	}
	if status, card := call("POST", "/api/v1/sources/1/test", "root", `{"number":"84950000011","agent":"102"}`); status != 200 || card["subject"] == nil {
		t.Errorf("%d %v", status, card)
	}
	if status, said := call("POST", "/api/v1/sources/1/test", "root", `{"direction":"up"}`); status != 422 || len(said["errors"].([]any)) != 3 {
		t.Errorf("%d %v", status, said)
	}
	if status, listed := call("GET", "/api/v1/dialects", "root", ""); status != 200 || len(listed["items"].([]any)) != len(dialects.All()) {
		t.Errorf("%d %v", status, listed)
	}
	if status, _ := call("DELETE", "/api/v1/sources/1", "root", ""); status != 204 {
		t.Errorf("%d", status)
	}
	for _, path := range []string{"/api/v1/sources/1", "/api/v1/sources/1/log"} {
		if status, _ := call("GET", path, "root", ""); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
