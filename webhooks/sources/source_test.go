package sources

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/lookup/external"
	"callhue/phone"
	"callhue/webhooks/dialects"
)

var (
	ctx   = context.Background()
	admin = &access.User{ID: 1, Roles: access.Admins}
)

// noon is when the tests happen: 2026-03-12 09:16:05 UTC, noon in Moscow.
var noon = time.Unix(1773306965, 0).UTC()

// registry is a registry over a test database.
type registry struct{ *Registry }

// fakeRuntime knows of no requests and no connections.
type fakeRuntime struct{}

func (fakeRuntime) Counts(context.Context) (map[int64][]RequestCount, error)     { return nil, nil }
func (fakeRuntime) LinkStatus(context.Context, Source) (*LinkStatus, error)      { return nil, nil }
func (fakeRuntime) LastCalls(context.Context, int64) (LastCalls, error)          { return LastCalls{}, nil }
func (fakeRuntime) LookupStats(context.Context, Source) (*external.Stats, error) { return nil, nil }
func (fakeRuntime) HasSynced(context.Context, int64) (bool, error)               { return false, nil }
func (fakeRuntime) RemoveSource(*store.Tx, int64) error                          { return nil }

// counting is a source of randomness that tests can foresee.
type counting struct{ next byte }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = c.next
		c.next++
	}
	return len(p), nil
}

func newRegistry(t *testing.T, db *store.DB) registry {
	t.Helper()
	db.Clock = func() time.Time { return noon }
	log, random := slog.New(slog.DiscardHandler), &counting{}
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		t.Fatal(err)
	}
	seal, err := secrets.NewSeal(bytes.Repeat([]byte{7}, 32), random)
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(Options{DB: db, Journal: journal.New(db, log), Seal: seal, Plan: plan, Log: log, Random: random})
	if err != nil {
		t.Fatal(err)
	}
	r.Attach(fakeRuntime{})
	return registry{r}
}

func (r registry) add(t *testing.T, in NewSource) Source {
	t.Helper()
	s, _, err := r.Add(ctx, admin, in)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (r registry) office(t *testing.T) Source {
	t.Helper()
	return r.add(t, NewSource{Name: "office", Dialect: "generic", Secret: "SECRET-of-office"})
}

func sqlite(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(ctx, "sqlite:"+t.TempDir()+"/test.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return db
}

// until waits for something that happens beside the test.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

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
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := newRegistry(t, db)
		s, secret, err := r.Add(ctx, admin, NewSource{Name: "office", Dialect: "generic", Country: "ru", Area: "495",
			Settings: map[string]string{"path_secret": "true", "max": ""}})
		if err != nil {
			t.Fatal(err)
		}
		if len(secret) < 32 || s.ID == 0 || s.Version != 1 || !s.Active || s.Country != "RU" {
			t.Errorf("added %+v with the secret %q", s, secret)
		}
		if diff := cmp.Diff(store.Texts{"path_secret": "true"}, s.Settings); diff != "" {
			t.Error(diff)
		}
		found, err := r.Find(ctx, "office")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, found); diff != "" {
			t.Error(diff)
		}
		_, secret, err = r.Add(ctx, admin, NewSource{Name: "second", Dialect: "generic", Secret: "given-secret"})
		if err != nil || secret != "" {
			t.Errorf("a given secret is shown again: %q, %v", secret, err)
		}
		if _, _, err := r.Add(ctx, admin, NewSource{Name: "office", Dialect: "generic"}); !fault.Is(err, fault.KindConflict) || fault.Of(err).Key != "name_taken" {
			t.Errorf("a second office: %v", err)
		}
		if _, err := r.Find(ctx, "nowhere"); !fault.Is(err, fault.KindMissing) {
			t.Errorf("nowhere: %v", err)
		}
		if list, err := r.List(ctx); err != nil || len(list) != 2 || list[0].Name != "office" {
			t.Errorf("the list is %+v, %v", list, err)
		}
	})
}

func TestAddRefuses(t *testing.T) {
	r := newRegistry(t, sqlite(t))
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
			_, _, err := r.Add(ctx, admin, tt.draft)
			wantFields(t, err, tt.fields...)
		})
	}
}

func TestChangeSource(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := newRegistry(t, db)
		s := r.office(t)
		country, settings := "gb", map[string]string{"path_secret": "true"}
		changed, err := r.Change(ctx, admin, s.ID, SourceChange{Country: &country, Settings: &settings, Version: s.Version})
		if err != nil {
			t.Fatal(err)
		}
		if changed.Country != "GB" || changed.Version != 2 || changed.Settings["path_secret"] != "true" || !changed.Active {
			t.Errorf("changed to %+v", changed)
		}
		if found, _ := r.Find(ctx, "office"); !cmp.Equal(found, changed) {
			t.Error(cmp.Diff(changed, found))
		}
		if _, err := r.Change(ctx, admin, s.ID, SourceChange{Country: &country, Version: 1}); !fault.Is(err, fault.KindConflict) {
			t.Errorf("an old version: %v", err)
		}
		country = "XX"
		_, err = r.Change(ctx, admin, s.ID, SourceChange{Country: &country, Version: 2})
		wantFields(t, err, fault.Field{Field: "country", Code: "unknown_value"})
		if _, err := r.Change(ctx, admin, 999, SourceChange{Version: 1}); !fault.Is(err, fault.KindMissing) {
			t.Errorf("no such source: %v", err)
		}
	})
}

