package webhooks

import (
	"context"
	"strings"

	"callhue/crmsync/bitrix24"
	"callhue/internal/fault"
	"callhue/phone"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

// Portal is a Bitrix24 portal that a source is connected to, for package bitrix24app, which shows our pages in it.
type Portal struct {
	ID     int64       // of the source
	Name   string      // of the source; the portal's users are known by it
	Origin string      // of the portal's pages, such as https://portal.example
	Plan   *phone.Plan // reads its numbers

	receiver *Receiver
	source   *sources.Live
}

func (rc *Receiver) asPortal(source *sources.Live) *Portal {
	return &Portal{
		ID:       source.ID,
		Name:     source.Name,
		Origin:   dialects.Bitrix24SettingsOf(source.Settings).Origin(),
		Plan:     source.Origin.Plan,
		receiver: rc,
		source:   source,
	}
}

// PortalAt returns the portal of a domain in which our application is an active source, the first by name where there
// are several; nil when there is none.
func (rc *Receiver) PortalAt(ctx context.Context, domain string) (*Portal, error) {
	all, err := rc.opt.Sources.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	var first *sources.Live
	for _, source := range all.ByName {
		settings := dialects.Bitrix24SettingsOf(source.Settings)
		isApplication := source.Source.Dialect == dialects.Bitrix24Sync && source.Active && settings.ClientID != ""
		if !isApplication || domain == "" || settings.Host() != strings.ToLower(domain) {
			continue
		}
		if first == nil || source.Name < first.Name {
			first = source
		}
	}
	if first == nil {
		return nil, nil
	}
	return rc.asPortal(first), nil
}

// PortalOfSource returns the portal of a source; nil when it is none, or is switched off.
func (rc *Receiver) PortalOfSource(ctx context.Context, source int64) (*Portal, error) {
	all, err := rc.opt.Sources.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	live := all.ByID[source]
	if live == nil || !live.Active || live.Dialect == nil || !live.Dialect.UsesToken {
		return nil, nil
	}
	return rc.asPortal(live), nil
}

// Client returns the client that asks the portal. The conflict is not_installable when the source is no portal.
func (p *Portal) Client() (*bitrix24.Portal, error) {
	client, err := p.receiver.crmClient(p.source)
	if err != nil {
		return nil, err
	}
	portal, ok := client.(*bitrix24.Portal)
	if !ok {
		return nil, fault.Conflict("not_installable")
	}
	return portal, nil
}

// Hook returns the address to which the portal sends events; publicURL is what it calls this server by.
func (p *Portal) Hook(publicURL string) string { return addressOf(p.source, publicURL).Hook() }

// Install has the portal confirm what it issued, stores that, and tells the portal where to send events; first reports
// that nothing was stored before. Faults: too_many_requests, and those of bitrix24.Portal.Install.
func (p *Portal) Install(ctx context.Context, in bitrix24.Installation, publicURL string) (first bool, err error) {
	if wait, ok := p.receiver.installs.Allow(p.Name); !ok {
		return false, fault.Busy("too_many_requests", wait)
	}
	before, err := p.receiver.opt.Syncer.TokenStore(p.ID, p.Name).Token(ctx)
	if err != nil {
		return false, err
	}
	client, err := p.Client()
	if err != nil {
		return false, err
	}
	address := addressOf(p.source, publicURL)
	in.Handler, in.Card = address.Hook(), address.Page("bitrix24", "card")
	return before.Access == "", client.Install(ctx, in)
}

// installByEvent installs an application without pages, for which the portal posts an event instead of opening a page.
// Anyone could post it: Install has the portal confirm it.
func (rc *Receiver) installByEvent(ctx context.Context, in *inbound) error {
	form := in.req.Form
	installation := bitrix24.Installation{
		Access:      form.Raw("auth[access_token]"),
		Refresh:     form.Raw("auth[refresh_token]"),
		Application: form.Raw("auth[application_token]"),
		Member:      form.Text("auth[member_id]"),
		Title:       bitrix24.TabTitle(form.Text("data[LANGUAGE_ID]")),
	}
	_, err := rc.asPortal(in.source).Install(ctx, installation, in.req.PublicURL)
	return err
}
