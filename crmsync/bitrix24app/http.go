package bitrix24app

import (
	"cmp"
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"callhue/calls"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/permits"
	"callhue/webhooks"
)

// Routes is the room's table.
func (w *App) Routes() []web.Route {
	return []web.Route{
		{Method: web.Any, Path: "/bitrix24/install", Roles: access.Anyone, Embedded: true, Summary: "The page that a Bitrix24 portal opens to install our application.", Do: web.Raw(w.serveInstalling), Media: "text/html"},
		{Method: web.Any, Path: "/bitrix24/card", Roles: access.Anyone, Embedded: true, Summary: "Our tab in the call card of a Bitrix24 portal.", Do: web.Raw(w.serveCardPage), Media: "text/html"},
		{Method: "POST", Path: "/bitrix24/ticket", Roles: access.Anyone, Embedded: true, NoIdempotencyRecord: true, Summary: "The next ticket of the live stream for a page in a portal, for its pass.", Do: web.Do(w.postTicket)},
		{Method: "POST", Path: "/bitrix24/look", Roles: access.Anyone, Embedded: true, NoIdempotencyRecord: true, Summary: "The card that the viewer of a page in a portal shall see, for its pass.", Do: web.Do(w.postLook)},
		{Method: "POST", Path: "/bitrix24/ask", Roles: access.Anyone, Embedded: true, NoIdempotencyRecord: true, Summary: "Ask a head on behalf of the viewer of a page in a portal, for its pass.", Do: web.Do(w.postAsk)},
	}
}

// visitOf reads what a portal's browser posts: the query says which portal, the body
// who looks.
func visitOf(r *web.Request) (visit, error) {
	f, err := webhooks.FormOf(r)
	if err != nil {
		return visit{}, err
	}
	return visit{From: r.C.IP(), Public: strings.TrimRight(r.PublicURL(), "/"), Method: r.C.Method(),
		Domain: fault.OneLine(cmp.Or(r.C.Query("DOMAIN"), f.Text("DOMAIN"))), Language: cmp.Or(r.C.Query("LANG"), f.Text("LANG")),
		Access: f.Raw("AUTH_ID"), Refresh: f.Raw("REFRESH_ID"), Application: cmp.Or(f.Raw("APPLICATION_TOKEN"), r.C.Query("APPLICATION_TOKEN")),
		Member: f.Text("member_id"), Options: f.Raw("PLACEMENT_OPTIONS")}, nil
}

func (w *App) serveInstalling(r *web.Request) error { return servePage(r, w.Installing) }

func (w *App) serveCardPage(r *web.Request) error {
	r.Within(w.patience)
	return servePage(r, w.CardPage)
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

// passed is what a page in a portal proves itself with.
type passed struct {
	Pass string `json:"pass"`
}

func (w *App) postTicket(r *web.Request, in passed) (TokenPair, error) {
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	return w.Ticket(r.Context(), in.Pass)
}

type postLook struct {
	passed
	PlacementOptions
}

func (w *App) postLook(r *web.Request, in postLook) (calls.Card, error) {
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	return w.Look(r.Context(), in.Pass, in.PlacementOptions)
}

type postAsk struct {
	passed
	permits.NewAsk
}

func (w *App) postAsk(r *web.Request, in postAsk) (permits.Ask, error) {
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	return w.Ask(r.Context(), in.Pass, in.NewAsk)
}
