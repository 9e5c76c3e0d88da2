package webhooks

import (
	"context"

	"callhue/crmsync"
	"callhue/crmsync/amocrm"
	"callhue/internal/fault"
	"callhue/webhooks/dialects"
)

// Reach checks the access to a CRM and returns the connected account. A code, which amoCRM shows to administrators, signs
// us in first. publicURL is what the CRM should call this server by: an amoCRM account is subscribed to send its changes
// there; "" leaves that as it is. Faults: not_found, the conflict no_crm, invalid fields, and those of asking a CRM.
func (rc *Receiver) Reach(ctx context.Context, source int64, code, publicURL string) (crmsync.About, error) {
	live, err := rc.opt.Sources.Live(ctx, source)
	if err != nil {
		return crmsync.About{}, err
	}
	client, err := rc.crmClient(live)
	if err != nil {
		return crmsync.About{}, err
	}
	account, isAmocrm := client.(*amocrm.Portal)
	if code != "" {
		if !isAmocrm {
			return crmsync.About{}, fault.Invalid("code", "unknown_field")
		}
		if dialects.AmocrmSettingsOf(live.Settings).RedirectURI == "" {
			return crmsync.About{}, fault.Invalid("settings.redirect_uri", "required")
		}
		if err := account.Exchange(ctx, code, ""); err != nil {
			return crmsync.About{}, err
		}
	}
	about, err := client.About(ctx)
	if err != nil || !isAmocrm || publicURL == "" {
		return about, err
	}
	return about, rc.subscribe(ctx, live, account, publicURL)
}
