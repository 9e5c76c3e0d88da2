package webhooks

import (
	"context"

	"callhue/crmsync"
	amo "callhue/crmsync/amocrm"
	"callhue/internal/fault"
)

// Reach asks a CRM whether we are let in, and says whereto the connection leads. A
// code signs us in first, where the CRM gives one to administrators (amoCRM). public
// is what the CRM shall call us by: an account of amoCRM is told to send its changes
// there; "" leaves that alone. Faults: no_crm, and what asking a CRM can fail with.
func (d *Receiver) Reach(ctx context.Context, id int64, code, public string) (crmsync.About, error) {
	source, err := d.byID(ctx, id)
	if err != nil {
		return crmsync.About{}, err
	}
	portal, err := d.portalOf(source)
	if err != nil {
		return crmsync.About{}, err
	}
	account, isAmo := portal.(*amo.Portal)
	if code != "" {
		if !isAmo {
			return crmsync.About{}, fault.Invalid("code", "unknown_field")
		}
		if source.Settings[amocrmRedirect] == "" {
			return crmsync.About{}, fault.Invalid("settings."+amocrmRedirect, "required")
		}
		if err := account.Exchange(ctx, code, ""); err != nil {
			return crmsync.About{}, err
		}
	}
	about, err := portal.About(ctx)
	if err != nil || !isAmo || public == "" {
		return about, err
	}
	return about, d.subscribe(ctx, source, account, public)
}
