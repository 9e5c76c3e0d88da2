package crm

import (
	"cmp"
	"context"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// AddLead adds a lead. It cannot begin as converted.
func (b *Records) AddLead(ctx context.Context, by *access.User, in NewLead) (added Lead, err error) {
	err = b.write(ctx, by, func(a *act) error {
		if err := a.lockRecord("company_id", KindCompany, in.CompanyID); err != nil {
			return err
		}
		if err := a.lockRecord("contact_id", KindContact, in.ContactID); err != nil {
			return err
		}
		id, err := a.addLead(in)
		if err == nil {
			added, err = a.lead(id)
			a.Tx.Answer(added)
		}
		return err
	})
	return added, err
}

func (a *act) addLead(in NewLead) (int64, error) {
	row, lines, emails, err := a.readLead("", in)
	if err != nil {
		return 0, err
	}
	if row.ID, err = insertOne(a.Tx, leadsTable, row.values()); err != nil {
		return 0, err
	}
	keys, err := a.addNumbers(KindLead, row.ID, lines, emails, row.links())
	if err != nil {
		return 0, err
	}
	external, err := a.addExternal(KindLead, row.ID, in.ExternalIDs)
	if err != nil {
		return 0, err
	}
	return row.ID, a.recordAdded(a.leadEntry(row, keys, external))
}

// readLead checks what a lead is made from, its links apart.
func (a *act) readLead(at string, in NewLead) (row leadRow, lines []phoneLine, emails []string, err error) {
	row = leadRow{base: a.newBase(in.OwnerID), CompanyID: in.CompanyID, ContactID: in.ContactID}
	a.leadNames(at, &row, in.Title, in.Name)
	row.Source = a.Text(at+"source", in.Source, maxSource)
	a.stage(at, &row, cmp.Or(in.Stage, StageNew))
	phones := a.phones(at+"phones", in.Phones)
	emails = a.emails(at+"emails", in.Emails)
	a.externalIDs(at+"external_ids", in.ExternalIDs)
	if err := a.user(at+"owner_id", in.OwnerID); err != nil {
		return row, nil, nil, err
	}
	if row.CompanyID != 0 {
		row.LinkedAt = a.now()
		if a.setsDates && !in.Since.IsZero() {
			row.LinkedAt = store.Millis(in.Since)
		}
	}
	lines = parsePhones(a.readPhone, phones, a.datedPhones(phones), a.now())
	row.Search = row.searchText(lines, emails)
	return row, lines, emails, a.check()
}

// leadNames wants a title or a name; a missing one becomes equal to the other.
func (a *act) leadNames(at string, row *leadRow, title, name string) {
	title, name = a.Text(at+"title", title, maxName), a.Text(at+"name", name, maxName)
	if title == "" && name == "" {
		a.Invalid(at+"name", "required")
	}
	row.Title, row.Name = cmp.Or(title, name), cmp.Or(name, title)
}

func (a *act) stage(at string, row *leadRow, stage string) {
	switch means := semanticsOf(stage); means {
	case "":
		a.Invalid(at+"stage", "unknown")
	case Success:
		a.Invalid(at+"stage", "convert_instead")
	default:
		row.Stage, row.Semantics = stage, string(means)
	}
}

func (r leadRow) searchText(lines []phoneLine, emails []string) string {
	return searchText([]string{r.Title, r.Name}, lines, emails)
}

func (r leadRow) links() []companyLink {
	if r.CompanyID == 0 {
		return nil
	}
	return []companyLink{{r.CompanyID, r.LinkedAt}}
}

// ChangeLead changes what is not nil. A converted lead stays as it is
// (already_converted).
func (b *Records) ChangeLead(ctx context.Context, by *access.User, id int64, in LeadChange) (changed Lead, err error) {
	err = b.write(ctx, by, func(a *act) error {
		if err := lockOne(a.Tx, KindLead, id); err != nil {
			return err
		}
		if in.CompanyID != nil {
			if err := a.lockRecord("company_id", KindCompany, *in.CompanyID); err != nil {
				return err
			}
		}
		if in.ContactID != nil {
			if err := a.lockRecord("contact_id", KindContact, *in.ContactID); err != nil {
				return err
			}
		}
		if err := a.changeLead(id, in); err != nil {
			return err
		}
		changed, err = a.lead(id)
		a.Tx.Answer(changed)
		return err
	})
	return changed, err
}

func (a *act) changeLead(id int64, in LeadChange) error {
	before, err := leadRowOf(a.Tx, id)
	if err != nil {
		return err
	}
	if err := a.version(in.Version, before.Version); err != nil {
		return err
	}
	if before.ConvertedAt != 0 {
		return fault.Conflict("already_converted")
	}
	after, err := a.editLead(before, in)
	if err != nil {
		return err
	}
	reason := a.Text("reason", in.Reason, maxReason)
	e, err := a.editNumbers(KindLead, id, in.Phones, in.Emails, in.ExternalIDs)
	if err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	d := leadDiff(before, after, e)
	if isNothing(d, before.base, after.base, e) {
		return nil
	}
	after.Search = after.searchText(e.lines, e.emails)
	if err := update(a.Tx, leadsTable, id, after.values()); err != nil {
		return err
	}
	t, err := a.saveNumbers(e, after.links())
	if err != nil {
		return err
	}
	if err := a.guardRecord(KindLead, before.base, before.links(), after.links()); err != nil {
		return err
	}
	return a.recordChange(KindLead, before.base, after.base, d, e, t, reason)
}

// editLead applies the plain fields of a change.
func (a *act) editLead(before leadRow, in LeadChange) (leadRow, error) {
	after := before
	after.base = a.nextBase(before.base)
	title, name := before.Title, before.Name
	if in.Title != nil {
		title = *in.Title
	}
	if in.Name != nil {
		name = *in.Name
	}
	a.leadNames("", &after, title, name)
	if in.Stage != nil && *in.Stage != "" {
		a.stage("", &after, *in.Stage)
	}
	if in.Source != nil {
		after.Source = a.Text("source", *in.Source, maxSource)
	}
	if in.ContactID != nil {
		after.ContactID = *in.ContactID
	}
	if in.CompanyID != nil && *in.CompanyID != before.CompanyID {
		after.CompanyID, after.LinkedAt = *in.CompanyID, a.now()
		if after.CompanyID == 0 {
			after.LinkedAt = 0
		}
	}
	err := a.changeOwner(in.OwnerID, &after.base)
	return after, err
}

func leadDiff(before, after leadRow, e edit) journal.Changes {
	d := journal.Changes{}
	d.Note("title", before.Title, after.Title)
	d.Note("name", before.Name, after.Name)
	d.Note("stage", before.Stage, after.Stage)
	d.Note("source", before.Source, after.Source)
	d.Note("company_id", before.CompanyID, after.CompanyID)
	d.Note("contact_id", before.ContactID, after.ContactID)
	d.Note("emails", e.hadEmails, e.emails)
	e.external.note(d)
	return d
}

// RemoveLead removes a lead. A version of 0 is not compared.
func (b *Records) RemoveLead(ctx context.Context, by *access.User, id, version int64) error {
	return b.write(ctx, by, func(a *act) error {
		if err := lockOne(a.Tx, KindLead, id); err != nil {
			return err
		}
		a.Tx.Answer(nil)
		return a.removeLead(id, version)
	})
}

func (a *act) removeLead(id, version int64) error {
	row, err := leadRowOf(a.Tx, id)
	if err != nil {
		return err
	}
	if version != 0 && version != row.Version {
		return fault.Stale()
	}
	t, err := a.index(KindLead, id, nil, nil)
	if err != nil {
		return err
	}
	if row.ConvertedAt == 0 {
		if err := a.guardRecord(KindLead, row.base, row.links(), nil); err != nil {
			return err
		}
	}
	if err := remove(a.Tx, KindLead, id, a.now(), a.User.ID); err != nil {
		return err
	}
	return a.recordEntry(RecordRemoved, KindLead, id, row.OwnerID,
		map[string]any{"name": row.Title, "owner": row.OwnerID, "numbers": t.keys()})
}

// unlinkLead removes the link of a lead to a company that is being removed, and returns the numbers concerned.
func (a *act) unlinkLead(id int64) ([]int64, error) {
	row, err := leadRowOf(a.Tx, id)
	if err != nil {
		return nil, err
	}
	row.base = a.nextBase(row.base)
	row.CompanyID, row.LinkedAt = 0, 0
	if err := update(a.Tx, leadsTable, id, row.values()); err != nil {
		return nil, err
	}
	if row.ConvertedAt != 0 {
		return nil, nil
	}
	lines, err := linesAt(a.Tx, KindLead, id)
	if err != nil {
		return nil, err
	}
	t, err := a.reindex(KindLead, id, lines, nil)
	return t.keys(), err
}
