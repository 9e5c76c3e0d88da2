package amocrm

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// codeLives is for how long an authorisation code is good.
const codeLives = 20 * time.Minute

// Code returns an authorisation code, as an administrator gets one who installs
// the integration.
func (a *Account) Code() (code string) {
	a.do(func() {
		code = a.secret("code")
		a.codes[code] = a.opt.Now().Add(codeLives)
	})
	return code
}

// Late makes all codes that were given too old.
func (a *Account) Late() {
	a.do(func() {
		for code := range a.codes {
			a.codes[code] = a.opt.Now()
		}
	})
}

// Expire ends all access tokens; Revoke withdraws the whole grant.
func (a *Account) Expire() { a.do(func() { clear(a.access) }) }

// Revoke withdraws the grant: its refresh token is no longer valid.
func (a *Account) Revoke() { a.do(func() { clear(a.access); clear(a.refresh) }) }

func (a *Account) secret(what string) string {
	a.secrets++
	return what + "-" + strconv.Itoa(a.secrets)
}

// known reports whether a request carries a token that is good now.
func (a *Account) known(r *http.Request) bool {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer || token == "" {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return token == a.opt.Token || a.opt.Now().Before(a.access[token])
}

// giveToken exchanges a code or a refresh token, each good for once.
func (a *Account) giveToken(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ClientID string `json:"client_id"`
		Secret   string `json:"client_secret"`
		Type     string `json:"grant_type"`
		Code     string `json:"code"`
		Refresh  string `json:"refresh_token"`
		Redirect string `json:"redirect_uri"`
	}
	if !readBody(w, r, &in) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case in.ClientID != a.opt.ClientID || in.Secret != a.opt.Secret || in.Redirect != a.opt.Redirect:
		problem(w, http.StatusUnauthorized, "Unauthorized", "Client authentication failed")
		return
	case in.Type == "authorization_code" && a.opt.Now().Before(a.codes[in.Code]):
		delete(a.codes, in.Code)
	case in.Type == "refresh_token" && a.refresh[in.Refresh]:
		delete(a.refresh, in.Refresh)
	default:
		problem(w, http.StatusBadRequest, "Bad Request", "Token has been revoked")
		return
	}
	access, refresh := a.secret("access"), a.secret("refresh")
	a.access[access] = a.opt.Now().Add(a.opt.TokenLife)
	a.refresh[refresh] = true
	answer(w, http.StatusOK, map[string]any{
		"token_type": "Bearer", "expires_in": int64(a.opt.TokenLife.Seconds()), "access_token": access,
		"refresh_token": refresh,
	})
}
