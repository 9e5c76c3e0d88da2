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

// mango is the language of Mango Office: forms whose field json is signed. Each
// kind of event has its own end of the path. An entry is a call, its call_id is
// a leg: one for each telephone that rings.
func mango() Dialect {
	return Dialect{
		Name:         "mango",
		Title:        web.Say("Mango Office", "Mango Office"),
		VendorSecret: true,
		Settings: []Setting{
			{Name: mangoKey, Kind: KindText, Topic: TopicConnection, Label: web.Say("Уникальный код вашей АТС (vpbx_api_key)", "Unique code of your PBX (vpbx_api_key)"),
				Hint: web.Say("События с другим кодом отклоняются; с ним можно звонить из браузера.", "Events of another one are refused; with it calls can begin in the browser.")},
			apiURLSetting(mangoAPI, ""),
		},
		Authenticate: authenticateMango,
		Parse:        parseMango,
		Dial:         dialMango,
		DialSettings: []string{mangoKey},
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(), Steps: []Step{
				enter(a.Hook(), "«Интеграции → API коннектор»: вставьте адрес как адрес внешней системы.", "Integrations > API connector: paste the URL as the address of the external system."),
				note("Секрет источника — ключ для создания подписи (vpbx_api_salt), код АТС в настройках ниже — уникальный код вашей АТС (vpbx_api_key).", "The secret of this source is the key for the signature (vpbx_api_salt), the PBX code among the settings the unique code of your PBX (vpbx_api_key)."),
				note("/events/call, /events/summary и другие окончания коннектор добавляет к адресу сам.", "The connector adds /events/call, /events/summary and others to the address by itself."),
			}}
		},
	}
}

const (
	mangoKey  = "api_key"
	mangoPing = "ping"
	mangoAPI  = "https://app.mango-office.ru/vpbx"
	mangoDone = "1000" // "result" of a command that was taken
)

// authenticateMango checks sign: the hex SHA-256 of key, json as it was sent, and salt.
func authenticateMango(req *Request, known secrets.Set) error {
	if req.Rest == mangoPing {
		return nil // the check of the address is not signed, and tells nothing
	}
	f := req.Form
	key, sent := f.Raw("vpbx_api_key"), strings.ToLower(f.Raw("sign"))
	switch {
	case sent == "":
		return fault.Unauthorised("signature_missing")
	case req.Setting(mangoKey) != "" && key != req.Setting(mangoKey):
		return fault.Unauthorised("wrong_key")
	case !known.Sign(sent, func(salt string) string { return mangoSign(key, f.Raw("json"), salt) }):
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
		return Parsed{Ignored: req.Rest}, nil // recordings come without a link, dtmf, sms, results of commands
	}
	f, err := readForm("application/json", []byte(req.Form.Raw("json")))
	if err != nil {
		return Parsed{}, err
	}
	if req.Rest == "events/summary" {
		return mangoSummary(f)
	}
	return mangoCall(f)
}

// mangoCall reads what happens to a leg. The order of arrival is not promised;
// calls takes events in any order, so seq is not needed for it. Of a leg in the
// menu or in a queue only the beginning counts: its end is not the call's.
func mangoCall(f *Form) (Parsed, error) {
	e := calls.Event{CallID: f.Need("entry_id"), Leg: f.Need("call_id"), At: f.Moment("timestamp"), Duration: -1}
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
		return Parsed{Note: state}, f.Fault() // OnHold; the end of a leg that is nobody's
	}
	if way == mangoCallback {
		e.Leg = "" // the leg that follows it goes on with it
	}
	return Parsed{Events: []calls.Event{e}, Aliases: aliases}, f.Fault()
}

// mangoAtAgent says that a leg is at a telephone; some examples of the vendor's name no
// location.
func mangoAtAgent(f *Form) bool {
	location := f.First("location", "locaton")
	return strings.EqualFold(location, "abonent") || location == "" && (f.Has("from[extension]") || f.Has("to[extension]"))
}

// The ways of a leg beside those of a summary: 0 internal, 1 incoming, 2 outgoing.
const (
	mangoCallback = "callback" // the agent's telephone, which rings before the client's
	mangoPassed   = "passed"   // an outgoing call that is passed on to a colleague
	mangoAside    = "aside"    // an agent asks a colleague and has a client waiting

	// mangoHandedOn is why the agent's leg of a callback ends when the client's begins.
	mangoHandedOn = "1000"
)

// mangoLegWay: whoever has an extension is ours. A call that was ordered (by a command,
// a campaign, a widget) rings at our telephone first and has the client in "from"
// though it is outgoing; command_id stands in calls that were only routed by a command
// as well, and those were taken from another leg.
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

// mangoParties sets who is who on a way.
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
		e.Agent = "" // it has reached no telephone yet: "to" is our line
	}
	return aliasesOf(e.Agent, f.Text(agent+"[number]"))
}

func mangoSummary(f *Form) (Parsed, error) {
	e := calls.Event{Kind: calls.Summary, CallID: f.Need("entry_id"), At: f.Moment("end_time"), Duration: 0}
	aliases := mangoParties(f, &e, f.Need("call_direction"))
	e.Result = mangoResult(f.Text("disconnect_reason"))
	var talk time.Time
	if f.Text("talk_time") != "0" { // 0: nobody talked
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

// mangoResult maps disconnect_reason by its class: 1xxx is a normal end, which
// says nothing of an answer.
func mangoResult(reason string) calls.Result {
	switch {
	case reason == "", strings.HasPrefix(reason, "1"):
		return ""
	case strings.HasPrefix(reason, "42"):
		return calls.ResultMissed // not reachable
	}
	return calls.ResultFailed // 2xxx money, 32xx wrong number, 5001 and 5003 the PBX itself
}

// dialMango asks for a callback: the employee's telephone first, then the client.
func dialMango(d DialRequest, send Sender) (string, error) {
	text, err := json.Marshal(map[string]any{"command_id": d.CallID, "from": map[string]string{"extension": d.Extension}, "to_number": d.Dialled})
	if err != nil {
		return "", err
	}
	key := d.Setting(mangoKey, "")
	form := url.Values{"vpbx_api_key": {key}, "json": {string(text)}, "sign": {mangoSign(key, string(text), d.Secret)}}
	r, err := postForm(d.api(mangoAPI)+"/commands/callback", form)
	if err != nil {
		return "", err
	}
	answer, err := send(r)
	if err != nil {
		return "", err
	}
	var said struct {
		Result json.Number `json:"result"` // a text in some editions
	}
	if json.Unmarshal(answer.Body, &said) != nil || said.Result == "" {
		return "", PBXRefused(answer.Status, "")
	}
	if said.Result != mangoDone {
		return "", PBXRefused(answer.Status, "result "+said.Result.String())
	}
	return "", nil // its events carry an entry_id of Mango's own
}
