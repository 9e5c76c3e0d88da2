package webhooks

import (
	"strings"

	"callhue/crm"
	"callhue/mirror"
	amo "callhue/mirror/amocrm"
)

// amocrmSync is a connection to an amoCRM or Kommo account: its records are
// mirrored here, and what it tells at the address of the source says which of them
// have changed.
func amocrmSync() Dialect {
	d := amocrm()
	d.Name, d.Title = "amocrm-sync", "amoCRM, Kommo: its clients are mirrored here"
	d.Settings = []Setting{
		{amocrmHost, "the account's host, such as acme.amocrm.ru or acme.kommo.com"},
		{amocrmToken, "a long-lived token of a private integration"},
		{amocrmClient, "the id of an integration, instead of a long-lived token"},
		{amocrmClientSecret, "its secret"},
		{amocrmRedirect, "its redirect address, only where that is not /amocrm/return of this server: then a code is typed"},
		{amocrmAccount, "the account's id; events of another account are refused"},
		showCallsSetting,
	}
	d.hidden = []string{amocrmToken, amocrmClientSecret}
	d.needs = []string{amocrmHost, amocrmToken + "|" + amocrmClient}
	d.understand = understandAmocrmSync
	d.connects, d.portal = newCRMLink, newAmocrm
	d.crm = func(set map[string]string) string {
		at, _ := amo.Address(set[amocrmHost]) // it was checked
		return at
	}
	d.strict, d.returns = true, returnPage
	d.paste = pasteAmocrmSync
	return d
}

func pasteAmocrmSync(p Address) Paste {
	paste := Paste{URL: p.Hook(p.Secret), Lines: []string{
		"The token comes from Settings > Integrations > Create integration > Private (external), Keys and scopes: long-lived token.",
		"Settings > Integrations > Webhooks: paste the URL and choose all events of leads, contacts and companies.",
		"Or let the account be told of it: Sources > this source > Connection > Ask the CRM.",
		"Then: callhue source test " + p.Source.Name + ", and map its statuses under Sources. Nothing is ever changed there.",
	}}
	if p.Source.Settings[amocrmToken] == "" {
		paste.Lines = []string{
			"Settings > Integrations > Create integration > Private (external): the redirect address is " + p.at(strings.TrimPrefix(returnPage, "/")),
			"Sources > this source > Connection > Connect: an administrator of the account lets us in there, and the account is told to send its changes to the URL.",
			"Then map its statuses under Sources. Nothing is ever changed there.",
		}
	}
	return paste
}

const (
	amocrmHost         = "account"
	amocrmToken        = "token"
	amocrmClient       = "client_id"
	amocrmClientSecret = "client_secret"
	amocrmRedirect     = "redirect_uri"
)

func newAmocrm(d *Door, source *opened) (mirror.Portal, error) {
	set := source.Settings
	host, err := amo.Address(set[amocrmHost])
	if err != nil {
		return nil, err
	}
	return amo.New(amo.Options{Address: host, Token: set[amocrmToken], ClientID: set[amocrmClient], Secret: set[amocrmClientSecret],
		Redirect: set[amocrmRedirect], Grants: d.opt.Mirror.Grants(source.ID, source.Name), Name: source.Name, Plan: source.origin.Plan,
		Client: d.client, Now: d.opt.Now}), nil
}

// amocrmKinds are what we call its records.
var amocrmKinds = map[string]crm.Kind{"leads": crm.KindLead, "contacts": crm.KindContact, "companies": crm.KindCompany}

func understandAmocrmSync(q *Query) (Heard, error) {
	h, err := understandAmocrm(q)
	for _, c := range amocrmChanges(q.Form) {
		if !isRecordID(c.id) {
			q.Form.Refuse(c.kind, "malformed")
			continue
		}
		h.Changes = append(h.Changes, mirror.Change{Ref: mirror.Ref{Kind: amocrmKinds[c.kind], ID: c.id}, Removed: c.action == "delete"})
	}
	if err == nil {
		err = q.Form.Fault()
	}
	return h, err
}
