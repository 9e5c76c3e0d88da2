package webhooks

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"callhue/calls"
	"callhue/crmsync"
	"callhue/internal/access"
	"callhue/internal/web"
)

// Routes is the room's table.
func (d *Receiver) Routes() []web.Route {
	return []web.Route{
		{Method: web.Any, Path: "/hooks/:source", Roles: access.Anyone, Summary: "Webhooks of a source, in its dialect.", Do: web.Raw(d.serveHook), Media: "application/json"},
		{Method: web.Any, Path: "/hooks/:source/*", Roles: access.Anyone, Summary: "Webhooks of a source, in its dialect, with the rest of the path.", Do: web.Raw(d.serveHook), Media: "application/json"},
		{Method: "GET", Path: "/cid/:source", Roles: access.Anyone, Summary: "The caller's name in one line for a phone's display, with HTTP Basic.", Do: web.Raw(d.serveName), Media: "text/plain"},
		{Method: "GET", Path: "/cid/:source/*", Roles: access.Anyone, Summary: "The caller's name in one line for a phone's display, with the secret in the path.", Do: web.Raw(d.serveName), Media: "text/plain"},
		{Method: "GET", Path: "/route/:source", Roles: access.Anyone, Summary: "Where an incoming call should ring: the client's owner first; as JSON, or as 101,102 with format=text. With HTTP Basic.", Do: web.Raw(d.serveRoute), Media: "application/json"},
		{Method: "GET", Path: "/route/:source/*", Roles: access.Anyone, Summary: "Where an incoming call should ring, with the secret in the path.", Do: web.Raw(d.serveRoute), Media: "application/json"},
		{Method: "GET", Path: "/lookup/:source", Roles: access.Anyone, Summary: "Who a number is, as JSON for a PBX's template, with HTTP Basic.", Do: web.Raw(d.serveLookup), Media: "application/json"},
		{Method: "GET", Path: "/lookup/:source/*", Roles: access.Anyone, Summary: "Who a number is, as JSON for a PBX's template, with the secret in the path.", Do: web.Raw(d.serveLookup), Media: "application/json"},

		{Method: "GET", Path: "/api/v1/dialects", Roles: access.Admins, Summary: "The dialects that a source can have.", Do: web.Do(d.getDialects)},
		{Method: "GET", Path: "/api/v1/sources", Roles: access.Admins, Summary: "The connected PBXs and CRMs, by name.", Do: web.Do(d.getSources)},
		{Method: "POST", Path: "/api/v1/sources", Roles: access.Admins, Summary: "Connect a PBX or CRM; its secret is shown this once.", Status: http.StatusCreated, NoIdempotencyRecord: true, Do: web.Do(d.postSource)},
		{Method: "GET", Path: "/api/v1/sources/:id", Roles: access.Admins, Summary: "One source.", Do: web.Do(d.getSource)},
		{Method: "PUT", Path: "/api/v1/sources/:id", Roles: access.Admins, Summary: "Change a source's settings, country, area or activity.", Do: web.Do(d.putSource)},
		{Method: "DELETE", Path: "/api/v1/sources/:id", Roles: access.Admins, Summary: "Disconnect a source; its calls stay.", Do: web.Do(d.deleteSource)},
		{Method: "POST", Path: "/api/v1/sources/:id/rotate", Roles: access.Admins, Summary: "Give a source a new secret; the old one holds for another 24 hours.", NoIdempotencyRecord: true, Do: web.Do(d.postRotate)},
		{Method: "GET", Path: "/api/v1/sources/:id/log", Roles: access.Admins, Summary: "The last 50 requests of a source: what was understood, or why they were refused.", Do: web.Do(d.getLog)},
		{Method: "POST", Path: "/api/v1/sources/:id/connect", Roles: access.Admins, NoIdempotencyRecord: true, Summary: "Ask a connected CRM whether it lets us in; a code of amoCRM signs us in first.", Do: web.Do(d.postConnect)},
		{Method: "POST", Path: "/api/v1/sources/:id/consent", Roles: access.Admins, NoIdempotencyRecord: true, Summary: "Begin to let us into an account of amoCRM: the address of its page of consent, which leads back to /amocrm/return.", Do: web.Do(d.postConsent)},
		{Method: "POST", Path: "/api/v1/sources/consent", Roles: access.Admins, NoIdempotencyRecord: true, Summary: "What an account of amoCRM led an administrator back with: it signs us in and has its changes sent here.", Do: web.Do(d.postConsentBack)},
		{Method: "POST", Path: "/api/v1/sources/:id/test", Roles: access.Admins, Summary: "A test call that shows a real card and ends by itself.", Do: web.Do(d.postTest)},
	}
}

