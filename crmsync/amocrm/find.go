package amocrm

import (
	"context"
	"net/url"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/phone"
)

// foundPages bounds how much of what the account finds is looked through.
const foundPages = 4

// Find gives the companies and contacts that have a number. The account's search
// looks into every field and takes +7 and 8 for different beginnings, so it is
// asked for the national digits, and what it finds counts only with the number in
// its telephone field. Leads have no numbers there.
func (p *Portal) Find(ctx context.Context, n phone.Number) ([]crmsync.Ref, error) {
	digits := phone.National(n.E164)
	if n.Kind != phone.External || digits == "" {
		return nil, nil
	}
	var out []crmsync.Ref
	for _, kind := range []crm.Kind{crm.KindCompany, crm.KindContact} {
		query := url.Values{"query": {digits}, "order[id]": {"asc"}}
		for number := 1; number <= foundPages; number++ {
			got, err := p.list(ctx, lists[kind].name, query, window{number, pageSize})
			if err != nil {
				return nil, err
			}
			for _, r := range got.records {
				if !r.Deleted && p.has(r, n) {
					out = append(out, crmsync.Ref{Kind: kind, ID: string(r.ID)})
				}
			}
			if !got.more {
				break
			}
		}
	}
	return out, nil
}

func (p *Portal) has(r theirRecord, n phone.Number) bool {
	for _, one := range r.phones() {
		for _, value := range phone.Split(one.Value) {
			if p.opt.Plan.Parse(value).Key() == n.Key() {
				return true
			}
		}
	}
	return false
}
