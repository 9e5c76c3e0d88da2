package dialects

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/rules"
)

// itoolabs is the language of the PBXs built on ITooLabs (MegaFon, Gravitel, Kcell and other labels): forms with cmd and
// crm_token, all to one URL. The answer to cmd=contact is shown on the phones.
func itoolabs() Dialect {
	return Dialect{
		Name:  "itoolabs",
		Title: web.Say("МегаФон, Gravitel и другие АТС ITooLabs", "MegaFon, Gravitel and other ITooLabs PBXs"),
		Settings: []Setting{
			apiURLSetting("", "https://name.pbx.example/crmapi/v1"),
			{Name: restKey, Kind: KindSecret, Topic: TopicDial,
				Label: web.Say("Ключ этого API (X-API-KEY)", "Key of that API (X-API-KEY)")},
			routeSetting("true"),
			lengthSetting(itoolabsName),
			asciiSetting,
		},
		Dial:         dialItoolabs,
		DialSettings: []string{apiURL, restKey},
		Authenticate: authenticateItoolabs,
		Parse:        parseItoolabs,
		Reply:        replyItoolabs,
		Refusal:      refusalItoolabs,
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(), Steps: []Step{
				enter(a.Hook(), "«Интеграция с CRM → Ваша CRM»: вставьте как адрес вашей CRM.",
					"Under CRM integration > Your CRM, paste the URL as the address of your CRM."),
				enter(a.Secret, "Ключ для авторизации в вашей CRM (crm_token) — секрет источника:",
					"The authorisation key of your CRM (crm_token) is the secret of this source:"),
			}}
		},
	}
}

func authenticateItoolabs(req *Request, valid secrets.Set) error {
	token := req.Form.Raw("crm_token")
	if token == "" {
		return fault.Unauthorised("token_missing")
	}
	if !valid.Has(token) {
		return fault.Unauthorised("wrong_token")
	}
	return nil
}

func parseItoolabs(req *Request) (Parsed, error) {
	f := req.Form
	switch cmd := strings.ToLower(f.Need("cmd")); cmd {
	case "":
		return Parsed{}, f.Fault()
	case "contact":
		return Parsed{Query: &NameQuery{Number: f.Need("phone"), Direction: rules.In}}, f.Fault()
	case "event":
		return itoolabsEvent(f)
	case "history":
		return itoolabsHistory(f)
	case "rating":
		return Parsed{Note: "rating " + f.Text("rating") + " for call " + f.Text("callid")}, f.Fault()
	default:
		return Parsed{Ignored: cmd}, nil
	}
}

// itoolabsEvent reads what happens at one user. CANCELLED ends this user's part of the call only: a group rings many
// users under one callid, and those who did not answer are cancelled. It is no missed call.
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
		e.Kind = calls.Ended // for the user who transferred it; the other one rings in events of their own
		note = "passed on as call " + f.Text("second_callid")
	case "":
	default:
		return Parsed{Ignored: kind}, nil
	}
	return Parsed{Events: []calls.Event{e}, Aliases: itoolabsAliases(f, e.Agent), Note: note}, f.Fault()
}

// itoolabsHistory reads the summary of a call that is over. An unanswered one may name no user. duration is of the whole
// call; newer labels tell how much of it was ringing.
func itoolabsHistory(f *Form) (Parsed, error) {
	e := itoolabsCall(f, f.Text("type"))
	e.Kind, e.Duration, e.Recording = calls.Summary, f.Seconds("duration"), f.Link("link")
	e.Result = itoolabsResult(f.Text("status"))
	if start := f.Text("start"); start != "" {
		at, err := time.Parse("20060102T150405Z", start)
		if err != nil {
			f.Drop("start", "not_a_time")
		} else {
			e.At = at.Add(max(e.Duration, 0)) // a summary is dated by the end of the call
		}
	}
	if wait := f.Seconds("wait"); wait > 0 && e.Duration > wait {
		e.Duration -= wait
	}
	return Parsed{Events: []calls.Event{e}, Aliases: itoolabsAliases(f, e.Agent)}, f.Fault()
}

func itoolabsCall(f *Form, direction string) calls.Event {
	return calls.Event{
		CallID:    f.Need("callid"),
		Number:    f.Single("phone"),
		Line:      f.Single("diversion"),
		Agent:     f.First("user", "ext", "telnum"),
		Direction: itoolabsDirection(direction, ""),
		Duration:  -1,
	}
}

// itoolabsAliases returns the user's extension and number: the login is the PBX's own, and our directory often has only
// the extension.
func itoolabsAliases(f *Form, agent string) map[string][]string {
	return aliasesOf(agent, f.Text("ext"), f.Text("telnum"))
}

func itoolabsDirection(text string, otherwise rules.Direction) rules.Direction {
	switch strings.ToLower(text) {
	case "in":
		return rules.In
	case "out":
		return rules.Out
	}
	return otherwise
}

// itoolabsResult maps a status, whose case varies between the labels.
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

// replyItoolabs returns the name for the phones and the telephone that the PBX should ring first, which is an option of the PBX as
// well. For an unknown number it is an empty object.
func replyItoolabs(req *Request, parsed Parsed, result Result) Reply {
	var reply struct {
		Name        string `json:"contact_name,omitempty"`
		Responsible string `json:"responsible,omitempty"`
	}
	if parsed.Query == nil || result.Card == nil {
		return JSONReply(reply)
	}
	reply.Name = result.CallerName(req.NameLength(itoolabsName), req.ASCIIOnly())
	if req.Setting(routeName) != "false" {
		if r := result.Route(); len(r.Targets) > 0 {
			reply.Responsible = r.Targets[0].Extension
		}
	}
	return JSONReply(reply)
}

// itoolabsName is the longest contact_name, in characters: soft phones show that much.
const itoolabsName = 40

// refusalItoolabs words a refusal as the protocol specifies it.
func refusalItoolabs(status int) Reply {
	switch status {
	case http.StatusUnauthorized:
		return Reply{Status: status, Type: "application/json", Body: []byte(`{"error":"Invalid token"}`)}
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return Reply{
			Status: http.StatusBadRequest,
			Type:   "application/json",
			Body:   []byte(`{"error":"Invalid parameters"}`),
		}
	}
	return Reply{}
}

// dialItoolabs places a call with the REST API of MegaFon and the other labels.
func dialItoolabs(d DialRequest, send Sender) (string, error) {
	r, err := postJSON(d.api("")+"/makecall", map[string]string{"phone": d.Dialled, "user": d.Extension})
	if err != nil {
		return "", err
	}
	r.Header.Set("X-API-KEY", d.Setting(restKey, ""))
	answer, err := send(r)
	if err != nil {
		return "", err
	}
	var placed struct {
		CallID string `json:"callid"`
		Error  string `json:"error"`
	}
	_ = json.Unmarshal(answer.Body, &placed) // some labels answer with an empty body
	if !answer.OK() || placed.Error != "" {
		return "", PBXRefused(answer.Status, placed.Error)
	}
	return placed.CallID, nil
}
