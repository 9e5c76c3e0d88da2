package webhooks

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// mask stands for what must not be shown.
const mask = "•••"

// How much of a request is kept in memory, and shown after masking, in bytes:
// what is cut off behind cannot hold the beginning of a secret.
const (
	maxKeptBody  = 8 << 10
	maxShownBody = 4 << 10
	maxShownText = 500
	maxHeaders   = 30
)

// secretWord is a part of a field's name that tells a secret, token or signature.
const secretWord = `(?:token|secret|signature|passw|api_?key|auth_?id|refresh_?id)`

// The fields whose values are masked: in forms and query strings, in JSON, in
// multipart bodies. Mango and others call a signature just "sign".
var (
	secretPair  = regexp.MustCompile(`(?i)((?:^|[&?])(?:[^=&]*` + secretWord + `[^=&]*|sign)=)[^&]*`)
	secretJSON  = regexp.MustCompile(`(?i)("(?:[^"]*` + secretWord + `[^"]*|sign)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[^",}\]\s]+)`)
	secretPart  = regexp.MustCompile(`(?i)(name="?(?:[^"\r\n]*` + secretWord + `[^"\r\n]*|sign)"?[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n)[^\r\n]*`)
	secretNames = regexp.MustCompile(`(?i)auth|key|cookie|sign|token|secret|passw`)
)

// maskText masks fields by name, and known secrets wherever they stand.
func maskText(text string, known []string) string {
	for _, secret := range known {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, mask)
			text = strings.ReplaceAll(text, url.QueryEscape(secret), mask)
			text = strings.ReplaceAll(text, url.PathEscape(secret), mask)
		}
	}
	text = secretPair.ReplaceAllString(text, "${1}"+mask)
	text = secretJSON.ReplaceAllString(text, "${1}\""+mask+"\"")
	return secretPart.ReplaceAllString(text, "${1}"+mask)
}

// maskedHeaders reads raw header lines; those that prove something only show
// that they were there.
func maskedHeaders(raw string, known []string) map[string]string {
	headers := map[string]string{}
	for text := range strings.SplitSeq(raw, "\n") {
		name, value, found := strings.Cut(strings.TrimSpace(text), ":")
		if !found || len(headers) == maxHeaders {
			continue
		}
		name = fault.Cut(http.CanonicalHeaderKey(name), 100)
		if secretNames.MatchString(name) {
			headers[name] = mask
		} else {
			headers[name] = fault.Cut(maskText(strings.TrimSpace(value), known), maxShownText)
		}
	}
	return headers
}

// row is the line as it is stored: masked first, then cut.
func (l line) row() logRow {
	path := l.trace.path
	if l.rest != "" {
		path = strings.Replace(path, l.rest, mask, 1)
		path = strings.Replace(path, (&url.URL{Path: l.rest}).EscapedPath(), mask, 1)
	}
	request, err := json.Marshal(struct {
		Method  string            `json:"method"`
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	}{fault.Cut(l.trace.method, 10), fault.Cut(maskText(path, l.known), maxShownText), maskedHeaders(l.trace.headers, l.known),
		fault.Cut(maskText(string(l.body), l.known), maxShownBody)})
	if err != nil {
		panic("webhooks: a log line that is no JSON: " + err.Error())
	}
	row := logRow{At: store.Millis(l.at), Status: l.said, Understood: "null", Request: string(request)}
	if l.fault != nil {
		row.Refused = fault.Cut(maskText(reasonText(l.fault), l.known), 100)
		return row
	}
	u := l.heard.understanding().masked(l.known)
	u.Shown = l.shown
	understood, err := json.Marshal(u)
	if err != nil {
		panic("webhooks: an understanding that is no JSON: " + err.Error())
	}
	row.Understood = string(understood)
	return row
}

// reasonText says why a request was refused. The cause of a failure of ours
// stays out of it.
func reasonText(f *fault.Error) string {
	text := f.Key
	if what, named := f.Args["what"].(string); named {
		text += ": " + what
	}
	for _, field := range f.Fields {
		text += "; " + field.Field + ": " + field.Code
	}
	if cause := f.Unwrap(); cause != nil && f.Kind == fault.KindInvalid {
		text += "; " + cause.Error()
	}
	return text
}

// masked hides secrets in every text of an understanding, and cuts it to what a
// log shows.
func (u Understanding) masked(known []string) Understanding {
	text := func(t string) string { return fault.Cut(maskText(t, known), maxShownText) }
	for i := range u.Events {
		e := &u.Events[i]
		for _, field := range []*string{&e.CallID, &e.Leg, &e.Direction, &e.Number, &e.Agent, &e.Line, &e.Recording, (*string)(&e.Event), (*string)(&e.Result)} {
			*field = text(*field)
		}
		e.Aliases = slices.Clone(e.Aliases)
		for j, alias := range e.Aliases {
			e.Aliases[j] = text(alias)
		}
	}
	for i := range u.Changes {
		u.Changes[i].ID = text(u.Changes[i].ID)
	}
	if u.Asked != nil {
		u.Asked = &NameQuery{text(u.Asked.Number), text(u.Asked.Agent), u.Asked.Direction}
	}
	u.Note, u.Ignored = text(u.Note), text(u.Ignored)
	return u
}
