package crmsync

import (
	"context"
	"errors"
	"time"

	"callhue/internal/fault"
)

const (
	renewEarly   = time.Minute // before it expires
	saveTimeout  = 10 * time.Second
	otherTries   = 4
	otherPause   = 500 * time.Millisecond
	replaceTries = 4
)

var errNoToken = errors.New("crmsync: no token is stored")

// TokenSource provides the access token of a Portal. A refresh token is good for one refresh, and its
// answer is the only token that the CRM accepts from then on. So one request refreshes and the others wait
// for its result; a refresh that has begun is finished and saved even if its caller has left; a token that
// cannot be saved now is used and saved with a later request; and if several processes refresh, all of them
// use the token of the one that saved first.
type TokenSource struct {
	store TokenStore
	renew func(ctx context.Context, old Token) (Token, error)
	now   func() time.Time
	wait  func(ctx context.Context, d time.Duration) error

	lock    chan struct{} // holds one element while unlocked
	current Token         // as last read or saved, or unsaved
	unsaved bool
}

// NewTokenSource returns the TokenSource of a token store. renew asks the CRM for a new token by the
// refresh token of the old one; its fault is crm_sign_in_again if the CRM refuses. wait sleeps: web.Sleep,
// except in tests.
func NewTokenSource(
	tokens TokenStore,
	renew func(context.Context, Token) (Token, error),
	now func() time.Time,
	wait func(context.Context, time.Duration) error,
) *TokenSource {
	s := &TokenSource{store: tokens, renew: renew, now: now, wait: wait, lock: make(chan struct{}, 1)}
	s.lock <- struct{}{}
	return s
}

// acquire takes the lock, or ends with the context.
func (s *TokenSource) acquire(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.lock:
		return nil
	}
}

func (s *TokenSource) release() { s.lock <- struct{}{} }

// Access returns a valid access token; rejected is one that the CRM no longer accepts, "" for none. The
// fault is crm_sign_in_again if there is no token, or none that can be refreshed.
func (s *TokenSource) Access(ctx context.Context, rejected string) (string, error) {
	if err := s.acquire(ctx); err != nil {
		return "", err
	}
	defer s.release()
	if s.unsaved {
		s.save(ctx, s.current)
	}
	if s.usable(s.current, rejected) {
		return s.current.Access, nil
	}
	if !s.unsaved {
		stored, err := s.store.Token(ctx)
		if err != nil {
			return "", err
		}
		s.current = stored
	}
	if !s.usable(s.current, rejected) {
		if err := s.refresh(ctx, rejected); err != nil {
			return "", err
		}
	}
	return s.current.Access, nil
}

// usable reports whether a token can be used; rejected is one that cannot.
func (s *TokenSource) usable(token Token, rejected string) bool {
	return token.Access != "" && token.Access != rejected && s.now().Add(renewEarly).Before(token.Expires)
}

// refresh refreshes the current token. If the CRM refuses the refresh token, another process may have used
// it and its token is valid.
func (s *TokenSource) refresh(ctx context.Context, rejected string) error {
	old := s.current
	if old.Refresh == "" {
		return SignInAgain(errNoToken)
	}
	token, err := s.renew(context.WithoutCancel(ctx), old)
	switch {
	case err == nil:
		token.Application, token.Version = old.Application, old.Version
		s.save(ctx, token)
		if s.usable(s.current, rejected) {
			return nil
		}
		return SignInAgain(errors.New("crmsync: another token was stored, and it is not valid"))
	case fault.Of(err).Key == signInAgain:
		return s.adoptOther(ctx, old, rejected, err)
	}
	return err
}

// adoptOther checks a few times whether another process saves the result of the refresh that was refused to
// us.
func (s *TokenSource) adoptOther(ctx context.Context, old Token, rejected string, refused error) error {
	for try := range otherTries {
		if try > 0 {
			if err := s.wait(ctx, otherPause); err != nil {
				return err
			}
		}
		other, err := s.store.Token(ctx)
		if err != nil {
			return err
		}
		if other.Version != old.Version && s.usable(other, rejected) {
			s.current, s.unsaved = other, false
			return nil
		}
	}
	return refused
}

// save stores a new token. If another process was faster, its token is used. A token that cannot be stored
// now is kept for later.
func (s *TokenSource) save(ctx context.Context, token Token) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	saved, err := s.store.SaveToken(ctx, token)
	if err != nil && fault.Of(err).Key == fault.Stale().Key {
		saved, err = s.store.Token(ctx)
	}
	if err != nil {
		s.current, s.unsaved = token, true
		return
	}
	s.current, s.unsaved = saved, false
}

// Replace stores a token that an administrator has just obtained, in place of any other, and uses it from
// now on. It finishes even if the caller has left: what the token was exchanged for may be good only once.
func (s *TokenSource) Replace(ctx context.Context, token Token) error {
	if err := s.acquire(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	defer s.release()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	for try := 1; ; try++ {
		stored, err := s.store.Token(ctx)
		if err != nil {
			return err
		}
		token.Version = stored.Version
		saved, err := s.store.SaveToken(ctx, token)
		if err == nil {
			s.current, s.unsaved = saved, false
			return nil
		}
		if try == replaceTries || fault.Of(err).Key != fault.Stale().Key {
			return err // a token that was refreshed meanwhile is older than this one
		}
	}
}

// SetAccount stores which account the current token belongs to.
func (s *TokenSource) SetAccount(ctx context.Context, account string) error {
	if err := s.acquire(ctx); err != nil {
		return err
	}
	defer s.release()
	token := s.current
	token.Account = account
	s.save(ctx, token)
	return nil
}
