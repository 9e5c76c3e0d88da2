package crmsync

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// giver is a CRM that gives grants: each refresh token is good once.
type giver struct {
	mu     sync.Mutex
	time   time.Time
	good   string // the refresh token that it takes
	given  int
	before func() // happens while it is asked, under no lock
}

func newGiver() *giver {
	return &giver{time: time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC)}
}

func (g *giver) now() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.time
}

func (g *giver) wait(ctx context.Context, d time.Duration) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.time = g.time.Add(d)
	return ctx.Err()
}

func (g *giver) renew(ctx context.Context, old Token) (Token, error) {
	if g.before != nil {
		g.before()
	}
	g.mu.Lock()
	good := g.good
	g.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return Token{}, ctx.Err()
	case old.Refresh != good:
		return Token{}, SignInAgain(errors.New("the refresh token was used"))
	}
	return g.give(), nil
}

// give is a new grant; those before it are over.
func (g *giver) give() Token {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.given++
	g.good = fmt.Sprint("refresh", g.given)
	return Token{Access: fmt.Sprint("access", g.given), Refresh: g.good, Expires: g.time.Add(time.Hour), Account: "12345"}
}

func (g *giver) keeper(at TokenStore) *TokenSource { return NewTokenSource(at, g.renew, g.now, g.wait) }

// installed is a source with a grant in the database, and the keeper of one process.
func installed(t *testing.T, db *store.DB) (*giver, TokenStore, *TokenSource) {
	t.Helper()
	g, grants := newGiver(), newMirror(t, db).TokenStore(1, "portal")
	k := g.keeper(grants)
	first := g.give()
	first.Application = "proof"
	must(t, k.Replace(context.Background(), first))
	return g, grants, k
}

// away is a database that is away while it is told so.
type away struct {
	TokenStore
	off bool
}

func (a *away) SaveToken(ctx context.Context, g Token) (Token, error) {
	if a.off {
		return Token{}, fault.Busy("database_busy", time.Second)
	}
	return a.TokenStore.SaveToken(ctx, g)
}

func accessToken(t testing.TB, k *TokenSource, over string) string {
	t.Helper()
	token, err := k.Access(context.Background(), over)
	must(t, err)
	return token
}

// A refresh token is good once: what it gave is not lost with the database.
func TestAFreshGrantIsNotLost(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		g, grants, _ := installed(t, db)
		at := &away{TokenStore: grants, off: true}
		k := g.keeper(at)
		for n := range 3 { // also the second renewal is of what was never stored
			_ = g.wait(ctx, 2*time.Hour)
			is(t, "without a database", accessToken(t, k, ""), fmt.Sprint("access", n+2))
		}
		stored, err := grants.Token(ctx)
		must(t, err)
		is(t, "what is stored meanwhile", stored.Access, "access1")
		at.off = false
		is(t, "once it is back", accessToken(t, k, ""), "access4")
		stored, err = grants.Token(ctx)
		must(t, err)
		is(t, "what is stored then", []string{stored.Access, stored.Application, stored.Account}, []string{"access4", "proof", "12345"})
		_ = g.wait(ctx, 2*time.Hour)
		is(t, "another process, with what is stored", accessToken(t, g.keeper(grants), ""), "access5")
		is(t, "and this one", accessToken(t, k, ""), "access5")
	})
}

// Nor is it lost with whoever waited for it.
func TestARenewalThatBeganIsSaved(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(context.Background())
		g, grants, k := installed(t, db)
		_ = g.wait(ctx, 2*time.Hour)
		g.before = cancel
		_, _ = k.Access(ctx, "")
		stored, err := grants.Token(context.Background())
		must(t, err)
		is(t, "what is stored", stored.Access, "access2")
		is(t, "grants", g.given, 2)
	})
}

func TestOneRenewsForAll(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		g, grants, k := installed(t, db)
		other := g.keeper(grants)
		for n := range 3 {
			over := accessToken(t, k, "")
			saved := func(ctx context.Context, _ time.Duration) error { // however slow the machine is
				for ctx.Err() == nil {
					if stored, err := grants.Token(ctx); err != nil || stored.Access != over {
						return err
					}
					time.Sleep(time.Millisecond)
				}
				return ctx.Err()
			}
			k.wait, other.wait = saved, saved
			var all sync.WaitGroup
			for i := range 40 {
				of := k
				if i%2 == 1 {
					of = other
				}
				all.Go(func() {
					if token, err := of.Access(context.Background(), over); err != nil || token == over {
						t.Errorf("%q, %v", token, err)
					}
				})
			}
			all.Wait()
			is(t, "grants", g.given, n+2)
		}
		_ = g.wait(context.Background(), 59*time.Minute+30*time.Second)
		is(t, "shortly before its end", accessToken(t, k, ""), "access5")
	})
}

// The CRM has given another process a grant that is not stored yet; ours is refused
// and waits for it.
func TestAnotherProcessIsSlowToSave(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		g, grants, k := installed(t, db)
		before, err := grants.Token(ctx)
		must(t, err)
		theirs := g.give()
		theirs.Version = before.Version
		looks := 0
		k.wait = func(ctx context.Context, d time.Duration) error {
			if looks++; looks == 2 {
				if _, err := grants.SaveToken(ctx, theirs); err != nil {
					return err
				}
			}
			return g.wait(ctx, d)
		}
		is(t, "the token", accessToken(t, k, "access1"), "access2")
		is(t, "looks", looks, 2)
	})
}

func TestAGrantThatIsOver(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		g, grants, k := installed(t, db)
		nobody := g.keeper(newMirror(t, db).TokenStore(2, "another"))
		if _, err := nobody.Access(ctx, ""); !isFault(err, signInAgain) {
			t.Errorf("no grant: %v", err)
		}
		g.give() // it was taken back
		if _, err := k.Access(ctx, "access1"); !isFault(err, signInAgain) {
			t.Errorf("one that was taken back: %v", err)
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		must(t, k.Replace(gone, g.give())) // whoever installed it need not wait
		must(t, k.SetAccount(ctx, "777"))
		is(t, "installed anew", accessToken(t, k, ""), "access3")
		is(t, "another process", accessToken(t, g.keeper(grants), "access1"), "access3")
		stored, err := grants.Token(ctx)
		must(t, err)
		is(t, "whose it is", stored.Account, "777")
	})
}

// raced is a database in which another process is always faster.
type raced struct{ TokenStore }

func (r raced) SaveToken(ctx context.Context, g Token) (Token, error) {
	if _, err := r.TokenStore.SaveToken(ctx, Token{Access: "theirs", Refresh: "theirs", Version: g.Version}); err != nil {
		return Token{}, err
	}
	return r.TokenStore.SaveToken(ctx, g)
}

func TestReplaceDoesNotTryForEver(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		g, grants, _ := installed(t, db)
		if err := g.keeper(raced{grants}).Replace(context.Background(), g.give()); !isFault(err, "stale_version") {
			t.Error(err)
		}
	})
}
