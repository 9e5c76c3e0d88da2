package dialects

import (
	"cmp"
	"crypto/hmac"
	"crypto/md5"  // the protocol's own
	"crypto/sha1" // the protocol's own
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // time zones, also where the system has none

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/rules"
)

// zadarma is the language of Zadarma and Novofon: forms with a signature over a few of their values. The reply to
// NOTIFY_START sets the name on the phones.
func zadarma() Dialect {
	return Dialect{
		Name:         "zadarma",
		Title:        web.Say("Zadarma, Novofon", "Zadarma, Novofon"),
		VendorSecret: true,
		Settings: []Setting{
			{Name: zadarmaKey, Kind: KindText, Topic: TopicConnection, Sealed: true,
				Label: web.Say("API-ключ, к которому относится секрет", "API key that belongs to the secret"),
				Hint:  web.Say("С ним можно звонить из браузера.", "With it, calls can be placed from the browser.")},
			{Name: zadarmaZone, Kind: KindText, Topic: TopicConnection, Default: "UTC",
				Label: web.Say("Часовой пояс кабинета", "Time zone of the account"),
				Hint:  web.Say("Например Europe/Moscow", "Such as Europe/Moscow"), valid: isZone},
			apiURLSetting(zadarmaAPI, "https://api.novofon.com (Novofon)"),
			routeSetting("false"),
			lengthSetting(zadarmaName),
		},
		Authenticate: authenticateZadarma,
		Parse:        parseZadarma,
		Reply:        replyZadarma,
		Dial:         dialZadarma,
		DialSettings: []string{zadarmaKey},
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(), Steps: []Step{
				enter(a.Hook(), "«Настройки → Интеграции и API → Уведомления»: вставьте адрес и включите все события звонков.",
					"Under Settings > Integrations and API > Notifications, paste the URL and enable all call events."),
				note("Секрет источника — API-секрет того же аккаунта. Без ключей API запросы не подписаны и отклоняются.",
					"The secret of this source is the API secret of the same account. Without API keys, requests "+
						"are not signed and are refused."),
			}}
		},
	}
}

// isZone reports whether a text names a time zone.
func isZone(text string) bool {
	_, err := time.LoadLocation(text)
	return err == nil && text != "Local"
}

const (
	zadarmaKey   = "api_key"
	zadarmaAPI   = "https://api.zadarma.com"
	zadarmaZone  = "timezone"
	zadarmaEcho  = "zd_echo"
	zadarmaTimes = "2006-01-02 15:04:05"

	// zadarmaAge is how old the beginning of a signed call may be. The signature has no time of its own and does not
	// cover the event: this bounds a replay, wide enough for any time zone and a long call.
	zadarmaAge = 48 * time.Hour
	// zadarmaDrift is how far call_start may be from the arrival to be accepted as the time of the event.
	zadarmaDrift = 5 * time.Minute
	// zadarmaName is the longest caller_name, in characters: Latin letters and digits.
	zadarmaName = 30
)

// zadarmaSigned returns the fields of an event whose values are signed; nil for an event that is not known.
func zadarmaSigned(event string) []string {
	switch event {
	case "NOTIFY_START", "NOTIFY_IVR", "NOTIFY_INTERNAL", "NOTIFY_END":
		return []string{"caller_id", "called_did", "call_start"}
	case "NOTIFY_ANSWER":
		return []string{"caller_id", "destination", "call_start"}
	case "NOTIFY_OUT_START", "NOTIFY_OUT_END":
		return []string{"internal", "destination", "call_start"}
	case "NOTIFY_RECORD":
		return []string{"pbx_call_id", "call_id_with_rec"}
	}
	return nil
}

func isZadarmaEcho(req *Request) bool {
	return req.Method == http.MethodGet && req.Query.Get(zadarmaEcho) != ""
}