// queryOf takes what a dialect sees of a request, but for its URL's values, and
// what its log shows.
func queryOf(r *web.Request) (*Query, func() trace) {
	c := r.C
	raw := c.Request()
	q := &Query{
		Method: c.Method(),
		Rest:   strings.Trim(c.Params("*"), "/"),
		Header: func(name string) string { return c.Get(name) },
		// Raw, never unpacked: signatures are made over what was sent.
		Body: append([]byte(nil), raw.Body()...),
		At:   r.Now().UTC(),
	}
	return q, func() trace {
		return trace{method: c.Method(), path: c.OriginalURL(), headers: string(raw.Header.RawHeaders())}
	}
}

// readURL takes the values of a request's URL.
func (q *Query) readURL(r *web.Request) {
	q.URL = url.Values{}
	r.C.Request().URI().QueryArgs().VisitAll(func(name, value []byte) { q.URL.Add(string(name), string(value)) })
}

func (d *Receiver) serveHook(r *web.Request) error {
	q, t := queryOf(r)
	q.readURL(r)
	q.Public = strings.TrimRight(r.PublicURL(), "/")
	q.Address = func() string { return q.Public + r.C.OriginalURL() }
	reply, err := d.Hook(r.Context(), r.C.Params("source"), q, t)
	if err != nil {
		return err
	}
	r.C.Set(fiber.HeaderContentType, reply.Type)
	return r.C.Status(reply.Status).Send(reply.Body)
}

func nameQuestion(r *web.Request) NameQuestion {
	wanted := NameQuestion{Number: barePlus(r.C.Query("number")), Agent: r.C.Query("agent"), Direction: r.C.Query("direction"), Length: r.C.Query("max"), Name: r.C.Query("name")}
	wanted.User, wanted.Password = basic(r.C.Get(fiber.HeaderAuthorization))
	return wanted
}

func (d *Receiver) serveLookup(r *web.Request) error {
	q, t := queryOf(r)
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	r.Within(d.patience.name)
	found, err := d.Lookup(r.Context(), r.C.Params("source"), q, nameQuestion(r), r.PublicURL(), t)
	if err != nil {
		return err
	}
	return r.C.JSON(found)
}

func (d *Receiver) serveName(r *web.Request) error {
	q, t := queryOf(r)
	wanted := nameQuestion(r)
	r.C.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	r.Within(d.patience.name)
	return r.C.SendString(d.CallerName(r.Context(), r.C.Params("source"), q, wanted, t))
}

func (d *Receiver) serveRoute(r *web.Request) error {
	q, t := queryOf(r)
	wanted := NameQuestion{Number: barePlus(r.C.Query("number"))}
	wanted.User, wanted.Password = basic(r.C.Get(fiber.HeaderAuthorization))
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	r.Within(d.patience.route)
	said := d.Route(r.Context(), r.C.Params("source"), q, wanted, t)
	if r.C.Query("format") == "text" {
		r.C.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
		return r.C.SendString(extensions(said))
	}
	return r.C.JSON(said)
}

// basic reads the header of HTTP Basic.
func basic(header string) (user, password string) {
	const scheme = "basic "
	if len(header) < len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return "", ""
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(header[len(scheme):]))
	if err != nil {
		return "", ""
	}
	user, password, _ = strings.Cut(string(raw), ":")
	return user, password
}

