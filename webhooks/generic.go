package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"callhue/calls"
	"callhue/rules"
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
	pathSecret      = "path_secret"
	dialURL         = "dial_url"
	dialBody        = "dial_body"
	dialAuth        = "dial_auth"
	signatureHeader = "X-Callhue-Signature"

	// signatureAge is how far the time of a signature may be from ours.
	signatureAge = 300 * time.Second
)

func proveGeneric(q *Query, secrets Secrets) error {
	header := q.Header(signatureHeader)
	if header == "" && q.Setting(pathSecret) == "true" {
		return byPath(q, secrets)
	}
	if header == "" {
		return refused("signature_missing")
	}
	if len(q.Body) == 0 {
		return refused("signature_of_nothing") // fields of the URL are not signed
	}
	return proveSignature(header, q.Body, q.At, secrets)
}

// proveSignature checks "t=<unix>,v1=<hex>": v1 is the HMAC-SHA256 of
// "<t>.<raw body>". Several v1 may stand in one header, as a sender writes them
// while it rotates; other parts are for later versions.
func proveSignature(header string, body []byte, now time.Time, secrets Secrets) error {
	var at string
	var sums []string
	for part := range strings.SplitSeq(header, ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "t":
			at = value
		case "v1":
			sums = append(sums, strings.ToLower(value))
		}
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || len(sums) == 0 || len(sums) > 4 {
		return refused("signature_malformed")
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > signatureAge || age < -signatureAge {
		return refused("signature_too_old")
	}
	for _, sum := range sums {
		if secrets.Sign(sum, func(secret string) string { return signBody(secret, at, body) }) {
			return nil
		}
	}
	return refused("wrong_signature")
}

func signBody(secret, at string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
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
		"Sign it: " + signatureHeader + ": t=<unix time>,v1=<hex HMAC-SHA256 of \"<t>.<body>\" with the secret>.",
	}}
}
