package webhooks

import (
	"strings"

	"callhue/crm"
	"callhue/crmsync"
	amo "callhue/crmsync/amocrm"
	"callhue/internal/web"
)

// amocrmSync is a connection to an amoCRM or Kommo account: its records are
// mirrored here, and what it tells at the address of the source says which of them
// have changed.
func amocrmSync() Dialect {
	d := amocrm()
	d.Name, d.Title = "amocrm-sync", web.Say("amoCRM, Kommo: клиенты и звонки", "amoCRM, Kommo: clients and calls")
	d.Settings = []Setting{
		{Name: amocrmHost, Kind: kindText, Topic: topicConnection, Label: web.Say("Адрес аккаунта", "Address of the account"),
			Hint: web.Say("Например acme.amocrm.ru или acme.kommo.com", "Such as acme.amocrm.ru or acme.kommo.com"),
			fits: func(value string) bool { _, err := amo.Address(value); return err == nil }},
		{Name: amocrmToken, Kind: kindSecret, Topic: topicConnection, Label: web.Say("Долгосрочный токен внешней интеграции", "Long-lived token of a private integration")},
		{Name: amocrmClient, Kind: kindText, Topic: topicConnection, Label: web.Say("ID интеграции", "Id of the integration"),
			Hint: web.Say("Вместо долгосрочного токена, вместе с её ключом.", "Instead of a long-lived token, with its secret.")},
		{Name: amocrmClientSecret, Kind: kindSecret, Topic: topicConnection, Label: web.Say("Секретный ключ интеграции", "Secret of the integration")},
		{Name: amocrmRedirect, Kind: kindAddress, Topic: topicRare, Label: web.Say("Адрес перенаправления интеграции", "Redirect address of the integration"),
			Hint: web.Say("Только если там указан не адрес /amocrm/return этого сервера: тогда код вводится вручную.", "Only where it is not /amocrm/return of this server: then a code is typed.")},
		amocrmAccountSetting,
		showCallsSetting,
	}
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

func pasteAmocrmSync(p Address) Setup {
	if p.Source.Settings[amocrmToken] == "" {
		return Setup{URL: p.Hook(p.Secret), Steps: []Step{
			enter(p.at(strings.TrimPrefix(returnPage, "/")), "«Настройки → Интеграции → Создать интеграцию → Внешняя»: ссылка для перенаправления —",
				"Settings > Integrations > Create integration > Private (external): the redirect address is"),
			step("Здесь нажмите «Подключить»: администратор аккаунта впускает нас, и аккаунт сам узнаёт, куда присылать изменения.",
				"Press Connect here: an administrator of the account lets us in, and the account is told where to send its changes."),
			thenMap,
		}}
	}
	return Setup{URL: p.Hook(p.Secret), Steps: []Step{
		step("«Настройки → Интеграции → Создать интеграцию → Внешняя», вкладка «Ключи и доступы»: долгосрочный токен — для настроек.",
			"Settings > Integrations > Create integration > Private (external), Keys and scopes: a long-lived token for the settings."),
		enter(p.Hook(p.Secret), "«Настройки → Интеграции → Web hooks»: вставьте адрес и отметьте все события сделок, контактов и компаний. Или нажмите здесь «Спросить CRM»: аккаунт узнает его сам.",
			"Settings > Integrations > Webhooks: paste the URL and choose all events of leads, contacts and companies. Or press Ask the CRM here: the account is told of it."),
		thenMap,
	}}
}

const (
	amocrmHost         = "account"
	amocrmToken        = "token"
	amocrmClient       = "client_id"
	amocrmClientSecret = "client_secret"
	amocrmRedirect     = "redirect_uri"
)

func newAmocrm(d *Receiver, source *liveSource) (crmsync.Portal, error) {
	set := source.Settings
	host, err := amo.Address(set[amocrmHost])
	if err != nil {
		return nil, err
	}
	return amo.New(amo.Options{Address: host, Token: set[amocrmToken], ClientID: set[amocrmClient], Secret: set[amocrmClientSecret],
		Redirect: set[amocrmRedirect], Tokens: d.opt.Syncer.TokenStore(source.ID, source.Name), Name: source.Name, Plan: source.origin.Plan,
		Client: d.client, Now: d.opt.Now}), nil
}

// amocrmKinds are what we call its records.
var amocrmKinds = map[string]crm.Kind{"leads": crm.KindLead, "contacts": crm.KindContact, "companies": crm.KindCompany}

func understandAmocrmSync(q *Query) (Parsed, error) {
	h, err := understandAmocrm(q)
	for _, c := range amocrmChanges(q.Form) {
		if !isRecordID(c.id) {
			q.Form.Refuse(c.kind, "malformed")
			continue
		}
		h.Changes = append(h.Changes, crmsync.Change{Ref: crmsync.Ref{Kind: amocrmKinds[c.kind], ID: c.id}, Removed: c.action == "delete"})
	}
	if err == nil {
		err = q.Form.Fault()
	}
	return h, err
}
