package dialects

import (
	"net/url"
	"strings"

	"callhue/internal/web"
)

// Setup is what an administrator has to do at the PBX or CRM.
type Setup struct {
	URL   string // the exact address to enter there, or the one that we connect to
	Steps []Step // in order
	Files []File // to upload there
}

// Step is one thing to do at the other side.
type Step struct {
	Text web.Words
	Copy string // what to enter there, to the letter; "" when there is nothing to copy
}

// note is a step with nothing to copy.
func note(russian, english string) Step { return Step{Text: web.Say(russian, english)} }

// enter is a step in which something is entered.
func enter(what, russian, english string) Step { return Step{web.Say(russian, english), what} }

// secretInURL warns of addresses that contain the secret.
var secretInURL = note("Секрет — часть адреса: сервер должен быть доступен по https.",
	"The secret is a part of the address: the server should be reached by https.")

// File is a text file to upload at the PBX.
type File struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// SecretPlaceholder stands for a secret that is not shown again.
const SecretPlaceholder = "SECRET"

// Address builds the addresses of a source.
type Address struct {
	Source    string            // its name
	Settings  map[string]string // its settings
	Secret    string            // SecretPlaceholder when it is no longer known
	PublicURL string            // what the other side calls this server by, without a slash at the end
}

// Hook returns the address of the source's webhooks; parts are added to the path.
func (a Address) Hook(parts ...string) string { return a.path("hooks", parts) }

// Lookup returns the address that answers in JSON whose a number is, without the query.
func (a Address) Lookup(parts ...string) string { return a.path("lookup", parts) }

// CallerID returns the address that answers with a caller's name, without the query.
func (a Address) CallerID(parts ...string) string { return a.path("cid", parts) }

// Page returns the address of a page of this server.
func (a Address) Page(parts ...string) string { return a.PublicURL + "/" + strings.Join(parts, "/") }

func (a Address) path(first string, parts []string) string {
	address := a.PublicURL + "/" + first + "/" + url.PathEscape(a.Source)
	for _, part := range parts {
		address += "/" + url.PathEscape(part)
	}
	return address
}

// Host returns the host and port that browsers and PBXs call this server by.
func (a Address) Host() string {
	if u, err := url.Parse(a.PublicURL); err == nil && u.Host != "" {
		return u.Host
	}
	return a.PublicURL
}

// callerIDPath returns the path of CallerID.
func (a Address) callerIDPath() string {
	u, err := url.Parse(a.CallerID())
	if err != nil {
		return a.CallerID()
	}
	return u.EscapedPath()
}
