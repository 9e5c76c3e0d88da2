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

// zammad is the generic CTI language of Zammad, which many PBXs can post: JSON
// or a form with newCall, answer and hangup, the secret in the path.
func zammad() Dialect {
	return Dialect{
		Name:         "zammad",
		Title:        web.Say("АТС с интеграцией Zammad", "PBXs that know Zammad"),
		Settings:     []Setting{turnAwaySetting},
		Authenticate: authenticateByPath,
		Parse:        parseZammad,
		Reply:        replyZammad,
		Refusal:      refusalZammad,
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(a.Secret), Steps: []Step{
				enter(a.Hook(a.Secret), "Вставьте адрес в АТС там, где она спрашивает адрес CTI системы Zammad (generic).", "In the PBX, where the address of Zammad's CTI (generic) is asked for: paste the URL."),
				secretInURL,
			}}
		},
	}
}

// parseZammad: a new call names everybody whose phone rings in user.
// Numbers are digits, or anonymous; of an outgoing call the client is in "to".
func parseZammad(req *Request) (Parsed, error) {
	f := req.Form
	e := calls.Event{CallID: f.Need("callId"), Duration: -1}
	zammadParties(f, &e)
	switch event := f.Need("event"); event {
	case "newCall":
		e.Kind = calls.Ringing
		return ringEverybody(e, f.All("user"), nil), f.Fault()
	case "answer":
		e.Kind, e.Agent = calls.Answered, cmp.Or(answeredAt(f, e.Direction), f.First("user", "user[0]"))
		return Parsed{Events: []calls.Event{e}, Aliases: aliasesOf(e.Agent, f.First("user", "user[0]"))}, f.Fault()
	case "hangup":
		e.Kind, e.Result = calls.Ended, hangupResult(f.Text("cause"))
		return Parsed{Events: []calls.Event{e}}, f.Fault()
	case "":
		return Parsed{}, f.Fault()
	default:
		return Parsed{Ignored: event}, nil
	}
}

// answeredAt is the telephone that was answered: ours when the call came in. Of an
// outgoing call it is the client's, and who called may not be told again.
func answeredAt(f *Form, direction rules.Direction) string {
	if direction == rules.Out {
		return ""
	}
	return f.Text("answeringNumber")
}

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

// ringEverybody gives the ringing of a call for each of the agents, or for
// nobody yet; aliases may name them otherwise, in the same order.
func ringEverybody(e calls.Event, agents []string, aliases func(n int) []string) Parsed {
	if len(agents) == 0 {
		return Parsed{Events: []calls.Event{e}}
	}
	h := Parsed{Aliases: map[string][]string{}}
	for n, agent := range agents {
		e.Agent = agent
		h.Events = append(h.Events, e)
		if aliases != nil {
			for name, others := range aliasesOf(agent, aliases(n)...) {
				h.Aliases[name] = others
			}
		}
	}
	return h
}

// hangupResult maps the cause of Zammad and sipgate. A normal end says nothing:
// whether somebody answered was told before.
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
	return "" // normalClearing; forwarded: somebody else goes on with it
}

// turnAwaySetting of PBXs whose reply can refuse a call. The policy's do-not-call
// list stops calls to its numbers only: whoever calls by himself may be talked to,
// unless the administrator of the PBX wants it otherwise.
var turnAwaySetting = Setting{Name: "reject_do_not_call", Kind: KindSwitch, Topic: TopicCalls,
	Label: web.Say("Отвечать «занято» тем, кто в списке «не звонить»", "Callers on the do-not-call list hear busy"),
	Hint:  web.Say("Ни один телефон не звонит.", "No telephone rings.")}

// turnsAway says whether the call that a query tells of is not to ring: a new one
// from a number of the do-not-call list, where the source wants it so.
func turnsAway(req *Request, result Result) bool {
	return req.Setting(turnAwaySetting.Name) == "true" && result.Card != nil && result.Card.DoNotCall != nil &&
		req.Form.Text("event") == "newCall" && req.Form.Text("direction") == "in"
}

// replyZammad replies with an empty object, or refuses the call.
func replyZammad(req *Request, _ Parsed, result Result) Reply {
	if turnsAway(req, result) {
		return JSONReply(struct {
			Action string `json:"action"`
			Reason string `json:"reason"`
		}{"reject", "busy"})
	}
	return JSONReply(struct{}{})
}

// refusalZammad words a refusal as the protocol has it.
func refusalZammad(status int) Reply {
	said := map[int]string{http.StatusUnauthorized: "Invalid token", http.StatusUnprocessableEntity: "Invalid parameters"}[status]
	if said == "" {
		return Reply{}
	}
	body, err := json.Marshal(map[string]string{"error": said})
	if err != nil {
		panic("webhooks: a refusal that is no JSON: " + err.Error())
	}
	return Reply{status, "application/json", body}
}
