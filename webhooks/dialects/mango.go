package dialects

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/rules"
)

// mango is the language of Mango Office: forms whose field json is signed. Each kind of event has a path of its own. An
// entry_id is a call, a call_id is a leg of it: one for each telephone that rings.
func mango() Dialect {
	return Dialect{
		Name:         "mango",
		Title:        web.Say("Mango Office", "Mango Office"),
		VendorSecret: true,
		Settings: []Setting{
			{Name: mangoKey, Kind: KindText, Topic: TopicConnection, Sealed: true,
				Label: web.Say("Уникальный код вашей АТС (vpbx_api_key)", "Unique code of your PBX (vpbx_api_key)"),
				Hint: web.Say("События с другим кодом отклоняются; с ним можно звонить из браузера.",
					"Events with another code are refused; with it, calls can be placed from the browser.")},
			apiURLSetting(mangoAPI, ""),
		},
		Authenticate: authenticateMango,
		Parse:        parseMango,
		Dial:         dialMango,
		DialSettings: []string{mangoKey},
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(), Steps: []Step{
				enter(a.Hook(), "«Интеграции → API коннектор»: вставьте как адрес внешней системы.",
					"Under Integrations > API connector, paste the URL as the address of the external system."),
				note("Секрет источника — ключ для создания подписи (vpbx_api_salt), код АТС в настройках — "+
					"уникальный код вашей АТС (vpbx_api_key).",
					"The secret of this source is the signature key (vpbx_api_salt); the PBX code in the settings "+
						"is the unique code of your PBX (vpbx_api_key)."),
				note("Окончания /events/call, /events/summary и другие коннектор добавляет к адресу сам.",
					"The connector appends /events/call, /events/summary and others to the URL by itself."),
			}}
		},
	}
}

const (
	mangoKey  = "api_key"
	mangoPing = "ping"
	mangoAPI  = "https://app.mango-office.ru/vpbx"
	mangoDone = "1000" // "result" of a command that was accepted
)

// authenticateMango checks sign: the hex SHA-256 of key, json as it was sent, and salt.
func authenticateMango(req *Request, valid secrets.Set) error {
	if req.Rest == mangoPing {
		return nil // the check of the URL is not signed, and contains nothing
	}
	f := req.Form
	key, sent := f.Raw("vpbx_api_key"), strings.ToLower(f.Raw("sign"))
	switch {
	case sent == "":
		return fault.Unauthorised("signature_missing")
	case req.Setting(mangoKey) != "" && key != req.Setting(mangoKey):
		return fault.Unauthorised("wrong_key")
	case !valid.Sign(sent, func(salt string) string { return mangoSign(key, f.Raw("json"), salt) }):
		return fault.Unauthorised("wrong_signature")
	}
	return nil
}

func mangoSign(key, text, salt string) string {
	sum := sha256.Sum256([]byte(key + text + salt))
	return hex.EncodeToString(sum[:])
}

func parseMango(req *Request) (Parsed, error) {
	switch req.Rest {
	case mangoPing:
		return Parsed{Note: "check of the address"}, nil
	case "events/call", "events/summary":
	default:
		return Parsed{Ignored: req.Rest}, nil // recordings, which come without a link; dtmf, sms, results of commands
	}
	f, err := req.Form.JSON("json")
	if err != nil {
		return Parsed{}, err
	}
	return mangoEvent(req.Rest, f)
}

func mangoEvent(rest string, f *Form) (Parsed, error) {
	if rest == "events/summary" {
		return mangoSummary(f)
	}
	return mangoCall(f)
}

// mangoCall reads what happens to a leg. Events may arrive in any order, which calls allows for, so seq is not needed. Of
// a leg in the menu or in a queue only the beginning counts: its end is not the end of the call.
func mangoCall(f *Form) (Parsed, error) {
	e := calls.Event{CallID: f.Need("entry_id"), Leg: f.Single("call_id"), At: f.Moment("timestamp"), Duration: -1}
	way := mangoLegWay(f)
	aliases := mangoParties(f, &e, way)
	state, reason := f.Need("call_state"), f.Text("disconnect_reason")
	switch {
	case way == mangoAside:
		return Parsed{Note: state + ": a colleague is asked"}, f.Fault()
	case !mangoAtAgent(f) && state == "Appeared":
		e.Kind, e.Agent = calls.Ringing, ""
	case !mangoAtAgent(f):
		return Parsed{Note: state + " in " + f.First("location", "locaton")}, f.Fault()
	case way == mangoCallback && (state == "Connected" || reason == mangoHandedOn):
		return Parsed{Note: state + ": the agent's telephone, before the client's"}, f.Fault()
	case state == "Appeared":
		e.Kind = calls.Ringing
	case state == "Connected":
		e.Kind = calls.Answered
	case state == "Disconnected" && e.Agent != "":
		e.Kind, e.Result = calls.Ended, mangoResult(reason)
	default:
		return Parsed{Note: state}, f.Fault() // OnHold; the end of a leg without an agent
	}
	if way == mangoCallback {
		e.Leg = "" // the next leg continues it
	}
	return Parsed{Events: []calls.Event{e}, Aliases: aliases}, f.Fault()
}

