package crm

import (
	"context"
	"errors"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/journal"
	"callhue/statuses"
)

// AddCompany adds a company. It gets the default status; with another one it
// is refused (status_change_forbidden) unless the user is head of its owner or
// an admin.
func (b *Records) AddCompany(ctx context.Context, by *access.User, in NewCompany) (added Company, err error) {
	err = b.write(ctx, by, func(a *act) error {
		if err := statuses.Lock(a.Tx, in.Status); err != nil {
			return err
		}
		row, _, err := a.addCompany("", in)
		if err == nil {
			added, err = a.company(row.ID)
			a.Tx.Answer(added)
		}
		return err
	})
	return added, err
}

// addCompany is AddCompany inside a transaction; at is the prefix of the names of invalid fields. It returns the numbers
// that lead to the company now.
func (a *act) addCompany(at string, in NewCompany) (companyRow, []int64, error) {
	row, lines, emails, err := a.readCompany(at, in)
	if err != nil {
		return row, nil, err
	}
	if row.ID, err = insertOne(a.Tx, companiesTable, row.values()); err != nil {
		return row, nil, err
	}
	keys, err := a.addNumbers(KindCompany, row.ID, lines, emails, nil)
	if err != nil {
		return row, nil, err
	}
	external, err := a.addExternal(KindCompany, row.ID, in.ExternalIDs)
	if err != nil {
		return row, nil, err
	}
	return row, keys, a.recordAdded(a.companyEntry(row, in.Status, keys, external))
}

// readCompany checks what a company is made from, rights included.
func (a *act) readCompany(at string, in NewCompany) (row companyRow, lines []phoneLine, emails []string, err error) {
	row = companyRow{base: a.newBase(in.OwnerID), StatusAt: a.now(), StatusBy: a.User.ID}
	row.Name = a.Required(at+"name", in.Name, maxName)
	phones := a.phones(at+"phones", in.Phones)
	emails = a.emails(at+"emails", in.Emails)
	a.externalIDs(at+"external_ids", in.ExternalIDs)
	if err = a.user(at+"owner_id", in.OwnerID); err != nil {
		return row, nil, nil, err
	}
	team, err := a.team(at+"team_ids", in.TeamIDs)
	if err != nil {
		return row, nil, nil, err
	}
	if row.StatusID, err = a.initialStatus(at+"status", in.Status, row); err != nil {
		return row, nil, nil, err
	}
	row.TeamIDs = idsText(team)
	lines = parsePhones(a.readPhone, phones, a.datedPhones(phones), a.now())
	row.Search = searchText([]string{row.Name}, lines, emails)
	return row, lines, emails, a.check()
}

// firstStatus returns the status of a company that is being added.
func (a *act) initialStatus(field, code string, row companyRow) (int64, error) {
	set, err := a.statusSet()
	if err != nil {
		return 0, err
	}
	normal := set.Default()
	if normal == nil {
		return 0, fault.Internal(errors.New("the status directory has no default entry"))
	}
	if code == "" || code == normal.Code {
		return normal.ID, nil
	}
	row.StatusID = normal.ID
	if err := a.authorize(setStatus, &row, code); err != nil {
		return 0, err
	}
	status := set.ByCode(code)
	if status == nil || !status.Active {
		a.Invalid(field, "unknown_status")
		return 0, nil
	}
	return status.ID, nil
}

// fresh is the common part of a row that is being added.
func (a *act) newBase(owner int64) base {
	return base{OwnerID: owner, Version: 1, CreatedAt: a.now(), CreatedBy: a.User.ID, UpdatedAt: a.now(),
		UpdatedBy: a.User.ID}
}

// touched is the common part of a row after one more change.
func (a *act) nextBase(r base) base {
	r.Version, r.UpdatedAt, r.UpdatedBy = r.Version+1, a.now(), a.User.ID
	return r
}

// addNumbers stores the phones and e-mails of a record that was just added.
func (a *act) addNumbers(kind Kind, id int64, lines []phoneLine, emails []string,
	links []companyLink) ([]int64, error) {
	if err := insertRows(a.Tx, phonesTable, phoneRows(kind, id, lines)); err != nil {
		return nil, err
	}
	if err := insertRows(a.Tx, emailsTable, emailRows(kind, id, emails)); err != nil {
		return nil, err
	}
	t, err := a.index(kind, id, lines, links)
	return t.keys(), err
}

