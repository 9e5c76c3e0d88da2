package main

import (
	"flag"
	"net/http"
	"time"

	"callhue/test/fakecrm/amocrm"
)

// amocrmAccount simulates an amoCRM account. It prints: token (a long-lived one),
// client_id, client_secret, account_id.
func amocrmAccount(flags *flag.FlagSet) func(string) (http.Handler, map[string]any) {
	o := amocrm.Options{ID: 12345, Token: "long-lived", ClientID: "callhue", Secret: "client-secret"}
	var s amocrm.SampleSize
	flags.IntVar(&s.Companies, "companies", 10, "companies to begin with")
	flags.IntVar(&s.Contacts, "contacts", 20, "contacts to begin with")
	flags.IntVar(&s.Leads, "leads", 10, "leads to begin with")
	flags.IntVar(&s.Users, "users", 5, "users besides the administrator")
	flags.IntVar(&o.PerSecond, "rate", 7, "requests a second that it bears")
	flags.StringVar(&o.Redirect, "redirect", "", "where the integration wants an administrator to come back to")
	flags.DurationVar(&o.TokenLife, "token-life", 24*time.Hour, "of an access token")
	return func(string) (http.Handler, map[string]any) {
		a := amocrm.New(o)
		a.FillSample(s)
		return a.Control(), map[string]any{"token": o.Token, "client_id": o.ClientID, "client_secret": o.Secret,
			"account_id": o.ID}
	}
}
