package webhooks

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/store"
	account "callhue/test/fakecrm/amocrm"
	"callhue/webhooks/sources"
)

// application adds a source of a local application that is installed.
func (h *app) application() sources.Source {
	h.t.Helper()
	s := h.add(sources.NewSource{Name: "bitrix24-sync", Dialect: "bitrix24-sync", Secret: "SECRET-of-the-application",
		Settings: map[string]string{"portal": "portal.example", "client_id": "local.1"}})
	h.syncer.tokens[s.Name] = granted()
	return s
}

// bitrix24 posts an event of the portal.
func (h *app) bitrix24(token, event string) (int, string) {
	h.t.Helper()
	return h.post("/hooks/bitrix24-sync", "application/x-www-form-urlencoded",
		event+"&auth[domain]=portal.example&auth[member_id]=0123456789abcdef0123456789abcdef&auth[application_token]="+token)
}

func TestChangesOfACRMAreStoredBeforeItIsAnswered(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		s := h.application()
		if status, body := h.bitrix24("GRANTED-TOKEN", "event=ONCRMCOMPANYUPDATE&data[FIELDS][ID]=310"); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		want := []crmsync.Change{{Ref: crmsync.Ref{Kind: crm.KindCompany, ID: "310"}}}
		if got := h.syncer.enqueued[s.ID]; !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
		if status, _ := h.bitrix24("another", "event=ONCRMCOMPANYUPDATE&data[FIELDS][ID]=311"); status != http.StatusUnauthorized {
			t.Errorf("another token: %d", status)
		}
		h.syncer.fails = errors.New("the database is away")
		if status, _ := h.bitrix24("GRANTED-TOKEN", "event=ONCRMCOMPANYDELETE&data[FIELDS][ID]=310"); status != http.StatusInternalServerError {
			t.Errorf("nothing was stored, and it was answered %d", status)
		}
		if got := h.syncer.enqueued[s.ID]; !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
	})
}

// Users of the portal are named by digits, and so are extensions, which count in
// every source: 101 of the portal is not Ivanov at extension 101.
func TestAnIDOfACRMIsNoExtension(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		h.application()
		for _, id := range []string{"101", "17"} {
			if status, body := h.bitrix24("GRANTED-TOKEN", "event=ONVOXIMPLANTCALLSTART&data[CALL_ID]=c"+id+"&data[USER_ID]="+id); status != http.StatusOK {
				t.Fatalf("%d %s", status, body)
			}
		}
		if events := h.tracker.events(); len(events) != 2 || events[0].Agent != "#101" || events[1].Agent != "17" {
			t.Errorf("heard %+v", events)
		}
	})
}

func TestAnApplicationThatIsGoneMayTellNothing(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		s := h.application()
		if status, body := h.bitrix24("GRANTED-TOKEN", "event=ONAPPUNINSTALL"); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		if g := h.syncer.tokens[s.Name]; g.Access != "" || g.Refresh != "" || g.Application != "" {
			t.Errorf("kept %+v", g)
		}
		for _, token := range []string{"GRANTED-TOKEN", "", "SECRET-of-the-application"} {
			if status, _ := h.bitrix24(token, "event=ONCRMCOMPANYUPDATE&data[FIELDS][ID]=310"); status != http.StatusUnauthorized {
				t.Errorf("%q afterwards: %d", token, status)
			}
		}
	})
}

