package dialects

import (
	"net/http"

	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/lookup/query"
)

// httpLookup asks the customer's own endpoint whose a number is. See package lookup/external.
func httpLookup() Dialect {
	return Dialect{
		Name:         HTTP,
		Title:        web.Say("Своя система: запрос HTTP", "Your own system: an HTTP request"),
		Settings:     httpSettings(),
		Required:     []string{lookupURL},
		Check:        checkLookupRequest,
		NoCalls:      true,
		Answers:      true,
		Authenticate: authenticateChange,
		Parse:        parseChange,
		ReadsBody:    func(map[string]string) bool { return true },
		Setup:        setupHTTP,
	}
}

func httpSettings() []Setting {
	list := []Setting{
		{Name: lookupURL, Kind: KindText, Topic: TopicConnection,
			Label: web.Say("Адрес", "URL"),
			Hint: web.Say("Например https://crm.example/api/clients?phone={number}; также {e164}, {digits}, "+
				"{national}, {local10}, {last10}, {numbers}.",
				"Such as https://crm.example/api/clients?phone={number}; also {e164}, {digits}, {national}, "+
					"{local10}, {last10}, {numbers}."),
			valid: func(value string) bool { return query.CheckURL(value) == "" }},
		{Name: lookupMethod, Kind: KindChoice, Topic: TopicConnection,
			Choices: []string{http.MethodGet, http.MethodPost}, Default: http.MethodGet,
			Label: web.Say("Метод", "Method")},
		{Name: lookupAuthorization, Kind: KindSecret, Topic: TopicConnection,
			Label: web.Say("Заголовок Authorization", "Authorization header"),
			Hint:  web.Say("Целиком, например Bearer abc.", "As a whole, such as Bearer abc.")},
		{Name: lookupBody, Kind: KindQuery, Topic: TopicConnection,
			Label: web.Say("Тело запроса", "Request body"),
			Hint:  web.Say(`Для POST, например {"phone":"{number}"}.`, `For POST, such as {"phone":"{number}"}.`)},
		{Name: lookupType, Kind: KindText, Topic: TopicRare, Default: "application/json",
			Label: web.Say("Content-Type тела", "Content-Type of the body")},
		{Name: lookupHeader, Kind: KindText, Topic: TopicRare,
			Label: web.Say("Ещё один заголовок: имя", "One more header: name"),
			valid: isHeaderName},
		{Name: lookupHeaderValue, Kind: KindSecret, Topic: TopicRare,
			Label: web.Say("Ещё один заголовок: значение", "One more header: value")},
		{Name: lookupItems, Kind: KindText, Topic: TopicFields,
			Label: web.Say("Где в ответе список записей", "Where the list of records stands in the answer"),
			Hint: web.Say("Например data.clients; пусто — весь ответ: список или одна запись.",
				"Such as data.clients; empty: the whole answer, a list or one record."),
			valid: isJSONPlace},
		{Name: lookupUnknown404, Kind: KindSwitch, Topic: TopicRare,
			Label: web.Say("Ответ 404 — номер неизвестен", "An answer of 404 means that the number is unknown"),
			Hint:  web.Say("Иначе 404 — ошибка, карточка серая.", "Otherwise 404 is a failure, and the card is grey.")},
	}
	list = append(list, fieldSettings(web.Say("Путь JSON", "A path of JSON"), isJSONPlace)...)
	return append(list, commonLookupSettings()...)
}

// isHeaderName reports whether a text can be the name of a header.
func isHeaderName(value string) bool {
	for _, c := range value {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return len(value) <= 100
}

func setupHTTP(a Address) Setup {
	steps := []Step{
		note("Callhue сам спросит ваш адрес во время звонка; ответ — JSON. Пути к полям — ниже, в настройках.",
			"Callhue asks your URL during a call; the answer is JSON. The paths to its fields are settings."),
		note("Если адрес в частной сети, запустите сервер с --allow-private-hooks.",
			"Where the URL is in a private network, start the server with --allow-private-hooks."),
		tryStep,
	}
	return Setup{URL: a.Settings[lookupURL], Steps: append(steps, changeSteps(a)...)}
}

func checkSQL(settings map[string]string) []fault.Field {
	wrong := checkLookupQuery(settings)
	if engine := settings[lookupEngine]; engine != "" && engine != string(query.SQLite) && settings[lookupHost] == "" {
		wrong = append(wrong, fault.Field{Field: lookupHost, Code: "required"})
	}
	return wrong
}
