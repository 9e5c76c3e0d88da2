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

// fakeAuth is a CRM that issues tokens: each refresh token is good once.
type fakeAuth struct {
	mu     sync.Mutex
	time   time.Time
	good   string // the refresh token that is accepted
	given  int
	before func() // runs before a refresh, without the lock
}

func newGiver() *fakeAuth {
	return &fakeAuth{time: time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC)}
}

func (g *fakeAuth) now() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.time
}

func (g *fakeAuth) wait(ctx context.Context, d time.Duration) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.time = g.time.Add(d)
	return ctx.Err()
}

func (g *fakeAuth) renew(ctx context.Context, old Token) (Token, error) {
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
	return g.issue(), nil
}

// issue returns a new token and invalidates the earlier ones.
func (g *fakeAuth) issue() Token {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.given++
	g.good = fmt.Sprint("refresh", g.given)
	return Token{
		Access:  fmt.Sprint("access", g.given),
		Refresh: g.good,
		Expires: g.time.Add(time.Hour),
		Account: "12345",
	}
}

func (g *fakeAuth) tokenSource(at TokenStore) *TokenSource {
	return NewTokenSource(at, g.renew, g.now, g.wait)
}

// installed returns a source with a stored token, and the token source of one process.
func installed(t *testing.T, db *store.DB) (*fakeAuth, TokenStore, *TokenSource) {
	t.Helper()
	g, grants := newGiver(), newSyncer(t, db).TokenStore(1, "portal")
	source := g.tokenSource(grants)
	first := g.issue()
	first.Application = "proof"
	must(t, source.Replace(context.Background(), first))
	return g, grants, source
}

// offlineStore is a database that can be switched off.
type offlineStore struct {
	TokenStore
	off bool
}

func (a *offlineStore) SaveToken(ctx context.Context, g Token) (Token, error) {
	if a.off {
		return Token{}, fault.Busy("database_busy", time.Second)
	}
	return a.TokenStore.SaveToken(ctx, g)
}

func accessToken(t testing.TB, source *TokenSource, rejected string) string {
	t.Helper()
	token, err := source.Access(context.Background(), rejected)
	must(t, err)
	return token
}

// TestNewTokenSurvivesDatabaseOutage checks that the result of a refresh is not lost with the database.
func TestNewTokenSurvivesDatabaseOutage(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		g, grants, _ := installed(t, db)
		at := &offlineStore{TokenStore: grants, off: true}
		source := g.tokenSource(at)
		for n := range 3 { // the second refresh uses a token that was never stored
			_ = g.wait(ctx, 2*time.Hour)
			is(t, "without a database", accessToken(t, source, ""), fmt.Sprint("access", n+2))
		}
		stored, err := grants.Token(ctx)
		must(t, err)
		is(t, "what is stored meanwhile", stored.Access, "access1")
		at.off = false
		is(t, "once it is back", accessToken(t, source, ""), "access4")
		stored, err = grants.Token(ctx)
		must(t, err)
		is(
			t,
			"what is stored then",
			[]string{stored.Access, stored.Application, stored.Account},
			[]string{"access4", "proof", "12345"},
		)
		_ = g.wait(ctx, 2*time.Hour)
		is(t, "another process, with what is stored", accessToken(t, g.tokenSource(grants), ""), "access5")
		is(t, "and this one", accessToken(t, source, ""), "access5")
	})
}

// TestStartedRefreshIsSaved checks that a refresh is saved even if its caller has left.
func TestStartedRefreshIsSaved(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(context.Background())
		g, grants, source := installed(t, db)
		_ = g.wait(ctx, 2*time.Hour)
		g.before = cancel
		_, _ = source.Access(ctx, "")
		stored, err := grants.Token(context.Background())
		must(t, err)
		is(t, "what is stored", stored.Access, "access2")
		is(t, "grants", g.given, 2)
	})
}

func TestOneRequestRefreshesForAll(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		g, grants, source := installed(t, db)
		other := g.tokenSource(grants)
		for n := range 3 {
			rejected := accessToken(t, source, "")
			saved := func(ctx context.Context, _ time.Duration) error { // independent of the speed of the machine
				for ctx.Err() == nil {
					if stored, err := grants.Token(ctx); err != nil || stored.Access != rejected {
						return err
					}
					time.Sleep(time.Millisecond)
				}
				return ctx.Err()
			}
			source.wait, other.wait = saved, saved
			var all sync.WaitGroup
			for i := range 40 {
				of := source
				if i%2 == 1 {
					of = other
				}
				all.Go(func() {
					if token, err := of.Access(context.Background(), rejected); err != nil || token == rejected {
						t.Errorf("%q, %v", token, err)
					}
				})
			}
			all.Wait()
			is(t, "grants", g.given, n+2)
		}
		_ = g.wait(context.Background(), 59*time.Minute+30*time.Second)
		is(t, "shortly before its end", accessToken(t, source, ""), "access5")
	})
}

// TestOtherProcessSavesLate checks that a refused refresh waits for the token that another process has not
// stored yet.
func TestOtherProcessSavesLate(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		g, grants, source := installed(t, db)
		before, err := grants.Token(ctx)
		must(t, err)
		theirs := g.issue()
		theirs.Version = before.Version
		looks := 0
		source.wait = func(ctx context.Context, d time.Duration) error {
			if looks++; looks == 2 {
				if _, err := grants.SaveToken(ctx, theirs); err != nil {
					return err
				}
			}
			return g.wait(ctx, d)
		}
		is(t, "the token", accessToken(t, source, "access1"), "access2")
		is(t, "looks", looks, 2)
	})
}

func TestInvalidToken(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		g, grants, source := installed(t, db)
		empty := g.tokenSource(newSyncer(t, db).TokenStore(2, "another"))
		if _, err := empty.Access(ctx, ""); !isFault(err, signInAgain) {
			t.Errorf("no grant: %v", err)
		}
		g.issue() // the token was revoked
		if _, err := source.Access(ctx, "access1"); !isFault(err, signInAgain) {
			t.Errorf("one that was taken back: %v", err)
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		must(t, source.Replace(gone, g.issue())) // the caller need not wait
		must(t, source.SetAccount(ctx, "777"))
		is(t, "installed again", accessToken(t, source, ""), "access3")
		is(t, "another process", accessToken(t, g.tokenSource(grants), "access1"), "access3")
		stored, err := grants.Token(ctx)
		must(t, err)
		is(t, "whose it is", stored.Account, "777")
	})
}

// racedStore is a database in which another process is always faster.
type racedStore struct{ TokenStore }

func (r racedStore) SaveToken(ctx context.Context, g Token) (Token, error) {
	if _, err := r.TokenStore.SaveToken(
		ctx, Token{Access: "theirs", Refresh: "theirs", Version: g.Version},
	); err != nil {
		return Token{}, err
	}
	return r.TokenStore.SaveToken(ctx, g)
}

func TestReplaceGivesUp(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		g, grants, _ := installed(t, db)
		if err := g.tokenSource(racedStore{grants}).Replace(
			context.Background(), g.issue(),
		); !isFault(err, "stale_version") {
			t.Error(err)
		}
	})
}
