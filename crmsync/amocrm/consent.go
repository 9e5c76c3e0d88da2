package amocrm

import (
	"net/url"
	"strings"
)

// ConsentPage returns the page on which an administrator of the account grants access to our integration.
// Their browser is then redirected to the integration's redirect address, with code, state and referer (the
// chosen account) in its query, or with error=access_denied.
//
// The page is the vendor's, one for all accounts of a domain; a test account has its own. mode=post_message
// keeps the redirect in the same window. https://www.amocrm.ru/developers/content/oauth/step-by-step
func (p *Portal) ConsentPage(state string) string {
	at := p.opt.Address
	if host, ok := strings.CutPrefix(at, "https://"); ok {
		_, domain, _ := strings.Cut(host, ".")
		at = "https://www." + domain
	}
	return at + "/oauth?" + url.Values{
		"client_id": {p.opt.ClientID},
		"state":     {state},
		"mode":      {"post_message"},
	}.Encode()
}

// IsAccount reports whether the account named by referer is this one.
func (p *Portal) IsAccount(referer string) bool {
	if u, err := url.Parse(referer); err == nil && u.Host != "" {
		referer = u.Host
	}
	_, ours, _ := strings.Cut(p.opt.Address, "://")
	return strings.EqualFold(strings.TrimSpace(referer), ours)
}
