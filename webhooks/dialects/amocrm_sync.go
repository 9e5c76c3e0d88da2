package dialects

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
	d.Name, d.Title = AmocrmSync, web.Say("amoCRM, Kommo: клиенты и звонки", "amoCRM, Kommo: clients and calls")
	d.Settings = []Setting{
		{Name: amocrmHost, Kind: KindText, Topic: TopicConnection, Label: web.Say("Адрес аккаунта", "Address of the account"),
			Hint:  web.Say("Например acme.amocrm.ru или acme.kommo.com", "Such as acme.amocrm.ru or acme.kommo.com"),
			valid: func(value string) bool { _, err := amo.Address(value); return err == nil }},
		{Name: amocrmToken, Kind: KindSecret, Topic: TopicConnection, Label: web.Say("Долгосрочный токен внешней интеграции", "Long-lived token of a private integration")},
		{Name: amocrmClient, Kind: KindText, Topic: TopicConnection, Label: web.Say("ID интеграции", "Id of the integration"),
			Hint: web.Say("Вместо долгосрочного токена, вместе с её ключом.", "Instead of a long-lived token, with its secret.")},
		{Name: amocrmClientSecret, Kind: KindSecret, Topic: TopicConnection, Label: web.Say("Секретный ключ интеграции", "Secret of the integration")},
		{Name: amocrmRedirect, Kind: KindAddress, Topic: TopicRare, Label: web.Say("Адрес перенаправления интеграции", "Redirect address of the integration"),
			Hint: web.Say("Только если там указан не адрес /amocrm/return этого сервера: тогда код вводится вручную.", "Only where it is not /amocrm/return of this server: then a code is typed.")},
		amocrmAccountSetting,
		showCallsSetting,
	}
	d.Required = []string{amocrmHost, amocrmToken + "|" + amocrmClient}
	d.Parse = parseAmocrmSync
	d.Connection = CRMConnection
	d.CRMAddress = func(settings map[string]string) string {
		address, _ := amo.Address(settings[amocrmHost]) // it was checked
		return address
	}
	d.OwnUserIDs = true
	d.ReturnPath = AmocrmReturnPath
	d.Setup = setupAmocrmSync
	return d
}

func setupAmocrmSync(a Address) Setup {
	if a.Settings[amocrmToken] == "" {
		return Setup{URL: a.Hook(a.Secret), Steps: []Step{
			enter(a.Page(strings.TrimPrefix(AmocrmReturnPath, "/")), "«Настройки → Интеграции → Создать интеграцию → Внешняя»: ссылка для перенаправления —",
				"Settings > Integrations > Create integration > Private (external): the redirect address is"),
			note("Здесь нажмите «Подключить»: администратор аккаунта впускает нас, и аккаунт сам узнаёт, куда присылать изменения.",
				"Press Connect here: an administrator of the account lets us in, and the account is told where to send its changes."),
			thenMap,
		}}
	}
	return Setup{URL: a.Hook(a.Secret), Steps: []Step{
		note("«Настройки → Интеграции → Создать интеграцию → Внешняя», вкладка «Ключи и доступы»: долгосрочный токен — для настроек.",
			"Settings > Integrations > Create integration > Private (external), Keys and scopes: a long-lived token for the settings."),
		enter(a.Hook(a.Secret), "«Настройки → Интеграции → Web hooks»: вставьте адрес и отметьте все события сделок, контактов и компаний. Или нажмите здесь «Спросить CRM»: аккаунт узнает его сам.",
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

// AmocrmReturnPath is our page to which amoCRM redirects an administrator's browser after the page of consent.
const AmocrmReturnPath = "/amocrm/return"

// AmocrmSettings are the settings of a connection to an amoCRM account.
type AmocrmSettings struct {
	Account      string // its address, as entered
	Token        string // long-lived; "" for an integration
	ClientID     string // of the integration
	ClientSecret string
	RedirectURI  string // "" for AmocrmReturnPath
}

// AmocrmSettingsOf reads the settings of an amocrm-sync source.
func AmocrmSettingsOf(settings map[string]string) AmocrmSettings {
	return AmocrmSettings{
		Account:      settings[amocrmHost],
		Token:        settings[amocrmToken],
		ClientID:     settings[amocrmClient],
		ClientSecret: settings[amocrmClientSecret],
		RedirectURI:  settings[amocrmRedirect],
	}
}

// amocrmKinds are what we call its records.
var amocrmKinds = map[string]crm.Kind{"leads": crm.KindLead, "contacts": crm.KindContact, "companies": crm.KindCompany}

func parseAmocrmSync(req *Request) (Parsed, error) {
	h, err := parseAmocrm(req)
	for _, c := range amocrmChanges(req.Form) {
		if !isRecordID(c.id) {
			req.Form.Refuse(c.kind, "malformed")
			continue
		}
		h.Changes = append(h.Changes, crmsync.Change{Ref: crmsync.Ref{Kind: amocrmKinds[c.kind], ID: c.id}, Removed: c.action == "delete"})
	}
	if err == nil {
		err = req.Form.Fault()
	}
	return h, err
}
