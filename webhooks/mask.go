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
	"callhue/internal/text"
	"callhue/webhooks/dialects"
)

// mask stands for what must not be shown.
const mask = "•••"

// How much of a request is kept in memory, and shown after masking, in bytes. More is kept than shown: a secret that
// is cut in two would not be recognised.
const (
	maxKeptBody    = 8 << 10
	maxShownBody   = 4 << 10
	maxShownText   = 500
	maxShownReason = 100
	maxHeaders     = 30
)

// secretWord matches the part of a field's name by which a secret, token or signature is recognised.
const secretWord = `(?:token|secret|signature|passw|api_?key|auth_?id|refresh_?id)`

// The fields whose values are masked: in forms and query strings, in JSON, in multipart bodies, in headers. Mango and
// others call a signature just "sign".
var (
	secretPair    = regexp.MustCompile(`(?i)((?:^|[&?])(?:[^=&]*` + secretWord + `[^=&]*|sign)=)[^&]*`)
	secretJSON    = regexp.MustCompile(`(?i)("(?:[^"]*` + secretWord + `[^"]*|sign)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[^",}\]\s]+)`)
	secretPart    = regexp.MustCompile(`(?i)(name="?(?:[^"\r\n]*` + secretWord + `[^"\r\n]*|sign)"?[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n)[^\r\n]*`)
	secretHeaders = regexp.MustCompile(`(?i)auth|key|cookie|sign|token|secret|passw`)
)

// maskText masks fields by their names, and the given secrets wherever they stand.
func maskText(text string, secrets []string) string {
	for _, secret := range secrets {
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

// maskHeaders reads raw header lines. Of those that authenticate a request only the names are shown.
func maskHeaders(raw string, secrets []string) map[string]string {
	headers := map[string]string{}
	for line := range strings.SplitSeq(raw, "\n") {
		name, value, found := strings.Cut(strings.TrimSpace(line), ":")
		if !found || len(headers) == maxHeaders {
			continue
		}
		name = text.Cut(http.CanonicalHeaderKey(name), 100)
		if secretHeaders.MatchString(name) {
			headers[name] = mask
		} else {
			headers[name] = text.Cut(maskText(strings.TrimSpace(value), secrets), maxShownText)
		}
	}
	return headers
}

// row returns the entry as it is stored: masked first, then cut.
func (e logEntry) row() logRow {
	row := logRow{At: store.Millis(e.at), Status: e.status, Understood: "null", Request: e.request()}
	if e.fault != nil {
		row.Refused = text.Cut(maskText(reasonText(e.fault), e.secrets), maxShownReason)
		return row
	}
	u := understandingOf(e.parsed).masked(e.secrets)
	u.Shown = e.shown
	understood, err := json.Marshal(u)
	if err != nil {
		panic("webhooks: an understanding that is no JSON: " + err.Error())
	}
	row.Understood = string(understood)
	return row
}

// request returns the request as JSON, masked and cut.
func (e logEntry) request() string {
	path := e.head.path
	if e.wrongPath != "" {
		path = strings.Replace(path, e.wrongPath, mask, 1)
		path = strings.Replace(path, (&url.URL{Path: e.wrongPath}).EscapedPath(), mask, 1)
	}
	request, err := json.Marshal(struct {
		Method  string            `json:"method"`
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	}{
		Method:  text.Cut(e.head.method, 10),
		Path:    text.Cut(maskText(path, e.secrets), maxShownText),
		Headers: maskHeaders(e.head.headers, e.secrets),
		Body:    text.Cut(maskText(string(e.body), e.secrets), maxShownBody),
	})
	if err != nil {
		panic("webhooks: a log entry that is no JSON: " + err.Error())
	}
	return string(request)
}

// reasonText returns why a request was refused. The cause of a failure of ours stays out of it.
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

// masked hides secrets in every text of an understanding, and cuts the texts to what a log shows.
func (u Understanding) masked(secrets []string) Understanding {
	text := func(t string) string { return text.Cut(maskText(t, secrets), maxShownText) }
	for i := range u.Events {
		u.Events[i].mask(text)
	}
	for i := range u.Changes {
		u.Changes[i].ID = text(u.Changes[i].ID)
	}
	if u.Query != nil {
		u.Query = &dialects.NameQuery{Number: text(u.Query.Number), Agent: text(u.Query.Agent), Direction: u.Query.Direction}
	}
	u.Note, u.Ignored = text(u.Note), text(u.Ignored)
	return u
}

func (e *UnderstoodEvent) mask(text func(string) string) {
	fields := []*string{&e.CallID, &e.Leg, &e.Direction, &e.Number, &e.Agent, &e.Line, &e.Recording,
		(*string)(&e.Event), (*string)(&e.Result)}
	for _, field := range fields {
		*field = text(*field)
	}
	e.Aliases = slices.Clone(e.Aliases)
	for i, alias := range e.Aliases {
		e.Aliases[i] = text(alias)
	}
}
