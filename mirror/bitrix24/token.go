package bitrix24

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"callhue/fault"
	"callhue/mirror"
)

// early is how long before its end an access token is renewed.
const early = time.Minute

// keeper keeps the grant that we ask with; its lock is held while it is renewed,
// so that of many requests one renews it.
type keeper struct {
	lock chan struct{} // holds one when nobody has it
	now  *mirror.Grant // as it was read or saved last
}

func newKeeper() keeper {
	k := keeper{lock: make(chan struct{}, 1), now: &mirror.Grant{}}
	k.lock <- struct{}{}
	return k
}

// take takes the lock, or ends with the context.
func (k keeper) take(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-k.lock:
		return nil
	}
}

func (k keeper) give() { k.lock <- struct{}{} }

// keep asks with another grant from now on.
func (p *Portal) keep(ctx context.Context, g mirror.Grant) error {
	if err := p.grant.take(ctx); err != nil {
		return err
	}
	defer p.grant.give()
	*p.grant.now = g
	return nil
}

// signer signs with our grant; a webhook's address is its signature.
func (p *Portal) signer() signer {
	if p.opt.Webhook != "" {
		return func(_ context.Context, over string) (string, error) { return "", nil }
	}
	return p.token
}

// token gives the access token, renewed where it is over. The fault is
// crm_sign_in_again when there is no grant, or none that can be renewed.
func (p *Portal) token(ctx context.Context, over string) (string, error) {
	if err := p.grant.take(ctx); err != nil {
		return "", err
	}
	defer p.grant.give()
	if g := p.grant.now; p.fresh(*g, over) {
		return g.Access, nil
	}
	stored, err := p.opt.Grants.Grant(ctx)
	if err != nil {
		return "", err
	}
	if !p.fresh(stored, over) {
		if stored, err = p.renewed(ctx, stored, over); err != nil {
			return "", err
		}
	}
	*p.grant.now = stored
	return stored.Access, nil
}

// fresh says whether a grant can be asked with; over is a token that cannot.
func (p *Portal) fresh(g mirror.Grant, over string) bool {
	return g.Access != "" && g.Access != over && p.opt.Now().Add(early).Before(g.Expires)
}

// renewed renews a grant and stores it. Where another process was faster, its grant
// counts: a refresh token is good for one refresh, so ours was then refused.
func (p *Portal) renewed(ctx context.Context, old mirror.Grant, over string) (mirror.Grant, error) {
	if old.Refresh == "" {
		return mirror.Grant{}, mirror.SignInAgain(errors.New("no grant is stored"))
	}
	g, err := p.refresh(ctx, old.Refresh)
	if err == nil {
		if old.Account != "" && g.Account != old.Account {
			return mirror.Grant{}, mirror.SignInAgain(errors.New("the grant became another portal's"))
		}
		g.Application, g.Version = old.Application, old.Version
		var saved mirror.Grant
		if saved, err = p.opt.Grants.SaveGrant(ctx, g); err == nil {
			return saved, nil
		}
	}
	if key := fault.Of(err).Key; key != "stale_version" && key != "crm_sign_in_again" {
		return mirror.Grant{}, err
	}
	theirs, readErr := p.opt.Grants.Grant(ctx)
	if readErr != nil {
		return mirror.Grant{}, readErr
	}
	if theirs.Version == old.Version || !p.fresh(theirs, over) {
		return mirror.Grant{}, err
	}
	return theirs, nil
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

// refresh has a refresh token turned into a grant of this portal. crm_sign_in_again:
// it is over, or another portal's.
func (p *Portal) refresh(ctx context.Context, token string) (mirror.Grant, error) {
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {p.opt.ClientID},
		"client_secret": {p.opt.ClientSecret}, "refresh_token": {token}}
	status, said, err := p.post(ctx, p.opt.OAuth, "application/x-www-form-urlencoded", []byte(form.Encode()))
	if err != nil {
		return mirror.Grant{}, err
	}
	var got granted
	if err := json.Unmarshal(said, &got); err != nil {
		if status >= 500 {
			return mirror.Grant{}, mirror.Unreachable(fmt.Errorf("oauth: status %d", status))
		}
		return mirror.Grant{}, mirror.NotUnderstood(fmt.Errorf("oauth: status %d: %w", status, err))
	}
	if status >= 400 || got.Error != "" {
		no := &refusal{status: status, code: string(got.Error), words: p.mask(string(got.What), token), method: "oauth"}
		return mirror.Grant{}, no.fault()
	}
	switch {
	case got.Access == "" || got.Refresh == "":
		return mirror.Grant{}, senseless("oauth: no token")
	case !p.ours(got.Endpoint), p.opt.MemberID != "" && !strings.EqualFold(got.Member, p.opt.MemberID):
		return mirror.Grant{}, mirror.SignInAgain(fmt.Errorf("a grant of another portal: %.100s", got.Endpoint))
	}
	lives := time.Duration(got.Lives) * time.Second
	if lives <= 0 {
		lives = time.Hour
	}
	return mirror.Grant{Access: got.Access, Refresh: got.Refresh, Expires: p.opt.Now().Add(lives).UTC(),
		Endpoint: p.ownRest(), Account: got.Member}, nil
}

// ours says whether an address is that of the portal of the options.
func (p *Portal) ours(endpoint string) bool {
	at, err := url.Parse(endpoint)
	return err == nil && strings.EqualFold(at.Host, p.base.Host)
}
