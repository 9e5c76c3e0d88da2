package amocrm

import (
	"context"
	"net/url"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/phone"
)

// foundPages is how many pages of a search are read.
const foundPages = 4

// Find returns the companies and contacts that have a number. The account's search covers every field and
// does not match +7 with 8, so the national digits are searched, and a record counts only if its phone
// field has the number. Leads have no numbers there.
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
				if !r.Deleted.is && p.hasNumber(r, n) {
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

func (p *Portal) hasNumber(r theirRecord, n phone.Number) bool {
	for _, one := range r.phones() {
		for _, value := range p.opt.Plan.Split(one.Value) {
			if p.opt.Plan.ParseTyped(value).Key() == n.Key() {
				return true
			}
		}
	}
	return false
}
