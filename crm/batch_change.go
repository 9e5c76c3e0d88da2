package crm

import (
	"slices"

	"callhue/internal/access"
	"callhue/internal/store"
)

// As returns the same transaction on behalf of another user, with the rights of that user. With
// sworn, another system that is the master has authorised the change already and nothing is
// refused.
func (b *Batch) As(by *access.User, sworn bool) (*Batch, error) {
	a := &act{Records: b.Records, Act: b.journal.Act(b.Tx, by), loadedStatuses: b.loadedStatuses, trusted: sworn}
	as, err := a.standing(&companyRow{})
	a.setsDates = as == admin
	return &Batch{a, b.locks}, err
}

// For returns the same transaction as the write of a record that another system knows by an id. With sworn, the system
// is the master and nothing is refused.
func (b *Batch) For(origin ExternalID, sworn bool) *Batch {
	a := *b.act
	a.origin, a.trusted = &origin, sworn
	return &Batch{&a, b.locks}
}

// Quietly returns the same transaction without journal entries of refusals, for what was refused before.
func (b *Batch) Quietly() *Batch {
	a := *b.act
	a.quiet = true
	return &Batch{&a, b.locks}
}

// Company returns a company as it is inside the transaction.
func (b *Batch) Company(id int64) (Company, error) { return b.company(id) }

// Contact returns a contact as it is inside the transaction.
func (b *Batch) Contact(id int64) (Contact, error) { return b.contact(id) }

// Lead returns a lead as it is inside the transaction.
func (b *Batch) Lead(id int64) (Lead, error) { return b.lead(id) }

// ChangeCompany changes the fields that are not nil of a company locked by the batch, whatever its
// version. changed reports whether anything is different.
func (b *Batch) ChangeCompany(id int64, in CompanyChange) (changed bool, refused, fatal error) {
	return b.change(KindCompany, id, func(version int64) error {
		in.Version = version
		return b.changeCompany(id, in)
	})
}

// ChangeContact is ChangeCompany for a contact whose companies are locked too.
func (b *Batch) ChangeContact(id int64, in ContactChange) (changed bool, refused, fatal error) {
	return b.change(KindContact, id, func(version int64) error {
		in.Version = version
		return b.changeContact(id, in)
	})
}

// ChangeLead is ChangeCompany for a lead whose company and contact are locked too.
func (b *Batch) ChangeLead(id int64, in LeadChange) (changed bool, refused, fatal error) {
	return b.change(KindLead, id, func(version int64) error {
		in.Version = version
		return b.changeLead(id, in)
	})
}

// SetStatus sets a locked status on a company locked by the batch, with the rules of
// Records.SetStatus.
func (b *Batch) SetStatus(id int64, code, reason string) (changed bool, refused, fatal error) {
	return b.change(KindCompany, id, func(version int64) error { return b.setStatus(id, code, reason, version) })
}

// MarkConverted marks a lead locked by the batch as converted in another system into an existing
// company and contact, 0 for none. It needs the right to unlink the lead from its company.
func (b *Batch) MarkConverted(id, company, contact int64) (changed bool, refused, fatal error) {
	return b.change(KindLead, id, func(int64) error {
		c := &conversion{act: b.act, in: ConvertInput{Into: company}}
		if company == 0 {
			c.in.Contact = &NewContact{} // it becomes at least a person
		}
		if err := c.begin(id); err != nil {
			return err
		}
		return c.finish(company, contact)
	})
}

// Remove removes a record locked by the batch together with everything linked to it (FindLinked).
func (b *Batch) Remove(kind Kind, id int64) (refused, fatal error) {
	return b.try(func() error {
		switch kind {
		case KindCompany:
			return b.removeCompany(id, 0, b.locks.Contacts, b.locks.Leads)
		case KindContact:
			return b.removeContact(id, 0, b.locks.Leads)
		default:
			return b.removeLead(id, 0)
		}
	})
}

// change changes one record and reports whether its version advanced.
func (b *Batch) change(kind Kind, id int64, change func(version int64) error) (changed bool, refused, fatal error) {
	before := int64(0)
	refused, fatal = b.try(func() (err error) {
		if before, err = versionOf(b.Tx, kind, id); err != nil {
			return err
		}
		return change(before)
	})
	if refused != nil || fatal != nil {
		return false, refused, fatal
	}
	after, err := versionOf(b.Tx, kind, id)
	return after != before, nil, err
}

// FindLinked returns the records that must be locked when a record is removed: the contacts of a
// company, the leads of a company or contact.
func FindLinked(tx *store.Tx, kind Kind, id int64) (contacts, leads []int64, err error) {
	if kind == KindLead {
		return nil, nil, nil
	}
	if kind == KindCompany {
		if contacts, err = contactsLinkedTo(tx, id); err != nil {
			return nil, nil, err
		}
	}
	leads, err = leadsLinkedTo(tx, kind, id)
	return contacts, leads, err
}

// FindMergedInto returns the records into which some of the given ones were merged, by their ids.
func FindMergedInto(tx *store.Tx, kind Kind, ids []int64) (map[int64]int64, error) {
	into := map[int64]int64{}
	for part := range slices.Chunk(ids, 500) {
		if err := findMergedInto(tx, kind, part, into); err != nil {
			return nil, err
		}
	}
	return into, nil
}
