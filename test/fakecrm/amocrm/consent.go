package amocrm

import (
	"html/template"
	"net/http"
	"net/url"
)

// otherAccount is one that the administrator has too, and may choose by mistake.
const otherAccount = "other.amocrm.ru"

// consentPage is where an administrator grants access to an integration. The real one belongs
// to www.amocrm.ru, and asks in the same way which account is meant.
var consentPage = template.Must(template.New("consent").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Access</title><link rel="icon" href="data:,">
<h1>Let the integration into your account?</h1>
<form method="post">
<label>Account <select name="account">{{range .}}<option>{{.}}</option>{{end}}</select></label>
<button name="answer" value="allow">Allow</button>
<button name="answer" value="deny">Deny</button>
</form></html>`))

// consent shows the page, and leads back with a code or a refusal.
func (a *Account) consent(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	if asked.Get("client_id") != a.opt.ClientID || asked.Get("mode") != "post_message" || a.opt.Redirect == "" {
		page(w, http.StatusNotFound)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = consentPage.Execute(w, []string{r.Host, otherAccount}) // the one who went away does not read it
		return
	}
	back := url.Values{"state": {asked.Get("state")}, "client_id": {a.opt.ClientID}}
	switch account := r.PostFormValue("account"); {
	case r.PostFormValue("answer") != "allow":
		back.Set("error", "access_denied")
	case account == r.Host:
		back.Set("code", a.Code())
		back.Set("referer", account)
	default:
		back.Set("code", "of-another-account")
		back.Set("referer", account)
	}
	http.Redirect(w, r, a.opt.Redirect+"?"+back.Encode(), http.StatusFound)
}
