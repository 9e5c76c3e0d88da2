package main

import (
	"flag"
	"net/http"

	"callhue/test/fakecrm/bitrix24"
)

// bitrix24Portal simulates a Bitrix24 portal. It prints: webhook, client_id,
// client_secret, oauth, member_id, application_token.
func bitrix24Portal(flags *flag.FlagSet) func(string) (http.Handler, map[string]any) {
	var o bitrix24.Options
	flags.IntVar(&o.Companies, "companies", 10, "companies to begin with")
	flags.IntVar(&o.Contacts, "contacts", 20, "contacts to begin with")
	flags.IntVar(&o.Leads, "leads", 10, "leads to begin with")
	flags.IntVar(&o.Users, "users", 5, "users; the first is an admin")
	flags.IntVar(&o.Departments, "departments", 2, "departments")
	flags.Float64Var(&o.Rate, "rate", 2, "requests a second that it bears; no limit below 0")
	flags.Float64Var(&o.Burst, "burst", 50, "requests at once that it bears")
	flags.BoolVar(&o.NoItems, "no-items", false, "an old portal, without crm.item.list")
	return func(address string) (http.Handler, map[string]any) {
		p := bitrix24.New(o)
		p.Listens(address)
		return p, map[string]any{"webhook": p.Webhook(), "oauth": p.OAuth(), "client_id": bitrix24.ClientID,
			"client_secret": bitrix24.ClientSecret, "member_id": bitrix24.Member,
			"application_token": bitrix24.ApplicationToken, "bx24": address + "/bx24.js"}
	}
}
