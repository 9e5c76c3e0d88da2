package dialects

import (
	"cmp"
	"encoding/json"
	"net/http"

	"callhue/calls"
	"callhue/internal/web"
	"callhue/phone"
	"callhue/rules"
	"callhue/webhooks/dialects/mapping"
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
	e := calls.Event{CallID: f.Need(zammadCallIDs...), Duration: -1}
	zammadParties(f, &e)
	switch event := f.Need("event"); event {
	case "newCall":
		e.Kind = calls.Ringing
		return zammadRings(f, e), f.Fault()
	case "answer":
		user := f.First("user", "user[0]")
		number := answeredAt(f, e.Direction)
		e.Kind, e.Agent = calls.Answered, cmp.Or(number, user)
		return zammadAnswer(f, e, user, number), f.Fault()
	case "hangup":
		return zammadHangup(f, e), f.Fault()
	case "":
		return Parsed{}, f.Fault()
	default:
		return Parsed{Ignored: event}, nil
	}
}

// zammadCallIDs are the spellings of the call's id; the bridge from 3CX uses the others.
var zammadCallIDs = []string{"callId", "call_id", "callid"}

// zammadRings returns what a new call means. The bridge from 3CX names the telephone apart from the person.
func zammadRings(f *Form, e calls.Event) Parsed {
	users := people(f.All("user"))
	number := ""
	if len(users) == 1 {
		number = answeredAt(f, e.Direction)
	}
	return ringEach(e, users, func(int) []string { return []string{number} })
}

// zammadAnswer returns what an answer means. That of a machine, or one that names no person, only ends the ringing.
func zammadAnswer(f *Form, e calls.Event, agent, number string) Parsed {
	queue := f.Text("queue")
	switch {
	case isVoicemail(agent) || isVoicemail(number):
		e.Kind, e.Agent = calls.Stopped, ""
		return Parsed{Events: []calls.Event{e}, Note: "answered by the voicemail"}
	case queue != "" && e.Agent == queue:
		return Parsed{Note: "answered by the queue " + queue}
	case e.Agent == "" && e.Direction == rules.In:
		stopped := e
		stopped.Kind = calls.Stopped
		return Parsed{Events: []calls.Event{stopped, e}, Note: "the answer names no person"}
	}
	return Parsed{Events: []calls.Event{e}, Aliases: aliasesOf(e.Agent, agent, number)}
}

// zammadHangup returns what the end of a call means; the end of a leg that lost the call to another one ends no call.
func zammadHangup(f *Form, e calls.Event) Parsed {
	cause := f.Text("cause")
	if goesOn(cause) {
		if e.Agent = f.First("user", "user[0]", "answeringNumber"); e.Agent == "" {
			return Parsed{Note: "another telephone has the call"}
		}
	}
	e.Kind, e.Result, e.Unanswered = calls.Ended, resultOfCause(cause), mapping.UnansweredOf(cause)
	return Parsed{Events: []calls.Event{e}}
}

// answeredAt returns our telephone that was answered. Of an outgoing call answeringNumber is the client's, and the agent
// may not be named again.
func answeredAt(f *Form, direction rules.Direction) string {
	if direction == rules.Out {
		return ""
	}
	return f.Text("answeringNumber")
}

// zammadParties sets direction, number and line. Where no direction can be read, the shorter number is ours.
func zammadParties(f *Form, e *calls.Event) {
	from, to := f.Single("from"), f.Single("to")
	e.Direction = f.Direction("direction")
	if e.Direction == "" {
		switch ours, theirs := phone.IsExtension(from), phone.IsExtension(to); {
		case ours && !theirs:
			e.Direction = rules.Out
		case theirs && !ours:
			e.Direction = rules.In
		}
	}
	switch e.Direction {
	case rules.In:
		e.Number, e.Line = from, to
	case rules.Out:
		e.Number, e.Line = to, from
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
