package webhooks

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
)

var ctx = context.Background()

func wantFields(t *testing.T, err error, fields ...fault.Field) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Kind != fault.KindInvalid {
		t.Fatalf("got %v, want a fault of the input", err)
	}
	if diff := cmp.Diff(fields, f.Fields); diff != "" {
		t.Error(diff)
	}
}

func TestAddSource(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		s, secret, err := h.door.Add(ctx, 1, NewSource{Name: "office", Dialect: "generic", Country: "ru", Area: "495",
			Settings: map[string]string{"path_secret": "true", "max": ""}})
		if err != nil {
			t.Fatal(err)
		}
		if len(secret) < 32 || s.ID == 0 || s.Version != 1 || !s.Active || s.Country != "RU" {
			t.Errorf("added %+v with the secret %q", s, secret)
		}
		if diff := cmp.Diff(map[string]string{"path_secret": "true"}, s.Settings); diff != "" {
			t.Error(diff)
		}
		found, err := h.door.Find(ctx, "office")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, found); diff != "" {
			t.Error(diff)
		}
		if _, secret, err := h.door.Add(ctx, 1, NewSource{Name: "second", Dialect: "generic", Secret: "given-secret"}); err != nil || secret != "" {
			t.Errorf("a given secret is shown again: %q, %v", secret, err)
		}
		if _, _, err := h.door.Add(ctx, 1, NewSource{Name: "office", Dialect: "generic"}); !fault.Is(err, fault.KindConflict) || fault.Of(err).Key != "name_taken" {
			t.Errorf("a second office: %v", err)
		}
		if _, err := h.door.Find(ctx, "nowhere"); !fault.Is(err, fault.KindMissing) {
			t.Errorf("nowhere: %v", err)
		}
		if list, err := h.door.List(ctx); err != nil || len(list) != 2 || list[0].Name != "office" {
			t.Errorf("the list is %+v, %v", list, err)
		}
	})
}

func TestAddRefuses(t *testing.T) {
	h := newHouse(t, sqlite(t))
	for name, tt := range map[string]struct {
		draft  NewSource
		fields []fault.Field
	}{
		"no name":            {NewSource{Dialect: "generic"}, []fault.Field{{Field: "name", Code: "malformed"}}},
		"a name for a path":  {NewSource{Name: "../x", Dialect: "generic"}, []fault.Field{{Field: "name", Code: "malformed"}}},
		"capitals":           {NewSource{Name: "Office", Dialect: "generic"}, []fault.Field{{Field: "name", Code: "malformed"}}},
		"no dialect":         {NewSource{Name: "x"}, []fault.Field{{Field: "dialect", Code: "unknown_value"}}},
		"unknown dialect":    {NewSource{Name: "x", Dialect: "morse"}, []fault.Field{{Field: "dialect", Code: "unknown_value"}}},
		"unknown setting":    {NewSource{Name: "x", Dialect: "generic", Settings: map[string]string{"portal": "x"}}, []fault.Field{{Field: "settings.portal", Code: "unknown_field"}}},
		"wrong setting":      {NewSource{Name: "x", Dialect: "generic", Settings: map[string]string{"path_secret": "yes"}}, []fault.Field{{Field: "settings.path_secret", Code: "unknown_value"}}},
		"wrong zone":         {NewSource{Name: "x", Dialect: "zadarma", Secret: "x", Settings: map[string]string{"timezone": "Moscow"}}, []fault.Field{{Field: "settings.timezone", Code: "unknown_value"}}},
		"unknown country":    {NewSource{Name: "x", Dialect: "generic", Country: "XX"}, []fault.Field{{Field: "country", Code: "unknown_value"}}},
		"wrong area":         {NewSource{Name: "x", Dialect: "generic", Area: "four"}, []fault.Field{{Field: "area", Code: "unknown_value"}}},
		"their secret":       {NewSource{Name: "x", Dialect: "bitrix24"}, []fault.Field{{Field: "secret", Code: "required"}}},
		"zadarma's secret":   {NewSource{Name: "x", Dialect: "zadarma"}, []fault.Field{{Field: "secret", Code: "required"}}},
		"a short secret":     {NewSource{Name: "x", Dialect: "generic", Secret: "1234567"}, []fault.Field{{Field: "secret", Code: "too_short"}}},
		"a long secret":      {NewSource{Name: "x", Dialect: "generic", Secret: strings.Repeat("x", 201)}, []fault.Field{{Field: "secret", Code: "too_long"}}},
		"a blank at the end": {NewSource{Name: "x", Dialect: "generic", Secret: "SECRET-of-x "}, []fault.Field{{Field: "secret", Code: "malformed"}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := h.door.Add(ctx, 1, tt.draft)
			wantFields(t, err, tt.fields...)
		})
	}
}

