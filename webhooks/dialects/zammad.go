package dialects

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"callhue/calls"
	"callhue/internal/web"
	"callhue/rules"
)

// zammad is the generic CTI language of Zammad, which many PBXs can send: JSON or a form with newCall, answer and hangup,
// and the secret in the path.
func zammad() Dialect {
	return Dialect{
		Name:         "zammad",
		Title:        web.Say("АТС с интеграцией Zammad", "PBXs with a Zammad integration"),
		Settings:     []Setting{rejectSetting},
		Authenticate: authenticateByPath,
		Parse:        parseZammad,
		Reply:        replyZammad,
		Refusal:      refusalZammad,
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(a.Secret), Steps: []Step{
				enter(a.Hook(a.Secret), "Вставьте адрес в АТС там, где она запрашивает адрес CTI системы Zammad (generic).",
					"In the PBX, paste the URL as the address of Zammad's CTI (generic)."),
				secretInURL,
			}}
		},
	}
}

// parseZammad reads an event. A new call names in user all agents whose phones ring. Numbers are digits, or anonymous; of
// an outgoing call the client is in "to".
func parseZammad(req *Request) (Parsed, error) {
	f := req.Form
	e := calls.Event{CallID: f.Need("callId"), Duration: -1}
	zammadParties(f, &e)
	switch event := f.Need("event"); event {
	case "newCall":
		e.Kind = calls.Ringing
		return ringEach(e, f.All("user"), nil), f.Fault()
	case "answer":
		user := f.First("user", "user[0]")
		e.Kind, e.Agent = calls.Answered, cmp.Or(answeredAt(f, e.Direction), user)
		return Parsed{Events: []calls.Event{e}, Aliases: aliasesOf(e.Agent, user)}, f.Fault()
	case "hangup":
		e.Kind, e.Result = calls.Ended, hangupResult(f.Text("cause"))
		return Parsed{Events: []calls.Event{e}}, f.Fault()
	case "":
		return Parsed{}, f.Fault()
	default:
		return Parsed{Ignored: event}, nil
	}
}

// answeredAt returns our telephone that was answered. Of an outgoing call answeringNumber is the client's, and the agent
// may not be named again.
func answeredAt(f *Form, direction rules.Direction) string {
	if direction == rules.Out {
		return ""
	}
	return f.Text("answeringNumber")
}

// zammadParties sets direction, number and line.
func zammadParties(f *Form, e *calls.Event) {
	switch f.Need("direction") {
	case "in":
		e.Direction, e.Number, e.Line = rules.In, f.Single("from"), f.Single("to")
	case "out":
		e.Direction, e.Number, e.Line = rules.Out, f.Single("to"), f.Single("from")
	case "":
	default:
		f.Refuse("direction", "unknown_value")
	}
}

// ringEach returns a ringing event for each of the agents, or one without an agent when none is named yet. aliases may
// return further names of the agent at n.
func ringEach(e calls.Event, agents []string, aliases func(n int) []string) Parsed {
	if len(agents) == 0 {
		return Parsed{Events: []calls.Event{e}}
	}
	parsed := Parsed{Aliases: map[string][]string{}}
	for n, agent := range agents {
		e.Agent = agent
		parsed.Events = append(parsed.Events, e)
		if aliases != nil {
			for name, others := range aliasesOf(agent, aliases(n)...) {
				parsed.Aliases[name] = others
			}
		}
	}
	return parsed
}

// hangupResult maps the cause of Zammad and sipgate. A normal end tells nothing: whether the call was answered is known
// from an earlier event.
func hangupResult(cause string) calls.Result {
	switch strings.ToLower(cause) {
	case "busy":
		return calls.ResultBusy
	case "cancel":
		return calls.ResultCancelled
	case "noanswer":
		return calls.ResultMissed
	case "congestion", "notfound":
		return calls.ResultFailed
	}
	return "" // normalClearing; forwarded, which another leg continues
}

// rejectSetting belongs to PBXs whose reply can reject a call. The do-not-call list is about calls to its numbers:
// their own calls are taken unless the administrator of the PBX sets this.
var rejectSetting = Setting{Name: "reject_do_not_call", Kind: KindSwitch, Topic: TopicCalls,
	Label: web.Say("Отвечать «занято» тем, кто в списке «не звонить»", "Reply busy to callers on the do-not-call list"),
	Hint:  web.Say("Телефоны тогда не звонят.", "No telephone rings then.")}

// rejects reports whether a call should not ring: a new one from a number on the do-not-call list, where the source is
// set to reject it.
func rejects(req *Request, result Result) bool {
	isNew := req.Form.Text("event") == "newCall" && req.Form.Text("direction") == "in"
	isListed := result.Card != nil && result.Card.DoNotCall != nil
	return isNew && isListed && req.Setting(rejectSetting.Name) == "true"
}

// replyZammad replies with an empty object, or rejects the call.
func replyZammad(req *Request, _ Parsed, result Result) Reply {
	if rejects(req, result) {
		return JSONReply(struct {
			Action string `json:"action"`
			Reason string `json:"reason"`
		}{"reject", "busy"})
	}
	return JSONReply(struct{}{})
}

// refusalZammad words a refusal as the protocol specifies it.
func refusalZammad(status int) Reply {
	text := map[int]string{
		http.StatusUnauthorized:        "Invalid token",
		http.StatusUnprocessableEntity: "Invalid parameters",
	}[status]
	if text == "" {
		return Reply{}
	}
	body, err := json.Marshal(map[string]string{"error": text})
	if err != nil {
		panic("dialects: a refusal that is no JSON: " + err.Error())
	}
	return Reply{Status: status, Type: "application/json", Body: body}
}
