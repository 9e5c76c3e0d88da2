package bitrix24app

import (
	"cmp"
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"callhue/calls"
	"callhue/internal/access"
	"callhue/internal/text"
	"callhue/internal/web"
	"callhue/permits"
	"callhue/webhooks"
)

// Routes returns the routes of the pages and of what they ask for.
func (a *App) Routes() []web.Route {
	return []web.Route{
		{Method: web.Any, Path: "/bitrix24/install", Roles: access.Anyone, Embedded: true,
			Summary: "Show the page that installs our application in a Bitrix24 portal",
			Do:      web.Raw(a.serveInstallPage), Media: "text/html"},
		{Method: web.Any, Path: "/bitrix24/card", Roles: access.Anyone, Embedded: true,
			Summary: "Show our tab in the call card of a Bitrix24 portal", Do: web.Raw(a.serveCardPage),
			Media: "text/html"},
		{Method: "POST", Path: "/bitrix24/ticket", Roles: access.Anyone, Embedded: true, NoIdempotencyRecord: true,
			Summary: "Get the next live stream ticket for a page in a portal", Do: web.Do(a.postTicket)},
		{Method: "POST", Path: "/bitrix24/look", Roles: access.Anyone, Embedded: true, NoIdempotencyRecord: true,
			Summary: "Get the card for the viewer of a page in a portal", Do: web.Do(a.postLook)},
		{Method: "POST", Path: "/bitrix24/ask", Roles: access.Anyone, Embedded: true, NoIdempotencyRecord: true,
			Summary: "Ask a head on behalf of the viewer of a page in a portal", Do: web.Do(a.postAsk)},
	}
}

// visitOf parses the request of a portal's browser: the query names the portal, the body the user.
func visitOf(r *web.Request) (visit, error) {
	f, err := webhooks.FormOf(r)
	if err != nil {
		return visit{}, err
	}
	return visit{From: r.Address(), Public: strings.TrimRight(r.PublicURL(), "/"), Method: r.C.Method(),
		Domain:   text.OneLine(cmp.Or(r.C.Query("DOMAIN"), f.Text("DOMAIN"))),
		Language: cmp.Or(r.C.Query("LANG"), f.Text("LANG")),
		Access:   f.Raw("AUTH_ID"), Refresh: f.Raw("REFRESH_ID"),
		Application: cmp.Or(f.Raw("APPLICATION_TOKEN"), r.C.Query("APPLICATION_TOKEN")),
		Member:      f.Text("member_id"), Options: f.Raw("PLACEMENT_OPTIONS")}, nil
}

func (a *App) serveInstallPage(r *web.Request) error { return servePage(r, a.InstallPage) }

func (a *App) serveCardPage(r *web.Request) error {
	r.Within(a.portalTimeout)
	return servePage(r, a.CardPage)
}

// servePage answers with a page that only its portal may show.
func servePage(r *web.Request, open func(context.Context, visit) page) error {
	v, err := visitOf(r)
	if err != nil {
		return err
	}
	p := open(r.Context(), v)
	body, err := p.html()
	if err != nil {
		return err
	}
	if p.Portal != "" {
		r.Frame([]string{portalScript}, p.Portal)
	}
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	r.C.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	return r.C.Status(p.Status).Send(body)
}

// credentials is the token of a page in a portal.
type credentials struct {
	Pass string `json:"pass"`
}

func (a *App) postTicket(r *web.Request, in credentials) (TokenPair, error) {
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	return a.Ticket(r.Context(), in.Pass)
}

type postLook struct {
	credentials
	Placement
}

func (a *App) postLook(r *web.Request, in postLook) (calls.Card, error) {
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	return a.FindCard(r.Context(), in.Pass, in.Placement)
}

type postAsk struct {
	credentials
	permits.NewAsk
}

func (a *App) postAsk(r *web.Request, in postAsk) (permits.Ask, error) {
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	return a.Ask(r.Context(), in.Pass, in.NewAsk)
}
