package bitrix24app

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"callhue/calls"
	"callhue/crmsync/bitrix24"
	"callhue/internal/fault"
	"callhue/staff"
	"callhue/webhooks"
)

// visit is what a browser posts to a page of ours that stands in a portal.
type visit struct {
	From        string // the browser's address
	Public      string // what it calls us by
	Method      string
	Domain      string
	Language    string
	Access      string // the viewer's own token: AUTH_ID
	Refresh     string
	Application string
	Member      string
	Options     string // PLACEMENT_OPTIONS, JSON
}

// page is the answer to a visit.
type page struct {
	Status   int
	Portal   string // the origin that may show it in a frame; "" for no one
	Language string
	Title    string
	Heading  string
	Says     []string
	Script   bool
	Finish   string // "now" or "asked": how the portal is told that the installation is complete
	Pass     string
	Sight    PlacementOptions
	Card     *calls.Card
}

// portalScript is where the portal's own script for such pages comes from.
const portalScript = "https://api.bitrix24.com"

//go:embed bitrix24.html
var markup string

// document is what every page is written by.
var document = template.Must(template.New("bitrix24").Parse(markup))

// html writes the document.
func (p page) html() ([]byte, error) {
	var to bytes.Buffer
	err := document.Execute(&to, p)
	return to.Bytes(), err
}

// cardPatience is how long the card page waits for the portal: it is looked at while
// the telephone rings.
const cardPatience = 4 * time.Second

// visitor is a visit whose portal is known.
type visitor struct {
	visit
	portal *webhooks.Portal
	client *bitrix24.Portal
	tongue tongue
}

func (v *visitor) say(of words, with ...any) string {
	if len(with) == 0 {
		return of[v.tongue]
	}
	return fmt.Sprintf(of[v.tongue], with...)
}

// page begins an answer.
func (v *visitor) page(status int, says ...string) page {
	p := page{Status: status, Language: v.tongue.code(), Title: "Callhue", Says: says}
	if v.portal != nil {
		p.Portal = v.portal.Origin
	}
	return p
}

// welcome finds the portal of a visit. Where there is none, or no one may ask it now,
// it returns the page that says so.
func (w *App) welcome(ctx context.Context, of visit) (v *visitor, no *page) {
	v = &visitor{visit: of, tongue: tongueOf(of.Language)}
	refuse := func(status int, of words) (*visitor, *page) {
		p := v.page(status, v.say(of))
		return v, &p
	}
	if of.Method != http.MethodPost {
		return refuse(http.StatusMethodNotAllowed, sayNotThere)
	}
	portal, err := w.Receiver.PortalAt(ctx, of.Domain)
	switch {
	case err != nil:
		return refuse(http.StatusServiceUnavailable, sayFailed)
	case portal == nil:
		return refuse(http.StatusNotFound, sayNoPortal)
	}
	v.portal = portal
	if _, ok := w.visits.Allow(of.From); !ok {
		return refuse(http.StatusTooManyRequests, sayTooOften)
	}
	if v.client, err = portal.Client(); err != nil {
		return refuse(http.StatusNotFound, sayNoPortal)
	}
	return v, nil
}

// unproved is the page for someone that the portal does not confirm.
func (v *visitor) unproved(err error) page {
	key := fault.Of(err).Key
	switch {
	case key == "crm_refused", key == "crm_sign_in_again":
		return v.page(http.StatusUnauthorized, v.say(sayOver))
	case key == "crm_unreachable", key == "crm_busy", key == "crm_answer", errors.Is(err, context.DeadlineExceeded):
		return v.page(http.StatusBadGateway, v.say(sayUnreachable))
	}
	return v.page(http.StatusInternalServerError, v.say(sayFailed))
}

// Installing is the page that a portal opens when our application is installed in
// it, and whenever someone opens the application: an administrator installs it, or
// again; anybody else is told that.
func (w *App) Installing(ctx context.Context, of visit) page {
	v, no := w.welcome(ctx, of)
	if no != nil {
		return *no
	}
	_, admin, err := v.client.User(ctx, v.Access)
	if err != nil {
		return v.headed(sayNotInstalled, v.unproved(err))
	}
	if !admin {
		return v.headed(sayNotInstalled, v.page(http.StatusForbidden, v.say(sayOnlyAdmin)))
	}
	title := bitrix24.TabTitle(v.Language)
	first, err := v.portal.Install(ctx, bitrix24.Installation{Access: v.Access, Refresh: v.Refresh, Application: v.Application, Member: v.Member, Title: title}, v.Public)
	if err != nil {
		return v.headed(sayNotInstalled, v.notInstalled(err))
	}
	p := v.headed(sayInstallTitle, v.page(http.StatusOK, v.say(sayReads), v.say(sayEvents, v.portal.Hook(v.Public)), v.say(sayCard, title), v.say(sayNext, v.portal.Name)))
	p.Script, p.Finish = true, "asked"
	if first {
		p.Finish = "now"
	}
	return p
}

func (v *visitor) headed(heading words, p page) page {
	p.Heading = v.say(heading)
	return p
}

// notInstalled is the page for an installation that the portal did not let us make.
func (v *visitor) notInstalled(err error) page {
	f := fault.Of(err)
	switch {
	case f.Key == "too_many_requests":
		return v.page(http.StatusTooManyRequests, v.say(sayTooOften))
	case f.Key == "crm_refused":
		what, _ := f.Args["what"].(string)
		return v.page(http.StatusForbidden, v.say(sayRefused, what))
	case f.Kind == fault.KindInvalid:
		var names []string
		for _, field := range f.Fields {
			names = append(names, field.Field)
		}
		return v.page(http.StatusUnprocessableEntity, v.say(sayMissing, strings.Join(names, ", ")))
	}
	return v.unproved(err)
}

// CardPage is our tab in the portal's call card: the card of the call for exactly the
// user of the portal who looks at it.
func (w *App) CardPage(ctx context.Context, of visit) page {
	v, no := w.welcome(ctx, of)
	if no != nil {
		return *no
	}
	theirs, _, err := v.client.User(ctx, v.Access)
	if err != nil {
		return v.unproved(err)
	}
	user, err := w.Tracker.HolderOf(ctx, v.portal.Name, theirs)
	switch {
	case err != nil:
		return v.page(http.StatusInternalServerError, v.say(sayFailed))
	case user == nil || !user.Active:
		return v.page(http.StatusForbidden, v.say(sayUnknownUser, v.portal.Name, theirs))
	}
	return w.cardFor(ctx, v, user, theirs)
}

func (w *App) cardFor(ctx context.Context, v *visitor, user *staff.User, theirs string) page {
	at := sightOf(v.Options)
	card, err := w.look(ctx, v.portal, user, at)
	if err != nil {
		w.Log.Warn("a card for a portal's page", "source", v.portal.Name, "error", err)
		return v.page(http.StatusServiceUnavailable, v.say(sayFailed))
	}
	p := v.page(http.StatusOK)
	p.Title, p.Script, p.Card, p.Sight = bitrix24.TabTitle(v.Language), true, &card, at
	if user.Language != "" {
		p.Language = user.Language
	}
	if p.Pass, err = w.newPass(EmbedToken{User: user.ID, Source: v.portal.ID, Theirs: theirs, Proved: w.Now().UnixMilli()}); err != nil {
		return v.page(http.StatusInternalServerError, v.say(sayFailed))
	}
	return p
}