// ChangeCompany changes what is not nil. Faults: not_found, stale_version, and
// the refusals of the table of rights.
func (b *Records) ChangeCompany(ctx context.Context, by *access.User, id int64,
	in CompanyChange) (changed Company, err error) {
	err = b.write(ctx, by, func(a *act) error {
		if err := lockOne(a.Tx, KindCompany, id); err != nil {
			return err
		}
		if err := a.changeCompany(id, in); err != nil {
			return err
		}
		changed, err = a.company(id)
		a.Tx.Answer(changed)
		return err
	})
	return changed, err
}

func (a *act) changeCompany(id int64, in CompanyChange) error {
	before, err := companyRowOf(a.Tx, id)
	if err != nil {
		return err
	}
	after := before
	after.base = a.nextBase(before.base)
	if err := a.changePeople(in, &before, &after); err != nil {
		return err
	}
	if err := a.version(in.Version, before.Version); err != nil {
		return err
	}
	if in.Name != nil {
		after.Name = a.Required("name", *in.Name, maxName)
	}
	reason := a.Text("reason", in.Reason, maxReason)
	e, err := a.editNumbers(KindCompany, id, in.Phones, in.Emails, in.ExternalIDs)
	if err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	d := journal.Changes{}
	d.Note("name", before.Name, after.Name)
	d.Note("team_ids", listed(idsIn(before.TeamIDs)), listed(idsIn(after.TeamIDs)))
	d.Note("emails", e.hadEmails, e.emails)
	e.external.note(d)
	if isNothing(d, before.base, after.base, e) {
		return nil
	}
	if before.Name != after.Name || !slices.Equal(e.hadEmails, e.emails) || e.external.changed() {
		if err := a.authorize(describe, &before, after.Name); err != nil {
			return err
		}
	}
	return a.saveCompany(before, after, d, e, reason)
}

func (a *act) saveCompany(before, after companyRow, d journal.Changes, e edit, reason string) error {
	t, err := a.indexChange(KindCompany, after.ID, e.lines, nil)
	if err != nil {
		return err
	}
	if err := a.guardPhones(&before, e, t); err != nil {
		return err
	}
	after.Search = searchText([]string{after.Name}, e.lines, e.emails)
	if err := update(a.Tx, companiesTable, after.ID, after.values()); err != nil {
		return err
	}
	if err := a.saveOwner(KindCompany, before.base, after.base); err != nil {
		return err
	}
	if err := a.saveAsTyped(e); err != nil {
		return err
	}
	if err := t.store(a.Tx); err != nil {
		return err
	}
	return a.recordChange(KindCompany, before.base, after.base, d, e, t, reason)
}

// newPeople applies another owner and another team, if the user may.
func (a *act) changePeople(in CompanyChange, before, after *companyRow) error {
	if in.OwnerID != nil && *in.OwnerID != before.OwnerID {
		if err := a.authorize(setOwner, before, *in.OwnerID); err != nil {
			return err
		}
		after.OwnerID = *in.OwnerID
		if err := a.user("owner_id", after.OwnerID); err != nil {
			return err
		}
	}
	if in.TeamIDs == nil || slices.Equal(distinct(*in.TeamIDs), idsIn(before.TeamIDs)) {
		return nil
	}
	if err := a.authorize(setTeam, before, *in.TeamIDs); err != nil {
		return err
	}
	team, err := a.team("team_ids", *in.TeamIDs)
	after.TeamIDs = idsText(team)
	return err
}

// SetOwner returns a company another owner, 0 for none: for a protected company
// only by the present owner's head or an admin (owner_change_forbidden).
func (b *Records) SetOwner(ctx context.Context, by *access.User, id, owner int64, reason string,
	version int64) (Company, error) {
	return b.ChangeCompany(ctx, by, id, CompanyChange{OwnerID: &owner, Reason: reason, Version: version})
}

// SetStatus returns a company another status. Only the owner's head, at any
// level, and admins may: status_change_forbidden, and the attempt is in the
// journal. Further faults: not_found, stale_version, unknown_status.
func (b *Records) SetStatus(ctx context.Context, by *access.User, id int64, code, reason string,
	version int64) (changed Company, err error) {
	err = b.write(ctx, by, func(a *act) error {
		if err := lockOne(a.Tx, KindCompany, id); err != nil {
			return err
		}
		if err := statuses.Lock(a.Tx, code); err != nil {
			return err
		}
		if err := a.setStatus(id, code, reason, version); err != nil {
			return err
		}
		changed, err = a.company(id)
		a.Tx.Answer(changed)
		return err
	})
	return changed, err
}

