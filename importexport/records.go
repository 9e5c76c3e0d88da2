package importexport

import (
	"cmp"

	"callhue/crm"
)

// rows writes the rows of a batch that nothing is wrong with: first the new
// records, then the changes of those that are there, or that a row before has
// just added.
func (a *attempt) rows(b *crm.Batch, fails []*Refusal) error {
	switch a.kind {
	case Companies:
		return writeRows(a, b, fails, newCompany, (*crm.Batch).AddCompanies, (*crm.Batch).BringCompany)
	case Contacts:
		return writeRows(a, b, fails, newContact, (*crm.Batch).AddContacts, (*crm.Batch).BringContact)
	default:
		return writeRows(a, b, fails, newLead, (*crm.Batch).AddLeads, (*crm.Batch).BringLead)
	}
}

func writeRows[New any](a *attempt, b *crm.Batch, fails []*Refusal, made func(*draft) New,
	add func(*crm.Batch, []New) ([]crm.Taken, error), bring func(*crm.Batch, int64, New) (bool, error, error)) error {
	ids := make([]int64, len(a.drafts))
	var places []int
	var list []New
	for i, d := range a.drafts {
		ids[i] = a.match[i]
		if fails[i] == nil && a.match[i] == 0 && a.twin[i] < 0 {
			places, list = append(places, i), append(list, made(d))
		}
	}
	a.added = make([]int64, len(a.drafts))
	taken, err := add(b, list)
	if err != nil {
		return err
	}
	var codes []codeRow
	for n, t := range taken {
		i := places[n]
		if t.Err != nil {
			fails[i] = a.drafts[i].refusalOf(t.Err)
			continue
		}
		ids[i], a.added[i] = t.ID, t.ID
		a.count.Added++
		if code := a.drafts[i].code; code != "" {
			codes = append(codes, codeRow{code, t.ID})
		}
	}
	for i, d := range a.drafts {
		if fails[i] != nil || a.match[i] == 0 && a.twin[i] < 0 {
			continue
		}
		if a.match[i] == 0 {
			ids[i] = ids[a.twin[i]]
		}
		if ids[i] == 0 { // the row that it repeats was refused
			fails[i] = d.refusal("", fails[a.twin[i]].Code)
			continue
		}
		changed, refused, fatal := bring(b, ids[i], made(d))
		switch {
		case fatal != nil:
			return fatal
		case refused != nil:
			fails[i] = d.refusalOf(refused)
		case changed:
			a.count.Changed++
		default:
			a.count.Same++
		}
	}
	return addCodes(b.Tx(), a.kind, codes, a.gone)
}

func newCompany(d *draft) crm.NewCompany {
	return crm.NewCompany{Name: d.name, OwnerID: d.ownerID, Phones: d.phones, Emails: d.emails, TeamIDs: d.teamIDs, Status: d.status}
}

func newContact(d *draft) crm.NewContact {
	in := crm.NewContact{Name: d.name, Post: d.post, OwnerID: d.ownerID, Phones: d.phones, Emails: d.emails, CompanyIDs: d.companyIDs}
	if len(d.companyFrom) == len(d.companyIDs) {
		in.Since = d.companyFrom
	}
	return in
}

func newLead(d *draft) crm.NewLead {
	in := crm.NewLead{Title: cmp.Or(d.title, d.name), Name: d.name, OwnerID: d.ownerID, Phones: d.phones, Emails: d.emails,
		ContactID: d.contactID, Stage: d.stage, Source: d.source}
	if len(d.companyIDs) > 0 {
		in.CompanyID = d.companyIDs[0]
	}
	if len(d.companyFrom) > 0 {
		in.Since = d.companyFrom[0]
	}
	return in
}
