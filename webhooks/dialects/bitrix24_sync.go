package dialects

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
)

// bitrix24Sync is a connection to a Bitrix24 portal: its records are synced, its telephony reports calls, and its call
// card shows ours. A local application can do all of it; an incoming webhook can only read, and an outgoing one only
// report.
func bitrix24Sync() Dialect {
	return Dialect{
		Name:         Bitrix24Sync,
		Title:        web.Say("Битрикс24: клиенты, звонки и карточка", "Bitrix24: clients, calls and the card"),
		VendorSecret: true,
		Settings:     bitrix24SyncSettings(),
		Required:     []string{bitrix24Portal, bitrix24Client + "|" + bitrix24Webhook},
		UsesToken:    true,
		OwnUserIDs:   true,
		Authenticate: authenticateBitrix24Sync,
		Parse:        parseBitrix24Sync,
		Connection:   CRMConnection,
		CRMAddress:   func(settings map[string]string) string { return bitrix24Host(settings[bitrix24Portal]) },
		Setup:        setupBitrix24Sync,
	}
}

const (
	bitrix24Portal  = "portal"
	bitrix24Client  = "client_id"
	bitrix24Webhook = "webhook_url"
	bitrix24Lists   = "lists"
	bitrix24Rate    = "rate"
	bitrix24Names   = "names"
	bitrix24OAuth   = "oauth_url"

	bitrix24MaxRate = 50 // requests a second that can be set
)

// The orders of a person's names.
const (
	firstNameFirst = "first"
	lastNameFirst  = "last"
)

func bitrix24SyncSettings() []Setting {
	return []Setting{
		portalSetting(web.Say("Например acme.bitrix24.ru", "Such as acme.bitrix24.ru")),
		{Name: bitrix24Client, Kind: KindText, Topic: TopicConnection,
			Label: web.Say("Код приложения (client_id)", "Application id (client_id)"),
			Hint: web.Say("Секрет источника — тогда ключ приложения (client_secret).",
				"The secret of the source is then the application key (client_secret).")},
		{Name: bitrix24Webhook, Kind: KindSecret, Topic: TopicConnection,
			Label: web.Say("Адрес входящего вебхука", "URL of an incoming webhook"),
			Hint: web.Say("Вместо приложения. Секрет источника — тогда токен исходящего вебхука.",
				"Instead of an application. The secret of the source is then the application token of the outgoing "+
					"webhook."),
			valid: isWebAddress},
		{Name: bitrix24Lists, Kind: KindChoice, Topic: TopicRare, Default: "classic",
			Choices: []string{"classic", "items"},
			Label:   web.Say("Как читать списки", "How lists are read"),
			Hint: web.Say("classic: crm.company.list и другие, items: crm.item.list",
				"classic: crm.company.list and others, items: crm.item.list")},
		{Name: bitrix24Names, Kind: KindChoice, Topic: TopicRare, Default: firstNameFirst,
			Choices: []string{firstNameFirst, lastNameFirst},
			Label:   web.Say("Порядок имён", "Order of names"),
			Hint: web.Say("first: имя, отчество, фамилия; last: фамилия, имя, отчество — как в настройках портала",
				"first: first, middle, last name; last: last name first, as the portal is set")},
		{Name: bitrix24Rate, Kind: KindText, Topic: TopicRare, Default: "2",
			Label: web.Say("Запросов в секунду", "Requests a second"),
			Hint:  web.Say("На тарифе «Энтерпрайз» — 5.", "5 on the Enterprise plan."),
			valid: func(value string) bool {
				n, err := strconv.Atoi(value)
				return err == nil && n >= 1 && n <= bitrix24MaxRate
			}},
		showCallsSetting,
		{Name: bitrix24OAuth, Kind: KindAddress, Topic: TopicRare,
			Label: web.Say("Адрес сервера авторизации", "Address of the authorisation server"),
			Hint:  web.Say("Пусто — сервер Битрикс24.", "Empty: that of Bitrix24.")},
	}
}

func portalSetting(hint web.Words) Setting {
	return Setting{Name: bitrix24Portal, Kind: KindText, Topic: TopicConnection,
		Label: web.Say("Домен портала", "Portal domain"), Hint: hint, valid: isPortal}
}