// TestSecretsAtRest: neither the tables nor the journal hold a readable secret.
func TestSecretsAtRest(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := newRegistry(t, db)
		s := r.office(t)
		if _, _, err := r.Rotate(ctx, admin, s.ID, "SECRET-that-is-new"); err != nil {
			t.Fatal(err)
		}
		row, err := table.Find(db.Read(ctx), s.ID)
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
		if text := fmt.Sprint(row.Secrets, row.Settings, string(said)); strings.Contains(text, "SECRET") {
			t.Errorf("a secret can be read: %s", text)
		}
		if len(entries) != 2 || entries[0].Verb != SourceChanged || entries[1].Verb != SourceAdded || entries[0].Actor != 1 {
			t.Errorf("the journal has %s", said)
		}
	})
}

// TestTwoProcesses: what one process changes the other one knows soon.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		one, two := newRegistry(t, db), newRegistry(t, db)
		following, stop := context.WithCancel(ctx)
		done := make(chan error)
		go func() { done <- two.Journal.Run(following) }()
		defer func() { stop(); <-done }()
		if _, err := two.List(ctx); err != nil {
			t.Fatal(err)
		}
		for two.Journal.SinceRead() > time.Minute { // its tail must stand at the end before one writes
			time.Sleep(5 * time.Millisecond)
		}
		one.office(t)
		until(t, "the other process knows the source", func() bool {
			_, err := two.Find(ctx, "office")
			return err == nil
		})
	})
}

// TestASettingThatIsASecret is sealed in the database, and never shown again.
func TestASettingThatIsASecret(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := newRegistry(t, db)
		const secret = "REST-KEY-of-itoolabs"
		s := r.add(t, NewSource{Name: "office", Dialect: "itoolabs", Secret: "SECRET-of-itoolabs", Settings: map[string]string{"api_url": "https://pbx.example/crmapi/v1", "rest_key": secret}})
		stored := func() string {
			row, err := table.Find(db.Read(t.Context()), s.ID)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(row.Settings)
		}
		opened := func() string {
			o, err := r.Live(t.Context(), s.ID)
			if err != nil {
				t.Fatal(err)
			}
			return o.Settings["rest_key"]
		}
		if s.Settings["rest_key"] != hiddenSetting || strings.Contains(stored(), secret) || opened() != secret {
			t.Errorf("shown %q, stored %s, opened %q", s.Settings["rest_key"], stored(), opened())
		}
		list, err := r.List(t.Context())
		if err != nil || list[0].Settings["rest_key"] != hiddenSetting {
			t.Errorf("listed: %v %v", list, err)
		}
		change := func(to map[string]string) Source {
			changed, err := r.Change(t.Context(), admin, s.ID, SourceChange{Settings: &to, Version: s.Version})
			if err != nil {
				t.Fatal(err)
			}
			s.Version = changed.Version
			until(t, "the change is known", func() bool { o, err := r.Live(t.Context(), s.ID); return err == nil && o.Version == s.Version })
			return changed
		}
		if changed := change(map[string]string{"api_url": "https://pbx.example/v2", "rest_key": hiddenSetting}); changed.Settings["rest_key"] != hiddenSetting || opened() != secret {
			t.Errorf("sent back as it was shown: %v, opened %q", changed.Settings, opened())
		}
		if change(map[string]string{"rest_key": "another key"}); opened() != "another key" || strings.Contains(stored(), "another key") {
			t.Errorf("changed: %q, stored %s", opened(), stored())
		}
		if change(map[string]string{}); opened() != "" || strings.Contains(stored(), "rest_key") {
			t.Errorf("taken away: %q, stored %s", opened(), stored())
		}
	})
}

// What is no value of a setting's kind is refused, and named.
func TestSettingsAreOfTheirKind(t *testing.T) {
	byName := dialects.ByName()
	for _, c := range []struct{ dialect, name, good, bad string }{
		{"generic", "path_secret", "true", "yes"},
		{"generic", "max", "20", "many"},
		{"generic", "language", "en", "de"},
		{"generic", "dial_url", "https://pbx.example/call?to={number}", "pbx.example"},
		{"zadarma", "timezone", "Europe/Moscow", "Moscow"},
		{"ami", "numbers", "plus", "any"},
		{"bitrix24-sync", "webhook_url", "https://acme.bitrix24.ru/rest/1/abc/", "acme"},
		{"bitrix24-sync", "portal", "acme.bitrix24.ru", "acme.bitrix24.ru/company"},
		{"bitrix24-sync", "rate", "5", "0"},
		{"amocrm-sync", "account", "acme.amocrm.ru", "http://acme.amocrm.ru:1/x"},
	} {
		d := byName[c.dialect]
		code := func(value string) string {
			if wrong := checkSettings(nil, d, map[string]string{c.name: value}, nil); wrong != nil {
				for _, f := range wrong.Fields {
					if f.Field == "settings."+c.name && f.Code != "required" {
						return f.Code
					}
				}
			}
			return ""
		}
		if code(c.good) != "" || code("") != "" || code(c.bad) != "unknown_value" {
			t.Errorf("%s %s: %q is %q, %q is %q", c.dialect, c.name, c.good, code(c.good), c.bad, code(c.bad))
		}
	}
}
