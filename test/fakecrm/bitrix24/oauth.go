package bitrix24

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// token is an access or refresh token.
type token struct {
	user  int
	until time.Time
}

// Tokens are the tokens of the user who opens a page of the application.
type Tokens struct{ Access, Refresh string }

// Tokens makes tokens of a user, as they come with a page.
func (p *Portal) Tokens(user int) Tokens {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tokens(user)
}

func (p *Portal) tokens(user int) Tokens {
	p.made++
	t := Tokens{fmt.Sprintf("access%026d", p.made), fmt.Sprintf("refresh%025d", p.made)}
	p.access[t.Access] = token{user, p.opt.Now().Add(p.opt.TokenLife)}
	p.refresh[t.Refresh] = token{user, p.opt.Now().Add(180 * 24 * time.Hour)}
	return t
}

// Expire ends all access tokens at once; they can be renewed.
func (p *Portal) Expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, t := range p.access {
		t.until = p.opt.Now()
		p.access[name] = t
	}
}

// Revoke withdraws all tokens, as when the application is removed.
func (p *Portal) Revoke() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.access)
	clear(p.refresh)
}

// oauth renews tokens, asked by GET as it is documented. A refresh token is good for
// one renewal.
func (p *Portal) oauth(w http.ResponseWriter, r *http.Request) {
	in, err := parseQuery(r.URL.RawQuery)
	var no *refusal
	if err != nil || r.Method != http.MethodGet {
		no = refuse(http.StatusBadRequest, "invalid_request", "")
	}
	p.mu.Lock()
	fault := p.fault("oauth", false)
	out := map[string]any{}
	status := http.StatusOK
	if no == nil {
		out, no = p.renew(in)
	}
	if no != nil {
		status, out = no.status, map[string]any{"error": no.code, "error_description": no.words}
	}
	p.requests = append(p.requests, Request{Method: "oauth", Status: status})
	p.mu.Unlock()
	if fault != nil && fault.spoil(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(out)
}

func (p *Portal) renew(in *array) (map[string]any, *refusal) {
	switch {
	case in.text("grant_type") != "refresh_token":
		return nil, refuse(http.StatusBadRequest, "invalid_request", "")
	case in.text("client_id") != ClientID || in.text("client_secret") != ClientSecret:
		return nil, refuse(http.StatusUnauthorized, "invalid_client", "")
	}
	t, known := p.refresh[in.text("refresh_token")]
	if !known || !p.opt.Now().Before(t.until) {
		return nil, refuse(http.StatusBadRequest, "invalid_grant", "Invalid refresh token")
	}
	delete(p.refresh, in.text("refresh_token"))
	made := p.tokens(t.user)
	return map[string]any{"access_token": made.Access, "refresh_token": made.Refresh,
		"expires": p.opt.Now().Add(p.opt.TokenLife).Unix(), "expires_in": int(p.opt.TokenLife.Seconds()),
		"client_endpoint": p.address + "/rest/", "server_endpoint": p.address + "/oauth/rest/",
		"domain":    "oauth.example",
		"member_id": Member, "scope": "crm,telephony,placement,user", "status": "L", "user_id": t.user}, nil
}
