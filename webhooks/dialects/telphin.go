package dialects

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"callhue/calls"
	"callhue/internal/web"
	"callhue/phone"
	"callhue/rules"
	"callhue/webhooks/ami"
	"callhue/webhooks/dialects/mapping"
)

// telphin is the language of Telphin's RingMe API: a query or a form for each event of an extension, with the secret in
// the path. The documentation varies the case of the names: they are read in any.
func telphin() Dialect {
	return Dialect{
		Name:  "telphin",
		Title: web.Say("Телфин", "Telphin"),
		Settings: []Setting{
			{Name: telphinApp, Kind: KindText, Topic: TopicDial,
				Label: web.Say("ID доверенного приложения", "Id of a trusted application")},
			{Name: telphinKey, Kind: KindSecret, Topic: TopicDial,
				Label: web.Say("Секрет этого приложения", "Secret of that application")},
			apiURLSetting(telphinAPI, ""),
		},
		Dial:         dialTelphin,
		DialSettings: []string{telphinApp, telphinKey},
		Authenticate: authenticateByPath,
		Parse:        parseTelphin,
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(a.Secret), Steps: []Step{
				enter(a.Hook(a.Secret),
					"«Добавочные → сотрудник → API-события», у каждого сотрудника: адрес для dial-in, dial-out, "+
						"answer и hangup. "+
						"Или запросом POST /api/ver1.0/extension/{id}/event/.",
					"Under Extensions > (every employee) > API events, enter the URL for dial-in, dial-out, answer "+
						"and hangup. "+
						"Or POST it to /api/ver1.0/extension/{id}/event/."),
				secretInURL,
			}}
		},
	}
}

const (
	telphinApp = "app_id"
	telphinKey = "app_secret"
	telphinAPI = "https://apiproxy.telphin.ru"
)

// parseTelphin reads an event of one extension: CallID is the call, SubCallID its leg at this extension.
func parseTelphin(req *Request) (Parsed, error) {
	f := req.Form.AnyCase()
	e := calls.Event{CallID: f.Need("callid"), Leg: f.Single("subcallid"), At: telphinMoment(f, "eventtime"), Duration: -1}
	switch event := strings.ToLower(f.Need("eventtype")); event {
	case "dial-in", "dial-out":
		e.Kind = calls.Ringing
	case "answer":
		e.Kind = calls.Answered
	case "hangup":
		e.Kind, e.Result = calls.Ended, ami.ResultOf(f.Text("callstatus"))
		e.Unanswered = mapping.UnansweredOf(f.Text("callstatus"))
		if e.Result == calls.ResultAnswered {
			e.Duration = telphinDuration(f, "bridgedduration", "duration")
		}
	case "":
		return Parsed{}, f.Fault()
	default:
		return Parsed{Ignored: event}, nil
	}
	telphinParties(f, &e)
	return Parsed{Events: []calls.Event{e}}, f.Fault()
}

// telphinParties sets agent, number and line.
func telphinParties(f *Form, e *calls.Event) {
	caller := telphinExtension(f.Text("callerextension"))
	called := telphinExtension(f.Text("calledextension"))
	switch f.Direction("callflow") {
	case rules.In:
		e.Direction, e.Agent, e.Line = rules.In, called, f.Text("calleddid")
		e.Number = telphinNumber(f.First("calleridnum", "remotenumber"))
	case rules.Out:
		e.Direction, e.Agent = rules.Out, caller
		e.Number = telphinNumber(f.First("callednumber", "remotenumber"))
		if called != "" {
			e.Number = called // a colleague
		}
	default:
		e.Agent, e.Number = called, telphinNumber(f.Text("remotenumber"))
		if called == "" {
			e.Agent = caller
		}
	}
}

// telphinNumber returns a number, or the extension of a colleague ("0000*102"). A star that was dialled stays.
func telphinNumber(text string) string {
	if before, extension, found := strings.Cut(text, "*"); found && before != "" && phone.IsExtension(extension) {
		return extension
	}
	return text
}

