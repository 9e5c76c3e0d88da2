package secrets

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"callhue/internal/fault"
)

// SignatureHeader carries the signature of a message in our own language:
// "t=<unix>,v1=<hex>", where v1 is the HMAC-SHA256 of "<t>.<raw body>".
const SignatureHeader = "X-Callhue-Signature"

// signatureAge is how far the time of a signature may be from ours.
const signatureAge = 300 * time.Second

// Signature signs a body: the time, and one v1 for each secret that holds.
func (s Set) Signature(now time.Time, body []byte) string {
	at := strconv.FormatInt(now.Unix(), 10)
	header := "t=" + at
	for _, secret := range s {
		header += ",v1=" + sumOf(secret, at, body)
	}
	return header
}

// Prove checks a signature. Several v1 may stand in one header, as a sender
// writes them while it rotates; other parts are for later versions. The fault is
// unauthorised: signature_malformed, signature_too_old or wrong_signature.
func (s Set) Prove(header string, body []byte, now time.Time) error {
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
		return fault.Unauthorised("signature_malformed")
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > signatureAge || age < -signatureAge {
		return fault.Unauthorised("signature_too_old")
	}
	for _, sum := range sums {
		if s.Sign(sum, func(secret string) string { return sumOf(secret, at, body) }) {
			return nil
		}
	}
	return fault.Unauthorised("wrong_signature")
}

func sumOf(secret, at string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
