package webhooks

import (
	"cmp"
	"net"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/web"
)

// asterisk is the manager interface of Asterisk 13 to 22 (FreePBX, Issabel and others
// have one inside). It posts nothing: we connect to it and have it dial (ami_link.go),
// and the room ami follows its channels.
func asterisk() Dialect {
	return Dialect{
		Name:   "ami",
		Title:  web.Say("Asterisk, FreePBX, Issabel (AMI)", "Asterisk, FreePBX, Issabel (AMI)"),
		Theirs: true,
		Settings: []Setting{
			{Name: amiAddress, Kind: kindText, Topic: topicConnection, Label: web.Say("Адрес интерфейса управления", "Address of the manager interface"),
				Hint: web.Say("Имя или IP-адрес сервера Asterisk; порт 5038, если не указан другой.", "Name or IP address of the Asterisk server; the port is 5038 unless given."),
				fits: func(value string) bool { _, err := amiHost(value); return err == nil }},
			{Name: amiUser, Kind: kindText, Topic: topicConnection, Usual: "callhue", Label: web.Say("Имя пользователя в manager.conf", "User name in manager.conf")},
			{Name: amiContexts, Kind: kindText, Topic: topicCalls, Label: web.Say("Контексты своих телефонов", "Contexts of our own telephones"),
				Hint: web.Say("Например from-internal. Пусто — любые: телефон — тот, чьё имя из 2–6 цифр.", "Such as from-internal. Empty: any, and a telephone is who has a name of 2 to 6 digits.")},
			{Name: amiChannel, Kind: kindText, Topic: topicDial, Usual: amiAnyChannel, Label: web.Say("Как звонить на телефон", "How to ring a telephone")},
			{Name: amiNumbers, Kind: kindChoice, Of: []string{"digits", "plus", "national"}, Topic: topicDial, Usual: "digits", Label: web.Say("Как набирать номера", "How numbers are dialled"),
				Hint: web.Say("digits: 74950000011, plus: +74950000011, national: 84950000011", "digits: 74950000011, plus: +74950000011, national: 84950000011")},
		},
		connects: newAMILink,
		dials:    true,
		needs:    []string{amiAddress},
		paste: func(p Address) Setup {
			return Setup{URL: p.Source.Settings[amiAddress], Steps: []Step{
				enter(amiSection(p), "Добавьте в /etc/asterisk/manager.conf (в FreePBX — «Settings → Asterisk Manager Users»):", "Add to /etc/asterisk/manager.conf (FreePBX: Settings > Asterisk Manager Users):"),
				enter("asterisk -rx 'manager reload'", "Перечитайте его:", "Have it read again:"),
				step("Адрес нигде вписывать не нужно: мы подключаемся сами.", "There is no address to enter anywhere: we connect."),
			}}
		},
	}
}

// amiSection is what manager.conf needs.
func amiSection(p Address) string {
	return "[general]\nenabled = yes\n\n[" + cmp.Or(p.Source.Settings[amiUser], "callhue") + "]\nsecret = " + p.Secret + "\n" +
		"read = call\nwrite = call,originate,reporting\ndeny = 0.0.0.0/0.0.0.0\npermit = ADDRESS-OF-THIS-SERVER/32"
}

const (
	amiAddress  = "address"
	amiUser     = "user"
	amiContexts = "contexts"
	amiChannel  = "channel"
	amiNumbers  = "numbers"

	amiPort       = "5038"
	amiExtension  = "{extension}" // its place in amiChannel
	amiAnyChannel = "PJSIP/" + amiExtension
)

// amiHost gives the address with its port.
func amiHost(address string) (string, error) {
	if address == "" {
		return "", fault.Invalid("settings."+amiAddress, "required")
	}
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address, nil
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), amiPort), nil
}
