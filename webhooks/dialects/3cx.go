package dialects

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"strings"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/rules"
)

// threecx is 3CX with the CRM template that we ship: it asks /lookup whose a number is, and reports each call that is
// over. Where its address is known, webhooks connects to its call control, package threecx follows its calls, and calls
// are placed there.
func threecx() Dialect {
	return Dialect{
		Name:         Threecx,
		Title:        web.Say("3CX", "3CX"),
		Authenticate: authenticateThreecx,
		Parse:        parseThreecx,
		CallerID:     true,
		Settings:     threecxSettings(),
		Connection:   PBXConnection,
		DialSettings: []string{ThreecxAddress, threecxClient, threecxKey},
		Setup: func(a Address) Setup {
			return Setup{URL: a.Lookup(), Files: []File{{"callhue-3cx.xml", threecxTemplate}}, Steps: append([]Step{
				note("Скачайте файл callhue-3cx.xml с этой страницы и загрузите его: «Integrations → CRM → Add».",
					"Download the file callhue-3cx.xml from this page and upload it under Integrations > CRM > Add."),
				enter(a.PublicURL, "Server:", "Server:"),
				enter(a.Source, "Source:", "Source:"),
				enter(a.Secret, "Secret — секрет источника:", "Secret, the secret of this source:"),
				note("3CX не сообщает, кому звонят: в имени — компания и её ответственный, цвет — на карточке.",
					"3CX does not tell who is being called: the name shows the company and its owner, the card "+
						"shows the colour."),
			}, threecxControlSteps(a.Settings)...)}
		},
	}
}

// threecxTemplate is the file to upload.
//
//go:embed 3cx.xml
var threecxTemplate string

// authenticateThreecx accepts the secret in the path, or as the password of HTTP Basic.
func authenticateThreecx(req *Request, valid secrets.Set) error {
	header := req.Header("Authorization")
	if req.Rest != "" || header == "" {
		return authenticateByPath(req, valid)
	}
	if user, password := BasicAuth(header); user != req.Source || !valid.Has(password) {
		return fault.Unauthorised("wrong_secret")
	}
	return nil
}

// parseThreecx reads the report of a call that is over. It has no id, so agent, number and beginning identify the call.
// With call control the call is known already, by another id.
func parseThreecx(req *Request) (Parsed, error) {
	if req.Setting(ThreecxAddress) != "" {
		return Parsed{Ignored: "report of a call that was followed"}, nil
	}
	f := req.Form
	e := calls.Event{Kind: calls.Summary, Agent: threecxText(f, "Agent"), Number: threecxText(f, "Number"), Duration: -1}
	start := threecxText(f, "CallStartTimeLocal")
	if start == "" {
		f.Refuse("CallStartTimeLocal", "required")
	}
	e.Duration = threecxDuration(f, "Duration")
	if began := threecxMoment(f, "CallStartTimeUTC"); !began.IsZero() {
		e.At = began.Add(max(e.Duration, 0)) // a summary is dated by the end of the call
	}
	switch kind := threecxText(f, "CallType"); strings.ToLower(kind) {
	case "inbound":
		e.Direction, e.Result = rules.In, calls.ResultAnswered
	case "outbound":
		e.Direction, e.Result = rules.Out, calls.ResultAnswered
	case "missed":
		e.Direction, e.Result, e.Duration = rules.In, calls.ResultMissed, 0
	case "notanswered":
		e.Direction, e.Result, e.Duration = rules.Out, calls.ResultCancelled, 0
	case "":
		f.Refuse("CallType", "required")
	default:
		return Parsed{Ignored: kind}, nil
	}
	sum := sha256.Sum256([]byte(e.Agent + "\n" + e.Number + "\n" + start))
	e.CallID = "3cx-" + hex.EncodeToString(sum[:12])
	return Parsed{Events: []calls.Event{e}}, f.Fault()
}

// threecxDuration reads a duration, which 3CX writes as hours, minutes and seconds, or as seconds where an edited
// template asks for them. It is negative when it was not sent.
func threecxDuration(f *Form, name string) time.Duration {
	text := threecxText(f, name)
	switch parts := strings.Split(text, ":"); {
	case text == "":
		return -1
	case len(parts) == 3:
		duration, err := time.ParseDuration(parts[0] + "h" + parts[1] + "m" + parts[2] + "s")
		if err != nil || duration < 0 || duration > maxSeconds*time.Second {
			f.Drop(name, "wrong_type")
			return -1
		}
		return duration
	}
	return f.Seconds(name)
}

// threecxMoment reads a time that may not have been filled in.
func threecxMoment(f *Form, name string) time.Time {
	if threecxText(f, name) == "" {
		return time.Time{}
	}
	return f.Moment(name)
}

// threecxText reads a field. A variable that 3CX could not fill arrives as its own name in brackets.
func threecxText(f *Form, name string) string {
	text := f.Single(name)
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		return ""
	}
	return text
}