func (a *act) setStatus(id int64, code, reason string, version int64) error {
	row, err := companyRowOf(a.Tx, id)
	if err != nil {
		return err
	}
	if err := a.authorize(setStatus, &row, code); err != nil {
		return err
	}
	if err := a.version(version, row.Version); err != nil {
		return err
	}
	set, err := a.statusSet()
	if err != nil {
		return err
	}
	reason = a.Text("reason", reason, maxReason)
	status := set.ByCode(code)
	if status == nil || !status.Active {
		a.Invalid("status", "unknown_status")
	}
	if err := a.check(); err != nil || status.ID == row.StatusID {
		return err
	}
	wasRed, since := isRed(set, row.StatusID), row.StatusAt
	words := map[string]any{"name": row.Name, "changed": statusChange(set.ByID(row.StatusID), status), "reason": reason}
	row.base = a.nextBase(row.base)
	row.StatusID, row.StatusAt, row.StatusBy = status.ID, a.now(), a.User.ID
	if err := update(a.Tx, companiesTable, id, row.values()); err != nil {
		return err
	}
	if err := a.guardWithStatus(row, wasRed, isRed(set, status.ID), since); err != nil {
		return err
	}
	return a.recordEntry(CompanyStatus, KindCompany, id, row.OwnerID, words)
}

// RemoveCompany removes a company: its contacts and leads stay, without it. A
// version of 0 removes it whatever its state; another one is compared.
func (b *Records) RemoveCompany(ctx context.Context, by *access.User, id, version int64) error {
	// Who is linked is read before the transaction, which has to hold them all
	// before it reads anything.
	contacts, err := contactsLinkedTo(b.db.Read(ctx), id)
	if err != nil {
		return err
	}
	leads, err := leadsLinkedTo(b.db.Read(ctx), KindCompany, id)
	if err != nil {
		return err
	}
	return b.write(ctx, by, func(a *act) error {
		if err := lockOne(a.Tx, KindCompany, id); err != nil {
			return err
		}
		if _, err := lock(a.Tx, KindContact, contacts...); err != nil {
			return err
		}
		if _, err := lock(a.Tx, KindLead, leads...); err != nil {
			return err
		}
		a.Tx.Answer(nil)
		return a.removeCompany(id, version, contacts, leads)
	})
}

func (a *act) removeCompany(id, version int64, contacts, leads []int64) error {
	row, err := companyRowOf(a.Tx, id)
	if err != nil {
		return err
	}
	if err := a.authorize(removeCompany, &row, nil); err != nil {
		return err
	}
	now, err := contactsLinkedTo(a.Tx, id)
	if err != nil {
		return err
	}
	nowLeads, err := leadsLinkedTo(a.Tx, KindCompany, id)
	if err != nil {
		return err
	}
	// A record was linked in between, and this transaction has no lock on it.
	if !containsAll(contacts, now) || !containsAll(leads, nowLeads) || (version != 0 && version != row.Version) {
		return fault.Stale()
	}
	if err := remove(a.Tx, KindCompany, id, a.now(), a.User.ID); err != nil {
		return err
	}
	t, err := a.reindex(KindCompany, id, nil, nil)
	if err != nil {
		return err
	}
	keys := t.keys()
	for _, contact := range now {
		more, err := a.unlinkContact(contact, id)
		if err != nil {
			return err
		}
		keys = append(keys, more...)
	}
	for _, lead := range nowLeads {
		more, err := a.unlinkLead(lead)
		if err != nil {
			return err
		}
		keys = append(keys, more...)
	}
	slices.Sort(keys)
	return a.recordEntry(RecordRemoved, KindCompany, id, row.OwnerID,
		map[string]any{"name": row.Name, "owner": row.OwnerID,
			"numbers": slices.Compact(keys), "contacts": now, "leads": nowLeads})
}

func containsAll(all, some []int64) bool {
	return !slices.ContainsFunc(some, func(id int64) bool { return !slices.Contains(all, id) })
}
