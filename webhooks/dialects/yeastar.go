package dialects

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/rules"
)

// yeastar is the language of Yeastar's P-series and S-series: an event lists the members of a call, or those of them
// that changed; what is known of the others is remembered. The P-series signs its requests from firmware 37.20.0.21 on.
// https://help.yeastar.com/en/p-series-cloud-edition/developer-guide/monitor-events-via-webhook.html, 2026-03
func yeastar() Dialect {
	return Dialect{
		Name:         "yeastar",
		Title:        web.Say("Yeastar серий P и S", "Yeastar P-series and S-series"),
		VendorSecret: true,
		Settings: []Setting{
			{Name: pathSecret, Kind: KindSwitch, Topic: TopicConnection,
				Label: web.Say("Принимать секрет в адресе вместо подписи",
					"Accept the secret in the URL instead of a signature"),
				Hint: web.Say("Для серии S и старых прошивок: они не подписывают запросы.",
					"For the S-series and old firmware, which do not sign requests.")},
			{Name: yeastarClient, Kind: KindText, Topic: TopicDial,
				Label: web.Say("Client ID из Integrations → API", "Client ID from Integrations > API")},
			{Name: yeastarKey, Kind: KindSecret, Topic: TopicDial,
				Label: web.Say("Client Secret оттуда же", "Client Secret from the same page")},
			apiURLSetting("", "https://pbx.example:8088"),
		},
		Authenticate: authenticateYeastar,
		Parse:        parseYeastar,
		Dial:         dialYeastar,
		DialSettings: []string{yeastarClient, yeastarKey, apiURL},
		Setup:        setupYeastar,
	}
}

const (
	yeastarClient = "client_id"
	yeastarKey    = "client_secret"
)

func setupYeastar(a Address) Setup {
	address := a.Hook()
	if a.Settings[pathSecret] == "true" {
		address = a.Hook(a.Secret)
	}
	return Setup{URL: address, Steps: []Step{
		enter(address,
			"«Integrations → API → Webhook»: добавьте webhook с этим адресом, метод POST, и отметьте события "+
				"30011 (Call Status Changed) и 30012 (New CDR).",
			"Under Integrations > API > Webhook, add a webhook with this URL, method POST, and tick the events 30011 "+
				"(Call Status Changed) and 30012 (New CDR)."),
		note("Секрет источника — секрет этого webhook; им подписаны запросы.",
			"The secret of this source is the secret of that webhook; requests are signed with it."),
		note("Для каждого транка включите «Call Status Monitor»: без этого о внешних звонках не сообщается.",
			"Switch Call Status Monitor on for every trunk: outside calls are not reported without it."),
	}}
}

// authenticateYeastar checks X-Signature: the HMAC-SHA256 of the raw body in base64. A GET carries no event that is
// documented: it is refused by a name of its own, for the administrator to choose POST.
func authenticateYeastar(req *Request, valid secrets.Set) error {
	if req.Method == http.MethodGet {
		return fault.Unauthorised("choose_post")
	}
	sent := req.Header("X-Signature")
	switch {
	case sent == "" && req.Setting(pathSecret) == "true":
		return authenticateByPath(req, valid)
	case sent == "":
		return fault.Unauthorised("signature_missing")
	case valid.Sign(sent, func(secret string) string { return yeastarSignature(secret, req.Body) }):
		return nil
	}
	return fault.Unauthorised("wrong_signature")
}

func yeastarSignature(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Types of events that are used.
const (
	yeastarStatus = "30011"
	yeastarRecord = "30012"
)

func parseYeastar(req *Request) (Parsed, error) {
	m, kind, err := readYeastar(req.Body)
	if err != nil {
		return Parsed{}, err
	}
	switch kind {
	case yeastarStatus, "CallStatus":
		return m.callStatus(req.Memory)
	case yeastarRecord, "NewCdr":
		return m.record()
	}
	return Parsed{Ignored: kind}, nil
}

// record reads the account of a call that is over. Its time is local and has no zone: the arrival counts.
func (m yeastarMessage) record() (Parsed, error) {
	e := calls.Event{CallID: m.text("call_id", "callid"), Kind: calls.Summary, Duration: -1, Line: m.text("did_number")}
	if e.CallID == "" {
		return Parsed{}, fault.Invalid("call_id", "required")
	}
	from, to := m.text("call_from", "callfrom"), m.text("call_to", "callto")
	switch m.lower("type") {
	case "inbound":
		e.Direction, e.Number = rules.In, from
	case "outbound":
		e.Direction, e.Number = rules.Out, to
	default:
		return Parsed{Ignored: "a call between extensions"}, nil
	}
	e.Duration = m.seconds("talk_duration", "talkduration", "talkduraction")
	e.Result = yeastarResults[m.lower("status")]
	return Parsed{Events: []calls.Event{e}}, nil
}

// yeastarResults are the results by the PBX's words. A voicemail is no talk.
var yeastarResults = map[string]calls.Result{
	"answered":  calls.ResultAnswered,
	"no answer": calls.ResultMissed,
	"voicemail": calls.ResultMissed,
	"abandoned": calls.ResultMissed,
	"busy":      calls.ResultBusy,
	"failed":    calls.ResultFailed,
}
