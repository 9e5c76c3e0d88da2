package dialects

import (
	"cmp"
	"net"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/webhooks/ami"
)

// asterisk is the manager interface (AMI) of Asterisk 13 to 22, which FreePBX, Issabel and others have inside. It sends
// no webhooks: webhooks connects to it and places calls over the connection, and package ami follows its channels.
func asterisk() Dialect {
	return Dialect{
		Name:         AMI,
		Title:        web.Say("Asterisk, FreePBX, Issabel (AMI)", "Asterisk, FreePBX, Issabel (AMI)"),
		VendorSecret: true,
		Settings:     amiSettings(),
		Required:     []string{amiAddress},
		Connection:   PBXConnection,
		Setup: func(a Address) Setup {
			return Setup{URL: a.Settings[amiAddress], Steps: []Step{
				enter(amiConfig(a),
					"Добавьте в /etc/asterisk/manager.conf (в FreePBX — «Settings → Asterisk Manager Users»):",
					"Add to /etc/asterisk/manager.conf (in FreePBX: Settings > Asterisk Manager Users):"),
				enter("asterisk -rx 'manager reload'", "Перечитайте настройки:", "Reload the configuration:"),
				note("Адрес нигде вписывать не нужно: Callhue подключается сам.",
					"There is no address to enter anywhere: Callhue connects by itself."),
			}}
		},
	}
}

const (
	amiAddress  = "address"
	amiUser     = "user"
	amiContexts = "contexts"
	amiChannel  = "channel"
	amiNumbers  = "numbers"

	amiPort           = "5038"
	amiDefaultUser    = "callhue"
	amiExtension      = "{extension}" // its place in amiChannel
	amiDefaultChannel = "PJSIP/" + amiExtension
)

func amiSettings() []Setting {
	return []Setting{
		{Name: amiAddress, Kind: KindText, Topic: TopicConnection,
			Label: web.Say("Адрес интерфейса управления", "Address of the manager interface"),
			Hint: web.Say("Имя или IP-адрес сервера Asterisk; порт 5038, если не указан другой.",
				"Name or IP address of the Asterisk server; the port is 5038 unless given."),
			valid: func(value string) bool { _, err := amiHostPort(value); return err == nil }},
		{Name: amiUser, Kind: KindText, Topic: TopicConnection, Default: amiDefaultUser,
			Label: web.Say("Имя пользователя в manager.conf", "User name in manager.conf")},
		{Name: amiContexts, Kind: KindText, Topic: TopicCalls,
			Label: web.Say("Контексты своих телефонов", "Contexts of your own telephones"),
			Hint: web.Say("Значение context= в настройках телефонов, например from-internal; "+
				"у внешних линий — другое. Пусто: телефоном считается канал, названный как сотрудник или из 2–6 цифр.",
				"The context= of the telephones' endpoints, such as from-internal; trunks have another one. "+
					"Empty: a channel named as a person is, or by 2 to 6 digits, is a telephone.")},
		{Name: amiChannel, Kind: KindText, Topic: TopicDial, Default: amiDefaultChannel,
			Label: web.Say("Канал телефона сотрудника", "Channel of an agent's telephone")},
		{Name: amiNumbers, Kind: KindChoice, Topic: TopicDial, Default: "digits",
			Choices: []string{"digits", "plus", "national"},
			Label:   web.Say("Как набирать номера", "How numbers are dialled"),
			Hint: web.Say("digits: 74950000011, plus: +74950000011, national: 84950000011",
				"digits: 74950000011, plus: +74950000011, national: 84950000011")},
	}
}

// amiConfig returns what manager.conf needs.
func amiConfig(a Address) string {
	return "[general]\nenabled = yes\ntimestampevents = yes\n\n" +
		"[" + AMISettingsOf(a.Settings).User + "]\nsecret = " + a.Secret + "\n" +
		"deny = 0.0.0.0/0.0.0.0\npermit = ADDRESS-OF-THIS-SERVER/32\n" +
		"read = call\nwrite = call,originate,reporting\neventfilter = " + ami.Unused()
}

// AMISettings are the settings of a connection to a manager interface.
type AMISettings struct {
	Address  string // as entered
	User     string
	Contexts string // of the agents' telephones, with commas between; "" for any
	Numbers  string // how numbers are dialled: digits, plus, national; "" is digits
	channel  string
}

// AMISettingsOf reads the settings of an ami source.
func AMISettingsOf(settings map[string]string) AMISettings {
	return AMISettings{
		Address:  settings[amiAddress],
		User:     cmp.Or(settings[amiUser], amiDefaultUser),
		Contexts: settings[amiContexts],
		Numbers:  settings[amiNumbers],
		channel:  cmp.Or(settings[amiChannel], amiDefaultChannel),
	}
}

// HostPort returns the address with its port; a fault of the setting when there is none.
func (s AMISettings) HostPort() (string, error) { return amiHostPort(s.Address) }

// Channel returns the channel that rings the telephone of an extension.
func (s AMISettings) Channel(extension string) string {
	return strings.ReplaceAll(s.channel, amiExtension, extension)
}

func amiHostPort(address string) (string, error) {
	if address == "" {
		return "", fault.Invalid("settings."+amiAddress, "required")
	}
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address, nil
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), amiPort), nil
}
