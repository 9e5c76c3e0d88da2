package bitrix24

import (
	"context"
	"encoding/json"

	"callhue/crm"
	"callhue/crmsync"
)

// link gives contacts their further companies, from a crm.item.list of the same
// contacts. One that it does not have, as it came in between, keeps its primary
// company; the change is told once more.
func link(contacts []crmsync.Record, result json.RawMessage) error {
	all, err := rows(result)
	if err != nil {
		return err
	}
	of := make(map[string][]text, len(all))
	for _, raw := range all {
		var i item
		if json.Unmarshal(raw, &i) != nil {
			return senseless("a record that is none")
		}
		of[i.ID.id()] = i.Companies
	}
	for i := range contacts {
		contacts[i].CompanyIDs = companies(primary(contacts[i]), of[contacts[i].ID])
	}
	return nil
}

func primary(r crmsync.Record) text {
	if len(r.CompanyIDs) == 0 {
		return ""
	}
	return text(r.CompanyIDs[0])
}

// linkEach does the same where the portal is too old for crm.item.list: it asks for
// the companies of every contact that has a primary one. Whoever has none has none.
func (p *Portal) linkEach(ctx context.Context, kind crm.Kind, records []crmsync.Record) error {
	if kind != crm.KindContact || p.opt.Lists == Items || !p.noItem.Load() {
		return nil
	}
	var asked []*crmsync.Record
	for i := range records {
		if len(records[i].CompanyIDs) > 0 {
			asked = append(asked, &records[i])
		}
	}
	for from := 0; from < len(asked); from += perBatch {
		if err := p.linkFifty(ctx, asked[from:min(from+perBatch, len(asked))]); err != nil {
			return err
		}
	}
	return nil
}

func (p *Portal) linkFifty(ctx context.Context, contacts []*crmsync.Record) error {
	commands := make([]command, len(contacts))
	for i, c := range contacts {
		commands[i] = command{"crm.contact.company.items.get", map[string]any{"id": c.ID}}
	}
	got, err := p.batch(ctx, commands)
	if err != nil {
		return err
	}
	for i, c := range contacts {
		var theirs list[struct {
			ID text `json:"COMPANY_ID"`
		}]
		if err := got[i].read(&theirs); err != nil {
			return err
		}
		all := make([]text, len(theirs))
		for k, each := range theirs {
			all[k] = each.ID
		}
		c.CompanyIDs = companies(primary(*c), all)
	}
	return nil
}
