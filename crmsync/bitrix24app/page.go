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

// visit is the request of a browser for a page inside a portal.
type visit struct {
	From        string // the browser's address
	Public      string // the public URL of this server
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
	Status    int
	Portal    string // the origin that may show it in a frame; "" for no one
	Language  string
	Title     string
	Heading   string
	Text      []string
	Script    bool
	Finish    string // "now" or "asked": when the page confirms the installation to the portal
	Pass      string
	Placement Placement
	Card      *calls.Card
}

// portalScript is the origin of the portal's own script for embedded pages.
const portalScript = "https://api.bitrix24.com"

//go:embed bitrix24.html
var markup string

// document is the template of every page.
var document = template.Must(template.New("bitrix24").Parse(markup))

// html writes the document.
func (p page) html() ([]byte, error) {
	var to bytes.Buffer
	err := document.Execute(&to, p)
	return to.Bytes(), err
}

// cardTimeout is how long the card page waits for the portal: it is read while the phone rings.
const cardTimeout = 4 * time.Second

// visitor is a visit whose portal is known.
type visitor struct {
	visit
	portal   *webhooks.Portal
	client   *bitrix24.Portal
	language language
}

func (v *visitor) text(of words, with ...any) string {
	if len(with) == 0 {
		return of[v.language]
	}
	return fmt.Sprintf(of[v.language], with...)
}

// page returns a page with these paragraphs.
func (v *visitor) page(status int, says ...string) page {
	p := page{Status: status, Language: v.language.code(), Title: "Callhue", Text: says}
	if v.portal != nil {
		p.Portal = v.portal.Origin
	}
	return p
}

// openVisit finds the portal of a visit. Without a portal, or beyond the limit of visits, it returns the page with the
// reason.
func (a *App) openVisit(ctx context.Context, of visit) (v *visitor, no *page) {
	v = &visitor{visit: of, language: languageOf(of.Language)}
	refuse := func(status int, of words) (*visitor, *page) {
		p := v.page(status, v.text(of))
		return v, &p
	}
	if of.Method != http.MethodPost {
		return refuse(http.StatusMethodNotAllowed, sayNotThere)
	}
	portal, err := a.Receiver.PortalAt(ctx, of.Domain)
	switch {
	case err != nil:
		return refuse(http.StatusServiceUnavailable, sayFailed)
	case portal == nil:
		return refuse(http.StatusNotFound, sayNoPortal)
	}
	v.portal = portal
	if _, ok := a.visits.Allow(of.From); !ok {
		return refuse(http.StatusTooManyRequests, sayTooOften)
	}
	if v.client, err = portal.Client(); err != nil {
		return refuse(http.StatusNotFound, sayNoPortal)
	}
	return v, nil
}

// notConfirmed returns the page for a user that the portal did not confirm.
func (v *visitor) notConfirmed(err error) page {
	key := fault.Of(err).Key
	switch {
	case key == "crm_refused", key == "crm_sign_in_again":
		return v.page(http.StatusUnauthorized, v.text(sayOver))
	case key == "crm_unreachable", key == "crm_busy", key == "crm_answer", errors.Is(err, context.DeadlineExceeded):
		return v.page(http.StatusBadGateway, v.text(sayUnreachable))
	}
	return v.page(http.StatusInternalServerError, v.text(sayFailed))
}

// InstallPage returns the page that a portal opens when our application is installed or opened there. It installs the
// application for an administrator, also again, and explains that to any other user.
func (a *App) InstallPage(ctx context.Context, of visit) page {
	v, no := a.openVisit(ctx, of)
	if no != nil {
		return *no
	}
	_, admin, err := v.client.User(ctx, v.Access)
	if err != nil {
		return v.withHeading(sayNotInstalled, v.notConfirmed(err))
	}
	if !admin {
		return v.withHeading(sayNotInstalled, v.page(http.StatusForbidden, v.text(sayOnlyAdmin)))
	}
	title := bitrix24.TabTitle(v.Language)
	first, err := v.portal.Install(ctx, bitrix24.Installation{Access: v.Access, Refresh: v.Refresh,
		Application: v.Application, Member: v.Member, Title: title}, v.Public)
	if err != nil {
		return v.withHeading(sayNotInstalled, v.notInstalled(err))
	}
	p := v.withHeading(sayInstallTitle, v.page(http.StatusOK, v.text(sayReads),
		v.text(sayEvents, v.portal.Hook(v.Public)), v.text(sayCard, title), v.text(sayNext, v.portal.Name)))
	p.Script, p.Finish = true, "asked"
	if first {
		p.Finish = "now"
	}
	return p
}

func (v *visitor) withHeading(heading words, p page) page {
	p.Heading = v.text(heading)
	return p
}

// notInstalled returns the page for an installation that the portal refused.
func (v *visitor) notInstalled(err error) page {
	f := fault.Of(err)
	switch {
	case f.Key == "too_many_requests":
		return v.page(http.StatusTooManyRequests, v.text(sayTooOften))
	case f.Key == "crm_refused":
		what, _ := f.Args["what"].(string)
		return v.page(http.StatusForbidden, v.text(sayRefused, what))
	case f.Kind == fault.KindInvalid:
		var names []string
		for _, field := range f.Fields {
			names = append(names, field.Field)
		}
		return v.page(http.StatusUnprocessableEntity, v.text(sayMissing, strings.Join(names, ", ")))
	}
	return v.notConfirmed(err)
}

// CardPage returns our tab in the portal's call card, with the verdict for the portal's user who opened it.
func (a *App) CardPage(ctx context.Context, of visit) page {
	v, no := a.openVisit(ctx, of)
	if no != nil {
		return *no
	}
	theirs, _, err := v.client.User(ctx, v.Access)
	if err != nil {
		return v.notConfirmed(err)
	}
	user, err := a.Tracker.HolderOf(ctx, v.portal.Name, theirs)
	switch {
	case err != nil:
		return v.page(http.StatusInternalServerError, v.text(sayFailed))
	case user == nil || !user.Active:
		return v.page(http.StatusForbidden, v.text(sayUnknownUser, v.portal.Name, theirs))
	}
	return a.cardFor(ctx, v, user, theirs)
}

func (a *App) cardFor(ctx context.Context, v *visitor, user *staff.User, theirs string) page {
	at := parsePlacement(v.Options)
	card, err := a.findCard(ctx, v.portal, user, at)
	if err != nil {
		a.Log.Warn("a card for a portal's page", "source", v.portal.Name, "error", err)
		return v.page(http.StatusServiceUnavailable, v.text(sayFailed))
	}
	p := v.page(http.StatusOK)
	p.Title, p.Script, p.Card, p.Placement = bitrix24.TabTitle(v.Language), true, &card, at
	if user.Language != "" {
		p.Language = user.Language
	}
	if p.Pass, err = a.newToken(EmbedToken{User: user.ID, Source: v.portal.ID, Theirs: theirs,
		ProvedAt: a.Now().UnixMilli()}); err != nil {
		return v.page(http.StatusInternalServerError, v.text(sayFailed))
	}
	return p
}
