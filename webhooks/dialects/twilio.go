package dialects

import (
	"crypto/hmac"
	"crypto/sha1" // the protocol's own
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/text"
	"callhue/internal/web"
	"callhue/rules"
)

// twilio is Twilio's voice language: status callbacks of a call and of its legs. It signs the URL that it calls, so the
// server must know its public address.
func twilio() Dialect {
	return Dialect{
		Name:         "twilio",
		Title:        web.Say("Twilio", "Twilio"),
		VendorSecret: true,
		Authenticate: authenticateTwilio,
		Parse:        parseTwilio,
		Reply:        func(*Request, Parsed, Result) Reply { return xmlReply("<Response/>") },
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(), Steps: []Step{
				enter(a.Hook(),
					"Укажите адрес как status callback номера, а в TwiML — у <Number>, <Client> и <Sip>, с "+
						"событиями initiated, ringing, answered, completed.",
					"Enter the URL as the status callback of the number, and in TwiML of <Number>, <Client> and "+
						"<Sip> with the events initiated, ringing, answered, completed."),
				note("Звонок между двумя обычными номерами не сообщает, чей он: добавьте к его callback ?agent=petrov, "+
					"а если звонят на мобильный сотрудника — ещё &direction=in. Адрес записей "+
					"(recordingStatusCallback) — тот же.",
					"A leg between two plain numbers does not tell whose it is: add ?agent=petrov to its callback, "+
						"and &direction=in if it rings the agent's own mobile. Use the same URL for recordings "+
						"(recordingStatusCallback)."),
				note("Не указывайте его как voice URL: пустой ответ там завершил бы звонок.",
					"Do not enter it as the voice URL: an empty answer there would end the call."),
				note("Секрет источника — auth token аккаунта. Twilio подписывает адрес: запускайте сервер с --public-url.",
					"The secret of this source is the account's auth token. Twilio signs the URL: start the server "+
						"with --public-url."),
			}}
		},
	}
}

const twilioHeader = "X-Twilio-Signature"

// authenticateTwilio checks base64 of the HMAC-SHA1 over the URL and, by name, each field of the form with its value.
func authenticateTwilio(req *Request, valid secrets.Set) error {
	sent := req.Header(twilioHeader)
	if sent == "" {
		return fault.Unauthorised("signature_missing")
	}
	signed := req.URL() + twilioFields(req.Body)
	if !valid.Sign(sent, func(token string) string { return twilioSign(token, signed) }) {
		return fault.Unauthorised("wrong_signature")
	}
	return nil
}

