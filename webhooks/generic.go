package webhooks

import (
	"callhue/calls"
	"callhue/rules"
	"callhue/secrets"
)

// generic is our own dialect, for whatever can post JSON or a form. It is signed
// over the raw body; a PBX that cannot sign gets the secret in the path.
func generic() Dialect {
	return Dialect{
		Name:  "generic",
		Title: "Anything that can post JSON or a form",
		Settings: append([]Setting{
			{pathSecret, "true: the secret in the path is enough, no signature is asked for"},
			{dialURL, "what is asked to make a call, with {extension}, {number} (digits), {plus} (with a plus) and {id} in it"},
			{dialBody, "the JSON or form that is posted there, with the same words in it; without it the URL is fetched"},
			{dialAuth, "the Authorization header of that request, such as Bearer TOKEN"},
		}, nameSettings[:]...),
		hidden:     []string{dialAuth},
		order:      orderGeneric,
		orderNeeds: []string{dialURL},
		prove:      proveGeneric,
		understand: understandGeneric,
		answer: func(_ *Query, _ Heard, told Told) Reply {
			if told.Card == nil {
				return replyJSON(struct{}{})
			}
			return replyJSON(told.Card)
		},
		relates: true,
		names:   true,
		paste:   pasteGeneric,
	}
}

const (
	pathSecret = "path_secret"
	dialURL    = "dial_url"
	dialBody   = "dial_body"
	dialAuth   = "dial_auth"
)

func proveGeneric(q *Query, known secrets.Set) error {
	header := q.Header(secrets.SignatureHeader)
	if header == "" && q.Setting(pathSecret) == "true" {
		return byPath(q, known)
	}
	if header == "" {
		return refused("signature_missing")
	}
	if len(q.Body) == 0 {
		return refused("signature_of_nothing") // fields of the URL are not signed
	}
	return known.Prove(header, q.Body, q.At)
}

func understandGeneric(q *Query) (Heard, error) {
	f := q.Form
	kind := calls.EventKind(f.Need("event"))
	switch kind {
	case calls.Ringing, calls.Answered, calls.Ended, "":
	default:
		return Heard{Ignored: string(kind)}, nil
	}
	e := calls.Event{
		CallID: f.Need("call_id"), Leg: f.Single("leg"), Kind: kind, Direction: rules.Direction(f.Single("direction")),
		Number: f.Single("number"), Agent: f.Single("agent"), Line: f.Single("line"), At: f.Moment("at"),
		Duration: f.Seconds("duration"), Result: calls.Result(f.Single("result")), Recording: f.Link("recording_url"),
	}
	return Heard{Events: []calls.Event{e}}, f.Fault()
}

func pasteGeneric(p Address) Paste {
	if p.Source.Settings[pathSecret] == "true" {
		return Paste{URL: p.Hook(p.Secret), Lines: []string{
			"POST a form or JSON with event (ringing, answered, ended), call_id, direction (in, out), number, agent to this URL.",
			"The secret is a part of the URL: use https.",
		}}
	}
	return Paste{URL: p.Hook(), Lines: []string{
		"POST JSON with event (ringing, answered, ended), call_id, direction (in, out), number, agent to this URL.",
		"Sign it: " + secrets.SignatureHeader + ": t=<unix time>,v1=<hex HMAC-SHA256 of \"<t>.<body>\" with the secret>.",
	}}
}