func authenticateZadarma(req *Request, valid secrets.Set) error {
	if isZadarmaEcho(req) {
		return nil // the check of the URL is not signed, and contains nothing
	}
	fields := zadarmaSigned(req.Form.Text("event"))
	sent := req.Header("Signature")
	switch {
	case sent == "":
		return fault.Unauthorised("signature_missing")
	case fields == nil:
		return nil // nothing of an unknown event is used
	}
	var signed string
	for _, name := range fields {
		signed += req.Form.Raw(name)
	}
	if !valid.Sign(sent, func(secret string) string { return zadarmaSign(secret, signed) }) {
		return fault.Unauthorised("wrong_signature")
	}
	start := zadarmaStart(req)
	if !start.IsZero() && req.At.Sub(start).Abs() > zadarmaAge {
		return fault.Unauthorised("signature_too_old")
	}
	return nil
}

// zadarmaSign returns base64 of the hex digits of the HMAC-SHA1: of the digits, not of the sum.
func zadarmaSign(secret, text string) string {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(mac.Sum(nil))))
}

// zadarmaStart reads call_start by the account's clock; zero when it is no time.
func zadarmaStart(req *Request) time.Time {
	zone, err := time.LoadLocation(req.Setting(zadarmaZone))
	if err != nil {
		zone = time.UTC
	}
	at, err := time.ParseInLocation(zadarmaTimes, req.Form.Text("call_start"), zone)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

func parseZadarma(req *Request) (Parsed, error) {
	if isZadarmaEcho(req) {
		echo := req.Query.Get(zadarmaEcho)
		if len(echo) > 200 {
			return Parsed{}, fault.Invalid(zadarmaEcho, "too_long")
		}
		reply := textReply(echo)
		return Parsed{Note: "check of the URL", Reply: &reply}, nil
	}
	f := req.Form
	e := calls.Event{CallID: f.Need("pbx_call_id"), Duration: -1}
	switch event := f.Need("event"); event {
	case "NOTIFY_START", "NOTIFY_IVR":
		zadarmaIncoming(f, &e)
		e.Kind, e.At = calls.Ringing, zadarmaNear(req)
	case "NOTIFY_INTERNAL":
		zadarmaIncoming(f, &e)
		e.Kind, e.Agent = calls.Ringing, f.Single("internal")
	case "NOTIFY_ANSWER":
		zadarmaIncoming(f, &e)
		e.Kind, e.Agent = calls.Answered, zadarmaAnswerer(f)
	case "NOTIFY_OUT_START":
		zadarmaOutgoing(f, &e)
		e.Kind, e.Agent, e.At = calls.Ringing, f.Single("internal"), zadarmaNear(req)
	case "NOTIFY_END":
		zadarmaIncoming(f, &e)
		zadarmaEnd(req, &e)
		if e.Result == calls.ResultAnswered && !f.Has("internal") {
			e.Result, e.Duration = "", -1 // by the menu or the voicemail, unless an answer was sent before
		}
	case "NOTIFY_OUT_END":
		zadarmaOutgoing(f, &e)
		zadarmaEnd(req, &e)
	case "NOTIFY_RECORD":
		e.Kind, e.Recording = calls.Summary, zadarmaRecording(req, f.Need("call_id_with_rec"))
	default:
		return Parsed{Ignored: event}, nil
	}
	return Parsed{Events: []calls.Event{e}}, f.Fault()
}

func zadarmaIncoming(f *Form, e *calls.Event) {
	e.Direction = rules.In
	e.Number, e.Line = zadarmaNumber(f.Single("caller_id")), f.Single("called_did")
}

func zadarmaOutgoing(f *Form, e *calls.Event) {
	e.Direction = rules.Out
	e.Number, e.Line = zadarmaNumber(f.Single("destination")), zadarmaNumber(f.Single("caller_id"))
}

// zadarmaAnswerer returns the extension that answered; internal is missing when the call was forwarded to an outside
// number.
func zadarmaAnswerer(f *Form) string { return f.First("internal", "destination") }

// zadarmaNumber returns a number without what some accounts append after an @; 0 is no number.
func zadarmaNumber(text string) string {
	text, _, _ = strings.Cut(text, "@")
	if text == "0" {
		return ""
	}
	return text
}

// zadarmaNear returns call_start where it can be the beginning of what just arrived, else zero: the account's time zone
// may differ from the setting.
func zadarmaNear(req *Request) time.Time {
	start := zadarmaStart(req)
	if req.At.Sub(start).Abs() > zadarmaDrift {
		return time.Time{}
	}
	return start
}

// zadarmaEnd reads the end of the whole call.
func zadarmaEnd(req *Request, e *calls.Event) {
	f := req.Form
	e.Kind, e.Duration = calls.Ended, f.Seconds("duration")
	e.Result = zadarmaResult(f.Text("disposition"))
	if f.Text("is_recorded") == "1" && f.Has("call_id_with_rec") {
		e.Recording = zadarmaRecording(req, f.Text("call_id_with_rec"))
	}
}

func zadarmaResult(disposition string) calls.Result {
	switch strings.ToLower(disposition) {
	case "":
		return ""
	case "answered":
		return calls.ResultAnswered
	case "busy":
		return calls.ResultBusy
	case "cancel":
		return calls.ResultCancelled
	case "no answer":
		return calls.ResultMissed
	}
	return calls.ResultFailed // failed, no money, unallocated number, the limits
}

// zadarmaRecording returns the API's address of a recording: the PBX sends an id, and the file is requested with the
// account's key.
func zadarmaRecording(req *Request, id string) string {
	if id == "" {
		return ""
	}
	api := strings.TrimRight(cmp.Or(req.Setting(apiURL), zadarmaAPI), "/")
	return api + "/v1/pbx/record/request/?call_id=" + url.QueryEscape(id)
}

// replyZadarma returns the display name while the call is being routed, and at its start where to ring first and for how
// many seconds; other replies are not read.
func replyZadarma(req *Request, _ Parsed, result Result) Reply {
	var reply struct {
		Name     string `json:"caller_name,omitempty"`
		Redirect string `json:"redirect,omitempty"`
		Return   int    `json:"return_timeout,omitempty"` // after it the PBX goes its usual way; at least 3
	}
	event := req.Form.Text("event")
	if event == "NOTIFY_START" && req.Setting(routeName) == "true" {
		routing := result.Route()
		if extension := firstDigits(routing); extension != "" {
			reply.Redirect, reply.Return = extension, max(routing.Timeout, 3)
		}
	}
	switch event {
	case "NOTIFY_START", "NOTIFY_IVR":
		if result.Card != nil {
			reply.Name = result.CallerName(req.NameLength(zadarmaName), true)
		}
	}
	return JSONReply(reply)
}

// dialZadarma asks for a callback. Requests are signed with base64 of the hex HMAC-SHA1 of path, query and the query's
// MD5.
func dialZadarma(d DialRequest, send Sender) (string, error) {
	const path = "/v1/request/callback/"
	query := url.Values{"from": {d.Extension}, "to": {d.Dialled}, "predicted": {"0"}}.Encode()
	sum := md5.Sum([]byte(query))
	r, err := http.NewRequest(http.MethodGet, d.api(zadarmaAPI)+path+"?"+query, nil)
	if err != nil {
		return "", PBXRefused(0, err.Error())
	}
	sign := zadarmaSign(d.Secret, path+query+hex.EncodeToString(sum[:]))
	r.Header.Set("Authorization", d.Setting(zadarmaKey, "")+":"+sign)
	answer, err := send(r)
	if err != nil {
		return "", err
	}
	var callback struct {
		Status  string `json:"status"`
		Message string `json:"message"`
	}
	if json.Unmarshal(answer.Body, &callback) != nil || callback.Status != "success" {
		return "", PBXRefused(answer.Status, callback.Message)
	}
	return "", nil
}
