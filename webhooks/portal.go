package webhooks

import (
	"context"
	"net/url"
	"slices"
	"strings"

	b24 "callhue/crmsync/bitrix24"
	"callhue/internal/fault"
	"callhue/phone"
)

// Portal is a Bitrix24 portal that a source is connected to, for whoever shows pages of
// ours in it.
type Portal struct {
	ID     int64       // of the source
	Name   string      // of the source; the portal's users are known by it
	Origin string      // of its pages, such as https://portal.example
	Plan   *phone.Plan // reads its numbers

	door   *Receiver
	source *liveSource
}

func (d *Receiver) asPortal(of *liveSource) *Portal {
	return &Portal{of.ID, of.Name, portalOrigin(of.Settings[bitrix24Portal]), of.origin.Plan, d, of}
}

// PortalAt gives the portal of a domain in which our application is an active source,
// the first by name where there are several; nil when there is none.
func (d *Receiver) PortalAt(ctx context.Context, domain string) (*Portal, error) {
	b, err := d.book.Get(ctx)
	if err != nil {
		return nil, err
	}
	var found []*liveSource
	for _, o := range b.byName {
		if o.dialect != nil && o.Dialect == "bitrix24-sync" && o.Active && o.Settings[bitrix24Client] != "" && domain != "" &&
			bitrix24Host(o.Settings[bitrix24Portal]) == strings.ToLower(domain) {
			found = append(found, o)
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	return d.asPortal(slices.MinFunc(found, func(a, b *liveSource) int { return strings.Compare(a.Name, b.Name) })), nil
}

// PortalOfSource gives the portal of a source; nil when it is none, or is switched off.
func (d *Receiver) PortalOfSource(ctx context.Context, source int64) (*Portal, error) {
	b, err := d.book.Get(ctx)
	if err != nil {
		return nil, err
	}
	o := b.byID[source]
	if o == nil || !o.Active || o.dialect == nil || !o.dialect.granted {
		return nil, nil
	}
	return d.asPortal(o), nil
}

// Client asks the portal.
func (p *Portal) Client() (*b24.Portal, error) {
	client, err := p.door.portalOf(p.source)
	if err != nil {
		return nil, err
	}
	bitrix, ok := client.(*b24.Portal)
	if !ok {
		return nil, fault.Conflict("not_installable")
	}
	return bitrix, nil
}

// Hook is where the portal tells of calls and changes; public is what it calls us by.
func (p *Portal) Hook(public string) string {
	return Address{Source: p.source.Source, public: public}.Hook()
}

// Install has a grant of the portal proved and stored, and the portal told where to send
// what; first says that there was none before. Faults: too_many_requests, and those of
// bitrix24.Portal.Install.
func (p *Portal) Install(ctx context.Context, in b24.Installation, public string) (first bool, err error) {
	if wait, ok := p.door.installs.Allow(p.Name); !ok {
		return false, fault.Busy("too_many_requests", wait)
	}
	before, err := p.door.opt.Syncer.TokenStore(p.ID, p.Name).Token(ctx)
	if err != nil {
		return false, err
	}
	client, err := p.Client()
	if err != nil {
		return false, err
	}
	at := Address{Source: p.source.Source, public: strings.TrimRight(public, "/")}
	in.Handler, in.Card = at.Hook(), at.at("bitrix24", "card")
	return before.Access == "", client.Install(ctx, in)
}

// installByEvent takes over the grant of an application without pages, which the
// portal posts instead of opening one. Anybody could post it: Install proves it.
func (d *Receiver) installByEvent(ctx context.Context, c *call) error {
	f := c.q.Form
	_, err := d.asPortal(c.source).Install(ctx, b24.Installation{Access: f.Raw("auth[access_token]"), Refresh: f.Raw("auth[refresh_token]"),
		Application: f.Raw("auth[application_token]"), Member: f.Text("auth[member_id]"), Title: b24.TabTitle(f.Text("data[LANGUAGE_ID]"))}, c.q.Public)
	return err
}

// portalOrigin is the origin of the pages of a Bitrix24 portal.
func portalOrigin(setting string) string {
	if u, err := url.Parse(setting); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host
	}
	return "https://" + setting
}
