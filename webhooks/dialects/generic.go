package dialects

import (
	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/rules"
)

// generic is our own dialect, for whatever can post JSON or a form. It is signed
// over the raw body; a PBX that cannot sign gets the secret in the path.
func generic() Dialect {
	return Dialect{
		Name:  "generic",
		Title: web.Say("Любая система: JSON или форма", "Anything that can post JSON or a form"),
		Settings: []Setting{
			{Name: pathSecret, Kind: KindSwitch, Topic: TopicConnection, Label: web.Say("Принимать секрет в адресе вместо подписи", "Take the secret in the address instead of a signature")},
			{Name: dialURL, Kind: KindAddress, Topic: TopicDial, Label: web.Say("Адрес, который начинает звонок", "Address that begins a call"),
				Hint: web.Say("В нём могут стоять {extension}, {number} (цифры), {plus} (с плюсом), {id}.", "With {extension}, {number} (digits), {plus} (with a plus) and {id} in it.")},
			{Name: dialBody, Kind: KindText, Topic: TopicDial, Label: web.Say("Что туда отправить", "What is posted there"),
				Hint: web.Say("JSON или форма с теми же словами; пусто — адрес запрашивается методом GET.", "JSON or a form, with the same words in it; empty: the address is fetched.")},
			{Name: dialAuth, Kind: KindSecret, Topic: TopicDial, Label: web.Say("Заголовок Authorization этого запроса", "Authorization header of that request"),
				Hint: web.Say("Например Bearer TOKEN", "Such as Bearer TOKEN")},
		},
		Dial:         dialGeneric,
		DialSettings: []string{dialURL},
		Authenticate: authenticateGeneric,
		Parse:        parseGeneric,
		Reply: func(_ *Request, _ Parsed, result Result) Reply {
			if result.Card == nil {
				return JSONReply(struct{}{})
			}
			return JSONReply(result.Card)
		},
		WithRelated: true,
		CallerID:    true,
		Setup:       setupGeneric,
	}
}

const (
	pathSecret = "path_secret"
	dialURL    = "dial_url"
	dialBody   = "dial_body"
	dialAuth   = "dial_auth"
)

func authenticateGeneric(req *Request, known secrets.Set) error {
	header := req.Header(secrets.SignatureHeader)
	if header == "" && req.Setting(pathSecret) == "true" {
		return authenticateByPath(req, known)
	}
	if header == "" {
		return fault.Unauthorised("signature_missing")
	}
	if len(req.Body) == 0 {
		return fault.Unauthorised("signature_of_nothing") // fields of the URL are not signed
	}
	return known.Prove(header, req.Body, req.At)
}

func parseGeneric(req *Request) (Parsed, error) {
	f := req.Form
	kind := calls.EventKind(f.Need("event"))
	switch kind {
	case calls.Ringing, calls.Answered, calls.Ended, "":
	default:
		return Parsed{Ignored: string(kind)}, nil
	}
	e := calls.Event{
		CallID: f.Need("call_id"), Leg: f.Single("leg"), Kind: kind, Direction: rules.Direction(f.Single("direction")),
		Number: f.Single("number"), Agent: f.Single("agent"), Line: f.Single("line"), At: f.Moment("at"),
		Duration: f.Seconds("duration"), Result: calls.Result(f.Single("result")), Recording: f.Link("recording_url"),
	}
	return Parsed{Events: []calls.Event{e}}, f.Fault()
}

func setupGeneric(a Address) Setup {
	address := a.Hook()
	if a.Settings[pathSecret] == "true" {
		address = a.Hook(a.Secret)
	}
	paste := Setup{URL: address, Steps: []Step{
		enter(address, "Отправляйте события звонка запросом POST, JSON или формой, по адресу:", "Send the events of a call as a POST, JSON or a form, to:"),
		enter(`{"event":"ringing","call_id":"abc-1","direction":"in","number":"+74950000011","agent":"101"}`,
			"Например; event: ringing, answered, ended; direction: in, out. Все поля — на странице /docs.", "For example; event: ringing, answered, ended; direction: in, out. All fields are at /docs."),
	}}
	if a.Settings[pathSecret] == "true" {
		paste.Steps = append(paste.Steps, secretInURL)
	} else {
		paste.Steps = append(paste.Steps, enter(secrets.SignatureHeader+": t=<unix time>,v1=<hex>",
			"Подпишите запрос заголовком; hex — HMAC-SHA256 от «<t>.<тело>» с секретом источника:", "Sign it with a header; hex is the HMAC-SHA256 of “<t>.<body>” with the secret of this source:"))
	}
	return paste
}
