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

// bitrix24Sync is a connection to a Bitrix24 portal: its records are mirrored here,
// its telephony tells of calls, and its call card shows ours. A local application
// can do all of it; an incoming webhook can only read, and an outgoing one tells
// what happens.
func bitrix24Sync() Dialect {
	return Dialect{
		Name:         Bitrix24Sync,
		Title:        web.Say("Битрикс24: клиенты, звонки и карточка", "Bitrix24: clients, calls and the card"),
		VendorSecret: true,
		Settings: []Setting{
			portalSetting(web.Say("Например acme.bitrix24.ru", "Such as acme.bitrix24.ru")),
			{Name: bitrix24Client, Kind: KindText, Topic: TopicConnection, Label: web.Say("Код приложения (client_id)", "Id of the application (client_id)"),
				Hint: web.Say("Секрет источника — тогда ключ приложения (client_secret).", "The secret of the source is then its key (client_secret).")},
			{Name: bitrix24Webhook, Kind: KindSecret, Topic: TopicConnection, Label: web.Say("Адрес входящего вебхука", "Address of an incoming webhook"),
				Hint:  web.Say("Вместо приложения. Секрет источника — тогда токен исходящего вебхука.", "Instead of an application. The secret of the source is then the outgoing webhook's application token."),
				valid: isWebAddress},
			{Name: bitrix24Lists, Kind: KindChoice, Choices: []string{"classic", "items"}, Topic: TopicRare, Default: "classic", Label: web.Say("Как читать списки", "How lists are read"),
				Hint: web.Say("classic: crm.company.list и другие, items: crm.item.list", "classic: crm.company.list and others, items: crm.item.list")},
			{Name: bitrix24Rate, Kind: KindText, Topic: TopicRare, Default: "2", Label: web.Say("Запросов в секунду", "Requests a second"),
				Hint:  web.Say("На тарифе «Энтерпрайз» — 5.", "5 with Enterprise."),
				valid: func(value string) bool { n, err := strconv.Atoi(value); return err == nil && n >= 1 && n <= 50 }},
			showCallsSetting,
			{Name: bitrix24OAuth, Kind: KindAddress, Topic: TopicRare, Label: web.Say("Адрес сервера авторизации", "Address of the authorisation server"),
				Hint: web.Say("Пусто — обычный сервер Битрикс24.", "Empty: Bitrix24's own.")},
		},
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
	bitrix24OAuth   = "oauth_url"
)

func portalSetting(hint web.Words) Setting {
	return Setting{Name: bitrix24Portal, Kind: KindText, Topic: TopicConnection, Label: web.Say("Домен портала", "Domain of the portal"), Hint: hint, valid: isPortal}
}

// isPortal says whether a text is the host of a portal, or the address of one of
// one's own.
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
	OAuthURL   string  // of the authorisation server; "" for Bitrix24's own
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

// thenMap is the last step of every CRM whose clients are mirrored.
var thenMap = note("Затем на странице источника сопоставьте статусы и сотрудников. В самой CRM ничего не меняется.", "Then map its statuses and its staff on the page of the source. Nothing is ever changed there.")

func setupBitrix24Sync(a Address) Setup {
	if a.Settings[bitrix24Client] == "" {
		return Setup{URL: a.Hook(), Steps: []Step{
			enter(a.Hook(), "«Разработчикам → Другое → Исходящий вебхук»: вставьте адрес обработчика; токен приложения оттуда — секрет источника.",
				"Developer resources > Other > Outgoing webhook: paste the URL as the handler; its application token is the secret of this source."),
			enter(bitrix24Events, "Выберите события звонков и события лидов, контактов и компаний:", "Choose the events of calls, and those of leads, contacts and companies:"),
			note("Входящий вебхук не может показывать карточки в портале и принимать наши звонки: это может локальное приложение.",
				"An incoming webhook can neither show cards in the portal nor take our calls: a local application can."),
			thenMap,
		}}
	}
	install := a.Page("bitrix24", "install")
	return Setup{URL: install, Steps: []Step{
		enter(install, "«Разработчикам → Другое → Локальное приложение», серверное, с интерфейсом: вставьте адрес и как путь обработчика, и как путь первоначальной установки.",
			"Developer resources > Other > Local application, of the server kind, with an interface: paste the URL as the handler and as the address of the initial installation."),
		enter("crm, user_basic, department, telephony, placement", "Дайте ему права:", "Give it the permissions:"),
		note("Сохраните и откройте приложение администратором портала: оно установится само и скажет, что сделало.",
			"Save and open the application as an administrator of the portal: it installs itself and says what it did."),
		note("Куда слать события ("+a.Hook()+") и где карточка звонка ("+a.Page("bitrix24", "card")+"), портал узнаёт при установке.",
			"Where events go ("+a.Hook()+") and where the call card is ("+a.Page("bitrix24", "card")+") the portal is told by the installation."),
		thenMap,
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

// authenticateBitrix24Sync takes the application token that the portal gave when the
// application was installed, or the one that was typed. An installation proves
// itself otherwise: the portal is asked.
func authenticateBitrix24Sync(req *Request, known secrets.Set) error {
	f := req.Form
	if wrongPortal(bitrix24Host(req.Setting(bitrix24Portal)), bitrix24Host(f.Text("auth[domain]"))) {
		return fault.Unauthorised("wrong_portal")
	}
	token, application := f.Raw("auth[application_token]"), req.Setting(bitrix24Client) != ""
	if application {
		if isBitrix24Install(f) {
			return nil
		}
		known = secrets.Set{req.Token.Application}
	}
	switch {
	case token == "":
		return fault.Unauthorised("token_missing")
	case !known.Has(token):
		return fault.Unauthorised("wrong_token")
	case wrongPortal(req.Token.Account, f.Text("auth[member_id]")):
		return fault.Unauthorised("wrong_portal")
	}
	return nil
}

// isBitrix24Install says that an application without an interface was installed.
func isBitrix24Install(f *Form) bool { return strings.EqualFold(f.Text("event"), "ONAPPINSTALL") }

// bitrix24Kinds are what we call its records; deals are not mirrored.
var bitrix24Kinds = map[string]crm.Kind{"LEAD": crm.KindLead, "CONTACT": crm.KindContact, "COMPANY": crm.KindCompany}

func parseBitrix24Sync(req *Request) (Parsed, error) {
	h, err := parseBitrix24(req)
	if err != nil {
		return h, err
	}
	f, event := req.Form, strings.ToUpper(req.Form.Text("event"))
	switch {
	case event == "ONAPPINSTALL":
		h.Installed = req.Setting(bitrix24Client) != ""
	case event == "ONAPPUNINSTALL":
		h.Uninstalled = true
	case strings.HasPrefix(event, "ONCRM"):
		kind, action := bitrix24Changed(event)
		if of := bitrix24Kinds[kind]; of != 0 && action != "" {
			h.Changes = []crmsync.Change{{Ref: crmsync.Ref{Kind: of, ID: recordID(f, "data[FIELDS][ID]")}, Removed: action == "DELETE"}}
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
