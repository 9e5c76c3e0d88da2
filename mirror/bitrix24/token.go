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
	now  *held
}

// held is a grant as it was read or saved last, or one that could not be saved yet.
type held struct {
	mirror.Grant
	unsaved bool
}

// savePatience is how long a fresh grant is tried to be saved, whoever waits for it.
const savePatience = 10 * time.Second

func newKeeper() keeper {
	k := keeper{lock: make(chan struct{}, 1), now: &held{}}
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
	*p.grant.now = held{Grant: g}
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
	now := p.grant.now
	if now.unsaved {
		if err := p.save(ctx, now.Grant); err != nil {
			return "", err
		}
	}
	if p.fresh(now.Grant, over) {
		return now.Access, nil
	}
	if !now.unsaved {
		stored, err := p.opt.Grants.Grant(ctx)
		if err != nil {
			return "", err
		}
		*now = held{Grant: stored}
	}
	if !p.fresh(now.Grant, over) {
		if err := p.renew(ctx, now.Grant, over); err != nil {
			return "", err
		}
	}
	return now.Access, nil
}

// save stores a fresh grant. Where another process was faster, its grant counts. Where
// nothing can be stored now, it is good all the same and saved with a later request:
// the portal takes no refresh token but the one in it.
func (p *Portal) save(ctx context.Context, g mirror.Grant) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), savePatience)
	defer cancel()
	saved, err := p.opt.Grants.SaveGrant(ctx, g)
	if fault.Of(err) != nil && fault.Of(err).Key == "stale_version" {
		saved, err = p.opt.Grants.Grant(ctx)
		if err != nil {
			return err
		}
	}
	if err != nil {
		*p.grant.now = held{g, true}
		return nil
	}
	*p.grant.now = held{Grant: saved}
	return nil
}

// fresh says whether a grant can be asked with; over is a token that cannot.
func (p *Portal) fresh(g mirror.Grant, over string) bool {
	return g.Access != "" && g.Access != over && p.opt.Now().Add(early).Before(g.Expires)
}

// renew renews a grant and stores it, once begun also when nobody waits for it any
// more. A refresh token is good for one refresh: where ours is refused, another
// process may have used it, and its grant counts.
func (p *Portal) renew(ctx context.Context, old mirror.Grant, over string) error {
	if old.Refresh == "" {
		return mirror.SignInAgain(errors.New("no grant is stored"))
	}
	g, err := p.refresh(context.WithoutCancel(ctx), old.Refresh)
	switch {
	case err == nil && old.Account != "" && g.Account != old.Account:
		return mirror.SignInAgain(errors.New("the grant became another portal's"))
	case err == nil:
		g.Application, g.Version = old.Application, old.Version
		if err := p.save(ctx, g); err != nil {
			return err
		}
		if p.fresh(p.grant.now.Grant, over) {
			return nil
		}
		return mirror.SignInAgain(errors.New("another grant was stored, and it is over"))
	case fault.Of(err).Key != "crm_sign_in_again":
		return err
	}
	theirs, readErr := p.opt.Grants.Grant(ctx)
	if readErr != nil {
		return readErr
	}
	if theirs.Version == old.Version || !p.fresh(theirs, over) {
		return err
	}
	*p.grant.now = held{Grant: theirs}
	return nil
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
