package crmsync

import (
	"context"
	"errors"
	"time"

	"callhue/internal/fault"
)

const (
	renewEarly   = time.Minute // before its end
	savePatience = 10 * time.Second
	otherLooks   = 4
	otherPause   = 500 * time.Millisecond
	replaceTries = 4
)

var errNoToken = errors.New("mirror: no grant is stored")

// TokenSource keeps the grant that a Portal asks with. A refresh token is good for one
// renewal, and what it gives is the only grant that the CRM takes from then on. So of
// many requests one renews, and the others wait for what it gets; a renewal that has
// begun is finished and saved, whoever waited for it; what cannot be saved now is good
// all the same, and saved with a later request; and of several processes that renew,
// the grant of the one that saved first is everybody's.
type TokenSource struct {
	grants TokenStore
	renew  func(ctx context.Context, old Token) (Token, error)
	now    func() time.Time
	wait   func(ctx context.Context, d time.Duration) error

	lock    chan struct{} // holds one when nobody has it
	held    Token         // as it was read or saved last, or unsaved
	unsaved bool
}

// NewTokenSource makes the Keeper of a source's grants. renew has the CRM give a grant for
// the refresh token of another one; its fault is crm_sign_in_again where the CRM does
// not take it. wait sleeps: web.Sleep, but for tests.
func NewTokenSource(grants TokenStore, renew func(context.Context, Token) (Token, error), now func() time.Time, wait func(context.Context, time.Duration) error) *TokenSource {
	k := &TokenSource{grants: grants, renew: renew, now: now, wait: wait, lock: make(chan struct{}, 1)}
	k.lock <- struct{}{}
	return k
}

// take takes the lock, or ends with the context.
func (k *TokenSource) take(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-k.lock:
		return nil
	}
}

func (k *TokenSource) give() { k.lock <- struct{}{} }

// Access gives an access token that is good; over is one that the CRM does not take
// any longer, "" for none. The fault is crm_sign_in_again when there is no grant, or
// none that can be renewed.
func (k *TokenSource) Access(ctx context.Context, over string) (string, error) {
	if err := k.take(ctx); err != nil {
		return "", err
	}
	defer k.give()
	if k.unsaved {
		k.save(ctx, k.held)
	}
	if k.good(k.held, over) {
		return k.held.Access, nil
	}
	if !k.unsaved {
		stored, err := k.grants.Token(ctx)
		if err != nil {
			return "", err
		}
		k.held = stored
	}
	if !k.good(k.held, over) {
		if err := k.replaceOver(ctx, over); err != nil {
			return "", err
		}
	}
	return k.held.Access, nil
}

// good says whether a grant can be asked with; over is a token that cannot.
func (k *TokenSource) good(g Token, over string) bool {
	return g.Access != "" && g.Access != over && k.now().Add(renewEarly).Before(g.Expires)
}

// replaceOver renews the grant that is held. Where the CRM does not take its refresh
// token, another process may have used it, and its grant counts.
func (k *TokenSource) replaceOver(ctx context.Context, over string) error {
	old := k.held
	if old.Refresh == "" {
		return SignInAgain(errNoToken)
	}
	g, err := k.renew(context.WithoutCancel(ctx), old)
	switch {
	case err == nil:
		g.Application, g.Version = old.Application, old.Version
		k.save(ctx, g)
		if k.good(k.held, over) {
			return nil
		}
		return SignInAgain(errors.New("mirror: another grant was stored, and it is over"))
	case fault.Of(err).Key == signInAgain:
		return k.others(ctx, old, over, err)
	}
	return err
}

// others looks a few times whether another process saves what it got for the refresh
// token that was refused to us.
func (k *TokenSource) others(ctx context.Context, old Token, over string, refused error) error {
	for look := range otherLooks {
		if look > 0 {
			if err := k.wait(ctx, otherPause); err != nil {
				return err
			}
		}
		theirs, err := k.grants.Token(ctx)
		if err != nil {
			return err
		}
		if theirs.Version != old.Version && k.good(theirs, over) {
			k.held, k.unsaved = theirs, false
			return nil
		}
	}
	return refused
}

// save stores a fresh grant. Where another process was faster, its grant counts. What
// cannot be stored now is kept for later.
func (k *TokenSource) save(ctx context.Context, g Token) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), savePatience)
	defer cancel()
	saved, err := k.grants.SaveToken(ctx, g)
	if err != nil && fault.Of(err).Key == fault.Stale().Key {
		saved, err = k.grants.Token(ctx)
	}
	if err != nil {
		k.held, k.unsaved = g, true
		return
	}
	k.held, k.unsaved = saved, false
}

// Replace stores a grant that an administrator has just got, in the place of any
// other, and asks with it from now on. It is finished also when nobody waits for it
// any more: what the grant was given for may be good only once.
func (k *TokenSource) Replace(ctx context.Context, g Token) error {
	if err := k.take(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	defer k.give()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), savePatience)
	defer cancel()
	for try := 1; ; try++ {
		stored, err := k.grants.Token(ctx)
		if err != nil {
			return err
		}
		g.Version = stored.Version
		saved, err := k.grants.SaveToken(ctx, g)
		if err == nil {
			k.held, k.unsaved = saved, false
			return nil
		}
		if try == replaceTries || fault.Of(err).Key != fault.Stale().Key {
			return err // one that was renewed meanwhile is older than this one
		}
	}
}

// SetAccount adds to the grant that is held whose it is.
func (k *TokenSource) SetAccount(ctx context.Context, account string) error {
	if err := k.take(ctx); err != nil {
		return err
	}
	defer k.give()
	g := k.held
	g.Account = account
	k.save(ctx, g)
	return nil
}
