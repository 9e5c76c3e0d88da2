package webhooks

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"callhue/crm"
	"callhue/mirror"
	b24 "callhue/mirror/bitrix24"
	"callhue/secrets"
)

// bitrix24Sync is a connection to a Bitrix24 portal: its records are mirrored here,
// its telephony tells of calls, and its call card shows ours. A local application
// can do all of it; an incoming webhook can only read, and an outgoing one tells
// what happens.
func bitrix24Sync() Dialect {
	return Dialect{
		Name:   "bitrix24-sync",
		Title:  "Bitrix24: its clients are mirrored here, and cards are shown there",
		Theirs: true,
		Settings: []Setting{
			{bitrix24Portal, "the portal's domain, such as acme.bitrix24.ru"},
			{bitrix24Client, "the application's id (client_id); the secret of the source is then its key (client_secret)"},
			{bitrix24Webhook, "address of an incoming webhook instead of an application; the secret of the source is then the outgoing webhook's application token"},
			{bitrix24Lists, "classic or items: which methods list records; classic unless set"},
			{bitrix24Rate, "requests a second; 2 unless set, 5 with Enterprise"},
			showCallsSetting,
			{bitrix24OAuth, "address of the authorisation server; Bitrix24's own unless set"},
		},
		hidden:     []string{bitrix24Webhook},
		needs:      []string{bitrix24Portal, bitrix24Client + "|" + bitrix24Webhook},
		granted:    true,
		strict:     true,
		prove:      proveBitrix24Sync,
		understand: understandBitrix24Sync,
		connects:   newCRMLink,
		portal:     newBitrix24,
		crm:        func(set map[string]string) string { return bitrix24Host(set[bitrix24Portal]) },
		paste:      pasteBitrix24Sync,
	}
}

const (
	bitrix24Portal  = "portal"
	bitrix24Client  = "client_id"
	bitrix24Webhook = "webhook_url"
	bitrix24Lists   = "lists"
	bitrix24Rate    = "rate"
	bitrix24OAuth   = "oauth_url"
)

func newBitrix24(d *Door, source *opened) (mirror.Portal, error) {
	set, secret := source.Settings, ""
	if known := source.secrets.At(d.opt.Now()); len(known) > 0 {
		secret = known[0]
	}
	rate, _ := strconv.ParseFloat(set[bitrix24Rate], 64) // it was checked, and 0 is as usual
	portal, err := b24.New(b24.Options{Webhook: set[bitrix24Webhook], Portal: set[bitrix24Portal], ClientID: set[bitrix24Client], ClientSecret: secret,
		Grants: d.opt.Mirror.Grants(source.ID, source.Name), OAuth: set[bitrix24OAuth], Lists: b24.Lists(set[bitrix24Lists]),
		Rate: rate, Burst: bitrix24Burst * rate, Client: d.client, Now: d.opt.Now})
	if err != nil {
		return nil, err
	}
	return portal, nil
}

// bitrix24Burst is for how many seconds' worth of requests a portal lets us be ahead.
const bitrix24Burst = 25

func pasteBitrix24Sync(p Address) Paste {
	if p.Source.Settings[bitrix24Client] == "" {
		return Paste{URL: p.Hook(), Lines: []string{
			"Developer resources > Other > Outgoing webhook: paste the URL as the handler; its application token is the secret of this source.",
			"Choose ONVOXIMPLANTCALLINIT, ONVOXIMPLANTCALLSTART, ONVOXIMPLANTCALLEND, ONEXTERNALCALLSTART, and the events of leads, contacts and companies.",
			"An incoming webhook can neither show cards in the portal nor take our calls: a local application can.",
			"Then: callhue source test " + p.Source.Name + ", and map its statuses under Sources. Nothing is ever changed there.",
		}}
	}
	return Paste{URL: p.at("bitrix24", "install"), Lines: []string{
		"Developer resources > Other > Local application, of the server kind, with an interface: paste the URL as the handler and as the address of the initial installation.",
		"Give it the permissions crm, user_basic, department, telephony, placement.",
		"Save and open the application as an administrator of the portal: it installs itself and says what it did.",
		"Events arrive at " + p.Hook() + ", the call card is at " + p.at("bitrix24", "card") + ": the installation tells the portal.",
		"Then: callhue source test " + p.Source.Name + ", and map its statuses under Sources. Nothing is ever changed there.",
	}}
}

