package amocrm

import (
	"net/url"
	"strings"
)

// ConsentPage is where an administrator of the account lets our integration in. His
// browser is led back to the redirect address of the integration, with code, state
// and referer (the account he chose) in its query, or with error=access_denied.
//
// The page is the vendor's, one for all accounts of a domain; of a played account it
// is its own. mode=post_message has it lead back in the same window.
// https://www.amocrm.ru/developers/content/oauth/step-by-step
func (p *Portal) ConsentPage(state string) string {
	at := p.opt.Address
	if host, ok := strings.CutPrefix(at, "https://"); ok {
		_, domain, _ := strings.Cut(host, ".")
		at = "https://www." + domain
	}
	return at + "/oauth?" + url.Values{"client_id": {p.opt.ClientID}, "state": {state}, "mode": {"post_message"}}.Encode()
}

// Is says whether an account that sent an administrator back, as referer names it,
// is this one.
func (p *Portal) Is(referer string) bool {
	if u, err := url.Parse(referer); err == nil && u.Host != "" {
		referer = u.Host
	}
	_, ours, _ := strings.Cut(p.opt.Address, "://")
	return strings.EqualFold(strings.TrimSpace(referer), ours)
}
