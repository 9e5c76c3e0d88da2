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
	errEnded = errors.New("amocrm: the grant was taken back, or not used for too long")
	errToken = errors.New("amocrm: the account does not take the token")
)

// access gives the token that a request proves itself with; over is one that the
// account does not take any longer.
func (p *Portal) access(ctx context.Context, over string) (string, error) {
	switch {
	case p.opt.Token == "":
		return p.keeper.Access(ctx, over)
	case over != "":
		return "", crmsync.SignInAgain(errToken)
	}
	return p.opt.Token, nil
}

// renew has the account give a grant for that of another one. What it refuses is over.
func (p *Portal) renew(ctx context.Context, old crmsync.Token) (crmsync.Token, error) {
	g, err := p.trade(ctx, "refresh_token", "refresh_token", old.Refresh, old.Redirect)
	if fault.Is(err, fault.KindForbidden) {
		err = crmsync.SignInAgain(errors.Join(errEnded, err))
	}
	g.Endpoint, g.Account, g.Redirect = old.Endpoint, old.Account, old.Redirect
	return g, err
}

// Exchange turns the code with which an administrator comes back from the account
// into a grant, and stores it in the place of any other. redirect is the address that
// he came back to, "" for that of the options. A code is good once and for 20 minutes;
// one that is not taken is crm_refused.
func (p *Portal) Exchange(ctx context.Context, code, redirect string) error {
	fresh, err := p.trade(ctx, "authorization_code", "code", code, redirect)
	if err != nil {
		return err
	}
	fresh.Endpoint, fresh.Redirect = p.opt.Address+"/", redirect
	if err := p.keeper.Replace(ctx, fresh); err != nil {
		return err
	}
	account, err := p.account(context.WithoutCancel(ctx)) // the account's events say whose they are
	if err != nil {
		return err
	}
	return p.keeper.SetAccount(ctx, string(account.ID))
}

// theirToken is what signing in gives.
type theirToken struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Seconds int64  `json:"expires_in"`
}

// trade signs in: a code or a refresh token for tokens. Once begun it is finished:
// the account has taken what was sent, whoever waits for the answer.
func (p *Portal) trade(ctx context.Context, grant, name, secret, redirect string) (crmsync.Token, error) {
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
		said, err := p.send(ctx, a, "")
		if err == nil {
			err = p.judge(a, said, n)
		}
		if err == nil {
			_, err = said.read(&token)
		}
		if err == nil && (token.Access == "" || token.Refresh == "" || token.Seconds <= 0) {
			err = crmsync.NotUnderstood(errEmpty)
		}
		if err == nil {
			return crmsync.Token{Access: token.Access, Refresh: token.Refresh, Expires: at.Add(time.Duration(token.Seconds) * time.Second)}, nil
		}
		if _, again := pauseBefore(a, said, err, n); !again {
			return crmsync.Token{}, err
		}
	}
}
