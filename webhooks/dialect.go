package webhooks

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"callhue/calls"
	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/rules"
)

// Dialects lists every wire language we speak, one line each. A new one is its
// own file, its folder in testdata, and a line here.
func Dialects() []Dialect {
	list := []Dialect{
		generic(),
		bitrix24(),
		itoolabs(),
		mango(),
		zadarma(),
		telphin(),
		uis(),
		sipuni(),
		amocrm(),
		zammad(),
		sipgate(),
		placetel(),
		twilio(),
		freepbx(),
		freeswitch(),
		threecx(),
		asterisk(),
		bitrix24Sync(),
		amocrmSync(),
	}
	for i := range list {
		d := &list[i]
		if d.tellsCalls() {
			d.Settings = append(slices.Clone(d.Settings), linesSetting)
		}
		if d.names {
			d.Settings = append(slices.Clone(d.Settings), lengthSetting(nameMax), asciiSetting, languageSetting)
		}
	}
	return list
}

// Dialect is the wire language of a PBX or CRM. Its functions are pure: the same
// query gives the same answer, and nothing is stored or asked.
type Dialect struct {
	Name     string    // as in `source add --dialect`
	Title    web.Words // whose language it is
	Theirs   bool      // the other side chooses the secret; else we can make one
	Settings []Setting // what `--set` knows

	// prove says whether the query comes from who knows a secret of the source:
	// nil or fault.Unauthorised. Without it the dialect has no webhooks.
	prove func(q *Query, known secrets.Set) error
	// understand turns the query into what calls has to hear. It may rely on the
	// proof. Faults of the input name the field.
	understand func(q *Query) (Parsed, error)
	// answer words the reply; without it that is an empty JSON object.
	answer func(q *Query, h Parsed, told Result) Reply
	// refuse words a refusal for a machine that does not read problem JSON; it
	// may be missing.
	refuse func(status int) Reply
	// relates says that the answer is the card, and that ?related=1 adds the
	// records around the client to it.
	relates bool
	// names says that /cid, /lookup and /route tell this dialect who a number is and
	// where to ring.
	names bool
	// order has the PBX make a call over HTTP and gives the PBX's name of it; it may
	// be missing. It works where the settings of orderNeeds are set.
	order      func(o Order, send sender) (callID string, err error)
	orderNeeds []string
	// connects makes the link of a source where we connect to the other side; it
	// may be missing.
	connects func(d *Receiver, source *liveSource) link
	// portal makes the client of a CRM that is mirrored; it may be missing.
	portal func(d *Receiver, source *liveSource) (crmsync.Portal, error)
	// crm says which CRM settings lead to, however it is written; of those with portal.
	crm func(settings map[string]string) string
	// dials says that the link can have a call made.
	dials bool
	// needs are the settings that a source cannot be without; of those with a bar
	// between them it needs one.
	needs []string
	// granted says that its events are proved by what the other side gave us when we
	// were installed there.
	granted bool
	// returns is the page of ours to which the other side leads an administrator back;
	// it may be missing.
	returns string
	// mute says that it tells of records, never of calls.
	mute bool
	// strict says that agents are named by ids of the other side: an extension with
	// the same digits is somebody else's.
	strict bool
	// paste tells an administrator where to put what.
	paste func(p Address) Setup
}

// Mirrors says whether the records of a dialect's sources are mirrored here.
func Mirrors(dialect string) bool {
	return slices.ContainsFunc(Dialects(), func(d Dialect) bool { return d.Name == dialect && d.portal != nil })
}

// tellsCalls says whether sources of the dialect tell of calls.
func (d *Dialect) tellsCalls() bool { return (d.prove != nil || d.connects != nil) && !d.mute }

// Query is one request as a dialect sees it.
type Query struct {
	Source Source
	Method string
	Rest   string // of the path behind the source's name, without slashes at the ends
	URL    url.Values
	Header func(name string) string
	Body   []byte // raw, as sent
	At     time.Time
	Form   *Form // of the body, or of the URL where there is no body
	// Address is the whole URL of the request as the other side knows it; some
	// sign it, some want to be told it again.
	Address func() string
	Public  string // what the other side calls this server by, without a slash at the end
	// Grant is what the other side gave us, for dialects that are granted something.
	Grant crmsync.Token
}

// Setting gives a setting of the source, or "".
func (q *Query) Setting(name string) string { return q.Source.Settings[name] }

// Parsed is what a query said.
type Parsed struct {
	// Events are what calls hears, in order; the answer carries the card of the last.
	Events []calls.Event
	// Aliases are other names of an agent of the events, by his name there, tried in
	// order when nobody is known by that.
	Aliases map[string][]string
	// Asked is a question about a number without a call.
	Asked *NameQuery
	// Changes are records of the CRM that have to be read again.
	Changes []crmsync.Change
	// Installed says that an application was installed: the CRM is asked whether that
	// is so. Uninstalled that it does not let us in any more.
	Installed, Uninstalled bool
	// Note says in plain words what else was said, for the log.
	Note string
	// Ignored is the name of an event that we have no use for.
	Ignored string
	// Reply answers at once, when set.
	Reply *Reply
}

// NameQuery is a question about a number: who is this?
type NameQuery struct {
	Number    string          `json:"number"`
	Agent     string          `json:"agent,omitempty"`
	Direction rules.Direction `json:"direction"`
}

// Result is what calls said to it.
type Result struct {
	Card *calls.Card // nil when there is nothing to show
	// Name is the card in one line for a phone's display, at most max characters;
	// "" when there is nothing to say.
	Name func(max int, ascii bool) string
	// Route says where an incoming call should ring; without targets when there is
	// nothing to say.
	Route func() calls.Routing
}

// Reply is the answer to a query.
type Reply struct {
	Status int
	Type   string
	Body   []byte
}

// aliasesOf gives an agent other names; those that say nothing more are left out.
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

// replyJSON answers 200 with JSON.
func replyJSON(v any) Reply {
	body, err := json.Marshal(v)
	if err != nil {
		panic("webhooks: a reply that is no JSON: " + err.Error())
	}
	return Reply{http.StatusOK, "application/json", body}
}

// replyXML answers 200 with an XML document.
func replyXML(document string) Reply {
	return Reply{http.StatusOK, "application/xml; charset=utf-8", []byte(xml.Header + document)}
}

// replyText answers 200 with plain text.
func replyText(text string) Reply {
	return Reply{http.StatusOK, "text/plain; charset=utf-8", []byte(text)}
}

// refused is the fault of a query that proved nothing; why is for the log.
func refused(why string) error { return fault.Unauthorised(why) }

// byPath proves a query by the secret as the first part of the path; what
// follows stays in Rest. A secret may hold slashes itself: the path arrives
// without its escapes.
func byPath(q *Query, known secrets.Set) error {
	if q.Rest == "" {
		return refused("secret_missing")
	}
	parts := strings.SplitN(q.Rest, "/", maxPathParts)
	for n := range parts {
		if known.Has(strings.Join(parts[:n+1], "/")) {
			q.Rest = strings.Join(parts[n+1:], "/")
			return nil
		}
	}
	return refused("wrong_secret")
}

// maxPathParts is how many parts of a path may be a secret with slashes.
const maxPathParts = 10
