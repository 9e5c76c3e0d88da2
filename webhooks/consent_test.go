package webhooks

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"callhue/internal/store"
	account "callhue/test/fakecrm/amocrm"
	"callhue/webhooks/sources"
)

// consenting is an app with a source of a fake account, and an administrator's browser.
type consenting struct {
	*app
	account *account.Account
	server  *httptest.Server
	source  sources.Source
}

func newConsenting(t *testing.T, db *store.DB, settings map[string]string) *consenting {
	t.Helper()
	c := &consenting{app: newApp(t, db, func(o *parts) { o.AllowPrivate = true })}
	c.now = time.Now()
	c.account = account.New(account.Options{Name: "Acme", ClientID: "integration", Secret: "SECRET-of-the-integration", Redirect: "https://callhue.example/amocrm/return"})
	c.server = httptest.NewServer(c.account)
	t.Cleanup(c.server.Close)
	all := map[string]string{"account": c.server.URL, "client_id": "integration", "client_secret": "SECRET-of-the-integration"}
	for name, value := range settings {
		all[name] = value
	}
	c.source = c.add(sources.NewSource{Name: "amo", Dialect: "amocrm-sync", Secret: "SECRET-of-amo", Settings: all})
	return c
}

// begin presses the button and returns the address of the account's page.
func (c *consenting) begin() (page string) {
	c.t.Helper()
	status, body := c.post("/api/v1/sources/"+itoa(c.source.ID)+"/consent", "application/json", `{}`, "Authorization", "Bearer root")
	var begun BegunConsent
	if err := json.Unmarshal([]byte(body), &begun); err != nil || status != http.StatusOK || !begun.Until.Equal(c.now.Add(consentLives).Truncate(time.Millisecond)) {
		c.t.Fatalf("%d %s, %v", status, body, err)
	}
	return begun.URL
}

// answer presses a button of the account's page and returns the query with which the browser is redirected.
func (c *consenting) answer(page, answer, chosen string) url.Values {
	c.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	said, err := client.PostForm(page, url.Values{"answer": {answer}, "account": {chosen}})
	if err != nil {
		c.t.Fatal(err)
	}
	defer said.Body.Close()
	back, err := said.Location()
	if err != nil || !strings.HasPrefix(back.String(), "https://callhue.example/amocrm/return?") {
		body, _ := io.ReadAll(said.Body)
		c.t.Fatalf("led to %v, %v: %s", back, err, body)
	}
	return back.Query()
}

func (c *consenting) host() string { return strings.TrimPrefix(c.server.URL, "http://") }

// back posts what the browser came back with, as a user.
func (c *consenting) back(q url.Values, who string) (int, string) {
	c.t.Helper()
	in := map[string]string{}
	for _, name := range []string{"state", "code", "referer", "error"} {
		if q.Has(name) {
			in[name] = q.Get(name)
		}
	}
	raw, err := json.Marshal(in)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.post("/api/v1/sources/consent", "application/json", string(raw), "Authorization", "Bearer "+who)
}

func TestAnAccountLetsUsInByAButton(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		c := newConsenting(t, db, nil)
		q := c.answer(c.begin(), "allow", c.host())
		status, body := c.back(q, "root")
		var given GivenConsent
		if err := json.Unmarshal([]byte(body), &given); err != nil || status != http.StatusOK || given.SourceID != c.source.ID ||
			given.Source != "amo" || given.Portal.Name != "Acme" || !given.Subscribed || given.Reason != "" {
			t.Fatalf("%d %s, %v", status, body, err)
		}
		g := c.syncer.tokens["amo"]
		if g.Access == "" || g.Refresh == "" || g.Account != "12345" || g.Redirect != "https://callhue.example/amocrm/return" {
			t.Errorf("kept %+v", g)
		}
		if told := c.account.Log(); told[len(told)-1].Path != "/api/v4/webhooks" {
			t.Errorf("the last request was %+v", told[len(told)-1])
		}
		if status, body := c.back(q, "root"); status != http.StatusForbidden || !strings.Contains(body, "consent_unknown") {
			t.Errorf("the same again: %d %s", status, body)
		}
		c.now = c.now.Add(25 * time.Hour) // the token ends, and the refresh names the same address
		if status, body := c.post("/api/v1/sources/"+itoa(c.source.ID)+"/connect", "application/json", `{}`, "Authorization", "Bearer root"); status != http.StatusOK {
			t.Errorf("a day later: %d %s", status, body)
		}
		if c.account.Writes() != 0 {
			t.Errorf("%d writes", c.account.Writes())
		}
	})
}

