package bitrix24

import (
	"context"
	"encoding/json"

	"callhue/crm"
	"callhue/crmsync"
)

// contradicts reports whether a list of a contact's companies cannot be all of them: it was not returned, or is empty
// although the contact has a primary company.
func (l ids) contradicts(primary optional) bool {
	return !l.known() || primary.id() != "" && len(companyIDs("", l.list)) == 0
}

// addCompanies adds the further companies of contacts, from a crm.item.list of the same contacts. The companies of a
// contact that is missing there are unknown: absence is not emptiness.
func addCompanies(contacts []crmsync.Record, result json.RawMessage) {
	of := map[string]ids{}
	if all, err := rows(result); err == nil {
		for _, raw := range all {
			var i item
			if json.Unmarshal(raw, &i) == nil {
				of[i.ID.id()] = i.Companies
			}
		}
	}
	for i := range contacts {
		setCompanies(&contacts[i], of[contacts[i].ID])
	}
}

// setCompanies sets the companies of a contact, or notes that they are unknown.
func setCompanies(contact *crmsync.Record, all ids) {
	primary := primaryOf(*contact)
	contact.CompanyIDs = companyIDs(primary.text, all.list)
	if contact.Unknown &^= crmsync.UnknownCompanies; all.contradicts(primary) {
		contact.Unknown |= crmsync.UnknownCompanies
	}
}

func primaryOf(r crmsync.Record) optional {
	if len(r.CompanyIDs) == 0 {
		return optional{}
	}
	return optional{text: text(r.CompanyIDs[0]), present: true}
}

// completeCompanies reads the companies of contacts one by one: of those that the list of companies lacks, and of every
// one with a primary company if the portal is too old for that list. A contact without a primary company has none
// there.
func (p *Portal) completeCompanies(ctx context.Context, kind crm.Kind, records []crmsync.Record) error {
	if kind != crm.KindContact {
		return nil
	}
	old := p.opt.Lists == Classic && p.noItemList.Load()
	var asked []*crmsync.Record
	for i := range records {
		if records[i].Unknown.Has(crmsync.UnknownCompanies) || old && len(records[i].CompanyIDs) > 0 {
			asked = append(asked, &records[i])
		}
	}
	for from := 0; from < len(asked); from += perBatch {
		if err := p.completeSome(ctx, asked[from:min(from+perBatch, len(asked))]); err != nil {
			return err
		}
	}
	return nil
}

func (p *Portal) completeSome(ctx context.Context, contacts []*crmsync.Record) error {
	commands := make([]command, len(contacts))
	for i, c := range contacts {
		commands[i] = command{"crm.contact.company.items.get", map[string]any{"id": c.ID}}
	}
	got, err := p.runBatch(ctx, commands, false)
	if err != nil {
		return err
	}
	for i, c := range contacts {
		var items list[struct {
			ID optional `json:"COMPANY_ID"`
		}]
		all := ids{}
		if raw, returned := got.Result[commandName(i)]; returned && json.Unmarshal(raw, &items) == nil {
			all.present = len(raw) > 0 && (raw[0] == '[' || raw[0] == '{')
		}
		for _, each := range items {
			all.list, all.odd = append(all.list, each.ID.text), all.odd || !each.ID.known()
		}
		setCompanies(c, all)
	}
	return nil
}
