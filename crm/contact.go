package crm

import (
	"context"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// AddContact adds a contact, linked to its companies from now on.
func (b *Records) AddContact(ctx context.Context, by *access.User, in NewContact) (added Contact, err error) {
	err = b.write(ctx, by, func(a *act) error {
		companies, err := a.lockRecords("company_ids", KindCompany, in.CompanyIDs)
		if err != nil {
			return err
		}
		row, _, err := a.addContact("", in, companies, priorData{})
		if err == nil {
			added, err = a.contact(row.ID)
			a.Tx.Answer(added)
		}
		return err
	})
	return added, err
}

// past is what a new record was before, as something else: its numbers and links
// keep the times of then.
type priorData struct {
	lines     []phoneLine
	companies []companyLink
}

// addContact is AddContact inside a transaction that holds the companies.
func (a *act) addContact(at string, in NewContact, companies []int64, prior priorData) (contactRow, []int64, error) {
	row, lines, emails, err := a.readContact(at, in, prior.lines)
	if err != nil {
		return row, nil, err
	}
	if row.ID, err = insertOne(a.Tx, contactsTable, row.values()); err != nil {
		return row, nil, err
	}
	links := newCompanyLinks(companies, prior.companies, a.now())
	if err := insertRows(a.Tx, companyLinksTable, companyLinkRows(row.ID, links)); err != nil {
		return row, nil, err
	}
	keys, err := a.addNumbers(KindContact, row.ID, lines, emails, links)
	if err != nil {
		return row, nil, err
	}
	external, err := a.addExternal(KindContact, row.ID, in.ExternalIDs)
	if err != nil {
		return row, nil, err
	}
	return row, keys, a.recordAdded(a.contactEntry(row, companies, keys, external))
}

// readContact checks what a contact is made from, its companies apart.
func (a *act) readContact(at string, in NewContact,
	had []phoneLine) (row contactRow, lines []phoneLine, emails []string, err error) {
	row = contactRow{base: a.newBase(in.OwnerID)}
	row.Name = a.Required(at+"name", in.Name, maxName)
	row.Post = a.Text(at+"post", in.Post, maxPost)
	phones := a.phones(at+"phones", in.Phones)
	emails = a.emails(at+"emails", in.Emails)
	a.externalIDs(at+"external_ids", in.ExternalIDs)
	if err := a.user(at+"owner_id", in.OwnerID); err != nil {
		return row, nil, nil, err
	}
	lines = parsePhones(a.readPhone, phones, slices.Concat(had, a.datedPhones(phones)), a.now())
	row.Search = searchText([]string{row.Name, row.Post}, lines, emails)
	return row, lines, emails, a.check()
}

// tiesOf links to companies in their order; those that were linked before keep
// their time.
func newCompanyLinks(companies []int64, had []companyLink, now int64) []companyLink {
	links := make([]companyLink, len(companies))
	for i, id := range companies {
		links[i] = companyLink{id, now}
		if at := slices.IndexFunc(had, func(t companyLink) bool { return t.Company == id }); at >= 0 {
			links[i].At = had[at].At
		}
	}
	return links
}

// tiesSince returns the companies that a contact is linked to, with the dates of an admin's file.
func (a *act) datedLinks(in NewContact) (reported []companyLink) {
	if !a.setsDates || len(in.Since) != len(in.CompanyIDs) {
		return nil
	}
	for i, at := range in.Since {
		if !at.IsZero() {
			reported = append(reported, companyLink{in.CompanyIDs[i], store.Millis(at)})
		}
	}
	return reported
}

func companiesIn(links []companyLink) []int64 {
	ids := make([]int64, len(links))
	for i, t := range links {
		ids[i] = t.Company
	}
	return ids
}

// ChangeContact changes what is not nil. A contact that leads to a protected
// company is changed by those who work with that company, and by its own owner
// (company_change_forbidden); a number or a link is taken away from it by those
// alone who may (number_removal_forbidden, unlink_forbidden).
func (b *Records) ChangeContact(ctx context.Context, by *access.User, id int64,
	in ContactChange) (changed Contact, err error) {
	err = b.write(ctx, by, func(a *act) error {
		if err := lockOne(a.Tx, KindContact, id); err != nil {
			return err
		}
		if in.CompanyIDs != nil {
			companies, err := a.lockRecords("company_ids", KindCompany, *in.CompanyIDs)
			if err != nil {
				return err
			}
			in.CompanyIDs = &companies
		}
		if err := a.changeContact(id, in); err != nil {
			return err
		}
		changed, err = a.contact(id)
		a.Tx.Answer(changed)
		return err
	})
	return changed, err
}

func (a *act) changeContact(id int64, in ContactChange) error {
	before, err := contactRowOf(a.Tx, id)
	if err != nil {
		return err
	}
	if err := a.version(in.Version, before.Version); err != nil {
		return err
	}
	after, err := a.editContact(before, in)
	if err != nil {
		return err
	}
	had, err := companyLinksOf(a.Tx, id)
	if err != nil {
		return err
	}
	links := had
	if in.CompanyIDs != nil {
		links = newCompanyLinks(*in.CompanyIDs, had, a.now())
	}
	reason := a.Text("reason", in.Reason, maxReason)
	e, err := a.editNumbers(KindContact, id, in.Phones, in.Emails, in.ExternalIDs)
	if err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	d := journal.Changes{}
	d.Note("name", before.Name, after.Name)
	d.Note("post", before.Post, after.Post)
	d.Note("company_ids", companiesIn(had), companiesIn(links))
	d.Note("emails", e.hadEmails, e.emails)
	e.external.note(d)
	if isNothing(d, before.base, after.base, e) {
		return nil
	}
	return a.saveContact(before, after, d, e, had, links, reason)
}

func (a *act) saveContact(before, after contactRow, d journal.Changes, e edit, had, links []companyLink,
	reason string) error {
	after.Search = searchText([]string{after.Name, after.Post}, e.lines, e.emails)
	if err := update(a.Tx, contactsTable, after.ID, after.values()); err != nil {
		return err
	}
	if err := a.saveOwner(KindContact, before.base, after.base); err != nil {
		return err
	}
	if !slices.Equal(had, links) {
		if err := replaceCompanyLinks(a.Tx, after.ID, links); err != nil {
			return err
		}
	}
	t, err := a.saveNumbers(e, links)
	if err != nil {
		return err
	}
	if err := a.guardRecord(KindContact, before.base, had, links); err != nil {
		return err
	}
	return a.recordChange(KindContact, before.base, after.base, d, e, t, reason)
}

// editContact applies the plain fields of a change.
func (a *act) editContact(before contactRow, in ContactChange) (contactRow, error) {
	after := before
	after.base = a.nextBase(before.base)
	if in.Name != nil {
		after.Name = a.Required("name", *in.Name, maxName)
	}
	if in.Post != nil {
		after.Post = a.Text("post", *in.Post, maxPost)
	}
	err := a.changeOwner(in.OwnerID, &after.base)
	return after, err
}

// newOwner applies another owner to a contact or lead.
func (a *act) changeOwner(wanted *int64, r *base) error {
	if wanted == nil || *wanted == r.OwnerID {
		return nil
	}
	r.OwnerID = *wanted
	return a.user("owner_id", *wanted)
}

// RemoveContact removes a contact. If that takes a number away from a protected
// company, it needs the right to it. A version of 0 is not compared.
func (b *Records) RemoveContact(ctx context.Context, by *access.User, id, version int64) error {
	leads, err := leadsLinkedTo(b.db.Read(ctx), KindContact, id)
	if err != nil {
		return err
	}
	return b.write(ctx, by, func(a *act) error {
		if err := lockOne(a.Tx, KindContact, id); err != nil {
			return err
		}
		if _, err := lock(a.Tx, KindLead, leads...); err != nil {
			return err
		}
		a.Tx.Answer(nil)
		return a.removeContact(id, version, leads)
	})
}

func (a *act) removeContact(id, version int64, leads []int64) error {
	row, err := contactRowOf(a.Tx, id)
	if err != nil {
		return err
	}
	nowLeads, err := leadsLinkedTo(a.Tx, KindContact, id)
	if err != nil {
		return err
	}
	if !containsAll(leads, nowLeads) || (version != 0 && version != row.Version) {
		return fault.Stale()
	}
	had, err := companyLinksOf(a.Tx, id)
	if err != nil {
		return err
	}
	t, err := a.index(KindContact, id, nil, nil)
	if err != nil {
		return err
	}
	if err := a.guardRecord(KindContact, row.base, had, nil); err != nil {
		return err
	}
	if err := replaceCompanyLinks(a.Tx, id, nil); err != nil {
		return err
	}
	if err := remove(a.Tx, KindContact, id, a.now(), a.User.ID); err != nil {
		return err
	}
	for _, lead := range nowLeads {
		if err := linkLeadContact(a.Tx, lead, 0, a.now(), a.User.ID); err != nil {
			return err
		}
	}
	return a.recordEntry(RecordRemoved, KindContact, id, row.OwnerID,
		map[string]any{"name": row.Name, "owner": row.OwnerID, "numbers": t.keys(), "leads": nowLeads})
}

// unlinkContact removes the link of a contact to a company that is being removed, and returns the numbers concerned.
func (a *act) unlinkContact(id, company int64) ([]int64, error) {
	had, err := companyLinksOf(a.Tx, id)
	if err != nil {
		return nil, err
	}
	links := slices.DeleteFunc(had, func(t companyLink) bool { return t.Company == company })
	if err := replaceCompanyLinks(a.Tx, id, links); err != nil {
		return nil, err
	}
	lines, err := linesAt(a.Tx, KindContact, id)
	if err != nil {
		return nil, err
	}
	if err := touch(a.Tx, KindContact, id, a.now(), a.User.ID); err != nil {
		return nil, err
	}
	t, err := a.reindex(KindContact, id, lines, links)
	return t.keys(), err
}
