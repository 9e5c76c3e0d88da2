package webhooks

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"callhue/calls"
	"callhue/crmsync"
	"callhue/internal/access"
	"callhue/internal/web"
	"callhue/webhooks/dialects"
)

// Routes is the package's route table. Adding and changing sources are routes of package sources.
func (rc *Receiver) Routes() []web.Route {
	return []web.Route{
		{Method: web.Any, Path: "/hooks/:source", Roles: access.Anyone,
			Do: web.Raw(rc.serveHook), Media: "application/json", Body: dialects.GenericEvent{},
			MaxBody: dialects.MaxBulkBody,
			Summary: "Receive a webhook in the dialect of its source"},
		{Method: web.Any, Path: "/hooks/:source/*", Roles: access.Anyone,
			Do: web.Raw(rc.serveHook), Media: "application/json", Body: dialects.GenericEvent{},
			Summary: "Receive a webhook with the secret, or what the dialect adds, in the path"},
		{Method: "GET", Path: "/cid/:source", Roles: access.Anyone,
			Do: web.Raw(rc.serveCallerName), Media: "text/plain", Query: nameParams(),
			Summary: "Get the caller's name in one line for a phone's display, with HTTP Basic"},
		{Method: "GET", Path: "/cid/:source/*", Roles: access.Anyone,
			Do: web.Raw(rc.serveCallerName), Media: "text/plain", Query: nameParams(),
			Summary: "Get the caller's name in one line for a phone's display, with the secret in the path"},
		{Method: "GET", Path: "/route/:source", Roles: access.Anyone,
			Do: web.Raw(rc.serveRoute), Media: "application/json", Query: routeParams(),
			Summary: "Get where an incoming call should ring, the client's owner first, as JSON or with format=text as " +
				"101,102; with HTTP Basic."},
		{Method: "GET", Path: "/route/:source/*", Roles: access.Anyone,
			Do: web.Raw(rc.serveRoute), Media: "application/json", Query: routeParams(),
			Summary: "Get where an incoming call should ring, with the secret in the path"},
		{Method: "GET", Path: "/lookup/:source", Roles: access.Anyone,
			Do: web.Raw(rc.serveLookup), Media: "application/json", Query: nameParams(),
			Summary: "Look a number up for a PBX's template, with HTTP Basic"},
		{Method: "GET", Path: "/lookup/:source/*", Roles: access.Anyone,
			Do: web.Raw(rc.serveLookup), Media: "application/json", Query: nameParams(),
			Summary: "Look a number up for a PBX's template, with the secret in the path"},

		{Method: "GET", Path: "/api/v1/sources/:id/log", Roles: access.Admins, Do: web.Do(rc.getLog),
			Summary: "List the last 50 requests of a source and their results"},
		{Method: "POST", Path: "/api/v1/sources/:id/mapping/try", Roles: access.Admins, NoIdempotencyRecord: true,
			Do:      web.Do(rc.postMappingTry),
			Summary: "Try a field mapping on a logged or a pasted request: its fields, and what becomes of them"},
		{Method: "POST", Path: "/api/v1/sources/:id/try", Roles: access.Admins, NoIdempotencyRecord: true,
			Do:      web.Do(rc.postTry),
			Summary: "Try a lookup source on a number: what is sent, what comes, what becomes of it, and the verdict"},
		{Method: "POST", Path: "/api/v1/sources/:id/connect", Roles: access.Admins, NoIdempotencyRecord: true,
			Do:      web.Do(rc.postConnect),
			Summary: "Check the access to a connected CRM; a code of amoCRM signs in first"},
		{Method: "POST", Path: "/api/v1/sources/:id/consent", Roles: access.Admins, NoIdempotencyRecord: true,
			Do: web.Do(rc.postConsent),
			Summary: "Start granting access to an amoCRM account: the address of its page of consent, which redirects " +
				"to /amocrm/return."},
		{Method: "POST", Path: "/api/v1/sources/consent", Roles: access.Admins, NoIdempotencyRecord: true,
			Do:      web.Do(rc.postConsentBack),
			Summary: "Complete granting access to an amoCRM account with what its page of consent redirected with"},
		{Method: "POST", Path: "/api/v1/sources/:id/test", Roles: access.Admins, Do: web.Do(rc.postTest),
			Summary: "Make a test call, which shows a real card and ends by itself"},
	}
}

// nameParams are what questions for a name read of the query.
func nameParams() []web.Param {
	return []web.Param{numberParam(),
		{Name: "agent", Doc: "The agent's extension or another of their identities: the card is theirs."},
		{Name: "direction", Doc: "in without it.", Values: []string{"in", "out"}},
		{Name: "max", Doc: "The longest name in characters; 15 without it."},
		{Name: "name", Doc: "The name that the PBX has already; it stays where ours is unknown."}}
}

func routeParams() []web.Param {
	return []web.Param{numberParam(),
		{Name: "format", Doc: "json without it; text answers 101,102.", Values: []string{"json", "text"}}}
}

func numberParam() web.Param {
	return web.Param{Name: "number", Required: true, Doc: "The other party's number, in any spelling."}
}

