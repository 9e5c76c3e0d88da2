package webhooks

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/internal/store"
	portal "callhue/test/fakecrm/bitrix24"
	"callhue/webhooks/sources"
)

// An application without pages is installed by an event; anybody may post it, and
// only what the portal confirms counts.
func TestInstallingByAnEvent(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := portal.New(portal.Options{Rate: -1})
		server := httptest.NewServer(p)
		t.Cleanup(server.Close)
		p.Listens(server.URL)
		h := newApp(t, db, func(o *parts) { o.AllowPrivate = true })
		h.now = time.Now() // the portal's tokens live by its own clock
		s := h.add(sources.NewSource{Name: "bitrix24-sync", Dialect: "bitrix24-sync", Secret: portal.ClientSecret, Settings: map[string]string{
			"portal": server.URL, "client_id": portal.ClientID, "oauth_url": p.OAuth()}})
		event := func(user int, refresh string) int {
			tokens := p.Tokens(user)
			at, _ := url.Parse(p.Address())
			form := url.Values{"event": {"ONAPPINSTALL"}, "data[LANGUAGE_ID]": {"ru"}, "auth[access_token]": {tokens.Access}, "auth[refresh_token]": {tokens.Refresh + refresh},
				"auth[application_token]": {portal.ApplicationToken}, "auth[member_id]": {portal.Member}, "auth[domain]": {at.Host}}
			status, body := h.post("/hooks/bitrix24-sync", "application/x-www-form-urlencoded", form.Encode())
			if line := h.lastLine(s); strings.Contains(line.Body, tokens.Refresh) || strings.Contains(line.Body, portal.ApplicationToken) {
				t.Errorf("the log shows what was granted: %s %s", line.Body, body)
			}
			return status
		}
		if status := event(2, ""); status != http.StatusForbidden {
			t.Errorf("a user who is no admin: %d", status)
		}
		if status := event(1, "x"); status != http.StatusConflict {
			t.Errorf("a token of nobody: %d", status)
		}
		if g := h.syncer.tokens[s.Name]; g.Access != "" {
			t.Fatalf("granted %+v", g)
		}
		if status := event(1, ""); status != http.StatusOK {
			t.Errorf("an admin: %d", status)
		}
		if g := h.syncer.tokens[s.Name]; g.Application != portal.ApplicationToken || !slices.Equal(p.Bound()["ONAPPUNINSTALL"], []string{"https://callhue.example/hooks/bitrix24-sync"}) {
			t.Errorf("granted %+v, bound %v", g, p.Bound())
		}
		for range installsPerMinute {
			event(1, "x")
		}
		if status := event(1, ""); status != http.StatusTooManyRequests {
			t.Errorf("again and again: %d", status)
		}
	})
}