func twilioSign(token, text string) string {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// twilioFields returns the fields of a form by name, each followed by its value.
func twilioFields(body []byte) string {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return ""
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	var text strings.Builder
	for _, name := range names {
		for _, value := range values[name] {
			text.WriteString(name + value)
		}
	}
	return text.String()
}

// parseTwilio reads a status callback. A leg that our side dials is a call of its own with the first one as its parent;
// both are one call here.
func parseTwilio(req *Request) (Parsed, error) {
	f := req.Form
	e := calls.Event{CallID: f.First("ParentCallSid", "CallSid"), Leg: f.Need("CallSid"), At: twilioMoment(f), Duration: -1}
	if e.CallID == e.Leg {
		e.Leg = ""
	}
	if f.Has("RecordingStatus") {
		return twilioRecording(f, e.CallID)
	}
	twilioParties(f, &e)
	setTwilioAgent(req, &e)
	switch status := f.Need("CallStatus"); status {
	case "":
		return Parsed{}, f.Fault()
	case "queued":
		return Parsed{Note: "queued"}, f.Fault()
	case "initiated", "ringing":
		e.Kind = calls.Ringing
	case "in-progress":
		switch by := f.Text("AnsweredBy"); {
		case isTwilioMachine(by):
			return Parsed{Note: "answered by " + by}, f.Fault()
		case e.Agent == "" && e.Leg == "" && e.Direction == rules.In:
			return Parsed{Note: "answered by the application"}, f.Fault()
		}
		e.Kind = calls.Answered
	case "completed", "busy", "failed", "no-answer", "canceled":
		e.Kind, e.Result = calls.Ended, twilioResult(status)
		if e.Leg == "" { // the end of the first leg is the end of the call
			e.Kind, e.Duration = calls.Summary, -1
		}
		switch {
		case isTwilioMachine(f.Text("AnsweredBy")):
			e.Result = calls.ResultMissed
		case e.Result == calls.ResultAnswered && e.Agent != "":
			e.Duration = f.Seconds("CallDuration")
		}
		if e.Agent == "" && e.Leg != "" {
			return Parsed{Note: "a leg of nobody's ended"}, f.Fault()
		}
		e.Recording = f.Link("RecordingUrl")
	default:
		return Parsed{Ignored: status}, nil
	}
	return Parsed{Events: []calls.Event{e}, Aliases: aliasesOf(e.Agent, twilioUser(e.Agent))}, f.Fault()
}

// twilioRecording reads the callback of a recording, which comes when it is ready.
func twilioRecording(f *Form, call string) (Parsed, error) {
	if status := f.Text("RecordingStatus"); status != "completed" {
		return Parsed{Note: "recording " + status}, f.Fault()
	}
	e := calls.Event{Kind: calls.Summary, CallID: call, Duration: -1, Recording: f.Link("RecordingUrl")}
	return Parsed{Events: []calls.Event{e}}, f.Fault()
}

// setTwilioAgent takes the agent of a leg between two plain numbers from the URL that TwiML names for its callback, which
// is signed like the rest: ?agent=petrov, and &direction=in where the leg rings the agent's own mobile.
func setTwilioAgent(req *Request, e *calls.Event) {
	agent := text.OneLine(req.Query.Get("agent"))
	if agent == "" || e.Agent != "" {
		return
	}
	e.Agent = agent
	if req.Query.Get("direction") == "in" && e.Direction == rules.Out {
		e.Direction, e.Number, e.Line = rules.In, e.Line, "" // the leg carries the client's number
	}
}

// twilioParties sets agent, number and line. A client: or sip: address is an agent's, whichever way the leg goes; a
// number is the other party, or our own line.
func twilioParties(f *Form, e *calls.Event) {
	from, to := twilioParty(f.Single("From")), twilioParty(f.Single("To"))
	switch inbound := strings.HasPrefix(f.Text("Direction"), "inbound"); {
	case isTwilioAgent(from):
		e.Direction, e.Agent, e.Number = rules.Out, from, to
		if isTwilioAgent(to) {
			e.Number = twilioUser(to) // a colleague
		}
	case isTwilioAgent(to):
		e.Direction, e.Agent, e.Number = rules.In, to, from
	case inbound:
		e.Direction, e.Number, e.Line = rules.In, from, to
	default:
		e.Direction, e.Number, e.Line = rules.Out, to, from
	}
}

// twilioParty returns a party of a leg: of a SIP address whose user is an outside number, as carriers and trunks have
// them (sip:+74950000011@carrier.example), the number.
func twilioParty(address string) string {
	if !strings.HasPrefix(address, "sip:") && !strings.HasPrefix(address, "sips:") {
		return address
	}
	user := twilioUser(address)
	user, _, _ = strings.Cut(user, ";")
	digits := strings.TrimPrefix(user, "+")
	if len(digits) < shortestOutside || strings.Trim(digits, "0123456789") != "" {
		return address
	}
	return user
}

// shortestOutside is how many digits the user of a SIP address has at least when it is an outside number.
const shortestOutside = 7

// isTwilioMachine reports whether AnsweredBy names a machine: machine_start, machine_end_beep, fax.
func isTwilioMachine(by string) bool { return strings.HasPrefix(by, "machine") || by == "fax" }

func isTwilioAgent(address string) bool {
	return strings.HasPrefix(address, "client:") || strings.HasPrefix(address, "sip:")
}

// twilioUser returns the name in client:petrov and in sip:101@example.sip.twilio.com.
func twilioUser(address string) string {
	_, user, _ := strings.Cut(address, ":")
	user, _, _ = strings.Cut(user, "@")
	return user
}

// twilioMoment reads the time of a status callback, in the format of RFC 2822.
func twilioMoment(f *Form) time.Time {
	text := f.Single("Timestamp")
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC1123Z, text)
	if err != nil {
		f.Drop("Timestamp", "not_a_time")
		return time.Time{}
	}
	return at.UTC()
}

func twilioResult(status string) calls.Result {
	switch status {
	case "completed":
		return calls.ResultAnswered
	case "busy":
		return calls.ResultBusy
	case "no-answer":
		return calls.ResultMissed
	case "canceled":
		return calls.ResultCancelled
	}
	return calls.ResultFailed
}
