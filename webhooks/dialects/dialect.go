// Package dialects knows the wire languages of PBXs and CRMs.
//
// A Dialect is a row of pure functions: Authenticate checks the secret or signature of a request over its raw bytes,
// Parse turns it into call events, a question about a number or changed CRM records, Reply words the answer. Beside
// them stand the settings that a source of the dialect may have and the steps that an administrator takes at the PBX
// or CRM. Nothing here does I/O: the package webhooks receives requests, sends the requests of Dial, and opens the
// connections that a dialect asks for.
//
// One file, or a few files with the same prefix, per dialect; list.go lists them; testdata holds recorded requests
// with what becomes of each. Read next: generic.go for a whole dialect, form.go for reading fields.
package dialects

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"callhue/calls"
	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/phone"
	"callhue/rules"
	"callhue/webhooks/dialects/mapping"
)

// Dialect is the wire language of a PBX or CRM. Its functions are pure: the same request yields the same result.
type Dialect struct {
	Name     string    // as in `source add --dialect`
	Title    web.Words // the product that speaks it
	Settings []Setting // what `--set` accepts
	// Required names the settings that a source must have; of names separated by | at least one.
	Required []string
	// Check returns what is wrong with settings that depend on each other: the field is the setting's name. It may be
	// nil.
	Check func(settings map[string]string) []fault.Field
	// VendorSecret is set when the other side chooses the secret; without it we can generate one.
	VendorSecret bool
	// Setup returns what an administrator enters at the PBX or CRM.
	Setup func(a Address) Setup

	// Authenticate reports whether a request is signed with, or carries, one of the secrets that are valid now:
	// nil or fault.Unauthorised. A dialect without it accepts no webhooks.
	Authenticate func(req *Request, valid secrets.Set) error
	// Parse reads an authenticated request. Faults of the input name the field.
	Parse func(req *Request) (Parsed, error)
	// Reply words the answer; without it the answer is an empty JSON object.
	Reply func(req *Request, parsed Parsed, result Result) Reply
	// Refusal words an error for a machine that does not read problem JSON. It returns the zero Reply for a status
	// that needs no special words, and may be nil.
	Refusal func(status int) Reply
	// ReadsBody reports whether sources with these settings read the body by themselves: Request.Form is nil then. It
	// may be nil.
	ReadsBody func(settings map[string]string) bool
	// Fields selects the fields of a request that are read, for a dialect that sends whole records of which only the
	// names count; nil reads all.
	Fields *FieldFilter
	// MaxBody is the largest body in bytes; 0 is web.MaxBody.
	MaxBody int
	// Prepare reads settings that are costly to read, once for all requests; its result is Request.Prepared. It may be
	// nil.
	Prepare func(settings map[string]string) any
	// WithRelated is set when the reply is the card, to which ?related=1 adds the records around the client.
	WithRelated bool
	// CallerID is set when sources may ask at /cid, /lookup and /route who a number is and where to ring.
	CallerID bool
	// NoCalls is set when the other side reports changed records, never calls.
	NoCalls bool
	// Answers is set when the other side is asked whose a number is, during a call.
	Answers bool
	// OwnUserIDs is set when agents are named by ids of the other side's users: digits that are no extensions.
	OwnUserIDs bool

	// Dial has the PBX place a call over HTTP and returns the PBX's id of the call, "" when it does not tell. It may
	// be nil, and needs the settings that DialSettings names.
	Dial         func(d DialRequest, send Sender) (callID string, err error)
	DialSettings []string

	// Connection is the connection that we open to the other side, if any.
	Connection Connection
	// CRMAddress returns the CRM that settings lead to, spelled one way; set for CRMConnection.
	CRMAddress func(settings map[string]string) string
	// UsesToken is set when events are authenticated by what the CRM issued when our application was installed.
	UsesToken bool
	// ReturnPath is our page to which the other side redirects an administrator's browser; "" for none.
	ReturnPath string
}

// Connection is the kind of connection that we open to the other side of a source.
type Connection string

// The kinds of connections.
const (
	NoConnection  Connection = ""    // requests come to us only
	PBXConnection Connection = "pbx" // call events arrive on it, and calls are placed on it
	CRMConnection Connection = "crm" // the CRM's records are synced over it
)

// ReportsCalls reports whether sources of the dialect send call events.
func (d *Dialect) ReportsCalls() bool {
	return (d.Authenticate != nil || d.Connection != NoConnection) && !d.NoCalls
}

// CanDial reports whether sources of the dialect can place calls once their settings are complete.
func (d *Dialect) CanDial() bool { return d.Dial != nil || d.Connection == PBXConnection }

