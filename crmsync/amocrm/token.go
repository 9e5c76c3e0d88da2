package amocrm

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"callhue/crmsync"
	"callhue/internal/fault"
)

var (
	errRevoked = errors.New("amocrm: the token was revoked, or unused for too long")
	errToken   = errors.New("amocrm: the account refuses the token")
)

// accessToken returns the token of a request; rejected is one that the account no longer accepts.
func (p *Portal) accessToken(ctx context.Context, rejected string) (string, error) {
	switch {
	case p.opt.Token == "":
		return p.tokens.Access(ctx, rejected)
	case rejected != "":
		return "", crmsync.SignInAgain(errToken)
	}
	return p.opt.Token, nil
}

// renew exchanges a token for a new one. If the account refuses, the token is no longer valid.
func (p *Portal) renew(ctx context.Context, old crmsync.Token) (crmsync.Token, error) {
	token, err := p.requestToken(ctx, "refresh_token", "refresh_token", old.Refresh, old.Redirect)
	if fault.Is(err, fault.KindForbidden) {
		err = crmsync.SignInAgain(errors.Join(errRevoked, err))
	}
	token.Endpoint, token.Account, token.Redirect = old.Endpoint, old.Account, old.Redirect
	return token, err
}

// Exchange exchanges the code with which an administrator returns from the account for a token, and stores
// it in place of any other. redirect is the address that they returned to, "" for that of the options. A
// code is good once and for 20 minutes. Fault: crm_refused if the code is not accepted.
func (p *Portal) Exchange(ctx context.Context, code, redirect string) error {
	fresh, err := p.requestToken(ctx, "authorization_code", "code", code, redirect)
	if err != nil {
		return err
	}
	fresh.Endpoint, fresh.Redirect = p.opt.Address+"/", redirect
	if err := p.tokens.Replace(ctx, fresh); err != nil {
		return err
	}
	account, err := p.account(context.WithoutCancel(ctx)) // events of the account carry its id
	if err != nil {
		return err
	}
	return p.tokens.SetAccount(ctx, string(account.ID))
}

// theirToken is the answer of the sign-in.
type theirToken struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Seconds int64  `json:"expires_in"`
}

// requestToken signs in: it exchanges a code or a refresh token for tokens. Once begun it is finished, even
// if the caller leaves: the account has used up what was sent.
func (p *Portal) requestToken(ctx context.Context, grant, name, secret, redirect string) (crmsync.Token, error) {
	body, err := json.Marshal(map[string]string{"client_id": p.opt.ClientID, "client_secret": p.opt.Secret,
		"redirect_uri": cmp.Or(redirect, p.opt.Redirect), "grant_type": grant, name: secret})
	if err != nil {
		return crmsync.Token{}, err
	}
	ctx = context.WithoutCancel(ctx)
	var token theirToken
	at := p.opt.Now()
	for n := 1; ; n++ {
		a := attempt{method: http.MethodPost, path: postToken, body: body, secret: secret}
		got, err := p.send(ctx, a, "")
		if err == nil {
			err = p.check(a, got, n)
		}
		if err == nil {
			_, err = got.decode(&token)
		}
		if err == nil && (token.Access == "" || token.Refresh == "" || token.Seconds <= 0) {
			err = crmsync.NotUnderstood(errEmpty)
		}
		if err == nil {
			return crmsync.Token{
				Access:  token.Access,
				Refresh: token.Refresh,
				Expires: at.Add(time.Duration(token.Seconds) * time.Second),
			}, nil
		}
		if _, again := retryPause(a, got, err, n); !again {
			return crmsync.Token{}, err
		}
	}
}
