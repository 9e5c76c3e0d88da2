package bitrix24

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"callhue/crmsync"
	"callhue/internal/web"
)

// signer signs with our token; the address of a webhook is its signature.
func (p *Portal) signer() signer {
	if p.opt.Webhook != "" {
		return func(_ context.Context, rejected string) (string, error) { return "", nil }
	}
	return p.tokens.Access
}

// renew exchanges a token for a new one at the OAuth server.
func (p *Portal) renew(ctx context.Context, old crmsync.Token) (crmsync.Token, error) {
	token, err := p.refresh(ctx, old.Refresh, old.Account)
	if err == nil && old.Account != "" && token.Account != old.Account {
		err = crmsync.SignInAgain(errors.New("the new token belongs to another portal"))
	}
	return token, err
}

// oauthAnswer is the OAuth server's answer. No address in it is followed.
type oauthAnswer struct {
	Access    string  `json:"access_token"`
	Refresh   string  `json:"refresh_token"`
	ExpiresIn float64 `json:"expires_in"` // seconds
	Endpoint  string  `json:"client_endpoint"`
	Member    string  `json:"member_id"`
	Error     text    `json:"error"`
	Message   text    `json:"error_description"`
}

// refresh exchanges a refresh token for a token of this portal. The request is sent as documented, with
// everything in the address. Faults: crm_sign_in_again if the token is no longer valid or belongs to another
// portal, crm_moved if it belongs to this account, which has another address by now.
func (p *Portal) refresh(ctx context.Context, token, account string) (crmsync.Token, error) {
	query := url.Values{"grant_type": {"refresh_token"}, "client_id": {p.opt.ClientID},
		"client_secret": {p.opt.ClientSecret}, "refresh_token": {token}}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.opt.OAuth+"?"+query.Encode(), nil)
	if err != nil {
		return crmsync.Token{}, web.Unaddressed(err)
	}
	status, data, err := p.fetch(r)
	if err != nil {
		return crmsync.Token{}, err
	}
	var got oauthAnswer
	if err := json.Unmarshal(data, &got); err != nil {
		if status >= 500 {
			return crmsync.Token{}, crmsync.Unreachable(fmt.Errorf("oauth: status %d", status))
		}
		return crmsync.Token{}, crmsync.NotUnderstood(fmt.Errorf("oauth: status %d: %w", status, err))
	}
	if status >= 400 || got.Error != "" {
		refused := &refusal{
			status:  status,
			code:    string(got.Error),
			message: p.mask(string(got.Message), token),
			method:  "oauth",
		}
		return crmsync.Token{}, refused.fault()
	}
	switch {
	case got.Access == "" || got.Refresh == "":
		return crmsync.Token{}, malformed("oauth: no token")
	case !p.isThisPortal(got.Endpoint) && account != "" && strings.EqualFold(got.Member, account):
		return crmsync.Token{}, crmsync.Moved(originOf(got.Endpoint))
	case !p.isThisPortal(got.Endpoint), p.opt.MemberID != "" && !strings.EqualFold(got.Member, p.opt.MemberID):
		return crmsync.Token{}, crmsync.SignInAgain(fmt.Errorf("a token of another portal: %.100s", got.Endpoint))
	}
	lives := time.Duration(got.ExpiresIn) * time.Second
	if lives <= 0 {
		lives = time.Hour
	}
	return crmsync.Token{Access: got.Access, Refresh: got.Refresh, Expires: p.opt.Now().Add(lives).UTC(),
		Endpoint: p.ownRest(), Account: got.Member}, nil
}

// originOf returns the scheme and host of an address.
func originOf(endpoint string) string {
	at, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	return at.Scheme + "://" + at.Host
}

// isThisPortal reports whether an address is that of the portal of the options.
func (p *Portal) isThisPortal(endpoint string) bool {
	at, err := url.Parse(endpoint)
	return err == nil && strings.EqualFold(at.Host, p.base.Host)
}