// isPortal reports whether a text is the host of a portal, or the address of a self-hosted one.
func isPortal(text string) bool {
	return hostPattern.MatchString(bitrix24Host(text)) && (isWebAddress(text) || !strings.Contains(text, "/"))
}

// Bitrix24Settings are the settings of a connection to a Bitrix24 portal.
type Bitrix24Settings struct {
	Portal     string  // its domain or address, as entered
	ClientID   string  // of our local application; "" for an incoming webhook
	WebhookURL string  // of the incoming webhook
	Lists      string  // how lists are read: classic, items; "" is classic
	Rate       float64 // requests a second; 0 for the usual rate
	LastFirst  bool    // the last name of a person comes first
	OAuthURL   string  // of the authorisation server; "" for that of Bitrix24
}

// Bitrix24SettingsOf reads the settings of a bitrix24 or bitrix24-sync source.
func Bitrix24SettingsOf(settings map[string]string) Bitrix24Settings {
	rate, _ := strconv.ParseFloat(settings[bitrix24Rate], 64) // it was checked
	return Bitrix24Settings{
		Portal:     settings[bitrix24Portal],
		ClientID:   settings[bitrix24Client],
		WebhookURL: settings[bitrix24Webhook],
		Lists:      settings[bitrix24Lists],
		Rate:       rate,
		LastFirst:  settings[bitrix24Names] == lastNameFirst,
		OAuthURL:   settings[bitrix24OAuth],
	}
}

// Host returns the portal's host in lower case; "" when none is set.
func (s Bitrix24Settings) Host() string { return bitrix24Host(s.Portal) }

// Origin returns the origin of the portal's pages, such as https://portal.example.
func (s Bitrix24Settings) Origin() string {
	if u, err := url.Parse(s.Portal); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host
	}
	return "https://" + s.Portal
}

// bitrix24Host returns the host of a portal in lower case. The setting may be an address with its scheme, for a
// self-hosted portal.
func bitrix24Host(setting string) string {
	if u, err := url.Parse(setting); err == nil && u.Host != "" {
		return strings.ToLower(u.Host)
	}
	return strings.ToLower(setting)
}

// mapAfterwards is the last step of every CRM whose clients are synced.
var mapAfterwards = note("Затем на странице источника сопоставьте статусы и сотрудников. В самой CRM ничего не меняется.",
	"Then map statuses and staff on the page of the source. Nothing is changed in the CRM.")

func setupBitrix24Sync(a Address) Setup {
	if a.Settings[bitrix24Client] == "" {
		return setupBitrix24Webhooks(a)
	}
	install := a.Page("bitrix24", "install")
	return Setup{URL: install, Steps: []Step{
		enter(install,
			"«Разработчикам → Другое → Локальное приложение», серверное, с интерфейсом: "+
				"вставьте адрес и как путь обработчика, и как путь первоначальной установки.",
			"Under Developer resources > Other > Local application, choose a server application with a user interface; "+
				"paste the URL both as the handler path and as the initial installation path."),
		enter("crm, user_basic, department, telephony, placement", "Дайте ему права:", "Grant it the permissions:"),
		note("Сохраните и откройте приложение администратором портала: оно установится и покажет, что сделано.",
			"Save and open the application as an administrator of the portal: it installs itself and shows what it did."),
		note("Куда слать события "+
			"("+a.Hook()+") и где карточка звонка ("+a.Page("bitrix24", "card")+"), портал узнаёт при установке.",
			"The installation tells the portal where to send events "+
				"("+a.Hook()+") and where the call card is ("+a.Page("bitrix24", "card")+")."),
		mapAfterwards,
	}}
}

