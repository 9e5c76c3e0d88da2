package webhooks

import (
	"crypto/hmac"
	"crypto/sha1" // Zadarma's and Twilio's own
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/url"
	"slices"
)

// The signatures of PBXs, written a second time for the tests that play one. Those in dialects/testdata were made with
// openssl.

func hmacOf(h func() hash.Hash, secret, text string) []byte {
	mac := hmac.New(h, []byte(secret))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func mangoSign(key, text, salt string) string {
	sum := sha256.Sum256([]byte(key + text + salt))
	return hex.EncodeToString(sum[:])
}

func zadarmaSign(secret, text string) string {
	return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(hmacOf(sha1.New, secret, text))))
}

// zadarmaSigned returns the values of an event that are signed, without a separator.
func zadarmaSigned(form url.Values) string {
	switch event := form.Get("event"); event {
	case "NOTIFY_RECORD":
		return form.Get("pbx_call_id") + form.Get("call_id_with_rec")
	case "NOTIFY_ANSWER":
		return form.Get("caller_id") + form.Get("destination") + form.Get("call_start")
	}
	return form.Get("caller_id") + form.Get("called_did") + form.Get("call_start")
}

func placetelSign(secret, body string) string {
	return hex.EncodeToString(hmacOf(sha256.New, secret, body))
}

// twilioSign signs an address and the fields of a form by name.
func twilioSign(token, address string, form url.Values) string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range form[name] {
			address += name + value
		}
	}
	return base64.StdEncoding.EncodeToString(hmacOf(sha1.New, token, address))
}