func TestSettingsOfACRM(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		for want, settings := range map[string]map[string]string{
			"settings.portal required":          {"client_id": "local.1"},
			"settings.client_id required":       {"portal": "portal.example"},
			"settings.portal unknown_value":     {"portal": "portal.example/x", "client_id": "local.1"},
			"settings.portal unknown_value ":    {"portal": "portal.example; script-src *", "client_id": "local.1"},
			"settings.lists unknown_value":      {"portal": "portal.example", "client_id": "local.1", "lists": "new"},
			"settings.rate unknown_value":       {"portal": "portal.example", "client_id": "local.1", "rate": "0"},
			"settings.webhook_url malformed":    {"portal": "portal.example", "webhook_url": "https://portal.example/" + strings.Repeat("x", 4000)},
			"settings.show_calls unknown_value": {"portal": "portal.example", "client_id": "local.1", "show_calls": "yes"},
		} {
			_, _, err := h.sources.Add(context.Background(), administrator, sources.NewSource{Name: "b24", Dialect: "bitrix24-sync", Secret: "SECRET-of-b24", Settings: settings})
			if f := fault.Of(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Field+" "+f.Fields[0].Code != strings.TrimSpace(want) {
				t.Errorf("want %s, got %v", want, err)
			}
		}
		first := h.add(sources.NewSource{Name: "first", Dialect: "bitrix24-sync", Secret: "SECRET-of-b24", Settings: map[string]string{"portal": "portal.example", "client_id": "local.1"}})
		taken := fault.Field{Field: "settings.portal", Code: "connected_elsewhere"}
		for _, portal := range []string{"portal.example", "https://Portal.example", "https://portal.example/"} {
			_, _, err := h.sources.Add(t.Context(), administrator, sources.NewSource{Name: "b24", Dialect: "bitrix24-sync", Secret: "SECRET-of-b24", Settings: map[string]string{"portal": portal, "client_id": "local.2"}})
			if f := fault.Of(err); f == nil || len(f.Fields) != 1 || f.Fields[0] != taken {
				t.Errorf("a second source of %s: %v", portal, err)
			}
		}
		h.add(sources.NewSource{Name: "events", Dialect: "bitrix24", Secret: "SECRET-of-b24", Settings: map[string]string{"portal": "portal.example"}})
		other := h.add(sources.NewSource{Name: "other", Dialect: "bitrix24-sync", Secret: "SECRET-of-b24", Settings: map[string]string{"portal": "second.example", "client_id": "local.1"}})
		there := map[string]string{"portal": "portal.example", "client_id": "local.1"}
		if _, err := h.sources.Change(t.Context(), administrator, other.ID, sources.SourceChange{Settings: &there, Version: other.Version}); fault.Of(err) == nil || len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[0] != taken {
			t.Errorf("another source led there: %v", err)
		}
		if err := h.sources.Remove(t.Context(), administrator, first.ID); err != nil {
			t.Fatal(err)
		}
		long := "https://portal.example/rest/1/" + strings.Repeat("s", 500) + "/"
		s := h.add(sources.NewSource{Name: "b24", Dialect: "bitrix24-sync", Secret: "SECRET-of-b24", Settings: map[string]string{"portal": "portal.example", "webhook_url": long}})
		if s.Settings["webhook_url"] != "••••••" {
			t.Errorf("shown: %q", s.Settings["webhook_url"])
		}
		shown := map[string]string(s.Settings)
		shown["show_calls"] = "true"
		if s, err := h.sources.Change(context.Background(), administrator, s.ID, sources.SourceChange{Settings: &shown, Version: s.Version}); err != nil {
			t.Errorf("sent back as it was shown: %v", err)
		} else if _, err = h.sources.Change(context.Background(), administrator, s.ID, sources.SourceChange{Version: s.Version}); err != nil {
			t.Errorf("without the settings: %v", err)
		}
		elsewhere := func() error {
			now, err := h.sources.Live(t.Context(), s.ID)
			if err != nil {
				t.Fatal(err)
			}
			settings := map[string]string{"portal": "other.example", "webhook_url": "••••••", "show_calls": "true"}
			_, err = h.sources.Change(t.Context(), administrator, s.ID, sources.SourceChange{Settings: &settings, Version: now.Version})
			return err
		}
		if err := elsewhere(); err != nil {
			t.Errorf("another portal before the first one answered: %v", err)
		}
		h.syncer.about = &crmsync.About{Name: "other.example"}
		shown["portal"] = "third.example"
		now, _ := h.sources.Live(t.Context(), s.ID)
		if _, err := h.sources.Change(t.Context(), administrator, s.ID, sources.SourceChange{Settings: &shown, Version: now.Version}); fault.Of(err) == nil || len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[0] != (fault.Field{Field: "settings.portal", Code: "connected_already"}) {
			t.Errorf("another portal afterwards: %v", err)
		}
		if err := elsewhere(); err != nil {
			t.Errorf("the same portal: %v", err)
		}
		if o, err := h.sources.Live(t.Context(), s.ID); err != nil || o.Settings["webhook_url"] != long || o.Settings["show_calls"] != "true" {
			t.Errorf("kept %v %v", o.Settings, err)
		}
		if err := h.sources.Remove(t.Context(), administrator, s.ID); err != nil || !slices.Equal(h.syncer.removed, []int64{first.ID, s.ID}) {
			t.Errorf("removed: %v, mirror forgot %v", err, h.syncer.removed)
		}
	})
}

func TestAnAccountIsToldToSendItsChangesHere(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		a := account.New(account.Options{Name: "Acme", Token: "TOKEN-of-the-account", ID: 12345})
		server := httptest.NewServer(a)
		defer server.Close()
		h := newApp(t, db, func(o *parts) { o.AllowPrivate = true })
		h.now = time.Now()
		s := h.add(sources.NewSource{Name: "amo", Dialect: "amocrm-sync", Secret: "SECRET-of-amo", Settings: map[string]string{"account": server.URL, "token": "TOKEN-of-the-account"}})
		path := "/api/v1/sources/" + itoa(s.ID) + "/connect"
		for range 2 { // the second time it is subscribed already
			status, body := h.post(path, "application/json", `{"subscribe":true}`, "Authorization", "Bearer root")
			if status != http.StatusOK || !strings.Contains(body, `"name":"Acme"`) || strings.Contains(body, "SECRET") {
				t.Fatalf("%d %s", status, body)
			}
		}
		wants := 0
		for _, r := range a.Log() {
			if r.Method == http.MethodPost {
				wants++
			}
		}
		if wants != 1 || a.Writes() != 0 {
			t.Errorf("it was told %d times, %d writes", wants, a.Writes())
		}
		if status, body := h.post(path, "application/json", `{"code":"wrong"}`, "Authorization", "Bearer petrov"); status != http.StatusForbidden {
			t.Errorf("by an agent: %d %s", status, body)
		}
		ordinary := h.add(sources.NewSource{Name: "office", Dialect: "generic"})
		if status, body := h.post("/api/v1/sources/"+itoa(ordinary.ID)+"/connect", "application/json", `{}`, "Authorization", "Bearer root"); status != http.StatusConflict || !strings.Contains(body, "no_crm") {
			t.Errorf("a PBX: %d %s", status, body)
		}
	})
}