// requestOf returns a request as dialects see it, except for the values of its URL, and its head for the log.
func requestOf(r *web.Request) (*dialects.Request, func() requestHead) {
	c := r.C
	raw := c.Request()
	req := &dialects.Request{
		Method: c.Method(),
		Rest:   strings.Trim(c.Params("*"), "/"),
		Header: func(name string) string { return c.Get(name) },
		Body:   append([]byte(nil), raw.Body()...), // never unpacked: signatures are made over what was sent
		At:     r.Now().UTC(),
	}
	return req, func() requestHead {
		return requestHead{method: c.Method(), path: c.OriginalURL(), headers: string(raw.Header.RawHeaders()),
			address: r.Address()}
	}
}

// queryOf returns the values of a request's URL.
func queryOf(r *web.Request) url.Values {
	values := url.Values{}
	r.C.Request().URI().QueryArgs().VisitAll(func(name, value []byte) { values.Add(string(name), string(value)) })
	return values
}

func (rc *Receiver) serveHook(r *web.Request) error {
	req, head := requestOf(r)
	req.Query = queryOf(r)
	req.PublicURL = strings.TrimRight(r.PublicURL(), "/")
	req.URL = func() string { return req.PublicURL + r.C.OriginalURL() }
	reply, err := rc.Hook(r.Context(), r.C.Params("source"), req, head)
	if err != nil {
		return err
	}
	for name, text := range reply.Headers {
		r.C.Set(name, text)
	}
	r.C.Set(fiber.HeaderContentType, reply.Type)
	return r.C.Status(reply.Status).Send(reply.Body)
}

func nameQuestion(r *web.Request) NameQuestion {
	question := NameQuestion{
		Number:    dialects.RestorePlus(r.C.Query("number")),
		Agent:     r.C.Query("agent"),
		Direction: r.C.Query("direction"),
		Length:    r.C.Query("max"),
		Name:      r.C.Query("name"),
	}
	question.User, question.Password = dialects.BasicAuth(r.C.Get(fiber.HeaderAuthorization))
	return question
}

func (rc *Receiver) serveLookup(r *web.Request) error {
	req, head := requestOf(r)
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	r.Within(rc.timeouts.callerName)
	found, err := rc.Lookup(r.Context(), r.C.Params("source"), req, nameQuestion(r), r.PublicURL(), head)
	if err != nil {
		return err
	}
	return r.C.JSON(found)
}

func (rc *Receiver) serveCallerName(r *web.Request) error {
	req, head := requestOf(r)
	question := nameQuestion(r)
	r.C.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	r.Within(rc.timeouts.callerName)
	return r.C.SendString(rc.CallerName(r.Context(), r.C.Params("source"), req, question, head))
}

func (rc *Receiver) serveRoute(r *web.Request) error {
	req, head := requestOf(r)
	question := NameQuestion{Number: dialects.RestorePlus(r.C.Query("number"))}
	question.User, question.Password = dialects.BasicAuth(r.C.Get(fiber.HeaderAuthorization))
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	r.Within(rc.timeouts.route)
	routing := rc.Route(r.Context(), r.C.Params("source"), req, question, head)
	if r.C.Query("format") == "text" {
		r.C.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
		return r.C.SendString(extensions(routing))
	}
	return r.C.JSON(routing)
}

// sourcePath is the source that a path names.
type sourcePath struct {
	ID int64 `path:"id" json:"-"`
}

func (rc *Receiver) getLog(r *web.Request, in sourcePath) (web.List[LogLine], error) {
	lines, err := rc.Log(r.Context(), in.ID)
	return web.List[LogLine]{Items: lines}, err
}

type postMappingTry struct {
	sourcePath
	MappingTrial
}

func (rc *Receiver) postMappingTry(r *web.Request, in postMappingTry) (MappingTried, error) {
	return rc.TryMapping(r.Context(), in.ID, in.MappingTrial)
}

type postTest struct {
	sourcePath
	NewTestCall
}

func (rc *Receiver) postTest(r *web.Request, in postTest) (calls.Card, error) {
	return rc.Test(r.Context(), in.ID, in.NewTestCall)
}

type postConnect struct {
	sourcePath
	Code      string `json:"code,omitempty"`      // that amoCRM shows its administrator, valid once
	Subscribe bool   `json:"subscribe,omitempty"` // have the amoCRM account send its changes here
}

func (rc *Receiver) postConnect(r *web.Request, in postConnect) (crmsync.About, error) {
	publicURL := ""
	if in.Subscribe {
		publicURL = strings.TrimRight(r.PublicURL(), "/")
	}
	return rc.Reach(r.Context(), in.ID, in.Code, publicURL)
}

func (rc *Receiver) postConsent(r *web.Request, in sourcePath) (BegunConsent, error) {
	return rc.BeginConsent(r.Context(), r.User.ID, in.ID, r.PublicURL())
}

func (rc *Receiver) postConsentBack(r *web.Request, in BroughtConsent) (GivenConsent, error) {
	return rc.TakeConsent(r.Context(), r.User, r.PublicURL(), in)
}

// FormOf reads the fields of a request: of its body, or of its URL where it has none. Faults name what cannot be read.
func FormOf(r *web.Request) (*dialects.Form, error) {
	req, _ := requestOf(r)
	req.Query = queryOf(r)
	err := req.ReadForm(nil)
	return req.Form, err
}

type postTry struct {
	ID int64 `path:"id" json:"-"`
	LookupTrial
}

func (rc *Receiver) postTry(r *web.Request, in postTry) (LookupTried, error) {
	return rc.TryLookup(r.Context(), in.ID, in.LookupTrial, r.User.Language)
}
