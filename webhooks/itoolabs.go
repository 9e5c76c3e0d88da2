package webhooks

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"callhue/calls"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/rules"
)

// itoolabs is the language of the PBXs built on ITooLabs (MegaFon, Gravitel,
// Kcell and other labels): forms with cmd and crm_token, all to one URL. The
// answer to cmd=contact is shown on the phones.
func itoolabs() Dialect {
	return Dialect{
		Name:  "itoolabs",
		Title: web.Say("МегаФон, Gravitel и другие АТС ITooLabs", "MegaFon, Gravitel and other ITooLabs PBXs"),
		Settings: []Setting{
			apiURLSetting("", "https://name.pbx.example/crmapi/v1"),
			{Name: restKey, Kind: kindSecret, Topic: topicDial, Label: web.Say("Ключ этого API (X-API-KEY)", "Key of that API (X-API-KEY)")},
			routed("true"),
			lengthSetting(itoolabsName),
			asciiSetting,
		},
		order:      orderItoolabs,
		orderNeeds: []string{apiURL, restKey},
		prove:      proveItoolabs,
		understand: understandItoolabs,
		answer:     answerItoolabs,
		refuse:     refuseItoolabs,
		paste: func(p Address) Setup {
			return Setup{URL: p.Hook(), Steps: []Step{
				enter(p.Hook(), "«Интеграция с CRM → Ваша CRM»: вставьте адрес как адрес вашей CRM.", "Integration with a CRM > your own CRM: paste the URL as the address of the CRM."),
				enter(p.Secret, "Ключ для авторизации в вашей CRM (crm_token) — секрет источника:", "The key for your CRM (crm_token) is the secret of this source:"),
			}}
		},
	}
}

func proveItoolabs(q *Query, known secrets.Set) error {
	token := q.Form.Raw("crm_token")
	if token == "" {
		return refused("token_missing")
	}
	if !known.Has(token) {
		return refused("wrong_token")
	}
	return nil
}

func understandItoolabs(q *Query) (Parsed, error) {
	f := q.Form
	switch cmd := strings.ToLower(f.Need("cmd")); cmd {
	case "":
		return Parsed{}, f.Fault()
	case "contact":
		return Parsed{Asked: &NameQuery{Number: f.Need("phone"), Direction: rules.In}}, f.Fault()
	case "event":
		return itoolabsEvent(f)
	case "history":
		return itoolabsHistory(f)
	case "rating":
		return Parsed{Note: "rating " + f.Need("rating") + " for call " + f.Need("callid")}, f.Fault()
	default:
		return Parsed{Ignored: cmd}, nil
	}
}

// itoolabsEvent reads what happens at one user. CANCELLED ends his part of the
// call only: a group rings many users under one callid, and those who did not
// answer are cancelled. It is no missed call.
func itoolabsEvent(f *Form) (Parsed, error) {
	e := itoolabsCall(f, f.Text("direction"))
	note := ""
	switch kind := strings.ToUpper(f.Need("type")); kind {
	case "INCOMING":
		e.Kind, e.Direction = calls.Ringing, itoolabsDirection(f.Text("direction"), rules.In)
	case "OUTGOING":
		e.Kind, e.Direction = calls.Ringing, itoolabsDirection(f.Text("direction"), rules.Out)
	case "ACCEPTED":
		e.Kind = calls.Answered
	case "COMPLETED":
		e.Kind, e.Result = calls.Ended, calls.ResultAnswered
	case "CANCELLED":
		e.Kind = calls.Ended
	case "TRANSFERRED":
		e.Kind = calls.Ended // for him who passed it on; the other one rings by himself
		note = "passed on as call " + f.Text("second_callid")
	case "":
	default:
		return Parsed{Ignored: kind}, nil
	}
	return Parsed{Events: []calls.Event{e}, Aliases: itoolabsAliases(f, e.Agent), Note: note}, f.Fault()
}

