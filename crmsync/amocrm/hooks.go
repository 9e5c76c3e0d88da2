package amocrm

import (
	"context"
	"net/url"
	"slices"
)

// changes are the events that we subscribe to: whatever can change who a record
// belongs to, what its numbers are, or whether it is there at all.
var changes = []string{
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

// Install subscribes an address of ours to the account's changes, unless it is
// subscribed already. It takes an administrator's token, and a tariff that has
// webhooks: else it is crm_refused.
func (p *Portal) Install(ctx context.Context, address string) error {
	there := false
	err := pages(ctx, p, "/api/v4/webhooks", url.Values{"filter[destination]": {address}}, pageSize, func(got theirHooks) {
		for _, h := range got.Hooks {
			there = there || h.Destination == address && !h.Disabled && h.has(changes)
		}
	})
	if err != nil || there {
		return err
	}
	return p.post(ctx, postHooks, theirHook{Destination: address, Settings: changes}, nil)
}

func (h theirHook) has(wanted []string) bool {
	for _, one := range wanted {
		if !slices.Contains(h.Settings, one) {
			return false
		}
	}
	return true
}
