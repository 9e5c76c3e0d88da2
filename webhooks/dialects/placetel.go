package dialects

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/rules"
)

// placetel is Placetel's call control: forms with a signature over the raw body.
func placetel() Dialect {
	return Dialect{
		Name:         "placetel",
		Title:        web.Say("Placetel", "Placetel"),
		VendorSecret: true,
		Authenticate: authenticatePlacetel,
		Parse:        parsePlacetel,
		Setup: func(a Address) Setup {
			return Setup{URL: a.Hook(), Steps: []Step{
				enter(a.Hook(),
					"«Einstellungen → Externe APIs → Notify»: вставьте адрес, включите входящие, исходящие, "+
						"принятые и законченные звонки.",
					"Under Settings > External APIs > Notify, paste the URL and enable incoming, outgoing, "+
						"accepted and hung-up calls."),
				note("Секрет источника — Shared Secret, который показан там же.",
					"The secret of this source is the shared secret shown there."),
				note("Номера приходят в национальном виде: укажите страну источника (--country DE).",
					"Numbers arrive in national form: set the country of the source (--country DE)."),
			}}
		},
	}
}

const placetelHeader = "X-PLACETEL-SIGNATURE"

// authenticatePlacetel checks the lower-case hex HMAC-SHA256 of the raw body.
func authenticatePlacetel(req *Request, valid secrets.Set) error {
	sent := strings.ToLower(req.Header(placetelHeader))
	switch {
	case sent == "":
		return fault.Unauthorised("signature_missing")
	case len(req.Body) == 0:
		return fault.Unauthorised("signature_of_nothing")
	case !valid.Sign(sent, func(secret string) string { return placetelSign(secret, req.Body) }):
		return fault.Unauthorised("wrong_signature")
	}
	return nil
}

func placetelSign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// parsePlacetel reads an event. peer is the SIP user of the telephone; a new call may come before it is known which one
// rings.
func parsePlacetel(req *Request) (Parsed, error) {
	f := req.Form
	e := calls.Event{CallID: f.Need("call_id"), Agent: f.Single("peer"), Duration: -1}
	switch event := f.Need("event"); event {
	case "IncomingCall":
		e.Kind, e.Direction = calls.Ringing, rules.In
	case "OutgoingCall":
		e.Kind, e.Direction = calls.Ringing, rules.Out
	case "CallAccepted":
		e.Kind, e.Direction = calls.Answered, f.Direction("direction")
	case "HungUp":
		// The end of the whole call, whichever telephone it names.
		e.Kind, e.Direction = calls.Summary, f.Direction("direction")
		e.Duration, e.Result = f.Seconds("duration"), placetelResult(f.Text("type"))
	case "":
		return Parsed{}, f.Fault()
	default:
		return Parsed{Ignored: event}, nil
	}
	switch e.Direction {
	case rules.In:
		e.Number, e.Line = f.Single("from"), f.Single("to")
	case rules.Out:
		e.Number, e.Line = f.Single("to"), f.Single("from")
	}
	user, _, _ := strings.Cut(e.Agent, "@")
	return Parsed{Events: []calls.Event{e}, Aliases: aliasesOf(e.Agent, user)}, f.Fault()
}

func placetelResult(kind string) calls.Result {
	switch kind {
	case "accepted":
		return calls.ResultAnswered
	case "missed", "voicemail":
		return calls.ResultMissed
	case "busy":
		return calls.ResultBusy
	case "canceled":
		return calls.ResultCancelled
	case "":
		return ""
	}
	return calls.ResultFailed // blocked, unavailable, congestion
}
