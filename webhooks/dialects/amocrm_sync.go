package dialects

import (
	"strings"

	"callhue/crm"
	"callhue/crmsync"
	amo "callhue/crmsync/amocrm"
	"callhue/internal/web"
)

// amocrmSync is a connection to an amoCRM or Kommo account: its records are synced, and its webhooks tell which of them
// have changed.
func amocrmSync() Dialect {
	d := amocrm()
	d.Name, d.Title = AmocrmSync, web.Say("amoCRM, Kommo: клиенты и звонки", "amoCRM, Kommo: clients and calls")
	d.Settings = amocrmSyncSettings()
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

const (
	amocrmHost         = "account"
	amocrmToken        = "token"
	amocrmClient       = "client_id"
	amocrmClientSecret = "client_secret"
	amocrmRedirect     = "redirect_uri"
)

func amocrmSyncSettings() []Setting {
	return []Setting{
		{Name: amocrmHost, Kind: KindText, Topic: TopicConnection,
			Label: web.Say("Адрес аккаунта", "Account address"),
			Hint:  web.Say("Например acme.amocrm.ru или acme.kommo.com", "Such as acme.amocrm.ru or acme.kommo.com"),
			valid: func(value string) bool { _, err := amo.Address(value); return err == nil }},
		{Name: amocrmToken, Kind: KindSecret, Topic: TopicConnection,
			Label: web.Say("Долгосрочный токен внешней интеграции", "Long-lived token of a private integration")},
		{Name: amocrmClient, Kind: KindText, Topic: TopicConnection,
			Label: web.Say("ID интеграции", "Integration id"),
			Hint: web.Say("Вместо долгосрочного токена, вместе с секретным ключом.",
				"Instead of a long-lived token, together with the secret key.")},
		{Name: amocrmClientSecret, Kind: KindSecret, Topic: TopicConnection,
			Label: web.Say("Секретный ключ интеграции", "Secret key of the integration")},
		{Name: amocrmRedirect, Kind: KindAddress, Topic: TopicRare,
			Label: web.Say("Ссылка для перенаправления", "Redirect URI of the integration"),
			Hint: web.Say("Только если в интеграции указан не адрес /amocrm/return этого сервера: тогда код вводится вручную.",
				"Only if the integration names another address than /amocrm/return of this server: the code is "+
					"then entered by hand.")},
		amocrmAccountSetting,
		showCallsSetting,
	}
}

func setupAmocrmSync(a Address) Setup {
	if a.Settings[amocrmToken] == "" {
		return Setup{URL: a.Hook(a.Secret), Steps: []Step{
			enter(a.Page(strings.TrimPrefix(AmocrmReturnPath, "/")),
				"«Настройки → Интеграции → Создать интеграцию → Внешняя»: ссылка для перенаправления —",
				"Under Settings > Integrations > Create integration > Private (external), the redirect URI is"),
			note("Здесь нажмите «Подключить»: администратор аккаунта разрешает доступ, и аккаунт узнаёт, куда "+
				"присылать изменения.",
				"Press Connect here: an administrator of the account grants access, and the account learns where "+
					"to send its changes."),
			mapAfterwards,
		}}
	}
	return Setup{URL: a.Hook(a.Secret), Steps: []Step{
		note("«Настройки → Интеграции → Создать интеграцию → Внешняя», вкладка «Ключи и доступы»: долгосрочный "+
			"токен — для настроек.",
			"Under Settings > Integrations > Create integration > Private (external), Keys and scopes, create a "+
				"long-lived token and enter it in the settings."),
		enter(a.Hook(a.Secret),
			"«Настройки → Интеграции → Web hooks»: вставьте адрес и отметьте все события сделок, контактов и компаний. "+
				"Или нажмите здесь «Спросить CRM»: аккаунт узнает адрес сам.",
			"Under Settings > Integrations > Webhooks, paste the URL and select all events of leads, contacts and "+
				"companies. "+
				"Or press Ask the CRM here: the account then learns the URL by itself."),
		mapAfterwards,
	}}
}

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

// amocrmKinds are our kinds of its records.
var amocrmKinds = map[string]crm.Kind{"leads": crm.KindLead, "contacts": crm.KindContact, "companies": crm.KindCompany}

func parseAmocrmSync(req *Request) (Parsed, error) {
	parsed, err := parseAmocrm(req)
	var odd []string // an odd record does not cost those beside it
	for _, c := range amocrmChanges(req.Form) {
		if !isRecordID(c.id) {
			odd = append(odd, c.kind)
			continue
		}
		ref := crmsync.Ref{Kind: amocrmKinds[c.kind], ID: c.id}
		parsed.Changes = append(parsed.Changes, crmsync.Change{Ref: ref, Removed: c.action == "delete",
			Guess: c.guess})
	}
	for _, kind := range odd {
		if len(parsed.Changes) > 0 {
			req.Form.Drop(kind, "malformed")
		} else {
			req.Form.Refuse(kind, "malformed")
		}
	}
	if err == nil {
		err = req.Form.Fault()
	}
	return parsed, err
}
