package dialects

import (
	"cmp"
	"net"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/web"
)

// freeswitch is FreeSWITCH, with FusionPBX or without. It sends no webhooks: where the address of its event socket is
// known, webhooks connects to it, package esl follows its calls, and calls are placed there. It asks for caller names
// with mod_cidlookup, which waits two seconds and takes the whole answer for the name, whatever its status.
func freeswitch() Dialect {
	return Dialect{
		Name:         FreeSWITCH,
		Title:        web.Say("FreeSWITCH, FusionPBX", "FreeSWITCH, FusionPBX"),
		CallerID:     true,
		Settings:     freeswitchSettings(),
		Connection:   PBXConnection,
		DialSettings: []string{ESLAddress, eslPassword},
		Setup:        setupFreeswitch,
	}
}

// ESLAddress is the setting without which there is no connection to the event socket.
const ESLAddress = "address"

const (
	eslPassword = "password"
	eslDomain   = "domain"
	eslContext  = "context"
	eslEndpoint = "endpoint"

	eslPort            = "8021"
	eslDefaultContext  = "default"
	eslDefaultEndpoint = "user/" + amiExtension
)

func freeswitchSettings() []Setting {
	return []Setting{
		{Name: ESLAddress, Kind: KindText, Topic: TopicConnection,
			Label: web.Say("Адрес event socket", "Address of the event socket"),
			Hint: web.Say("Имя или IP-адрес сервера FreeSWITCH; порт 8021, если не указан другой. Пусто: только имена "+
				"на телефонах.", "Name or IP address of the FreeSWITCH server; the port is 8021 unless given. Empty: "+
				"only names on phones."),
			valid: func(value string) bool { _, err := eslHostPort(value); return err == nil }},
		{Name: eslPassword, Kind: KindSecret, Topic: TopicConnection,
			Label: web.Say("Пароль event socket", "Password of the event socket"),
			Hint:  web.Say("Из event_socket.conf.xml", "From event_socket.conf.xml")},
		{Name: eslDomain, Kind: KindText, Topic: TopicCalls,
			Label: web.Say("Только звонки этого домена", "Only calls of this domain"),
			Hint: web.Say("Для FusionPBX с несколькими компаниями: внутренний номер единственный только в домене.",
				"For a FusionPBX with several tenants: an extension is unique only in its domain.")},
		{Name: eslEndpoint, Kind: KindText, Topic: TopicDial, Default: eslDefaultEndpoint,
			Label: web.Say("Куда звонить сотруднику", "Endpoint of an agent's telephone"),
			Hint:  web.Say("В FusionPBX — user/{extension}@домен", "In FusionPBX: user/{extension}@domain")},
		{Name: eslContext, Kind: KindText, Topic: TopicDial, Default: eslDefaultContext,
			Label: web.Say("Контекст, из которого набирать", "Context to dial from"),
			Hint:  web.Say("В FusionPBX — домен", "In FusionPBX: the domain")},
		{Name: amiNumbers, Kind: KindChoice, Topic: TopicDial, Default: "digits",
			Choices: []string{"digits", "plus", "national"},
			Label:   web.Say("Как набирать номера", "How numbers are dialled"),
			Hint: web.Say("digits: 74950000011, plus: +74950000011, national: 84950000011",
				"digits: 74950000011, plus: +74950000011, national: 84950000011")},
	}
}

func setupFreeswitch(a Address) Setup {
	url := a.CallerID(a.Secret) + "?number=${caller_id_number}"
	inXML := url + "&amp;agent=${destination_number}" // the extension that is rung
	setup := Setup{URL: url, Steps: []Step{
		enter(`<param name="url" value="`+inXML+`"/>`,
			"Имя звонящего, в autoload_configs/cidlookup.conf.xml:",
			"For the caller's name, in autoload_configs/cidlookup.conf.xml:"),
		note("Кэш там не включайте: между двумя звонками цвет может измениться.",
			"Leave the cache off there: the colour may change between two calls."),
		enter(`<action application="cidlookup" data="${caller_id_number}"/>`,
			"В плане набора внутренних номеров, перед bridge:",
			"In the dialplan of extensions, before the bridge:"),
	}}
	if a.Settings[ESLAddress] == "" {
		setup.Steps = append(setup.Steps, note(
			"Чтобы карточки появлялись в браузере, укажите адрес и пароль event socket.",
			"For cards in the browser, set the address and the password of the event socket."))
		return setup
	}
	setup.Steps = append(setup.Steps,
		enter(`<param name="apply-inbound-acl" value="callhue"/>`,
			"Карточки: в autoload_configs/event_socket.conf.xml разрешите адрес Callhue списком доступа:",
			"For cards: in autoload_configs/event_socket.conf.xml, let Callhue's address in by an access list:"),
		enter(`<list name="callhue" default="deny"><node type="allow" cidr="ADDRESS-OF-THIS-SERVER/32"/></list>`,
			"Сам список — в autoload_configs/acl.conf.xml:", "The list itself, in autoload_configs/acl.conf.xml:"),
		enter("fs_cli -x 'reloadacl' -x 'reload mod_event_socket'",
			"Перечитайте настройки:", "Reload the configuration:"),
	)
	return setup
}

// ESLSettings are the settings of a connection to an event socket.
type ESLSettings struct {
	Address  string // as entered; "" when there is no connection
	Password string
	Domain   string // of the only tenant whose calls count; "" for all
	Context  string // to dial from
	Numbers  string // how numbers are dialled: digits, plus, national; "" is digits
	endpoint string
}

// ESLSettingsOf reads the settings of a freeswitch source.
func ESLSettingsOf(settings map[string]string) ESLSettings {
	return ESLSettings{
		Address:  settings[ESLAddress],
		Password: settings[eslPassword],
		Domain:   settings[eslDomain],
		Context:  cmp.Or(settings[eslContext], eslDefaultContext),
		Numbers:  settings[amiNumbers],
		endpoint: cmp.Or(settings[eslEndpoint], eslDefaultEndpoint),
	}
}

// HostPort returns the address with its port; a fault of the setting when there is none.
func (s ESLSettings) HostPort() (string, error) { return eslHostPort(s.Address) }

// Endpoint returns the dial string that rings the telephone of an extension.
func (s ESLSettings) Endpoint(extension string) string {
	return strings.ReplaceAll(s.endpoint, amiExtension, extension)
}

func eslHostPort(address string) (string, error) {
	if address == "" {
		return "", fault.Invalid("settings."+ESLAddress, "required")
	}
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address, nil
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), eslPort), nil
}
