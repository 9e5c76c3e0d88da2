package importexport

import (
	"cmp"

	"callhue/crm"
	"callhue/internal/access"
)

// writeRows writes the valid rows of a batch: first the new records, then changes of existing
// records and of those that an earlier row has just added.
func (a *attempt) writeRows(b *crm.Batch, refusals []*Refusal) error {
	switch a.kind {
	case Companies:
		return writeRowsOf(a, b, refusals, newCompany, (*crm.Batch).AddCompanies, (*crm.Batch).FillCompany)
	case Contacts:
		return writeRowsOf(a, b, refusals, newContact, (*crm.Batch).AddContacts, (*crm.Batch).FillContact)
	default:
		return writeRowsOf(a, b, refusals, newLead, (*crm.Batch).AddLeads, (*crm.Batch).FillLead)
	}
}

func writeRowsOf[New any](a *attempt, b *crm.Batch, refusals []*Refusal, newRecord func(*draft) New,
	add func(*crm.Batch, []New) ([]crm.AddResult, error),
	fill func(*crm.Batch, int64, New) (bool, error, error)) error {
	ids := make([]int64, len(a.drafts))
	var places []int
	var list []New
	for i, d := range a.drafts {
		ids[i] = a.match[i]
		if refusals[i] == nil && a.match[i] == 0 && a.sameAs[i] < 0 {
			places, list = append(places, i), append(list, newRecord(d))
		}
	}
	a.added = make([]int64, len(a.drafts))
	taken, err := add(b, list)
	if err != nil {
		return err
	}
	for n, t := range taken {
		i := places[n]
		if t.Err != nil {
			refusals[i] = a.drafts[i].newRefusalFrom(t.Err)
			continue
		}
		ids[i], a.added[i] = t.ID, t.ID
		a.progress.Added++
	}
	for i, d := range a.drafts {
		if refusals[i] != nil || a.match[i] == 0 && a.sameAs[i] < 0 {
			continue
		}
		if a.match[i] == 0 {
			ids[i] = ids[a.sameAs[i]]
		}
		if ids[i] == 0 { // the earlier row was refused
			refusals[i] = d.newRefusal("", refusals[a.sameAs[i]].Code)
			continue
		}
		a.changing = nil
		changed, refused, fatal := fill(b, ids[i], newRecord(a.filling(i)))
		switch {
		case fatal != nil:
			return fatal
		case refused != nil:
			refusals[i] = d.newRefusalFrom(refused)
		case changed:
			a.progress.Changed++
			a.keepChange(ids[i])
		default:
			a.progress.Same++
		}
	}
	a.touched = ids
	return addCodes(b.Tx, a.kind, a.codesOf(ids, refusals), a.removedCodes)
}

// codesOf returns the codes that no record had before: the next import recognises their rows by them. Only an admin
// gives codes to records that exist: an agent could direct the rows of the next file to a client of their choice.
func (a *attempt) codesOf(ids []int64, refusals []*Refusal) (codes []codeRow) {
	admin := a.options.By.Has(access.Admin)
	for i, d := range a.drafts {
		if refusals[i] == nil && a.newCodes[i] && ids[i] != 0 && (admin || a.added[i] != 0) {
			codes = append(codes, codeRow{d.code, ids[i]})
		}
	}
	return codes
}

// filling returns a row as it fills a record that exists. A row that is recognised by its name does not change the
// name: one system writes the first name first, another the last name.
func (a *attempt) filling(i int) *draft {
	d := *a.drafts[i]
	if !a.named[i] {
		d.name, d.title = "", ""
	}
	return &d
}

func newCompany(d *draft) crm.NewCompany {
	return crm.NewCompany{Name: d.name, OwnerID: d.ownerID, Phones: d.phones, Emails: d.emails, TeamIDs: d.teamIDs,
		Status: d.status}
}

func newContact(d *draft) crm.NewContact {
	in := crm.NewContact{Name: d.name, Post: d.post, OwnerID: d.ownerID, Phones: d.phones, Emails: d.emails,
		CompanyIDs: d.companyIDs}
	if len(d.companySince) == len(d.companyIDs) {
		in.Since = d.companySince
	}
	return in
}

func newLead(d *draft) crm.NewLead {
	in := crm.NewLead{Title: cmp.Or(d.title, d.name), Name: d.name, OwnerID: d.ownerID, Phones: d.phones,
		Emails:    d.emails,
		ContactID: d.contactID, Stage: d.stage, Source: d.source}
	if len(d.companyIDs) > 0 {
		in.CompanyID = d.companyIDs[0]
	}
	if len(d.companySince) > 0 {
		in.Since = d.companySince[0]
	}
	return in
}
