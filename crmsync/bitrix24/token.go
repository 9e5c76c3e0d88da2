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

// signer signs with our grant; a webhook's address is its signature.
func (p *Portal) signer() signer {
	if p.opt.Webhook != "" {
		return func(_ context.Context, over string) (string, error) { return "", nil }
	}
	return p.keeper.Access
}

// renew has the OAuth server give a grant for that of another one.
func (p *Portal) renew(ctx context.Context, old crmsync.Token) (crmsync.Token, error) {
	g, err := p.refresh(ctx, old.Refresh)
	if err == nil && old.Account != "" && g.Account != old.Account {
		err = crmsync.SignInAgain(errors.New("the grant became another portal's"))
	}
	return g, err
}

// granted is what the OAuth server answers. Of the addresses in it none is followed.
type granted struct {
	Access   string  `json:"access_token"`
	Refresh  string  `json:"refresh_token"`
	Lives    float64 `json:"expires_in"` // seconds
	Endpoint string  `json:"client_endpoint"`
	Member   string  `json:"member_id"`
	Error    text    `json:"error"`
	What     text    `json:"error_description"`
}

// refresh has a refresh token turned into a grant of this portal. The server is asked
// as it is documented, with everything in the address. crm_sign_in_again: the token is
// over, or another portal's.
func (p *Portal) refresh(ctx context.Context, token string) (crmsync.Token, error) {
	query := url.Values{"grant_type": {"refresh_token"}, "client_id": {p.opt.ClientID},
		"client_secret": {p.opt.ClientSecret}, "refresh_token": {token}}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.opt.OAuth+"?"+query.Encode(), nil)
	if err != nil {
		return crmsync.Token{}, web.Unaddressed(err)
	}
	status, said, err := p.fetch(r)
	if err != nil {
		return crmsync.Token{}, err
	}
	var got granted
	if err := json.Unmarshal(said, &got); err != nil {
		if status >= 500 {
			return crmsync.Token{}, crmsync.Unreachable(fmt.Errorf("oauth: status %d", status))
		}
		return crmsync.Token{}, crmsync.NotUnderstood(fmt.Errorf("oauth: status %d: %w", status, err))
	}
	if status >= 400 || got.Error != "" {
		no := &refusal{status: status, code: string(got.Error), words: p.mask(string(got.What), token), method: "oauth"}
		return crmsync.Token{}, no.fault()
	}
	switch {
	case got.Access == "" || got.Refresh == "":
		return crmsync.Token{}, senseless("oauth: no token")
	case !p.ours(got.Endpoint), p.opt.MemberID != "" && !strings.EqualFold(got.Member, p.opt.MemberID):
		return crmsync.Token{}, crmsync.SignInAgain(fmt.Errorf("a grant of another portal: %.100s", got.Endpoint))
	}
	lives := time.Duration(got.Lives) * time.Second
	if lives <= 0 {
		lives = time.Hour
	}
	return crmsync.Token{Access: got.Access, Refresh: got.Refresh, Expires: p.opt.Now().Add(lives).UTC(),
		Endpoint: p.ownRest(), Account: got.Member}, nil
}

// ours says whether an address is that of the portal of the options.
func (p *Portal) ours(endpoint string) bool {
	at, err := url.Parse(endpoint)
	return err == nil && strings.EqualFold(at.Host, p.base.Host)
}
