package statuses

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/rules"
)

func seeded(t *testing.T, db *store.DB) *Directory {
	t.Helper()
	d := New(db, journal.New(db, slog.New(slog.DiscardHandler)))
	if err := d.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func set(t *testing.T, d *Directory) *Set {
	t.Helper()
	s, err := d.Set(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func refused(t *testing.T, err error, key string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil {
		t.Fatalf("not refused, want %s", key)
	}
	got := f.Key
	if f.Key == "invalid_input" {
		got = ""
		for _, field := range f.Fields {
			got += field.Field + " " + field.Code + ";"
		}
	}
	if got != key {
		t.Fatalf("refused with %q, want %q", got, key)
	}
}

// admin is who changes the directory.
var admin = &access.User{ID: 1}

func ptr[T any](v T) *T { return &v }

func TestSeedByManyProcesses(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		done := make(chan error)
		for range 6 {
			d := New(db, journal.New(db, slog.New(slog.DiscardHandler)))
			go func() { done <- d.Seed(t.Context()) }()
		}
		for range 6 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		s := set(t, New(db, journal.New(db, slog.New(slog.DiscardHandler))))
		waiting, work := s.ByCode(Waiting), s.ByCode(InWork)
		if len(s.All()) != 6 || s.Default() != waiting || waiting.CardEffect != rules.EffectBanner ||
			waiting.IsProtected || !waiting.Active || !waiting.IsSystem {
			t.Fatalf("waiting: %+v of %d", waiting, len(s.All()))
		}
		if work.CardEffect != rules.EffectRed || !work.IsProtected || !work.Active || !work.IsSystem ||
			bool(work.IsDefault) || s.ByID(work.ID) != work {
			t.Fatalf("in work: %+v", work)
		}
		if client := s.ByCode("CLIENT"); client.Active || client.IsSystem {
			t.Fatalf("client: %+v", client)
		}
	})
}

func TestARemovedProposalDoesNotComeBack(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		d := seeded(t, db)
		if err := d.Remove(t.Context(), admin, "ARCHIVE"); err != nil {
			t.Fatal(err)
		}
		if err := d.Seed(t.Context()); err != nil {
			t.Fatal(err)
		}
		if set(t, d).ByCode("ARCHIVE") != nil || len(set(t, d).All()) != 5 {
			t.Fatal("it came back")
		}
	})
}

func TestAddAndChange(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		d := seeded(t, db)
		_, err := d.Add(t.Context(), admin, NewStatus{Code: "1", Name: " ", Sort: ptr(-1), Color: "red",
			CardEffect: "blink", IsDefault: true, Active: ptr(false)})
		refused(t, err,
			"code malformed;name required;sort out_of_range;color malformed;card_effect unknown_value;active default_needed;")
		_, err = d.Add(t.Context(), admin, NewStatus{Code: strings.Repeat("А", 51), Name: "x"})
		refused(t, err, "code too_long;")
		_, err = d.Add(t.Context(), admin, NewStatus{Code: Waiting, Name: "x"})
		refused(t, err, "code_taken")
		vip, err := d.Add(t.Context(), admin, NewStatus{Code: strings.Repeat("Я", 50), Name: "VIP", Color: "#ff00aa",
			CardEffect: rules.EffectYellow})
		if err != nil || vip.Color != "#FF00AA" || !vip.Active || bool(vip.IsDefault) || vip.IsSystem ||
			vip.Sort != 70 {
			t.Fatalf("%+v %v", vip, err)
		}
		_, err = d.Change(t.Context(), admin, vip.Code, StatusChange{Name: ptr("x")})
		refused(t, err, "version required;")
		after, err := d.Change(t.Context(), admin, vip.Code,
			StatusChange{Version: vip.Version, Name: ptr("Very"), IsProtected: ptr(true)})
		if err != nil || after.Name != "Very" || !after.IsProtected || after.Version != 2 || after.Color != vip.Color {
			t.Fatalf("%+v %v", after, err)
		}
		_, err = d.Change(t.Context(), admin, vip.Code, StatusChange{Version: vip.Version, Name: ptr("x")})
		refused(t, err, "stale_version")
		_, err = d.Change(t.Context(), admin, "NOWHERE", StatusChange{Version: 1})
		refused(t, err, "not_found")
	})
}

