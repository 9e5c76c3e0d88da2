package amocrm

import (
	"context"
	"net/url"
	"slices"
)

// subscribedEvents are the events that can change the owner of a record, its numbers, or its existence.
var subscribedEvents = []string{
	"add_lead", "update_lead", "delete_lead", "restore_lead", "status_lead", "responsible_lead",
	"add_contact", "update_contact", "delete_contact", "restore_contact", "responsible_contact",
	"add_company", "update_company", "delete_company", "restore_company", "responsible_company",
}

// theirHook is a subscription of the account.
type theirHook struct {
	Destination string   `json:"destination"`
	Settings    []string `json:"settings"`
	Disabled    bool     `json:"disabled,omitempty"`
}

type theirHooks struct {
	Hooks []theirHook `json:"webhooks"`
}

// Install subscribes our address to the account's changes unless it is subscribed already. Fault:
// crm_refused without an administrator's token or a tariff with webhooks.
func (p *Portal) Install(ctx context.Context, address string) error {
	subscribed := false
	err := eachPage(
		ctx,
		p,
		"/api/v4/webhooks",
		url.Values{"filter[destination]": {address}},
		pageSize,
		func(got theirHooks) {
			for _, h := range got.Hooks {
				subscribed = subscribed || h.Destination == address && !h.Disabled && h.has(subscribedEvents)
			}
		},
	)
	if err != nil || subscribed {
		return err
	}
	return p.post(ctx, postHooks, theirHook{Destination: address, Settings: subscribedEvents}, nil)
}

func (h theirHook) has(wanted []string) bool {
	for _, one := range wanted {
		if !slices.Contains(h.Settings, one) {
			return false
		}
	}
	return true
}
