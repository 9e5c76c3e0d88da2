package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"callhue/calls"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/rules"
)

// placetel is Placetel's call control: forms with a signature over the raw body.
func placetel() Dialect {
	return Dialect{
		Name:       "placetel",
		Title:      web.Say("Placetel", "Placetel"),
		Theirs:     true,
		prove:      provePlacetel,
		understand: understandPlacetel,
		paste: func(p Address) Setup {
			return Setup{URL: p.Hook(), Steps: []Step{
				enter(p.Hook(), "«Einstellungen → Externe APIs → Notify»: вставьте адрес, включите входящие, исходящие, принятые и законченные звонки.", "Settings > External APIs > Notify: paste the URL and switch on incoming, outgoing, accepted and hung-up calls."),
				step("Секрет источника — Shared Secret, который показан там же.", "The secret of this source is the shared secret that is shown there."),
				step("Номера приходят в национальном виде: у источника должна быть страна (--country DE).", "Numbers come in the national form: give the source its country (--country DE)."),
			}}
		},
	}
}

const placetelHeader = "X-PLACETEL-SIGNATURE"

// provePlacetel checks the lower-case hex HMAC-SHA256 of the raw body.
func provePlacetel(q *Query, known secrets.Set) error {
	sent := strings.ToLower(q.Header(placetelHeader))
	switch {
	case sent == "":
		return refused("signature_missing")
	case len(q.Body) == 0:
		return refused("signature_of_nothing")
	case !known.Sign(sent, func(secret string) string { return placetelSign(secret, q.Body) }):
		return refused("wrong_signature")
	}
	return nil
}

func placetelSign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// understandPlacetel: peer is the SIP user of the telephone concerned; a new
// call may come before it is known which one rings.
func understandPlacetel(q *Query) (Parsed, error) {
	f := q.Form
	e := calls.Event{CallID: f.Need("call_id"), Agent: f.Single("peer"), Duration: -1}
	switch event := f.Need("event"); event {
	case "IncomingCall":
		e.Kind, e.Direction = calls.Ringing, rules.In
	case "OutgoingCall":
		e.Kind, e.Direction = calls.Ringing, rules.Out
	case "CallAccepted":
		e.Kind, e.Direction = calls.Answered, placetelDirection(f)
	case "HungUp":
		// The end of the whole call, whichever telephone it is told of.
		e.Kind, e.Direction, e.Duration, e.Result = calls.Summary, placetelDirection(f), f.Seconds("duration"), placetelResult(f.Text("type"))
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

func placetelDirection(f *Form) rules.Direction {
	switch f.Text("direction") {
	case "in":
		return rules.In
	case "out":
		return rules.Out
	}
	return "" // an earlier event said it
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