func TestTheDefaultIsAlwaysOne(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		d := seeded(t, db)
		_, err := d.Change(t.Context(), admin, Waiting, StatusChange{Version: 1, IsDefault: ptr(false)})
		refused(t, err, "is_default default_needed;")
		_, err = d.Change(t.Context(), admin, Waiting, StatusChange{Version: 1, Active: ptr(false)})
		refused(t, err, "active default_needed;")
		refused(t, d.Remove(t.Context(), admin, Waiting), "status_is_default")
		refused(t, d.Remove(t.Context(), admin, InWork), "status_is_system")

		codes := []string{InWork, "CLIENT", "PAUSED", "REFUSED", "ARCHIVE"}
		done := make(chan error)
		for _, code := range codes {
			go func() {
				_, err := d.Change(t.Context(), access.System(), code, // an admin would need a second one
					StatusChange{Version: 1, IsDefault: ptr(true), Active: ptr(true)})
				done <- err
			}()
		}
		for range codes {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		defaults := 0
		for _, s := range set(t, d).All() {
			if s.IsDefault {
				defaults++
			}
		}
		if defaults != 1 || set(t, d).Default().Code == Waiting {
			t.Fatalf("%d defaults, now %s", defaults, set(t, d).Default().Code)
		}
	})
}

func TestAUsedEntryStays(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		d := seeded(t, db)
		client := set(t, d).ByCode("CLIENT")
		d.UsedBy(func(tx *store.Tx, id int64) (int64, error) {
			if id == client.ID && tx.Writes() {
				return 3, nil
			}
			return 0, nil
		})
		refused(t, d.Remove(t.Context(), admin, "CLIENT"), "status_in_use")
		if set(t, d).ByCode("CLIENT") == nil {
			t.Fatal("it is gone all the same")
		}
		if err := d.Remove(t.Context(), admin, "PAUSED"); err != nil || set(t, d).ByCode("PAUSED") != nil {
			t.Fatal("an unused one stayed", err)
		}
	})
}

// serve serves the routes of the package to a user with these roles.
func serve(t *testing.T, d *Directory, roles ...access.Role) func(method, path, body string) (int, map[string]any) {
	t.Helper()
	s, err := web.New(web.Options{Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Now: time.Now,
		Ready: func(context.Context) error { return nil },
		Who: func(context.Context, string, string) (*access.User, error) {
			return &access.User{ID: 1, Roles: roles}, nil
		}}, d.Routes())
	if err != nil {
		t.Fatal(err)
	}
	return func(method, path, body string) (int, map[string]any) {
		t.Helper()
		req := httptest.NewRequest(method, path, bytes.NewBufferString(body))
		req.Header.Set("Authorization", "Bearer x")
		res, err := s.App().Test(req, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var out map[string]any
		if res.StatusCode != http.StatusNoContent {
			if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
				t.Fatal(err)
			}
		}
		return res.StatusCode, out
	}
}

func TestRightsOfTheRoutes(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		d := seeded(t, db)
		for role, may := range map[access.Role][2]bool{ // read, write
			access.Agent: {true, false}, access.Supervisor: {true, true}, access.Admin: {true, true},
			access.Service: {true, false}, access.Display: {false, false},
		} {
			do := serve(t, d, role)
			for _, tc := range []struct {
				method, path, body string
				write              bool
				good               int
			}{
				{"GET", "/api/v1/statuses", "", false, 200},
				{"GET", "/api/v1/statuses/IN_WORK", "", false, 200},
				{"POST", "/api/v1/statuses", `{"code":"V_` + string(role) + `","name":"V"}`, true, 201},
				{"PUT", "/api/v1/statuses/V_" + string(role), `{"version":1,"name":"W"}`, true, 200},
				{"DELETE", "/api/v1/statuses/V_" + string(role), "", true, 204},
			} {
				want := tc.good
				if tc.write && !may[1] || !tc.write && !may[0] {
					want = 403
				}
				if got, out := do(tc.method, tc.path, tc.body); got != want {
					t.Errorf("%s %s as %s: %d %v, want %d", tc.method, tc.path, role, got, out, want)
				}
			}
		}
		if got, out := serve(t, d, access.Admin)("POST", "/api/v1/statuses",
			`{"code":"V","name":"V","colour":"#000000"}`); got != 422 {
			t.Errorf("an unknown field: %d %v", got, out)
		}
	})
}
