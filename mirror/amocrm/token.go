package amocrm

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"callhue/fault"
	"callhue/mirror"
	"callhue/web"
)

// A token is replaced a little before it ends. When the account does not take our
// refresh token, another process may just have used it: we look a few times
// whether it stores what it got.
const (
	endsSoon     = time.Minute
	otherLooks   = 4
	otherPause   = 500 * time.Millisecond
	savePatience = 10 * time.Second
)

var (
	errNoGrant = errors.New("amocrm: there is no grant yet")
	errEnded   = errors.New("amocrm: the grant was taken back, or not used for too long")
	errToken   = errors.New("amocrm: the account does not take the token")
)

// signedIn gives what a request proves itself with.
func (p *Portal) signedIn(ctx context.Context) (mirror.Grant, error) {
	if p.opt.Token != "" {
		return mirror.Grant{Access: p.opt.Token}, nil
	}
	p.mu.Lock()
	grant, unsaved := p.grant, p.unsaved
	p.mu.Unlock()
	if unsaved {
		grant = p.keep(ctx, grant)
	}
	if grant.Access == "" {
		var err error
		if grant, err = p.stored(ctx); err != nil {
			return grant, err
		}
	}
	if !p.opt.Now().Add(endsSoon).Before(grant.Expires) {
		return p.renew(ctx, grant)
	}
	return grant, nil
}

// stored reads the grant that all processes share.
func (p *Portal) stored(ctx context.Context) (mirror.Grant, error) {
	grant, err := p.opt.Grants.Grant(ctx)
	if err != nil {
		return grant, err
	}
	if grant.Version == 0 || grant.Refresh == "" {
		return grant, mirror.SignInAgain(errNoGrant)
	}
	p.remember(grant, false)
	return grant, nil
}

func (p *Portal) remember(grant mirror.Grant, unsaved bool) {
	p.mu.Lock()
	p.grant, p.unsaved = grant, unsaved
	p.mu.Unlock()
}

// renew gives a grant in the place of one that ended. One goroutine refreshes, the
// others wait for what it gets. The faults are crm_sign_in_again and what asking
// can fail with.
func (p *Portal) renew(ctx context.Context, ended mirror.Grant) (mirror.Grant, error) {
	if p.opt.Token != "" {
		return ended, mirror.SignInAgain(errToken)
	}
	select {
	case <-p.refresh:
	case <-ctx.Done():
		return ended, ctx.Err()
	}
	defer func() { p.refresh <- struct{}{} }()
	p.mu.Lock()
	present, unsaved := p.grant, p.unsaved
	p.mu.Unlock()
	if !unsaved {
		var err error
		if present, err = p.stored(ctx); err != nil {
			return present, err
		}
	}
	if present.Access != ended.Access && p.opt.Now().Before(present.Expires) {
		return present, nil
	}
	fresh, err := p.trade(ctx, map[string]string{"grant_type": "refresh_token", "refresh_token": present.Refresh}, present.Redirect)
	if fault.Is(err, fault.KindForbidden) || fault.Is(err, fault.KindConflict) {
		return p.others(ctx, present, err)
	}
	if err != nil {
		return present, err
	}
	fresh.Endpoint, fresh.Account, fresh.Application = present.Endpoint, present.Account, present.Application
	fresh.Redirect, fresh.Version = present.Redirect, present.Version
	return p.keep(ctx, fresh), nil
}

// others looks whether another process has refreshed, when the account says that
// our refresh token is used up.
func (p *Portal) others(ctx context.Context, ours mirror.Grant, refused error) (mirror.Grant, error) {
	for range otherLooks {
		grant, err := p.stored(ctx)
		if err != nil {
			return grant, err
		}
		if grant.Refresh != ours.Refresh {
			return grant, nil
		}
		if err := web.Sleep(ctx, otherPause); err != nil {
			return grant, err
		}
	}
	return ours, mirror.SignInAgain(errors.Join(errEnded, refused))
}

// keep stores a fresh grant. Where another process was faster, its grant counts.
// Where nothing can be stored now, the grant is good all the same, and is stored
// with the next request: it is the only one the account takes.
func (p *Portal) keep(ctx context.Context, fresh mirror.Grant) mirror.Grant {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), savePatience)
	defer cancel()
	saved, err := p.opt.Grants.SaveGrant(ctx, fresh)
	switch {
	case err == nil:
		p.remember(saved, false)
		return saved
	case fault.Of(err).Key == fault.Stale().Key:
		if theirs, err := p.stored(ctx); err == nil {
			return theirs
		}
	}
	p.remember(fresh, true)
	return fresh
}

// Exchange turns the code with which an administrator comes back from the account
// into a grant, and stores it in the place of any other. redirect is the address that
// he came back to, "" for that of the options. A code is good once and for 20 minutes;
// one that is not taken is crm_refused.
func (p *Portal) Exchange(ctx context.Context, code, redirect string) error {
	present, err := p.opt.Grants.Grant(ctx)
	if err != nil {
		return err
	}
	fresh, err := p.trade(ctx, map[string]string{"grant_type": "authorization_code", "code": code}, redirect)
	if err != nil {
		return err
	}
	fresh.Version, fresh.Endpoint, fresh.Redirect = present.Version, p.opt.Address+"/", redirect
	ctx = context.WithoutCancel(ctx) // the code is used up: what it gave is not lost any more
	for range otherLooks {
		saved, err := p.opt.Grants.SaveGrant(ctx, fresh)
		if err == nil {
			p.remember(saved, false)
			return p.nameAccount(ctx, saved)
		}
		if fault.Of(err).Key != fault.Stale().Key {
			return err
		}
		if present, err = p.opt.Grants.Grant(ctx); err != nil {
			return err
		}
		fresh.Version = present.Version
	}
	return fault.Stale()
}

// nameAccount adds to a new grant whose it is: the account's events say it too.
func (p *Portal) nameAccount(ctx context.Context, saved mirror.Grant) error {
	account, err := p.account(ctx)
	if err != nil {
		return err
	}
	saved.Account = string(account.ID)
	p.keep(ctx, saved)
	return nil
}

// theirToken is what signing in gives.
type theirToken struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Seconds int64  `json:"expires_in"`
}

// trade signs in: a code or a refresh token for tokens. Once begun it is finished:
// the account has taken what was sent, whoever waits for the answer.
func (p *Portal) trade(ctx context.Context, with map[string]string, redirect string) (mirror.Grant, error) {
	with["client_id"], with["client_secret"], with["redirect_uri"] = p.opt.ClientID, p.opt.Secret, cmp.Or(redirect, p.opt.Redirect)
	body, err := json.Marshal(with)
	if err != nil {
		return mirror.Grant{}, err
	}
	ctx = context.WithoutCancel(ctx)
	var token theirToken
	at := p.opt.Now()
	for n := 1; ; n++ {
		a := attempt{method: http.MethodPost, path: postToken, body: body}
		said, err := p.send(ctx, a, "")
		if err == nil {
			err = p.judge(a, said, n)
		}
		if err == nil {
			_, err = said.read(&token)
		}
		if err == nil && (token.Access == "" || token.Refresh == "" || token.Seconds <= 0) {
			err = mirror.NotUnderstood(errEmpty)
		}
		if err == nil {
			return mirror.Grant{Access: token.Access, Refresh: token.Refresh, Expires: at.Add(time.Duration(token.Seconds) * time.Second)}, nil
		}
		if _, again := pauseBefore(a, said, err, n); !again {
			return mirror.Grant{}, err
		}
	}
}