// TestAConsentThatIsNone: no access is granted, nothing is stored, and the account is asked only if the code may be its
// own. Whatever the outcome, the state is used up.
func TestAConsentThatIsNone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		why, key string
		status   int
		come     func(c *consenting) (url.Values, string)
		asked    bool
	}{
		{"he says no", "consent_denied", 409, func(c *consenting) (url.Values, string) { return c.answer(c.begin(), "deny", c.host()), "root" }, false},
		{"he chooses another account", "consent_elsewhere", 409, func(c *consenting) (url.Values, string) {
			return c.answer(c.begin(), "allow", "other.amocrm.ru"), "root"
		}, false},
		{"no account is named", "consent_elsewhere", 409, func(c *consenting) (url.Values, string) {
			q := c.answer(c.begin(), "allow", c.host())
			q.Del("referer")
			return q, "root"
		}, false},
		{"the code is older than 20 minutes", "consent_refused", 409, func(c *consenting) (url.Values, string) {
			q := c.answer(c.begin(), "allow", c.host())
			c.account.Late()
			return q, "root"
		}, true},
		{"he comes back after hours", "consent_late", 409, func(c *consenting) (url.Values, string) {
			q := c.answer(c.begin(), "allow", c.host())
			c.now = c.now.Add(consentLives)
			return q, "root"
		}, false},
		{"somebody made the state up", "consent_unknown", 403, func(c *consenting) (url.Values, string) {
			q := c.answer(c.begin(), "allow", c.host())
			q.Set("state", strings.Repeat("x", 43))
			return q, "root"
		}, false},
		{"it was begun by another administrator", "consent_unknown", 403, func(c *consenting) (url.Values, string) {
			return c.answer(c.begin(), "allow", c.host()), "chief"
		}, false},
		{"an agent has no business there", "role_missing", 403, func(c *consenting) (url.Values, string) {
			return c.answer(c.begin(), "allow", c.host()), "petrov"
		}, false},
	} {
		t.Run(test.why, func(t *testing.T) {
			store.Test(t, func(t *testing.T, db *store.DB) {
				c := newConsenting(t, db, nil)
				q, who := test.come(c)
				before := len(c.account.Log())
				if status, body := c.back(q, who); status != test.status || !strings.Contains(body, `"`+test.key+`"`) {
					t.Errorf("%d %s, want %s", status, body, test.key)
				}
				if asked := len(c.account.Log()) > before; asked != test.asked {
					t.Errorf("asked: %v", asked)
				}
				if g := c.syncer.tokens["amo"]; g.Version != 0 {
					t.Errorf("kept %+v", g)
				}
			})
		})
	}
}

// TestAForeignConsentStaysItsOwners: another user who got hold of a state cannot use it up.
func TestAForeignConsentStaysItsOwners(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		c := newConsenting(t, db, nil)
		q := c.answer(c.begin(), "allow", c.host())
		if status, body := c.back(q, "chief"); status != http.StatusForbidden {
			t.Fatalf("%d %s", status, body)
		}
		if status, body := c.back(q, "root"); status != http.StatusOK {
			t.Errorf("%d %s", status, body)
		}
	})
}

func TestAConsentIsNotBegun(t *testing.T) {
	t.Parallel()
	for want, settings := range map[string]map[string]string{
		"consent_not_needed":     {"token": "TOKEN-of-the-account"},
		"settings.client_secret": {"client_secret": ""},
		"redirect_elsewhere":     {"redirect_uri": "https://callhue.example/"},
	} {
		t.Run(want, func(t *testing.T) {
			store.Test(t, func(t *testing.T, db *store.DB) {
				c := newConsenting(t, db, settings)
				if status, body := c.post("/api/v1/sources/"+itoa(c.source.ID)+"/consent", "application/json", `{}`, "Authorization", "Bearer root"); status < 400 || !strings.Contains(body, want) {
					t.Errorf("%d %s", status, body)
				}
			})
		})
	}
}

// TestAnAccountWithoutWebhooks: its tariff has none, but it lets us in.
func TestAnAccountWithoutWebhooks(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		c := newConsenting(t, db, nil)
		q := c.answer(c.begin(), "allow", c.host())
		c.account.Trouble(account.Trouble{Path: "/api/v4/webhooks", Kind: "402"})
		status, body := c.back(q, "root")
		if status != http.StatusOK || !strings.Contains(body, `"subscribed":false,"why":"crm_refused"`) {
			t.Errorf("%d %s", status, body)
		}
	})
}
