package webhooks

import (
	"callhue/calls"
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
			{Name: pathSecret, Kind: kindSwitch, Topic: topicConnection, Label: web.Say("Принимать секрет в адресе вместо подписи", "Take the secret in the address instead of a signature")},
			{Name: dialURL, Kind: kindAddress, Topic: topicDial, Label: web.Say("Адрес, который начинает звонок", "Address that begins a call"),
				Hint: web.Say("В нём могут стоять {extension}, {number} (цифры), {plus} (с плюсом), {id}.", "With {extension}, {number} (digits), {plus} (with a plus) and {id} in it.")},
			{Name: dialBody, Kind: kindText, Topic: topicDial, Label: web.Say("Что туда отправить", "What is posted there"),
				Hint: web.Say("JSON или форма с теми же словами; пусто — адрес запрашивается методом GET.", "JSON or a form, with the same words in it; empty: the address is fetched.")},
			{Name: dialAuth, Kind: kindSecret, Topic: topicDial, Label: web.Say("Заголовок Authorization этого запроса", "Authorization header of that request"),
				Hint: web.Say("Например Bearer TOKEN", "Such as Bearer TOKEN")},
		},
		order:      orderGeneric,
		orderNeeds: []string{dialURL},
		prove:      proveGeneric,
		understand: understandGeneric,
		answer: func(_ *Query, _ Parsed, told Result) Reply {
			if told.Card == nil {
				return replyJSON(struct{}{})
			}
			return replyJSON(told.Card)
		},
		relates: true,
		names:   true,
		paste:   pasteGeneric,
	}
}

const (
	pathSecret = "path_secret"
	dialURL    = "dial_url"
	dialBody   = "dial_body"
	dialAuth   = "dial_auth"
)

func proveGeneric(q *Query, known secrets.Set) error {
	header := q.Header(secrets.SignatureHeader)
	if header == "" && q.Setting(pathSecret) == "true" {
		return byPath(q, known)
	}
	if header == "" {
		return refused("signature_missing")
	}
	if len(q.Body) == 0 {
		return refused("signature_of_nothing") // fields of the URL are not signed
	}
	return known.Prove(header, q.Body, q.At)
}

func understandGeneric(q *Query) (Parsed, error) {
	f := q.Form
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

func pasteGeneric(p Address) Setup {
	address := p.Hook()
	if p.Source.Settings[pathSecret] == "true" {
		address = p.Hook(p.Secret)
	}
	paste := Setup{URL: address, Steps: []Step{
		enter(address, "Отправляйте события звонка запросом POST, JSON или формой, по адресу:", "Send the events of a call as a POST, JSON or a form, to:"),
		enter(`{"event":"ringing","call_id":"abc-1","direction":"in","number":"+74950000011","agent":"101"}`,
			"Например; event: ringing, answered, ended; direction: in, out. Все поля — на странице /docs.", "For example; event: ringing, answered, ended; direction: in, out. All fields are at /docs."),
	}}
	if p.Source.Settings[pathSecret] == "true" {
		paste.Steps = append(paste.Steps, secretInURL)
	} else {
		paste.Steps = append(paste.Steps, enter(secrets.SignatureHeader+": t=<unix time>,v1=<hex>",
			"Подпишите запрос заголовком; hex — HMAC-SHA256 от «<t>.<тело>» с секретом источника:", "Sign it with a header; hex is the HMAC-SHA256 of “<t>.<body>” with the secret of this source:"))
	}
	return paste
}
