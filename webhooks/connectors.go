package webhooks

import (
	"callhue/crmsync"
	"callhue/crmsync/amocrm"
	"callhue/crmsync/bitrix24"
	"callhue/internal/fault"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

// connector opens our connection to the other side of a source. Dialects say that there is one and do no I/O; how it is
// opened stands here.
type connector struct {
	open func(rc *Receiver, source *sources.Live) link
	// needs is the setting without which a source has no connection; "" for none.
	needs string
	// client returns the client of a CRM, which asks nothing yet; nil for a PBX.
	client func(rc *Receiver, source *sources.Live) (crmsync.Portal, error)
}

// connectors returns the connectors by the names of their dialects.
func connectors() map[string]connector {
	return map[string]connector{
		dialects.AMI:          {open: newAMILink},
		dialects.FreeSWITCH:   {open: newESLLink, needs: dialects.ESLAddress},
		dialects.Threecx:      {open: newThreecxLink, needs: dialects.ThreecxAddress},
		dialects.Bitrix24Sync: {open: newCRMLink, client: newBitrix24Client},
		dialects.AmocrmSync:   {open: newCRMLink, client: newAmocrmClient},
	}
}

// connects reports whether we open a connection to the other side of a source.
func (rc *Receiver) connects(s sources.Source) bool {
	c := rc.connectors[s.Dialect]
	return c.open != nil && (c.needs == "" || s.Settings[c.needs] != "")
}

// newCRMClient returns the client of a CRM from the settings of its source; it asks nothing yet. Faults: the conflicts
// no_mirror (CRMs cannot be connected here) and no_crm, and those of the settings.
func (rc *Receiver) newCRMClient(source *sources.Live) (crmsync.Portal, error) {
	client := rc.connectors[source.Source.Dialect].client
	switch {
	case rc.opt.Syncer == nil:
		return nil, fault.Conflict("no_mirror")
	case client == nil:
		return nil, fault.Conflict("no_crm")
	}
	return client(rc, source)
}

// crmClient returns the client of a source: that of its link, which knows how much was asked of late, or one of its own
// where this process has no link.
func (rc *Receiver) crmClient(source *sources.Live) (crmsync.Portal, error) {
	if l, ok := rc.links.find(source.ID).(*crmLink); ok && l.source.Version == source.Version && l.client != nil {
		return l.client, nil
	}
	return rc.newCRMClient(source)
}

// bitrix24Burst is for how many seconds' worth of requests a portal lets us be ahead.
const bitrix24Burst = 25

func newBitrix24Client(rc *Receiver, source *sources.Live) (crmsync.Portal, error) {
	settings, secret := dialects.Bitrix24SettingsOf(source.Settings), ""
	if valid := source.Secrets.At(rc.opt.Now()); len(valid) > 0 {
		secret = valid[0]
	}
	portal, err := bitrix24.New(bitrix24.Options{
		Webhook:      settings.WebhookURL,
		Portal:       settings.Portal,
		ClientID:     settings.ClientID,
		ClientSecret: secret,
		Tokens:       rc.opt.Syncer.TokenStore(source.ID, source.Name),
		OAuth:        settings.OAuthURL,
		Lists:        bitrix24.Lists(settings.Lists),
		LastFirst:    settings.LastFirst,
		Rate:         settings.Rate,
		Burst:        bitrix24Burst * settings.Rate,
		Client:       rc.client,
		Now:          rc.opt.Now,
	})
	if err != nil {
		return nil, err
	}
	return portal, nil
}

func newAmocrmClient(rc *Receiver, source *sources.Live) (crmsync.Portal, error) {
	settings := dialects.AmocrmSettingsOf(source.Settings)
	address, err := amocrm.Address(settings.Account)
	if err != nil {
		return nil, err
	}
	return amocrm.New(amocrm.Options{
		Address:  address,
		Token:    settings.Token,
		ClientID: settings.ClientID,
		Secret:   settings.ClientSecret,
		Redirect: settings.RedirectURI,
		Tokens:   rc.opt.Syncer.TokenStore(source.ID, source.Name),
		Name:     source.Name,
		Plan:     source.Origin.Plan,
		Client:   rc.client,
		Now:      rc.opt.Now,
	}), nil
}