// itoolabsHistory reads the facts of a call that is over. One that nobody took
// may name no user. duration is of the whole call; newer labels tell how much of it
// was ringing.
func itoolabsHistory(f *Form) (Parsed, error) {
	e := itoolabsCall(f, f.Text("type"))
	e.Kind, e.Duration, e.Recording = calls.Summary, f.Seconds("duration"), f.Link("link")
	e.Result = itoolabsResult(f.Text("status"))
	if start := f.Text("start"); start != "" {
		at, err := time.Parse("20060102T150405Z", start)
		if err != nil {
			f.Refuse("start", "not_a_time")
		}
		e.At = at.Add(max(e.Duration, 0)) // a summary tells when the call was over
	}
	if wait := f.Seconds("wait"); wait > 0 && e.Duration > wait {
		e.Duration -= wait
	}
	return Parsed{Events: []calls.Event{e}, Aliases: itoolabsAliases(f, e.Agent)}, f.Fault()
}

func itoolabsCall(f *Form, direction string) calls.Event {
	return calls.Event{CallID: f.Need("callid"), Number: f.Single("phone"), Line: f.Single("diversion"),
		Agent: f.First("user", "ext", "telnum"), Direction: itoolabsDirection(direction, ""), Duration: -1}
}

// itoolabsAliases: the user's login is the PBX's own; his extension is often the
// only thing that our directory has.
func itoolabsAliases(f *Form, agent string) map[string][]string {
	return aliasesOf(agent, f.Text("ext"), f.Text("telnum"))
}

func itoolabsDirection(said string, otherwise rules.Direction) rules.Direction {
	switch strings.ToLower(said) {
	case "in":
		return rules.In
	case "out":
		return rules.Out
	}
	return otherwise
}

// itoolabsResult maps a status, whose letter case varies between the labels.
func itoolabsResult(status string) calls.Result {
	switch strings.ToLower(status) {
	case "":
		return ""
	case "success":
		return calls.ResultAnswered
	case "missed":
		return calls.ResultMissed
	case "cancel":
		return calls.ResultCancelled
	case "busy":
		return calls.ResultBusy
	}
	return calls.ResultFailed // NotAvailable, NotAllowed, NotFound
}

// answerItoolabs gives the name for the phones and whom the PBX should ring first,
// which is an option of the PBX as well; nobody found is an empty object.
func answerItoolabs(q *Query, h Parsed, told Result) Reply {
	var said struct {
		Name        string `json:"contact_name,omitempty"`
		Responsible string `json:"responsible,omitempty"`
	}
	if h.Asked == nil || told.Card == nil {
		return replyJSON(said)
	}
	said.Name = told.Name(q.nameLimit(itoolabsName), q.Setting("ascii") == "true")
	if q.Setting(routeSetting.Name) != "false" {
		if r := told.Route(); len(r.Targets) > 0 {
			said.Responsible = r.Targets[0].Extension
		}
	}
	return replyJSON(said)
}

// itoolabsName is the longest contact_name: soft-phones show that much.
const itoolabsName = 40

// refuseItoolabs words a refusal as the protocol has it.
func refuseItoolabs(status int) Reply {
	switch status {
	case http.StatusUnauthorized:
		return Reply{status, "application/json", []byte(`{"error":"Invalid token"}`)}
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return Reply{http.StatusBadRequest, "application/json", []byte(`{"error":"Invalid parameters"}`)}
	}
	return Reply{}
}

// orderItoolabs asks the REST API of MegaFon and its kin for a call.
func orderItoolabs(o Order, send sender) (string, error) {
	r, err := postJSON(o.api("")+"/makecall", map[string]string{"phone": o.Dialled, "user": o.Extension})
	if err != nil {
		return "", err
	}
	r.Header.Set("X-API-KEY", o.Setting(restKey, ""))
	sent, err := send(r)
	if err != nil {
		return "", err
	}
	var said struct {
		CallID string `json:"callid"`
		Error  string `json:"error"`
	}
	_ = json.Unmarshal(sent.Body, &said) // some answer with an empty body
	if sent.Status < 200 || sent.Status > 299 || said.Error != "" {
		return "", pbxRefused(sent.Status, said.Error)
	}
	return said.CallID, nil
}