// setupBitrix24Webhooks connects a portal by two webhooks, without an application.
func setupBitrix24Webhooks(a Address) Setup {
	return Setup{URL: a.Hook(), Steps: []Step{
		enter(a.Hook(),
			"«Разработчикам → Другое → Исходящий вебхук»: вставьте адрес обработчика; токен приложения оттуда — "+
				"секрет источника.",
			"Under Developer resources > Other > Outgoing webhook, paste the URL as the handler; its application "+
				"token is the secret of this source."),
		enter(bitrix24CallEvents+", "+bitrix24RecordEvents,
			"Выберите события звонков и события лидов, контактов и компаний:",
			"Select the events of calls, and those of leads, contacts and companies:"),
		note("Входящий вебхук не может показывать карточки в портале и принимать звонки других АТС: это может "+
			"локальное приложение.",
			"An incoming webhook can neither show cards in the portal nor take the calls of other PBXs: a local "+
				"application can."),
		mapAfterwards,
	}}
}

// authenticateBitrix24Sync accepts the application token that the portal issued when the application was installed, or
// the one that was entered for an outgoing webhook. An installation is accepted here: the portal itself confirms it.
func authenticateBitrix24Sync(req *Request, valid secrets.Set) error {
	f := req.Form
	token, application := f.Raw("auth[application_token]"), req.Setting(bitrix24Client) != ""
	if application {
		valid = secrets.Set{req.Token.Application}
	}
	domain := bitrix24Host(f.Text("auth[domain]"))
	switch other := isOtherPortal(bitrix24Host(req.Setting(bitrix24Portal)), domain); {
	case other && token != "" && valid.Has(token) && hostPattern.MatchString(domain):
		return fault.Unauthorised("portal_moved").With("what", domain) // it is ours, at another address
	case other:
		return fault.Unauthorised("wrong_portal")
	case application && isBitrix24Install(f):
		return nil
	}
	switch {
	case token == "":
		return fault.Unauthorised("token_missing")
	case !valid.Has(token):
		return fault.Unauthorised("wrong_token")
	case isOtherPortal(req.Token.Account, f.Text("auth[member_id]")):
		return fault.Unauthorised("wrong_portal")
	}
	return nil
}

// isBitrix24Install reports whether an application without an interface was installed.
func isBitrix24Install(f *Form) bool { return strings.EqualFold(f.Text("event"), "ONAPPINSTALL") }

// bitrix24Kinds are our kinds of its records; deals are not synced.
var bitrix24Kinds = map[string]crm.Kind{"LEAD": crm.KindLead, "CONTACT": crm.KindContact, "COMPANY": crm.KindCompany}

func parseBitrix24Sync(req *Request) (Parsed, error) {
	parsed, err := parseBitrix24(req)
	if err != nil {
		return parsed, err
	}
	f, event := req.Form, strings.ToUpper(req.Form.Text("event"))
	switch {
	case event == "ONAPPINSTALL":
		parsed.Installed = req.Setting(bitrix24Client) != ""
	case event == "ONAPPUNINSTALL":
		parsed.Uninstalled = true
	case strings.HasPrefix(event, "ONCRM"):
		record, action := bitrix24Change(event)
		if kind := bitrix24Kinds[record]; kind != 0 && action != "" {
			ref := crmsync.Ref{Kind: kind, ID: recordID(f, "data[FIELDS][ID]")}
			parsed.Changes = []crmsync.Change{{Ref: ref, Removed: action == "DELETE"}}
		}
	}
	return parsed, f.Fault()
}

// recordID reads the id of a CRM record: digits.
func recordID(f *Form, name string) string {
	id := f.Need(name)
	if id != "" && !isRecordID(id) {
		f.Refuse(name, "malformed")
	}
	return id
}

// isRecordID reports whether a text is the id of a CRM record.
func isRecordID(text string) bool {
	return text != "" && len(text) <= maxRecordID && strings.Trim(text, "0123456789") == ""
}

// maxRecordID is how many digits the id of a CRM record has at most.
const maxRecordID = 20

// bitrix24Change reads the name of an event about a record, such as COMPANY and UPDATE; both are "" for another event.
func bitrix24Change(event string) (record, action string) {
	rest, found := strings.CutPrefix(event, "ONCRM")
	if !found {
		return "", ""
	}
	for _, record := range []string{"LEAD", "CONTACT", "COMPANY", "DEAL"} {
		action, found := strings.CutPrefix(rest, record)
		if found && slices.Contains([]string{"ADD", "UPDATE", "DELETE"}, action) {
			return record, action
		}
	}
	return "", ""
}
