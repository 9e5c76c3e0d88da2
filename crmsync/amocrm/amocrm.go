// Package amocrm asks an amoCRM or Kommo account over its API v4, for mirror.
//
// A Portal knows one account: one host, which alone is ever asked, with one way
// in. It keeps the account's limits, signs in anew when a token ends, and reads
// what the account answers into mirror's records. It changes nothing there: what
// it posts stands in a closed list (ask.go), and that is signing in, telling of
// calls and subscribing to changes. It is made by webhooks for each source.
//
// Facts of the wire: the vendor's pages at amocrm.ru/developers and
// developers.kommo.com, and the vendor's own client amocrm/amocrm-api-php. Read
// next: ask.go (a request and its answer), token.go, page.go (lists), record.go.
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

// Options say which account is asked, and how.
type Options struct {
	// Address of the account as Address gives it; nothing else is ever asked.
	Address string
	// Token is a long-lived token. With one the rest of this block is not needed.
	Token string
	// ClientID, Secret and Redirect are the integration's own; Grants keeps what
	// it was given by the account.
	ClientID string
	Secret   string
	Redirect string
	Tokens   crmsync.TokenStore

	Name   string       // of the source, for the calls that are written down there
	Plan   *phone.Plan  // how the account's numbers are read
	Client *http.Client // web.NewClient's
	Now    func() time.Time
}

// Portal is an account of amoCRM or Kommo. It may be used by many goroutines.
type Portal struct {
	opt    Options
	pace   *pace
	keeper *crmsync.TokenSource
}

var (
	_ crmsync.Portal    = (*Portal)(nil)
	_ crmsync.Telephony = (*Portal)(nil)
)

// New makes the Portal of an account. It asks nothing yet.
func New(opt Options) *Portal {
	p := &Portal{opt: opt, pace: newPace(opt.Now)}
	p.keeper = crmsync.NewTokenSource(opt.Tokens, p.renew, opt.Now, web.Sleep)
	return p
}

// domains are the vendor's: an account lives at <subdomain>.<one of these>.
var domains = []string{"amocrm.ru", "kommo.com", "amocrm.com"}

var subdomain = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Address reads the setting that names an account: a subdomain (then of
// amocrm.ru), a host, or the address out of a browser. It gives
// https://<subdomain>.<domain>. What leads elsewhere is invalid in the field
// "portal": a token must not be sent to a stranger. This very machine is none:
// http://127.0.0.1:8081 is a played account.
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

// About asks for the account's name and for who we are there.
func (p *Portal) About(ctx context.Context) (crmsync.About, error) {
	about := crmsync.About{URL: p.opt.Address}
	a, err := p.account(ctx)
	if err != nil {
		return about, err
	}
	about.Name, about.User = a.Name, string(a.User)
	if about.Name == "" {
		about.Name = a.Subdomain
	}
	var user theirUser
	_, err = p.get(ctx, "/api/v4/users/"+url.PathEscape(string(a.User)), nil, &user)
	switch {
	case fault.Is(err, fault.KindForbidden): // users are for administrators' tokens; his id will do
	case err != nil:
		return about, err
	case user.Name != "":
		about.User = user.Name
	}
	return about, nil
}

// theirAccount is what an account says of itself.
type theirAccount struct {
	ID        ident  `json:"id"`
	Name      string `json:"name"`
	Subdomain string `json:"subdomain"`
	User      ident  `json:"current_user_id"`
	Embedded  loose[struct {
		Groups []theirGroup `json:"users_groups"`
	}] `json:"_embedded"`
}

func (p *Portal) account(ctx context.Context) (a theirAccount, err error) {
	found, err := p.get(ctx, "/api/v4/account", url.Values{"with": {"users_groups"}}, &a)
	if err == nil && (!found || a.ID == "") {
		err = crmsync.NotUnderstood(errEmpty)
	}
	return a, err
}
