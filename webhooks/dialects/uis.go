package dialects

import (
	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/rules"
)

// uis is the language of UIS, CoMagic and CallGear: JSON from a template that an administrator pastes for each
// notification, with a word of ours for the event. The secret is in the path, or a constant in the template.
func uis() Dialect {
	return Dialect{
		Name:         "uis",
		Title:        web.Say("UIS, CoMagic, CallGear", "UIS, CoMagic, CallGear"),
		Authenticate: authenticateUIS,
		Parse:        parseUIS,
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(a.Secret), Steps: append([]Step{
				enter(a.Hook(a.Secret),
					"«Уведомления → HTTP»: создайте уведомление для каждого события ниже, метод POST, с этим "+
						"адресом и указанным телом запроса.",
					"Under Notifications > HTTP, create one notification for each of the events below, method "+
						"POST, with this URL and the body shown."),
			}, uisTemplates()...)}
		},
	}
}

// uisTemplates are the bodies to paste. The service replaces each {{variable}} by a whole JSON value, so there are no
// quotes around them.
func uisTemplates() []Step {
	const (
		call = `"call_session_id":{{call_session_id}},"contact_phone_number":{{contact_phone_number}},` +
			`"virtual_phone_number":{{virtual_phone_number}}`
		agent = `,"employee_id":{{employee_id}},"employee_full_name":{{employee_full_name}}`
	)
	return []Step{
		enter(`{"event":"call","direction":"in",`+call+`}`, "Входящий вызов:", "Inbound call:"),
		enter(`{"event":"ringing","direction":{{direction}},`+call+agent+`}`, "Ожидание ответа:", "Waiting for an answer:"),
		enter(`{"event":"ringing","direction":"out",`+call+agent+`}`, "Исходящий вызов:", "Outbound call:"),
		enter(`{"event":"answered","direction":{{direction}},`+call+agent+`}`, "Начало разговора:", "Talk started:"),
		enter(`{"event":"left","direction":{{direction}},`+call+agent+`}`, "Завершение разговора:", "Talk finished:"),
		enter(`{"event":"ended","direction":{{direction}},`+call+agent+`,"talk_time_duration":{{talk_time_duration}}}`,
			"Завершение вызова:", "Call finished:"),
		enter(`{"event":"lost",`+call+`}`, "Потерянный вызов:", "Lost call:"),
		enter(`{"event":"record",`+call+agent+`,"file_link":{{file_link}}}`, "Записан разговор:", "Record ready:"),
	}
}

func authenticateUIS(req *Request, valid secrets.Set) error {
	if req.Rest != "" {
		return authenticateByPath(req, valid)
	}
	switch token := req.Form.Raw("secret"); {
	case token == "":
		return fault.Unauthorised("secret_missing")
	case !valid.Has(token):
		return fault.Unauthorised("wrong_secret")
	}
	return nil
}

func parseUIS(req *Request) (Parsed, error) {
	f := req.Form
	e := calls.Event{
		CallID:    f.Need("call_session_id"),
		Number:    f.Single("contact_phone_number"),
		Line:      f.Single("virtual_phone_number"),
		Agent:     f.First("employee_id", "employee_full_name"),
		Direction: f.Direction("direction"),
		Duration:  -1,
	}
	switch event := f.Need("event"); event {
	case "call":
		e.Kind, e.Agent = calls.Ringing, ""
	case "ringing":
		e.Kind = calls.Ringing
	case "answered":
		e.Kind = calls.Answered
	case "left":
		if e.Kind = calls.Ended; e.Agent == "" {
			return Parsed{Note: "a talk of nobody's ended"}, f.Fault()
		}
	case "ended":
		e.Kind, e.Duration = calls.Summary, f.Seconds("talk_time_duration")
		if e.Duration > 0 {
			e.Result = calls.ResultAnswered
		}
	case "lost":
		e.Kind, e.Direction, e.Result, e.Agent = calls.Ended, rules.In, calls.ResultMissed, ""
	case "record":
		e.Kind, e.Recording = calls.Summary, f.Link("file_link")
	case "":
		return Parsed{}, f.Fault()
	default:
		return Parsed{Ignored: event}, nil
	}
	return Parsed{Events: []calls.Event{e}, Aliases: aliasesOf(e.Agent, f.Text("employee_full_name"))}, f.Fault()
}