// mangoAtAgent reports whether a leg is at a telephone; some of the vendor's examples name no location.
func mangoAtAgent(f *Form) bool {
	location := f.First("location", "locaton")
	return strings.EqualFold(location, "abonent") || location == "" && (f.Has("from[extension]") || f.Has("to[extension]"))
}

// What a leg is, beside the directions of a summary: 0 internal, 1 incoming, 2 outgoing.
const (
	mangoCallback = "callback" // the agent's telephone, which rings before the client's
	mangoPassed   = "passed"   // an outgoing call that is transferred to a colleague
	mangoAside    = "aside"    // an agent asks a colleague while a client waits

	// mangoHandedOn is why the agent's leg of a callback ends when the client's begins.
	mangoHandedOn = "1000"
)

// mangoLegWay returns what a leg is. A party with an extension is ours. A call that was placed by a command, a campaign
// or a widget rings at our telephone first and has the client in "from" though it is outgoing. command_id is also in
// calls that were only routed by a command, and those were taken from another leg.
func mangoLegWay(f *Form) string {
	from, to, taken := f.Has("from[extension]"), f.Has("to[extension]"), f.Has("from[taken_from_call_id]")
	ordered := f.Has("callback_initiator") || f.Has("task_id")
	switch {
	case to && !taken && (ordered || f.Has("command_id")):
		return mangoCallback
	case from && to && taken && !f.Has("command_id"):
		return mangoAside
	case from && to:
		return "0"
	case from:
		return "2"
	case ordered && to:
		return mangoPassed
	}
	return "1"
}

// mangoParties sets agent, number and line of a leg and returns the agent's aliases.
func mangoParties(f *Form, e *calls.Event, way string) map[string][]string {
	agent := "from"
	switch way {
	case "1":
		e.Direction, e.Number, agent = rules.In, f.Text("from[number]"), "to"
	case mangoCallback, mangoPassed:
		e.Direction, e.Number, agent = rules.Out, f.First("from[extension]", "from[number]"), "to"
	case "2":
		e.Direction, e.Number = rules.Out, f.Text("to[number]")
	default:
		e.Direction, e.Number = rules.Out, f.Text("to[extension]")
	}
	e.Line = f.First("line_number", "to[line_number]")
	e.Agent = f.First(agent+"[extension]", agent+"[number]")
	if way == "1" && !f.Has("to[extension]") && !strings.Contains(e.Agent, "sip:") {
		e.Agent = "" // no telephone rings yet: "to" is our line
	}
	return aliasesOf(e.Agent, f.Text(agent+"[number]"))
}

// mangoSummary reads the report of a call that is over.
func mangoSummary(f *Form) (Parsed, error) {
	e := calls.Event{Kind: calls.Summary, CallID: f.Need("entry_id"), At: f.Moment("end_time"), Duration: 0}
	aliases := mangoParties(f, &e, mangoWay(f))
	e.Result = mangoResult(f.Text("disconnect_reason"))
	var talk time.Time
	if f.Text("talk_time") != "0" { // 0: there was no talk
		talk = f.Moment("talk_time")
	}
	switch {
	case !talk.IsZero() && e.At.After(talk):
		e.Duration, e.Result = e.At.Sub(talk), calls.ResultAnswered
	case f.Text("entry_result") == "1":
		e.Result, e.Duration = calls.ResultAnswered, -1
	case e.Result == "" && e.Direction == rules.In:
		e.Result = calls.ResultMissed
	}
	return Parsed{Events: []calls.Event{e}, Aliases: aliases}, f.Fault()
}

// mangoWay returns the direction of a summary; where none can be read, that of its parties.
func mangoWay(f *Form) string {
	way := f.Single("call_direction")
	switch way {
	case "0", "1", "2":
		return way
	case "":
	default:
		f.Drop("call_direction", "unknown_value")
	}
	return mangoLegWay(f)
}

// mangoResult maps disconnect_reason by its class: 1xxx is a normal end, which tells nothing about an answer.
func mangoResult(reason string) calls.Result {
	switch {
	case reason == "", strings.HasPrefix(reason, "1"):
		return ""
	case strings.HasPrefix(reason, "42"):
		return calls.ResultMissed // not reachable
	}
	return calls.ResultFailed // 2xxx balance, 32xx wrong number, 5001 and 5003 the PBX itself
}

// dialMango asks for a callback: the agent's telephone rings first, then the client's.
func dialMango(d DialRequest, send Sender) (string, error) {
	from := map[string]string{"extension": d.Extension}
	text, err := json.Marshal(map[string]any{"command_id": d.CallID, "from": from, "to_number": d.Dialled})
	if err != nil {
		return "", err
	}
	key := d.Setting(mangoKey, "")
	sign := mangoSign(key, string(text), d.Secret)
	form := url.Values{"vpbx_api_key": {key}, "json": {string(text)}, "sign": {sign}}
	r, err := postForm(d.api(mangoAPI)+"/commands/callback", form)
	if err != nil {
		return "", err
	}
	answer, err := send(r)
	if err != nil {
		return "", err
	}
	var command struct {
		Result json.Number `json:"result"` // a string in some editions
	}
	if json.Unmarshal(answer.Body, &command) != nil || command.Result == "" {
		return "", PBXRefused(answer.Status, "")
	}
	if command.Result != mangoDone {
		return "", PBXRefused(answer.Status, "result "+command.Result.String())
	}
	return "", nil // its events carry an entry_id of Mango's own
}
