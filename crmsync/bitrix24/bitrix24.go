// Package bitrix24 reads a Bitrix24 portal over its REST API, for crmsync.
//
// A Portal is reached in one of two ways: by an incoming webhook, whose URL is the secret, or as an
// installed local application, whose access token is refreshed when it expires. It stays below the portal's
// limits. Everything that it may call stands in one list, methods.go: nothing there changes a record.
//
// Read next: request.go (one request, its faults and retries), page.go (how many records are read with few
// requests), record.go (what they are translated to), token.go.
//
// The wire facts are those of the public documentation at apidocs.bitrix24.com.
package bitrix24

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/web"
)

// OAuth is the server that refreshes the tokens of cloud portals.
const OAuth = "https://oauth.bitrix.info/oauth/token/"

// Lists selects the methods that list records.
type Lists string

// The two kinds of lists. Classic returns only the selected fields; Items returns whole records, which is
// slower, but new portals only continue this one.
const (
	Classic Lists = "classic" // crm.company.list, crm.contact.list, crm.lead.list
	Items   Lists = "items"   // crm.item.list
)

// Options of a Portal: either Webhook, or Portal with the application's rest.
type Options struct {
	Webhook string // URL of an incoming webhook: https://portal.example/rest/1/secret/

	Portal       string // the portal's address: portal.example, https://portal.example/
	ClientID     string // of the local application
	ClientSecret string
	Tokens       crmsync.TokenStore // stores the token
	OAuth        string             // server that refreshes tokens; OAuth if empty
	MemberID     string             // the portal's member_id; any if empty

	Lists     Lists  // Classic if empty
	Language  string // of the names of fields, such as en; ru if empty
	LastFirst bool   // the last name of a person comes first, as the portal may be set

	Rate  float64 // requests a second that the portal allows: 2 if 0, Enterprise 5
	Burst float64 // requests at once that the portal allows: 50 if 0, Enterprise 250

	Timeout time.Duration                              // of one request; a minute if 0, as long as a portal works on it
	Client  *http.Client                               // its transport is used; web.NewClient(false) if nil
	Now     func() time.Time                           // time.Now if nil
	Wait    func(context.Context, time.Duration) error // sleeps; for tests
}

// Portal is a connected Bitrix24 portal: crmsync.Portal and crmsync.Telephony.
type Portal struct {
	opt        Options
	base       *url.URL // the portal, "/" as its path
	rest       string   // base URL of the methods, with a trailing slash
	secret     string   // of the webhook, never shown
	client     *http.Client
	limits     *limits
	tokens     *crmsync.TokenSource
	noItemList atomic.Bool                   // the portal is too old for crm.item.list
	zone       atomic.Pointer[time.Location] // of the portal's times; nil until one was read
}

var (
	_ crmsync.Portal    = (*Portal)(nil)
	_ crmsync.Telephony = (*Portal)(nil)
)

// answerTime is how long the portal may work on a request.
const answerTime = 60 * time.Second

// New returns a Portal without sending a request. Faults: invalid_input with the field webhook, portal,
// client_id, client_secret, oauth or lists.
func New(o Options) (*Portal, error) {
	o.OAuth, o.Lists = cmp.Or(o.OAuth, OAuth), cmp.Or(o.Lists, Classic)
	o.Language = cmp.Or(o.Language, "ru")
	o.Rate, o.Burst = cmp.Or(o.Rate, 2), cmp.Or(o.Burst, 50)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = web.Sleep
	}
	if o.Client == nil {
		o.Client = web.NewClient(false)
	}
	p := &Portal{opt: o, limits: newLimits(o.Rate, o.Burst)}
	p.tokens = crmsync.NewTokenSource(o.Tokens, p.renew, o.Now, o.Wait)
	client := *o.Client
	client.Timeout = cmp.Or(o.Timeout, answerTime)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p.client = &client
	if err := p.parseAddresses(); err != nil {
		return nil, err
	}
	return p, nil
}

// webhookPath matches the path of an incoming webhook's URL.
var webhookPath = regexp.MustCompile(`^/rest/[0-9]+/([0-9A-Za-z]+)/?$`)

// parseAddresses validates the options and sets the addresses.
func (p *Portal) parseAddresses() error {
	var wrong *fault.Error
	o := p.opt
	if o.Lists != Classic && o.Lists != Items {
		wrong = wrong.And("lists", "unknown")
	}
	if o.Webhook != "" {
		at, ok := parseAddress(o.Webhook)
		parts := []string(nil)
		if ok {
			parts = webhookPath.FindStringSubmatch(at.Path)
		}
		if parts == nil {
			return wrong.And("webhook", "invalid")
		}
		p.secret, p.rest = parts[1], strings.TrimRight(at.String(), "/")+"/"
		p.base = &url.URL{Scheme: at.Scheme, Host: at.Host, Path: "/"}
		return wrong.OrNil()
	}
	at, ok := parseAddress(o.Portal)
	if !ok {
		wrong = wrong.And("portal", "invalid")
	} else {
		p.base = &url.URL{Scheme: at.Scheme, Host: at.Host, Path: "/"}
		p.rest = p.base.String() + "rest/"
	}
	if o.ClientID == "" {
		wrong = wrong.And("client_id", "required")
	}
	if o.ClientSecret == "" {
		wrong = wrong.And("client_secret", "required")
	}
	if _, ok := parseAddress(o.OAuth); !ok {
		wrong = wrong.And("oauth", "invalid")
	}
	return wrong.OrNil()
}

// parseAddress parses a web address; a bare host means HTTPS.
func parseAddress(text string) (*url.URL, bool) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	at, err := url.Parse(text)
	ok := err == nil && at.Host != "" && at.User == nil && at.RawQuery == "" &&
		(at.Scheme == "https" || at.Scheme == "http")
	return at, ok
}

// profile is the answer of the method of that name: the user of the token.
type profile struct {
	ID       text `json:"ID"`
	Admin    flag `json:"ADMIN"`
	Name     text `json:"NAME"`
	LastName text `json:"LAST_NAME"`
}

// About proves the connection and identifies the portal and our user in it.
func (p *Portal) About(ctx context.Context) (crmsync.About, error) {
	var who profile
	if err := p.call(ctx, "profile", nil, &who); err != nil {
		return crmsync.About{}, err
	}
	if who.ID == "" {
		return crmsync.About{}, malformed("a profile without an ID")
	}
	name := cmp.Or(joinWords(who.Name, who.LastName), string(who.ID))
	return crmsync.About{Name: p.base.Host, URL: p.base.String(), User: name}, nil
}

// User returns the holder of an access token of this portal, such as the one that comes with a page inside
// it, and whether they are an admin. The token is sent to the portal of the options and nowhere else.
// Fault: crm_refused if the token is not valid here.
func (p *Portal) User(ctx context.Context, accessToken string) (id string, admin bool, err error) {
	if accessToken == "" {
		return "", false, crmsync.Refused("no token")
	}
	got, err := p.request(ctx, p.ownRest(), fixedToken(accessToken), "profile", nil)
	if err != nil {
		return "", false, err
	}
	var who profile
	if err := got.decode(&who); err != nil {
		return "", false, err
	}
	if who.ID == "" {
		return "", false, malformed("a profile without an ID")
	}
	return string(who.ID), who.Admin.isTrue(), nil
}

// ownRest returns the base URL at which a token is valid; a webhook has its own.
func (p *Portal) ownRest() string { return p.base.String() + "rest/" }