func TestChangeSource(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		s := h.office()
		country, settings := "gb", map[string]string{"path_secret": "true"}
		changed, err := h.door.Change(ctx, 1, s.ID, SourceChange{Country: &country, Settings: &settings, Version: s.Version})
		if err != nil {
			t.Fatal(err)
		}
		if changed.Country != "GB" || changed.Version != 2 || changed.Settings["path_secret"] != "true" || !changed.Active {
			t.Errorf("changed to %+v", changed)
		}
		if found, _ := h.door.Find(ctx, "office"); !cmp.Equal(found, changed) {
			t.Error(cmp.Diff(changed, found))
		}
		if _, err := h.door.Change(ctx, 1, s.ID, SourceChange{Country: &country, Version: 1}); !fault.Is(err, fault.KindConflict) {
			t.Errorf("an old version: %v", err)
		}
		country = "XX"
		_, err = h.door.Change(ctx, 1, s.ID, SourceChange{Country: &country, Version: 2})
		wantFields(t, err, fault.Field{Field: "country", Code: "unknown_value"})
		if _, err := h.door.Change(ctx, 1, 999, SourceChange{Version: 1}); !fault.Is(err, fault.KindMissing) {
			t.Errorf("no such source: %v", err)
		}
		if status, _ := h.post("/hooks/office/"+secretOfOffice, "application/json", ringingJSON); status != 200 {
			t.Errorf("the secret in the path is answered %d after the change", status)
		}
	})
}

func TestRemoveSource(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		s := h.office()
		h.signed("/hooks/office", secretOfOffice, ringingJSON)
		h.lastLine(s)
		h.signed("/hooks/office", secretOfOffice, ringingJSON) // its line is still in memory
		if err := h.door.Remove(ctx, 1, s.ID); err != nil {
			t.Fatal(err)
		}
		if status, _ := h.signed("/hooks/office", secretOfOffice, ringingJSON); status != 404 {
			t.Errorf("a removed source is answered %d", status)
		}
		if err := h.door.log.flush(ctx); err != nil {
			t.Fatal(err)
		}
		if rows, err := logRows(db.Read(ctx), s.ID, keepLines); err != nil || len(rows) != 0 {
			t.Errorf("its log is still there: %v %v", rows, err)
		}
		if err := h.door.Remove(ctx, 1, s.ID); !fault.Is(err, fault.KindMissing) {
			t.Errorf("removed twice: %v", err)
		}
	})
}

// TestSecretsAtRest: neither the tables nor the journal hold a readable secret.
func TestSecretsAtRest(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		s := h.office()
		if _, _, err := h.door.Rotate(ctx, 1, s.ID, "SECRET-that-is-new"); err != nil {
			t.Fatal(err)
		}
		row, err := sourceByID(db.Read(ctx), s.ID)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := journal.List(db.Read(ctx), journal.History{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		said, err := json.Marshal(entries)
		if err != nil {
			t.Fatal(err)
		}
		if text := row.Secrets + row.Settings + string(said); strings.Contains(text, "SECRET") {
			t.Errorf("a secret can be read: %s", text)
		}
		if len(entries) != 2 || entries[0].Verb != SourceChanged || entries[1].Verb != SourceAdded || entries[0].Actor != 1 {
			t.Errorf("the journal has %s", said)
		}
	})
}

// TestLostKey: with another key of the installation nothing is proved any more,
// and a rotation is the way out.
func TestLostKey(t *testing.T) {
	db := sqlite(t)
	newHouse(t, db).office()
	h := newHouse(t, db, func(o *Options) {
		seal, err := secrets.NewSeal(make([]byte, 32), o.Random)
		if err != nil {
			t.Fatal(err)
		}
		o.Seal = seal
	})
	if status, _ := h.signed("/hooks/office", secretOfOffice, ringingJSON); status != 401 {
		t.Errorf("answered %d", status)
	}
	s, err := h.door.Find(ctx, "office")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.door.Rotate(ctx, 1, s.ID, "SECRET-of-later"); err != nil {
		t.Fatal(err)
	}
	if status, _ := h.signed("/hooks/office", "SECRET-of-later", ringingJSON); status != 200 {
		t.Errorf("answered %d after the rotation", status)
	}
}

// TestTwoProcesses: what one process changes the other one knows soon.
func TestTwoProcesses(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		one, two := newHouse(t, db), newHouse(t, db)
		following, stop := context.WithCancel(ctx)
		done := make(chan error)
		go func() { done <- two.journal.Run(following) }()
		defer func() { stop(); <-done }()
		if _, err := two.door.List(ctx); err != nil {
			t.Fatal(err)
		}
		for two.journal.Alive() > time.Minute { // its tail must stand at the end before one writes
			time.Sleep(5 * time.Millisecond)
		}
		one.office()
		until(t, "the other process knows the source", func() bool {
			_, err := two.door.Find(ctx, "office")
			return err == nil
		})
	})
}

// api asks the API as whom the token names, and gives what it says.
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
	h := newHouse(t, sqlite(t))
	call := h.api
	for _, route := range h.door.Routes() {
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
	if status, dialects := call("GET", "/api/v1/dialects", "root", ""); status != 200 || len(dialects["items"].([]any)) != len(Dialects()) {
		t.Errorf("%d %v", status, dialects)
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
