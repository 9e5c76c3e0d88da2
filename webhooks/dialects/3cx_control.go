package dialects

import (
	"strings"

	"callhue/internal/web"
)

// ThreecxAddress is the setting without which there is no connection to the call control of a 3CX.
const ThreecxAddress = "address"

const (
	threecxClient = "client_id"
	threecxKey    = "client_key"
)

func threecxSettings() []Setting {
	return []Setting{
		{Name: ThreecxAddress, Kind: KindAddress, Topic: TopicConnection,
			Label: web.Say("Адрес 3CX", "Address of the 3CX"),
			Hint: web.Say("Например https://company.3cx.example:5001. Нужны версия 20 и лицензия Enterprise. "+
				"Пусто: только имена на телефонах и журнал после звонка.",
				"Such as https://company.3cx.example:5001. Version 20 and an Enterprise licence are needed. "+
					"Empty: only names on phones, and the report after a call.")},
		{Name: threecxClient, Kind: KindText, Topic: TopicConnection,
			Label: web.Say("Client ID для Call Control", "Client ID for call control"),
			Hint:  web.Say("Из «Integrations → API»", "From Integrations > API")},
		{Name: threecxKey, Kind: KindSecret, Topic: TopicConnection,
			Label: web.Say("Ключ API", "API key"),
			Hint:  web.Say("3CX показывает его один раз.", "3CX shows it once.")},
		{Name: amiNumbers, Kind: KindChoice, Topic: TopicDial, Default: "digits",
			Choices: []string{"digits", "plus", "national"},
			Label:   web.Say("Как набирать номера", "How numbers are dialled"),
			Hint: web.Say("digits: 74950000011, plus: +74950000011, national: 84950000011",
				"digits: 74950000011, plus: +74950000011, national: 84950000011")},
	}
}

// threecxControlSteps are what an administrator does for cards while the phone rings.
func threecxControlSteps(settings map[string]string) []Step {
	if settings[ThreecxAddress] == "" {
		return []Step{note(
			"Чтобы карточки появлялись во время звонка, укажите адрес 3CX, Client ID и ключ API "+
				"(версия 20, Enterprise).",
			"For cards while the phone rings, set the address of the 3CX, the client id and the API key "+
				"(version 20, Enterprise).")}
	}
	return []Step{note(
		"Карточки: в «Integrations → API» создайте клиента с отметкой Call Control и перечислите все внутренние "+
			"номера сотрудников: за остальными 3CX следить не даст.",
		"Cards: under Integrations > API add a client, tick call control, and list every extension of your agents: "+
			"3CX does not let the others be followed.")}
}

// ThreecxSettings are the settings of a connection to the call control of a 3CX.
type ThreecxSettings struct {
	Address  string // without a slash at the end; "" when there is no connection
	ClientID string
	Key      string
	Numbers  string // how numbers are dialled: digits, plus, national; "" is digits
}

// ThreecxSettingsOf reads the settings of a 3cx source.
func ThreecxSettingsOf(settings map[string]string) ThreecxSettings {
	return ThreecxSettings{
		Address:  strings.TrimRight(settings[ThreecxAddress], "/"),
		ClientID: settings[threecxClient],
		Key:      settings[threecxKey],
		Numbers:  settings[amiNumbers],
	}
}
