package bitrix24

import (
	"context"
	"encoding/json"

	"callhue/crm"
	"callhue/crmsync"
)

// addCompanies adds the further companies of contacts, from a crm.item.list of the same contacts. A contact
// that was added in between is missing there and keeps its primary company; its change is reported again.
func addCompanies(contacts []crmsync.Record, result json.RawMessage) error {
	all, err := rows(result)
	if err != nil {
		return err
	}
	of := make(map[string][]text, len(all))
	for _, raw := range all {
		var i item
		if json.Unmarshal(raw, &i) != nil {
			return malformed("a record without an id or fields")
		}
		of[i.ID.id()] = i.Companies
	}
	for i := range contacts {
		contacts[i].CompanyIDs = companyIDs(primaryOf(contacts[i]), of[contacts[i].ID])
	}
	return nil
}

func primaryOf(r crmsync.Record) text {
	if len(r.CompanyIDs) == 0 {
		return ""
	}
	return text(r.CompanyIDs[0])
}

// addCompaniesOneByOne does the same if the portal is too old for crm.item.list: it reads the companies of
// every contact that has a primary one. A contact without a primary company has none.
func (p *Portal) addCompaniesOneByOne(ctx context.Context, kind crm.Kind, records []crmsync.Record) error {
	if kind != crm.KindContact || p.opt.Lists == Items || !p.noItemList.Load() {
		return nil
	}
	var asked []*crmsync.Record
	for i := range records {
		if len(records[i].CompanyIDs) > 0 {
			asked = append(asked, &records[i])
		}
	}
	for from := 0; from < len(asked); from += perBatch {
		if err := p.addCompaniesOfSome(ctx, asked[from:min(from+perBatch, len(asked))]); err != nil {
			return err
		}
	}
	return nil
}

func (p *Portal) addCompaniesOfSome(ctx context.Context, contacts []*crmsync.Record) error {
	commands := make([]command, len(contacts))
	for i, c := range contacts {
		commands[i] = command{"crm.contact.company.items.get", map[string]any{"id": c.ID}}
	}
	got, err := p.batch(ctx, commands)
	if err != nil {
		return err
	}
	for i, c := range contacts {
		var items list[struct {
			ID text `json:"COMPANY_ID"`
		}]
		if err := got[i].decode(&items); err != nil {
			return err
		}
		all := make([]text, len(items))
		for k, each := range items {
			all[k] = each.ID
		}
		c.CompanyIDs = companyIDs(primaryOf(*c), all)
	}
	return nil
}
