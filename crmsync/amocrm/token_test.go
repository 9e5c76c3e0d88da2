package amocrm

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/crm"
	"callhue/crmsync"
	sim "callhue/test/fakecrm/amocrm"
)

// install signs an integration in, as an administrator does.
func (w *world) install() *Portal {
	w.Helper()
	p := w.signed()
	if err := p.Exchange(context.Background(), w.account.Code(), ""); err != nil {
		w.Fatal(err)
	}
	return p
}

func TestExchange(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.signed()
		if _, err := p.About(context.Background()); keyOf(err) != "crm_sign_in_again" {
			w.Errorf("before: %v", err)
		}
		code := w.account.Code()
		if err := p.Exchange(context.Background(), code, ""); err != nil {
			w.Fatal(err)
		}
		got, _ := w.tokens.Token(context.Background())
		if got.Account != "12345" || got.Endpoint != "http://demo.amocrm.test/" || got.Access == "" ||
			got.Refresh == "" ||
			time.Until(got.Expires) != 24*time.Hour-interval {
			w.Errorf("%+v, for %v", got, time.Until(got.Expires))
		}
		if about, err := p.About(context.Background()); err != nil ||
			about != (crmsync.About{Name: "Demo", URL: "http://demo.amocrm.test", User: "Admin"}) {
			w.Errorf("%+v, %v", about, err)
		}
		if err := p.Exchange(context.Background(), code, ""); keyOf(err) != "crm_refused" {
			w.Errorf("the same code again: %v", err)
		}
		if err := p.Exchange(context.Background(), w.account.Code(), ""); err != nil {
			w.Errorf("installed again: %v", err)
		}
	})
}

func TestTokensExpireInBetween(t *testing.T) {
	for why, end := range map[string]func(*world){
		"by the clock":     func(*world) { time.Sleep(25 * time.Hour) },
		"just before":      func(*world) { time.Sleep(24*time.Hour - 30*time.Second) },
		"by the account":   func(w *world) { w.account.Expire() },
		"within a request": func(w *world) { w.account.Trouble(sim.Trouble{Path: "/api", Kind: "401", Times: 1}) },
	} {
		t.Run(why, func(t *testing.T) {
			inWorld(t, func(w *world) {
				fill(w.account, sim.Leads, 1000)
				p := w.install()
				if n := len(walk(w.T, p, crmsync.Query{Kind: crm.KindLead}, func() { end(w) })); n != 1000 {
					w.Errorf("%d records", n)
				}
				if n := w.asked(postToken); n < 2 || n > 5 {
					w.Errorf("signed in %d times", n)
				}
			})
		})
	}
}

func TestRevokedToken(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.install()
		w.account.Revoke()
		if _, err := p.Stages(context.Background()); keyOf(err) != "crm_sign_in_again" ||
			strings.Contains(err.Error(), "refresh-") ||
			strings.Contains(err.Error(), "SECRET") {
			w.Error(err)
		}
		if err := p.Exchange(context.Background(), w.account.Code(), ""); err != nil {
			w.Fatal(err)
		}
		if _, err := p.Stages(context.Background()); err != nil {
			w.Errorf("installed again: %v", err)
		}
	})
}

// TestTwoProcessesRefresh checks that both processes use the token of the one that refreshed first.
func TestTwoProcessesRefresh(t *testing.T) {
	inWorld(t, func(w *world) {
		one, other := w.install(), w.signed()
		for range 10 {
			var both sync.WaitGroup
			for _, p := range []*Portal{one, other, one, other} {
				both.Go(func() {
					if _, err := p.Stages(context.Background()); err != nil {
						w.Error(err)
					}
				})
			}
			both.Wait()
			time.Sleep(23*time.Hour + 59*time.Minute + 30*time.Second)
		}
	})
}

// TestOtherProcessSavesLate lets another process obtain tokens that are not stored yet; our refresh is
// refused and waits for them.
func TestOtherProcessSavesLate(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.install()
		before, _ := w.tokens.Token(context.Background())
		other := w.with(
			Options{
				ClientID: "id",
				Secret:   "SECRET",
				Redirect: "https://callhue.example/back",
				Tokens:   &memoryTokens{token: before},
			},
		)
		w.account.Expire()
		if _, err := other.Stages(context.Background()); err != nil {
			w.Fatal(err)
		}
		got, _ := other.opt.Tokens.Token(context.Background())
		go func() {
			time.Sleep(time.Second)
			got.Version = before.Version
			_, _ = w.tokens.SaveToken(context.Background(), got)
		}()
		if _, err := p.Stages(context.Background()); err != nil {
			w.Error(err)
		}
	})
}

// TestUnsavedTokenIsNotLost checks that the newest refresh token, the only valid one, survives a failed
// save.
func TestUnsavedTokenIsNotLost(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.install()
		w.tokens.breakWith(errors.New("no database"))
		for range 3 {
			w.account.Expire()
			if _, err := p.Stages(context.Background()); err != nil {
				w.Fatal(err)
			}
		}
		w.tokens.breakWith(nil)
		if _, err := p.Stages(context.Background()); err != nil {
			w.Fatal(err)
		}
		w.account.Expire()
		time.Sleep(time.Second) // each process keeps the limit by itself
		if _, err := w.signed().Stages(context.Background()); err != nil {
			w.Errorf("what is stored is not the newest: %v", err)
		}
	})
}

// TestCancelledRefreshIsSaved checks that a started refresh is stored.
func TestCancelledRefreshIsSaved(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.install()
		w.account.Expire()
		w.account.Trouble(sim.Trouble{Path: postToken, Kind: "slow", After: 5 * time.Second, Times: 1})
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if _, err := p.Stages(ctx); err == nil {
			w.Error("it waited for too long")
		}
		if _, err := w.signed().Stages(context.Background()); err != nil {
			w.Error(err)
		}
	})
}

func TestLongLivedTokenIsNotRefreshed(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.with(Options{Token: "another"})
		if _, err := p.Stages(context.Background()); keyOf(err) != "crm_sign_in_again" {
			w.Error(err)
		}
		if n := w.asked(postToken); n != 0 {
			w.Errorf("signed in %d times", n)
		}
	})
}

func TestSigningInFails(t *testing.T) {
	for kind, want := range map[string]string{
		"500": "crm_unreachable", "reset": "crm_unreachable", "html": "crm_answer", "empty": "crm_answer",
		"blocked": "crm_busy", "garbage": "crm_answer",
	} {
		t.Run(kind, func(t *testing.T) {
			inWorld(t, func(w *world) {
				p := w.install()
				w.account.Expire()
				w.account.Trouble(sim.Trouble{Path: postToken, Kind: kind})
				if _, err := p.Stages(context.Background()); keyOf(err) != want {
					w.Errorf("%v, not %s", err, want)
				}
				w.account.Peace()
				time.Sleep(blockPause)
				if _, err := p.Stages(context.Background()); err != nil {
					w.Errorf("after that: %v", err)
				}
			})
		})
	}
}
