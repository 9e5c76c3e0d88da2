package bitrix24

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/internal/fault"
	portal "callhue/test/fakecrm/bitrix24"
)

func refreshes(w *world) (n int) {
	for _, r := range w.sim.Requests() {
		if r.Method == "oauth" {
			n++
		}
	}
	return n
}

func TestTokenExpiresDuringAnImport(t *testing.T) {
	w := newWorld(t, portal.Options{Companies: 6000})
	p := w.application()
	all, _ := w.every(p, crmsync.Query{Kind: crm.KindCompany}, func(page int) {
		if page%2 == 0 {
			w.sim.Expire() // earlier than announced
		}
	})
	w.ids("companies", all, 6000)
	if refreshes(w) == 0 || w.tokens.kept.Version < 2 {
		t.Errorf("%d refreshes, version %d", refreshes(w), w.tokens.kept.Version)
	}
	if g := w.tokens.kept; g.Endpoint != w.sim.Address()+"/rest/" || g.Account != portal.Member {
		t.Errorf("kept %q of %q", g.Endpoint, g.Account)
	}
	w.checkRequests()
}

func TestTokenIsRefreshedBeforeItExpires(t *testing.T) {
	w := newWorld(t, portal.Options{})
	p := w.application()
	for range 5 {
		w.clock.Wait(context.Background(), 59*time.Minute+30*time.Second)
		if _, err := p.About(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range w.sim.Requests() {
		if r.Status == 401 {
			t.Error("the portal had to say that the token is over")
		}
	}
	if n := refreshes(w); n != 5 {
		t.Errorf("%d refreshes, want 5", n)
	}
}

func TestManyRequestsRefreshOnce(t *testing.T) {
	w := newWorld(t, portal.Options{})
	p := w.application()
	w.clock.Wait(context.Background(), 2*time.Hour)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := p.About(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := refreshes(w); n != 1 {
		t.Errorf("%d refreshes", n)
	}
}

// TestOtherProcessRefreshed shares a token between two processes; a refresh token is good for one refresh.
func TestOtherProcessRefreshed(t *testing.T) {
	w := newWorld(t, portal.Options{})
	here, there := w.application(), w.application()
	for _, p := range []*Portal{here, there} {
		if _, err := p.About(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		w.sim.Expire()
		for _, p := range []*Portal{there, here} {
			if _, err := p.About(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := refreshes(w); n != 3 {
		t.Errorf("%d refreshes, want 3: the second process takes the first one's", n)
	}
}

// lateTokens returns what was stored before, as a database does if another process writes right after the
// read.
type lateTokens struct {
	*memoryTokens
	before crmsync.Token
	reads  int
}

func (l *lateTokens) Token(ctx context.Context) (crmsync.Token, error) {
	if l.reads++; l.reads == 1 {
		return l.before, nil
	}
	return l.memoryTokens.Token(ctx)
}

func TestOtherProcessIsJustFaster(t *testing.T) {
	w := newWorld(t, portal.Options{})
	first := w.application()
	before := w.tokens.kept
	w.sim.Expire()
	w.clock.Wait(context.Background(), 2*time.Hour)
	if _, err := first.About(context.Background()); err != nil {
		t.Fatal(err)
	}
	second := w.application(func(o *Options) { o.Tokens = &lateTokens{memoryTokens: w.tokens, before: before} })
	if _, err := second.About(context.Background()); err != nil {
		t.Errorf("its refresh was refused, but there is a token: %v", err)
	}
}

// offlineTokens is a store that can be switched off.
type offlineTokens struct {
	*memoryTokens
	off bool
}

func (a *offlineTokens) SaveToken(ctx context.Context, g crmsync.Token) (crmsync.Token, error) {
	if a.off {
		return crmsync.Token{}, fault.Busy("database_busy", time.Second)
	}
	return a.memoryTokens.SaveToken(ctx, g)
}

// TestNewTokenIsNotLost checks that the result of a refresh survives a database that is away and a caller
// that leaves.
func TestNewTokenIsNotLost(t *testing.T) {
	w := newWorld(t, portal.Options{})
	db := &offlineTokens{memoryTokens: w.tokens}
	p := w.application(func(o *Options) { o.Tokens = db })
	before := w.tokens.kept.Version
	db.off = true
	for range 2 { // the second refresh uses a token that was never stored
		w.clock.Wait(context.Background(), 2*time.Hour)
		if _, err := p.About(context.Background()); err != nil {
			t.Fatalf("without a database: %v", err)
		}
	}
	if w.tokens.kept.Version != before {
		t.Fatal("it was stored: this test proves nothing")
	}
	db.off = false
	if _, err := p.About(context.Background()); err != nil || w.tokens.kept.Version != before+1 {
		t.Errorf("once the database is back: %v, version %d", err, w.tokens.kept.Version)
	}
	other := w.application() // another process, with the stored token
	if _, err := other.About(context.Background()); err != nil {
		t.Errorf("what was stored is no good: %v", err)
	}
}

func TestInvalidToken(t *testing.T) {
	for why, break_ := range map[string]func(w *world){
		"the application was removed": func(w *world) { w.sim.Revoke() },
		"half a year passed":          func(w *world) { w.clock.Wait(context.Background(), 181*24*time.Hour) },
		"nothing is stored":           func(w *world) { w.tokens.kept = crmsync.Token{Version: 1} },
		"the portal knows no token": func(w *world) {
			w.sim.Break(portal.Fault{Kind: portal.Gone, Method: "profile"})
		},
	} {
		w := newWorld(t, portal.Options{})
		p := w.application()
		break_(w)
		if _, err := p.About(context.Background()); key(err) != "crm_sign_in_again" {
			t.Errorf("%s: %v", why, err)
		}
	}
	w := newWorld(t, portal.Options{})
	p := w.webhook(func(o *Options) { o.Webhook = strings.Replace(o.Webhook, portal.WebhookSecret, "wrongsecret", 1) })
	_, err := p.About(context.Background())
	if key(err) != "crm_sign_in_again" || strings.Contains(err.Error(), "wrongsecret") {
		t.Errorf("a webhook that was removed: %v", err)
	}
}

// TestAddressesInAnswersAreNotFollowed checks that addresses in the OAuth server's answer get no request.
func TestAddressesInAnswersAreNotFollowed(t *testing.T) {
	asked := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer elsewhere.Close()
	w := newWorld(t, portal.Options{})
	oauth := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Write(
			[]byte(
				`{"access_token":"a","refresh_token":"r","expires_in":3600,"member_id":"` + portal.Member +
					`","client_endpoint":"` + elsewhere.URL + `/rest/"}`,
			),
		)
	}))
	defer oauth.Close()
	p := w.application(func(o *Options) { o.OAuth = oauth.URL })
	w.clock.Wait(context.Background(), 2*time.Hour)
	kept := w.tokens.kept
	if _, err := p.About(context.Background()); key(err) != "crm_moved" || asked != 0 || w.tokens.kept != kept ||
		fault.Of(err).Args["what"] != elsewhere.URL {
		t.Errorf("%v; asked elsewhere %d times", err, asked)
	}

	w = newWorld(t, portal.Options{})
	p = w.application(func(o *Options) { o.MemberID = strings.Repeat("f", 32) })
	w.clock.Wait(context.Background(), 2*time.Hour)
	if _, err := p.About(context.Background()); key(err) != "crm_sign_in_again" {
		t.Errorf("a token of another member: %v", err)
	}
}

func TestOAuthServerFails(t *testing.T) {
	for kind, want := range map[string]string{
		portal.Garbage: "crm_answer", portal.HTML: "crm_answer", portal.Empty: "crm_answer",
		portal.Error500: "crm_unreachable", portal.Nothing: "crm_unreachable", portal.Redirect: "crm_answer",
		portal.Half: "crm_unreachable",
	} {
		w := newWorld(t, portal.Options{})
		p := w.application()
		w.clock.Wait(context.Background(), 2*time.Hour)
		w.sim.Break(portal.Fault{Kind: kind, Method: "oauth"})
		if _, err := p.About(context.Background()); key(err) != want {
			t.Errorf("%s: %v, want %s", kind, err, want)
		}
	}
}

// TestNoFaultShowsASecret checks that no fault shows a secret, not even in the logged cause.
func TestNoFaultShowsASecret(t *testing.T) {
	w := newWorld(t, portal.Options{})
	secrets := []string{portal.WebhookSecret, portal.ClientSecret}
	t1 := w.sim.Tokens(1)
	secrets = append(secrets, t1.Access, t1.Refresh)
	echo := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.WriteHeader(http.StatusBadRequest)
		rw.Write([]byte(`{"error":"X","error_description":"no: ` + strings.Join(secrets[:3], " ") + `"}`))
	}))
	defer echo.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for _, at := range []string{echo.URL, closed.URL} {
		hook := w.webhook(func(o *Options) { o.Webhook = at + "/rest/1/" + portal.WebhookSecret + "/" })
		w.tokens.kept = crmsync.Token{
			Access:  t1.Access,
			Refresh: t1.Refresh,
			Expires: w.clock.Now().Add(time.Hour),
			Version: 1,
		}
		app := w.application(func(o *Options) { o.Portal, o.OAuth = at, at })
		for _, p := range []*Portal{hook, app} {
			_, err := p.About(context.Background())
			shown := err.Error()
			for f := fault.Of(err); f != nil; f = nil {
				shown += f.Error()
			}
			for i, secret := range secrets {
				if own := i == 0 && p == hook || i == 1 && p == app || i >= 2 && p == app; own &&
					strings.Contains(shown, secret) {
					t.Errorf("shows %s: %s", secret, shown)
				}
			}
		}
	}
}
