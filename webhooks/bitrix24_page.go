package webhooks

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"callhue/calls"
	"callhue/fault"
	b24 "callhue/mirror/bitrix24"
	"callhue/staff"
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
	Portal   string // the origin that may show it in a frame; "" for nobody
	Language string
	Title    string
	Heading  string
	Says     []string
	Script   bool
	Finish   string // "now" or "asked": how the portal is told that the installation is complete
	Pass     string
	Sight    sight
	Card     *calls.Card
}

// bitrix24Script is where the portal's own script for such pages comes from.
const bitrix24Script = "https://api.bitrix24.com"

//go:embed pages/bitrix24.html
var bitrix24Template string

// pages are the documents of this room.
var pages = template.Must(template.New("bitrix24").Parse(bitrix24Template))

// html writes the document.
func (p page) html() ([]byte, error) {
	var to bytes.Buffer
	err := pages.Execute(&to, p)
	return to.Bytes(), err
}

// visits a browser may make in a minute, and how many of them at once: each one has
// the portal asked.
const (
	visitsPerMinute = 60
	visitsAtOnce    = 30
)

// cardPatience is how long the card page waits for the portal: it is looked at while
// the telephone rings.
const cardPatience = 4 * time.Second

// visitor is a visit whose portal is known.
type visitor struct {
	visit
	source *opened
	portal *b24.Portal
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
	if v.source != nil {
		p.Portal = portalOrigin(v.source.Settings[bitrix24Portal])
	}
	return p
}

// welcome finds the portal of a visit. Where there is none, or nobody may ask it now,
// it gives the page that says so.
func (d *Door) welcome(ctx context.Context, of visit) (v *visitor, no *page) {
	v = &visitor{visit: of, tongue: tongueOf(of.Language)}
	refuse := func(status int, of words) (*visitor, *page) {
		p := v.page(status, v.say(of))
		return v, &p
	}
	if of.Method != http.MethodPost {
		return refuse(http.StatusMethodNotAllowed, sayNotThere)
	}
	b, err := d.book.Get(ctx)
	if err != nil {
		return refuse(http.StatusServiceUnavailable, sayFailed)
	}
	if v.source = b.ofPortal(of.Domain); v.source == nil {
		return refuse(http.StatusNotFound, sayNoPortal)
	}
	if _, ok := d.visits.Allow(of.From); !ok {
		return refuse(http.StatusTooManyRequests, sayTooOften)
	}
	portal, err := d.portalOf(v.source)
	if err != nil {
		return refuse(http.StatusNotFound, sayNoPortal)
	}
	v.portal = portal.(*b24.Portal)
	return v, nil
}

// ofPortal finds the active source of an application in the portal of a domain; the
// first by name where there are several.
func (b *book) ofPortal(domain string) *opened {
	var found []*opened
	for _, o := range b.byName {
		if o.dialect != nil && o.Dialect == "bitrix24-sync" && o.Active && o.Settings[bitrix24Client] != "" && domain != "" &&
			bitrix24Host(o.Settings[bitrix24Portal]) == strings.ToLower(domain) {
			found = append(found, o)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return slices.MinFunc(found, func(a, b *opened) int { return strings.Compare(a.Name, b.Name) })
}

// unproved is the page for somebody whom the portal does not confirm.
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
// it, and whenever somebody opens the application: an administrator installs it, or
// again; anybody else is told that.
func (d *Door) Installing(ctx context.Context, of visit) page {
	v, no := d.welcome(ctx, of)
	if no != nil {
		return *no
	}
	_, admin, err := v.portal.User(ctx, v.Access)
	if err != nil {
		return v.headed(sayNotInstalled, v.unproved(err))
	}
	if !admin {
		return v.headed(sayNotInstalled, v.page(http.StatusForbidden, v.say(sayOnlyAdmin)))
	}
	if _, ok := d.installs.Allow(v.source.Name); !ok {
		return v.headed(sayNotInstalled, v.page(http.StatusTooManyRequests, v.say(sayTooOften)))
	}
	before, err := d.opt.Mirror.Grants(v.source.ID, v.source.Name).Grant(ctx)
	if err == nil {
		err = d.install(ctx, v.source, b24.Installation{Access: v.Access, Refresh: v.Refresh, Application: v.Application, Member: v.Member}, v.Public, v.tongue)
	}
	if err != nil {
		return v.headed(sayNotInstalled, v.notInstalled(err))
	}
	at := Address{Source: v.source.Source, public: v.Public}
	p := v.headed(sayInstallTitle, v.page(http.StatusOK, v.say(sayReads), v.say(sayEvents, at.Hook()), v.say(sayCard, v.say(sayCardTitle)), v.say(sayNext, v.source.Name)))
	p.Script, p.Finish = true, "asked"
	if before.Access == "" {
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
func (d *Door) CardPage(ctx context.Context, of visit) page {
	v, no := d.welcome(ctx, of)
	if no != nil {
		return *no
	}
	theirs, _, err := v.portal.User(ctx, v.Access)
	if err != nil {
		return v.unproved(err)
	}
	user, err := d.opt.Desk.HolderOf(ctx, v.source.Name, theirs)
	switch {
	case err != nil:
		return v.page(http.StatusInternalServerError, v.say(sayFailed))
	case user == nil || !user.Active:
		return v.page(http.StatusForbidden, v.say(sayUnknownUser, v.source.Name, theirs))
	}
	return d.cardFor(ctx, v, user, theirs)
}

func (d *Door) cardFor(ctx context.Context, v *visitor, user *staff.User, theirs string) page {
	at := sightOf(v.Options)
	card, err := d.look(ctx, v.source, user, at)
	if err != nil {
		d.opt.Log.Warn("a card for a portal's page", "source", v.source.Name, "error", err)
		return v.page(http.StatusServiceUnavailable, v.say(sayFailed))
	}
	p := v.page(http.StatusOK)
	p.Title, p.Script, p.Card, p.Sight = v.say(sayCardTitle), true, &card, at
	if user.Language != "" {
		p.Language = user.Language
	}
	if p.Pass, err = d.newPass(pass{User: user.ID, Source: v.source.ID, Theirs: theirs, Proved: d.opt.Now().UnixMilli()}); err != nil {
		return v.page(http.StatusInternalServerError, v.say(sayFailed))
	}
	return p
}
