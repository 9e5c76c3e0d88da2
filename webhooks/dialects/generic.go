package dialects

import (
	"slices"
	"strings"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/webhooks/dialects/mapping"
)

// generic is our own dialect, for whatever can post JSON or a form. It is signed over the raw body; a PBX that cannot
// sign sends the secret in the path.
func generic() Dialect {
	return Dialect{
		Name:         "generic",
		Title:        web.Say("Любая система: JSON или форма", "Any system that can post JSON or a form"),
		Settings:     genericSettings(),
		Authenticate: authenticateGeneric,
		Parse:        parseGeneric,
		ReadsBody:    func(settings map[string]string) bool { return settings[mappingSetting.Name] != "" },
		Prepare:      prepareMapping,
		Reply: func(req *Request, _ Parsed, result Result) Reply {
			isMapped := req.Setting(mappingSetting.Name) != "" // a vendor's cloud learns nothing of clients
			if result.Card == nil || isMapped {
				return JSONReply(struct{}{})
			}
			return JSONReply(result.Card)
		},
		WithRelated:  true,
		CallerID:     true,
		Dial:         dialGeneric,
		DialSettings: []string{dialURL},
		Setup:        setupGeneric,
	}
}

const (
	pathSecret = "path_secret"
	dialURL    = "dial_url"
	dialBody   = "dial_body"
	dialAuth   = "dial_auth"
)

func genericSettings() []Setting {
	return []Setting{
		{Name: pathSecret, Kind: KindSwitch, Topic: TopicConnection,
			Label: web.Say("Принимать секрет в адресе вместо подписи", "Accept the secret in the URL instead of a signature")},
		mappingSetting,
		mappingZone,
		{Name: dialURL, Kind: KindAddress, Topic: TopicDial, Sealed: true,
			Label: web.Say("Адрес, который начинает звонок", "URL that places a call"),
			Hint: web.Say("В нём могут стоять {extension}, {number} (цифры), {plus} (с плюсом), {id}.",
				"It may contain {extension}, {number} (digits), {plus} (with a plus) and {id}.")},
		{Name: dialBody, Kind: KindText, Topic: TopicDial, Sealed: true,
			Label: web.Say("Тело запроса", "Body of that request"),
			Hint: web.Say("JSON или форма с теми же подстановками; пусто — запрос методом GET.",
				"JSON or a form with the same placeholders; empty: a GET request.")},
		{Name: dialAuth, Kind: KindSecret, Topic: TopicDial,
			Label: web.Say("Заголовок Authorization этого запроса", "Authorization header of that request"),
			Hint:  web.Say("Например Bearer TOKEN", "Such as Bearer TOKEN")},
	}
}

func authenticateGeneric(req *Request, valid secrets.Set) error {
	if req.Setting(mappingSetting.Name) != "" {
		return authenticateMapped(req, valid)
	}
	header := req.Header(secrets.SignatureHeader)
	if header == "" && req.Setting(pathSecret) == "true" {
		return authenticateByPath(req, valid)
	}
	if header == "" {
		return fault.Unauthorised("signature_missing")
	}
	if len(req.Body) == 0 {
		return fault.Unauthorised("signature_of_nothing") // fields of the URL are not signed
	}
	return valid.Prove(header, req.Body, req.At)
}

func parseGeneric(req *Request) (Parsed, error) {
	if req.Setting(mappingSetting.Name) != "" {
		return parseMapped(req)
	}
	f := req.Form
	kind := calls.EventKind(strings.ToLower(f.Need("event")))
	switch kind {
	case calls.Ringing, calls.Answered, calls.Ended, "":
	default:
		return Parsed{Ignored: string(kind)}, nil
	}
	e := calls.Event{
		CallID:    f.Need("call_id"),
		Leg:       f.Single("leg"),
		Kind:      kind,
		Direction: f.Direction("direction"),
		Number:    f.Single("number"),
		Agent:     f.Single("agent"),
		Line:      f.Single("line"),
		At:        f.Moment("at"),
		Duration:  f.Seconds("duration"),
		Result:    genericResult(f),
		Recording: f.Link("recording_url"),
	}
	if kind == calls.Ended {
		e.Unanswered = mapping.UnansweredOf(f.Single("result"))
	}
	return Parsed{Events: []calls.Event{e}}, f.Fault()
}

// genericResult reads how the call ended: one of our results, or a cause in the words of another PBX.
func genericResult(f *Form) calls.Result {
	text := f.Single("result")
	if result := calls.Result(strings.ToLower(text)); slices.Contains(result.Values(), string(result)) {
		return result
	}
	result, known := causes[causeWord(text)]
	if !known {
		f.Drop("result", "unknown_value")
	}
	return result
}

func setupGeneric(a Address) Setup {
	if a.Settings[mappingSetting.Name] != "" {
		return setupMapped(a)
	}
	address := a.Hook()
	authentication := enter(secrets.SignatureHeader+": t=<unix time>,v1=<hex>",
		"Подпишите запрос заголовком; hex — HMAC-SHA256 от «<t>.<тело>» с секретом источника:",
		"Sign the request with a header; hex is the HMAC-SHA256 of “<t>.<body>” with the secret of this source:")
	if a.Settings[pathSecret] == "true" {
		address = a.Hook(a.Secret)
		authentication = secretInURL
	}
	return Setup{URL: address, Steps: []Step{
		enter(address,
			"Отправляйте события звонка запросом POST, в JSON или формой, по адресу:",
			"Send the events of a call as POST requests with JSON or a form to:"),
		enter(`{"event":"ringing","call_id":"abc-1","direction":"in","number":"+74950000011","agent":"101"}`,
			"Например; event: ringing, answered, ended; direction: in, out. Все поля — на странице /docs.",
			"For example; event: ringing, answered, ended; direction: in, out. All fields are listed at /docs."),
		authentication,
	}}
}