// Request is one request as a dialect sees it.
type Request struct {
	Source   string            // name of the source that it is addressed to
	Settings map[string]string // of the source
	Method   string
	Rest     string     // of the path behind the source's name, without slashes at the ends
	Query    url.Values // of the URL
	Header   func(name string) string
	Body     []byte // raw, as sent: signatures are made over it
	At       time.Time
	Form     *Form // fields of the body, or of the URL where there is no body; see ReadForm
	// URL returns the whole URL as the other side knows it: some sign it, some want it in the reply.
	URL       func() string
	PublicURL string // what the other side calls this server by, without a slash at the end
	// Token is what the CRM issued at installation, for dialects with UsesToken.
	Token crmsync.Token
	// Memory keeps what the other side reports once per call; nil for none.
	Memory mapping.Memory

	// Prepared is what the dialect's Prepare returned for the source; nil when it was not called.
	Prepared any

	secret string // that authenticated the request, for replies that are signed
}

// Setting returns a setting of the source, or "".
func (req *Request) Setting(name string) string { return req.Settings[name] }

// ReadForm reads the fields that a filter keeps, all without one: of the body, or of the URL where there is no body.
func (req *Request) ReadForm(only *FieldFilter) (err error) {
	if encoding := req.Header("Content-Encoding"); encoding != "" && encoding != "identity" {
		// No PBX packs its requests, and a small packed body may unpack to a huge one.
		return fault.Invalid("Content-Encoding", "unknown_value")
	}
	if len(req.Body) > 0 {
		req.Form, err = readForm(req.Header("Content-Type"), req.Body, only)
		return err
	}
	req.Form = newForm("")
	for name, values := range req.Query {
		for _, value := range values {
			if err := req.Form.set(name, RestorePlus(value)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Parsed is what a request means.
type Parsed struct {
	// Events are the call events, in order; the reply carries the card of the last.
	Events []calls.Event
	// Aliases are further names of an agent, by the name in the events. They are tried in order when no user is known
	// by that name.
	Aliases map[string][]string
	// Query is a question about a number without a call.
	Query *NameQuery
	// Changes are CRM records that have to be read again.
	Changes []crmsync.Change
	// ClientsChanged reports that clients changed in a system that is asked: what it answered before is forgotten.
	ClientsChanged bool
	// Installed and Uninstalled report that our application was installed in the CRM, which has to be confirmed by
	// asking it, or removed from it.
	Installed, Uninstalled bool
	// Dropped are the optional fields that could not be read, for the source's log.
	Dropped []fault.Field
	// Note is what else the request reports, in plain words, for the source's log.
	Note string
	// Ignored is the name of an event that we do not use.
	Ignored string
	// Reply, when set, is the answer whatever the rest is.
	Reply *Reply
}

// Read parses an authenticated request. In its events numbers and names are plain, and empty where a PBX spells nothing
// as a word. Faults are those of required fields; unreadable optional ones are dropped.
func (d *Dialect) Read(req *Request) (Parsed, error) {
	parsed, err := d.Parse(req)
	if err != nil {
		return Parsed{}, err
	}
	for i := range parsed.Events {
		e := &parsed.Events[i]
		e.Number, e.Line = phone.Plain(e.Number), phone.Plain(e.Line)
		if agent := plainAgent(e.Agent); agent != e.Agent {
			parsed.rename(e.Agent, agent)
			e.Agent = agent
		}
	}
	if req.Form != nil {
		parsed.Dropped = req.Form.Dropped()
	}
	return parsed, nil
}

// rename lets an agent be known by another name; "" is none.
func (p *Parsed) rename(from, to string) {
	aliases := maps.Clone(p.Aliases)
	if aliases == nil {
		aliases = map[string][]string{}
	}
	maps.Copy(aliases, aliasesOf(to, append([]string{from}, p.Aliases[from]...)...))
	delete(aliases, from)
	p.Aliases = aliases
}

// plainAgent returns the name of an agent, "" for a word that means none.
func plainAgent(name string) string {
	switch strings.ToLower(name) {
	case "null", "nil", "none", "undefined", "<unknown>", "unknown", "<null>":
		return ""
	}
	return phone.Plain(name)
}

// NameQuery asks whose a number is.
type NameQuery struct {
	Number    string          `json:"number"`
	Agent     string          `json:"agent,omitempty"`
	Direction rules.Direction `json:"direction"`
}

// Result is what became of a parsed request.
type Result struct {
	Card *calls.Card // nil when there is none
	// CallerName returns the card in one line for a phone's display, at most max characters; "" when there is
	// nothing to show.
	CallerName func(max int, ascii bool) string
	// Route returns where an incoming call should ring, without targets when there is no preference.
	Route func() calls.Routing
}

// aliasesOf returns further names of an agent; repeated and empty ones are left out.
func aliasesOf(agent string, others ...string) map[string][]string {
	var list []string
	for _, other := range others {
		if other != "" && other != agent && !slices.Contains(list, other) {
			list = append(list, other)
		}
	}
	if agent == "" || list == nil {
		return nil
	}
	return map[string][]string{agent: list}
}