// telphinExtension returns the extension in "0000*101@sipproxy.example".
func telphinExtension(text string) string {
	text, _, _ = strings.Cut(text, "@")
	if _, extension, found := strings.Cut(text, "*"); found {
		return extension
	}
	return text
}

// telphinMoment reads microseconds since 1970.
func telphinMoment(f *Form, name string) time.Time {
	micros, ok := telphinMicros(f, name)
	if !ok {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// telphinDuration reads microseconds of the first field that was sent; negative when none was.
func telphinDuration(f *Form, names ...string) time.Duration {
	for _, name := range names {
		if micros, ok := telphinMicros(f, name); ok && micros <= maxSeconds*1e6 {
			return time.Duration(micros) * time.Microsecond
		}
	}
	return -1
}

func telphinMicros(f *Form, name string) (int64, bool) {
	text := f.Single(name)
	if text == "" {
		return 0, false
	}
	micros, err := strconv.ParseInt(text, 10, 64)
	if err != nil || micros < 0 || micros > 1<<53 {
		f.Drop(name, "wrong_type")
		return 0, false
	}
	return micros, true
}

// dialTelphin asks for a callback on behalf of an extension, which rings first. A token is fetched for each call: calls
// are few, and so it never expires.
func dialTelphin(d DialRequest, send Sender) (string, error) {
	host := d.api(telphinAPI)
	r, err := postForm(host+"/oauth/token", url.Values{
		"grant_type":    {"client_credentials"},
		"scope":         {"all"},
		"client_id":     {d.Setting(telphinApp, "")},
		"client_secret": {d.Setting(telphinKey, "")},
	})
	if err != nil {
		return "", err
	}
	var token struct {
		Access string `json:"access_token"`
	}
	if err := telphinAsk(send, r, &token); err != nil {
		return "", err
	}
	if token.Access == "" {
		return "", PBXRefused(0, "no access token")
	}
	authorised := func(r *http.Request) (Response, error) {
		r.Header.Set("Authorization", "Bearer "+token.Access)
		return send(r)
	}
	id, err := telphinID(d, host, authorised)
	if err != nil {
		return "", err
	}
	callback := map[string]any{"src_num": []string{d.Extension}, "dst_num": d.Dialled}
	r, err = postJSON(host+"/api/ver1.0/extension/"+id+"/callback/", callback)
	if err != nil {
		return "", err
	}
	var placed struct {
		CallID string `json:"call_id"`
	}
	err = telphinAsk(authorised, r, &placed)
	return placed.CallID, err
}

// Bounds of the list of extensions.
const (
	telphinPageSize = 100
	telphinMaxPages = 50
)

// telphinID returns the API's id of an extension.
func telphinID(d DialRequest, host string, send Sender) (string, error) {
	for page := 1; page <= telphinMaxPages; page++ {
		query := "?page=" + strconv.Itoa(page) + "&per_page=" + strconv.Itoa(telphinPageSize) + "&type=phone"
		r, err := http.NewRequest(http.MethodGet, host+"/api/ver1.0/client/@me/extension/"+query, nil)
		if err != nil {
			return "", PBXRefused(0, err.Error())
		}
		var list []struct {
			ID   json.Number `json:"id"`
			Name string      `json:"name"` // 0000*101
		}
		if err := telphinAsk(send, r, &list); err != nil {
			return "", err
		}
		for _, e := range list {
			if telphinExtension(e.Name) == d.Extension {
				return url.PathEscape(e.ID.String()), nil
			}
		}
		if len(list) < telphinPageSize {
			break
		}
	}
	return "", PBXRefused(0, "no telephone "+d.Extension)
}

// telphinAsk sends a request and decodes the answer.
func telphinAsk(send Sender, r *http.Request, into any) error {
	answer, err := send(r)
	if err != nil {
		return err
	}
	if !answer.OK() {
		var refusal struct {
			Message string `json:"message"`
		}
		_ = json.Unmarshal(answer.Body, &refusal) // it may have none
		return PBXRefused(answer.Status, refusal.Message)
	}
	if err := json.Unmarshal(answer.Body, into); err != nil {
		return PBXRefused(answer.Status, "an answer that is no JSON")
	}
	return nil
}
