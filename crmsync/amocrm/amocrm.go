// Package amocrm reads an amoCRM or Kommo account over its API v4, for crmsync.
//
// A Portal knows one account: one host, to which alone requests are sent, with one way to sign in. It
// observes the account's limits, refreshes expired tokens and converts the answers to records of crmsync.
// It changes no record there: what it posts stands in a closed list (request.go), which is signing in,
// reporting calls and subscribing to changes. webhooks creates one for each source.
//
// Facts of the wire: the vendor's pages at amocrm.ru/developers and developers.kommo.com, and the vendor's
// own client amocrm/amocrm-api-php. Read next: request.go (a request and its answer), token.go, page.go
// (lists), record.go.
package amocrm

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/phone"
)

// Options select an account and the way to sign in.
type Options struct {
	// Address of the account as Address returns it; no request goes anywhere else.
	Address string
	// Token is a long-lived token. With it, the rest of this block is not needed.
	Token string
	// ClientID, Secret and Redirect are those of the integration; Tokens stores the token that the account
	// granted.
	ClientID string
	Secret   string
	Redirect string
	Tokens   crmsync.TokenStore

	Name   string       // of the source, for the logged calls
	Plan   *phone.Plan  // parses the account's numbers
	Client *http.Client // web.NewClient's
	Now    func() time.Time
}

// Portal is an account of amoCRM or Kommo. It is safe for concurrent use.
type Portal struct {
	opt      Options
	throttle *throttle
	tokens   *crmsync.TokenSource
}

var (
	_ crmsync.Portal    = (*Portal)(nil)
	_ crmsync.Telephony = (*Portal)(nil)
)

// New returns the Portal of an account without sending a request.
func New(opt Options) *Portal {
	p := &Portal{opt: opt, throttle: newThrottle(opt.Now)}
	p.tokens = crmsync.NewTokenSource(opt.Tokens, p.renew, opt.Now, web.Sleep)
	return p
}

// domains are the vendor's: an account lives at <subdomain>.<one of these>.
var domains = []string{"amocrm.ru", "kommo.com", "amocrm.com"}

var subdomain = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Address parses the setting that names an account: a subdomain (of amocrm.ru), a host, or an address
// copied from a browser. It returns https://<subdomain>.<domain>. Any other host is invalid in the field
// "portal": a token must not be sent to a stranger. The one exception is this machine:
// http://127.0.0.1:8081 is a test account.
func Address(setting string) (string, error) {
	host := strings.ToLower(strings.TrimSpace(setting))
	if rest, plain := strings.CutPrefix(host, "http://"); plain {
		played, err := netip.ParseAddrPort(strings.TrimSuffix(rest, "/"))
		if err != nil || !played.Addr().IsLoopback() {
			return "", fault.Invalid("portal", "invalid")
		}
		return "http://" + played.String(), nil
	}
	if rest, ok := strings.CutPrefix(host, "https://"); ok {
		host, _, _ = strings.Cut(rest, "/")
	}
	name, domain, dotted := strings.Cut(host, ".")
	if !dotted {
		domain = domains[0]
	}
	for _, known := range domains {
		if domain == known && subdomain.MatchString(name) && name != "www" {
			return "https://" + name + "." + domain, nil
		}
	}
	return "", fault.Invalid("portal", "invalid")
}

// About returns the account's name and our user in it.
func (p *Portal) About(ctx context.Context) (crmsync.About, error) {
	about := crmsync.About{URL: p.opt.Address}
	a, err := p.account(ctx)
	if err != nil {
		return about, err
	}
	about.Name, about.User = string(a.Name), string(a.User)
	if about.Name == "" {
		about.Name = string(a.Subdomain)
	}
	about.MovedTo = p.movedTo(string(a.Subdomain))
	var user theirUser
	_, err = p.get(ctx, "/api/v4/users/"+url.PathEscape(string(a.User)), nil, &user)
	switch {
	case fault.Is(err, fault.KindForbidden): // only administrators may read users; the id will do
	case err != nil:
		return about, err
	case user.Name != "":
		about.User = string(user.Name)
	}
	return about, nil
}

// theirAccount is the account's description of itself.
type theirAccount struct {
	ID        recordID  `json:"id"`
	Name      looseText `json:"name"`
	Subdomain looseText `json:"subdomain"`
	User      recordID  `json:"current_user_id"`
	Embedded  phpObject[struct {
		Groups []theirGroup `json:"users_groups"`
	}] `json:"_embedded"`
}

// movedTo returns the address of an account that names another subdomain than the one that is asked; "" for the same.
func (p *Portal) movedTo(named string) string {
	at, err := url.Parse(p.opt.Address)
	if err != nil || !subdomain.MatchString(named) {
		return ""
	}
	ours, domain, _ := strings.Cut(at.Host, ".")
	if _, err := netip.ParseAddrPort(at.Host); err == nil || strings.EqualFold(ours, named) {
		return ""
	}
	return at.Scheme + "://" + named + "." + domain
}

func (p *Portal) account(ctx context.Context) (a theirAccount, err error) {
	found, err := p.get(ctx, "/api/v4/account", url.Values{"with": {"users_groups"}}, &a)
	if err == nil && (!found || a.ID == "") {
		err = crmsync.NotUnderstood(errEmpty)
	}
	return a, err
}
