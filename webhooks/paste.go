package webhooks

import (
	"cmp"
	"net/url"
	"strings"

	"callhue/internal/web"
)

// Setup is what an administrator has to do at the PBX or CRM.
type Setup struct {
	URL   string // the exact address
	Steps []Step // where it goes, and what else to set, in order
	Files []File // what to upload there

	veiled bool // SECRET stands for the secret
}

// Step is one thing to do at the other side.
type Step struct {
	Says web.Words
	Copy string // what goes there, to the letter; "" when there is nothing to copy
}

// step is a step with nothing to copy.
func step(russian, english string) Step { return Step{Says: web.Say(russian, english)} }

// enter is a step that enters something.
func enter(what, russian, english string) Step { return Step{web.Say(russian, english), what} }

// secretInURL warns of addresses that hold the secret.
var secretInURL = step("Секрет — часть адреса: сервер должен быть доступен по https.", "The secret is a part of the address: the server should be reached by https.")

// File is a text file that a PBX wants to be given.
type File struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// secretMark stands for a secret that is not shown again.
const secretMark = "SECRET"

// Address builds the addresses of a source for its dialect's Paste.
type Address struct {
	Source Source
	Secret string // SECRET when it is not known any more
	public string // without a slash at the end
}

// Hook is the address of the source's webhooks; parts are added to the path.
func (a Address) Hook(parts ...string) string { return a.under("hooks", parts) }

// Lookup is the address that who a number is is asked at in JSON, without the
// question.
func (a Address) Lookup(parts ...string) string { return a.under("lookup", parts) }

// Names is the address that caller names are asked at, without the question.
func (a Address) Names(parts ...string) string { return a.under("cid", parts) }

// at is the address of a page of ours.
func (a Address) at(parts ...string) string { return a.public + "/" + strings.Join(parts, "/") }

func (a Address) under(door string, parts []string) string {
	address := a.public + "/" + door + "/" + url.PathEscape(a.Source.Name)
	for _, part := range parts {
		address += "/" + url.PathEscape(part)
	}
	return address
}

// Host is the host and port that browsers and PBXs call us by.
func (a Address) Host() string {
	if u, err := url.Parse(a.public); err == nil && u.Host != "" {
		return u.Host
	}
	return a.public
}

func (a Address) namesPath() string {
	u, err := url.Parse(a.Names())
	if err != nil {
		return a.Names()
	}
	return u.EscapedPath()
}

// Setup tells where to put what for a source. secret is "" when it is not known
// any more; publicURL is what PBXs call this server by.
func (d *Receiver) Setup(s Source, secret, publicURL string) Setup {
	dialect := d.dialects[s.Dialect]
	if dialect == nil {
		return Setup{}
	}
	p := dialect.paste(Address{Source: s, Secret: cmp.Or(secret, secretMark), public: strings.TrimRight(publicURL, "/")})
	p.veiled = secret == ""
	return p
}