func (d *Receiver) getDialects(r *web.Request, _ web.Nothing) (web.List[DialectView], error) {
	list := web.List[DialectView]{Items: []DialectView{}}
	for _, of := range Dialects() {
		list.Items = append(list.Items, of.view(r.PublicURL()))
	}
	return list, nil
}

func (d *Receiver) getSources(r *web.Request, _ web.Nothing) (web.List[SourceView], error) {
	list := web.List[SourceView]{Items: []SourceView{}}
	sources, err := d.List(r.Context())
	if err != nil {
		return list, err
	}
	counts, err := d.counts(r.Context())
	if err != nil {
		return list, err
	}
	for _, s := range sources {
		v, err := d.view(r, s, counts[s.ID])
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, v)
	}
	return list, nil
}

func (d *Receiver) postSource(r *web.Request, in NewSource) (Connected, error) {
	s, secret, err := d.Add(r.Context(), r.User.ID, in)
	if err != nil {
		return Connected{}, err
	}
	return d.connected(r, s, secret, in.Secret), nil
}

// oneSource names a source in the path.
type oneSource struct {
	ID int64 `path:"id" json:"-"`
}

func (d *Receiver) getSource(r *web.Request, in oneSource) (SourceView, error) {
	o, err := d.byID(r.Context(), in.ID)
	if err != nil {
		return SourceView{}, err
	}
	return d.viewOne(r, d.redacted(o.Source))
}

type putSource struct {
	oneSource
	SourceChange
}

func (d *Receiver) putSource(r *web.Request, in putSource) (SourceView, error) {
	s, err := d.Change(r.Context(), r.User.ID, in.ID, in.SourceChange)
	if err != nil {
		return SourceView{}, err
	}
	return d.viewOne(r, s)
}

func (d *Receiver) deleteSource(r *web.Request, in oneSource) (web.Nothing, error) {
	return web.Nothing{}, d.Remove(r.Context(), r.User.ID, in.ID)
}

type postRotate struct {
	oneSource
	Secret string `json:"secret"` // "" has one made where the dialect lets us choose
}

func (d *Receiver) postRotate(r *web.Request, in postRotate) (Connected, error) {
	s, secret, err := d.Rotate(r.Context(), r.User.ID, in.ID, in.Secret)
	if err != nil {
		return Connected{}, err
	}
	return d.connected(r, s, secret, in.Secret), nil
}

func (d *Receiver) getLog(r *web.Request, in oneSource) (web.List[LogLine], error) {
	lines, err := d.Log(r.Context(), in.ID)
	return web.List[LogLine]{Items: lines}, err
}

type postTest struct {
	oneSource
	Trial
}

func (d *Receiver) postTest(r *web.Request, in postTest) (calls.Card, error) {
	return d.Test(r.Context(), in.ID, in.Trial)
}

type postConnect struct {
	oneSource
	Code      string `json:"code,omitempty"`      // that amoCRM shows its administrator, good once
	Subscribe bool   `json:"subscribe,omitempty"` // have the account send its changes here (amoCRM)
}

func (d *Receiver) postConnect(r *web.Request, in postConnect) (crmsync.About, error) {
	public := ""
	if in.Subscribe {
		public = strings.TrimRight(r.PublicURL(), "/")
	}
	return d.Reach(r.Context(), in.ID, in.Code, public)
}

func (d *Receiver) postConsent(r *web.Request, in oneSource) (BegunConsent, error) {
	return d.BeginConsent(r.Context(), r.User.ID, in.ID, r.PublicURL())
}

func (d *Receiver) postConsentBack(r *web.Request, in BroughtConsent) (GivenConsent, error) {
	return d.TakeConsent(r.Context(), r.User.ID, r.PublicURL(), in)
}

// FormOf reads the fields of a request: of its body, or of its URL where it has none.
// Faults name what cannot be read.
func FormOf(r *web.Request) (*Form, error) {
	q, _ := queryOf(r)
	q.readURL(r)
	err := q.read()
	return q.Form, err
}