// bitrix24Host is the portal's host, in small letters; the setting may also be an
// address with its scheme, for a portal of one's own.
func bitrix24Host(setting string) string {
	if u, err := url.Parse(setting); err == nil && u.Host != "" {
		return strings.ToLower(u.Host)
	}
	return strings.ToLower(setting)
}

// proveBitrix24Sync takes the application token that the portal gave when the
// application was installed, or the one that was typed. An installation proves
// itself otherwise: the portal is asked.
func proveBitrix24Sync(q *Query, known secrets.Set) error {
	f := q.Form
	if wrongPortal(bitrix24Host(q.Setting(bitrix24Portal)), bitrix24Host(f.Text("auth[domain]"))) {
		return refused("wrong_portal")
	}
	token, application := f.Raw("auth[application_token]"), q.Setting(bitrix24Client) != ""
	if application {
		if isBitrix24Install(f) {
			return nil
		}
		known = secrets.Set{q.Grant.Application}
	}
	switch {
	case token == "":
		return refused("token_missing")
	case !known.Has(token):
		return refused("wrong_token")
	case wrongPortal(q.Grant.Account, f.Text("auth[member_id]")):
		return refused("wrong_portal")
	}
	return nil
}

// isBitrix24Install says that an application without an interface was installed.
func isBitrix24Install(f *Form) bool { return strings.EqualFold(f.Text("event"), "ONAPPINSTALL") }

// bitrix24Kinds are what we call its records; deals are not mirrored.
var bitrix24Kinds = map[string]crm.Kind{"LEAD": crm.KindLead, "CONTACT": crm.KindContact, "COMPANY": crm.KindCompany}

func understandBitrix24Sync(q *Query) (Heard, error) {
	h, err := understandBitrix24(q)
	if err != nil {
		return h, err
	}
	f, event := q.Form, strings.ToUpper(q.Form.Text("event"))
	switch {
	case event == "ONAPPINSTALL":
		h.Installed = q.Setting(bitrix24Client) != ""
	case event == "ONAPPUNINSTALL":
		h.Uninstalled = true
	case strings.HasPrefix(event, "ONCRM"):
		kind, action := bitrix24Changed(event)
		if of := bitrix24Kinds[kind]; of != 0 && action != "" {
			h.Changes = []mirror.Change{{Ref: mirror.Ref{Kind: of, ID: recordID(f, "data[FIELDS][ID]")}, Removed: action == "DELETE"}}
		}
	}
	return h, f.Fault()
}

// recordID reads the id of a record of a CRM: digits.
func recordID(f *Form, name string) string {
	id := f.Need(name)
	if id != "" && !isRecordID(id) {
		f.Refuse(name, "malformed")
	}
	return id
}

// isRecordID says whether a text is an id of a CRM.
func isRecordID(text string) bool {
	return text != "" && len(text) <= maxRecordID && strings.Trim(text, "0123456789") == ""
}

// maxRecordID is how many digits an id of a CRM has at most.
const maxRecordID = 20

// bitrix24Changed reads what an event says of a record: COMPANY and UPDATE, say.
func bitrix24Changed(event string) (kind, action string) {
	rest, crm := strings.CutPrefix(event, "ONCRM")
	if !crm {
		return "", ""
	}
	for _, kind := range []string{"LEAD", "CONTACT", "COMPANY", "DEAL"} {
		action, found := strings.CutPrefix(rest, kind)
		if found && slices.Contains([]string{"ADD", "UPDATE", "DELETE"}, action) {
			return kind, action
		}
	}
	return "", ""
}
