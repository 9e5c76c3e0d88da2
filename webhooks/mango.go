package webhooks

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"callhue/calls"
	"callhue/rules"
	"callhue/secrets"
)

// mango is the language of Mango Office: forms whose field json is signed. Each
// kind of event has its own end of the path. An entry is a call, its call_id is
// a leg: one for each telephone that rings.
func mango() Dialect {
	return Dialect{
		Name:   "mango",
		Title:  "Mango Office",
		Theirs: true,
		Settings: append([]Setting{
			{mangoKey, "the unique code of the PBX (vpbx_api_key); events of another one are refused, and it can dial"},
			{apiURL, "address of the API that dials; " + mangoAPI + " unless set"},
		}, nameSettings[:]...),
		prove:      proveMango,
		understand: understandMango,
		order:      orderMango,
		orderNeeds: []string{mangoKey},
		paste: func(p Address) Paste {
			return Paste{URL: p.Hook(), Lines: []string{
				"Integrations > API connector: paste the URL as the address of the external system.",
				"The secret of this source is the key for the signature (vpbx_api_salt), the setting api_key the unique code of your PBX (vpbx_api_key).",
				"The connector adds /events/call, /events/summary and others to the address by itself.",
			}}
		},
	}
}

const (
	mangoKey  = "api_key"
	mangoPing = "ping"
	mangoAPI  = "https://app.mango-office.ru/vpbx"
	mangoDone = 1000 // "result" of a command that was taken
)

// proveMango checks sign: the hex SHA-256 of key, json as it was sent, and salt.
func proveMango(q *Query, known secrets.Set) error {
	if q.Rest == mangoPing {
		return nil // the check of the address is not signed, and tells nothing
	}
	f := q.Form
	key, sent := f.Raw("vpbx_api_key"), strings.ToLower(f.Raw("sign"))
	switch {
	case sent == "":
		return refused("signature_missing")
	case q.Setting(mangoKey) != "" && key != q.Setting(mangoKey):
		return refused("wrong_key")
	case !known.Sign(sent, func(salt string) string { return mangoSign(key, f.Raw("json"), salt) }):
		return refused("wrong_signature")
	}
	return nil
}

func mangoSign(key, text, salt string) string {
	sum := sha256.Sum256([]byte(key + text + salt))
	return hex.EncodeToString(sum[:])
}

func understandMango(q *Query) (Heard, error) {
	switch q.Rest {
	case mangoPing:
		return Heard{Note: "check of the address"}, nil
	case "events/call", "events/summary":
	default:
		return Heard{Ignored: q.Rest}, nil // recordings come without a link, dtmf, sms, results of commands
	}
	f, err := readForm("application/json", []byte(q.Form.Raw("json")))
	if err != nil {
		return Heard{}, err
	}
	if q.Rest == "events/summary" {
		return mangoSummary(f)
	}
	return mangoCall(f)
}

// mangoCall reads what happens to a leg. The order of arrival is not promised;
// calls takes events in any order, so seq is not needed for it. Of a leg in the
// menu or in a queue only the beginning counts: its end is not the call's.
func mangoCall(f *Form) (Heard, error) {
	e := calls.Event{CallID: f.Need("entry_id"), Leg: f.Need("call_id"), At: f.Moment("timestamp"), Duration: -1}
	aliases := mangoParties(f, &e, mangoLegDirection(f))
	state, atAgent := f.Need("call_state"), strings.EqualFold(f.First("location", "locaton"), "abonent")
	switch {
	case !atAgent && state == "Appeared":
		e.Kind, e.Agent = calls.Ringing, ""
	case !atAgent:
		return Heard{Note: state + " in " + f.First("location", "locaton")}, f.Fault()
	case state == "Appeared":
		e.Kind = calls.Ringing
	case state == "Connected":
		e.Kind = calls.Answered
	case state == "Disconnected" && e.Agent != "":
		e.Kind, e.Result = calls.Ended, mangoResult(f.Text("disconnect_reason"))
	default:
		return Heard{Note: state}, f.Fault() // OnHold; the end of a leg that is nobody's
	}
	return Heard{Events: []calls.Event{e}, Aliases: aliases}, f.Fault()
}

// mangoLegDirection: whoever has an extension is ours. Of a callback the client
// stands in "from" although we make the call.
func mangoLegDirection(f *Form) string {
	switch {
	case f.Has("command_id") && f.Has("from[taken_from_call_id]"):
		return "callback"
	case f.Has("from[extension]") && f.Has("to[extension]"):
		return "0"
	case f.Has("from[extension]"):
		return "2"
	}
	return "1"
}

// mangoParties sets who is who. direction is call_direction of a summary: 0
// internal, 1 incoming, 2 outgoing; or "callback".
func mangoParties(f *Form, e *calls.Event, direction string) map[string][]string {
	agent := "from"
	switch direction {
	case "1":
		e.Direction, e.Number, agent = rules.In, f.Text("from[number]"), "to"
	case "callback":
		e.Direction, e.Number, agent = rules.Out, f.Text("from[number]"), "to"
	case "2":
		e.Direction, e.Number = rules.Out, f.Text("to[number]")
	default:
		e.Direction, e.Number = rules.Out, f.Text("to[extension]")
	}
	e.Line = f.First("line_number", "to[line_number]")
	e.Agent = f.First(agent+"[extension]", agent+"[number]")
	if direction == "1" && !f.Has("to[extension]") && !strings.Contains(e.Agent, "sip:") {
		e.Agent = "" // it has reached no telephone yet: "to" is our line
	}
	return aliasesOf(e.Agent, f.Text(agent+"[number]"))
}

func mangoSummary(f *Form) (Heard, error) {
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
	return Heard{Events: []calls.Event{e}, Aliases: aliases}, f.Fault()
}

// mangoResult maps disconnect_reason by its class: 11xx is a normal end, which
// says nothing of an answer.
func mangoResult(reason string) calls.Result {
	switch {
	case reason == "", strings.HasPrefix(reason, "11"):
		return ""
	case strings.HasPrefix(reason, "42"):
		return calls.ResultMissed // not reachable
	}
	return calls.ResultFailed // 2xxx money, 32xx wrong number, 5001 and 5003 the PBX itself
}

// orderMango asks for a callback: the employee's telephone first, then the client.
func orderMango(o Order, send sender) (string, error) {
	text, err := json.Marshal(map[string]any{"command_id": o.ID, "from": map[string]string{"extension": o.Extension}, "to_number": o.Dialled})
	if err != nil {
		return "", err
	}
	key := o.Setting(mangoKey, "")
	form := url.Values{"vpbx_api_key": {key}, "json": {string(text)}, "sign": {mangoSign(key, string(text), o.Secret)}}
	r, err := postForm(o.api(mangoAPI)+"/commands/callback", form)
	if err != nil {
		return "", err
	}
	sent, err := send(r)
	if err != nil {
		return "", err
	}
	var said struct {
		Result int `json:"result"`
	}
	if json.Unmarshal(sent.Body, &said) != nil || said.Result == 0 {
		return "", pbxRefused(sent.Status, "")
	}
	if said.Result != mangoDone {
		return "", pbxRefused(sent.Status, "result "+strconv.Itoa(said.Result))
	}
	return "", nil // its events carry an entry_id of Mango's own
}
