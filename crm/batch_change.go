package crm

import (
	"slices"

	"callhue/internal/access"
	"callhue/internal/store"
)

// As gives the same transaction to another user: what is done with it is done by
// him and has his rights, as everywhere. Another system that is the master here
// may have let him do it already: then he is sworn, and nothing is refused him.
func (b *Batch) As(by *access.User, sworn bool) (*Batch, error) {
	a := &act{Records: b.Records, Act: b.journal.Act(b.Tx, by), loadedStatuses: b.loadedStatuses, trusted: sworn}
	as, err := a.standing(&companyRow{})
	a.setsDates = as == admin
	return &Batch{a, b.locks}, err
}

// Company gives a company as it stands in the transaction.
func (b *Batch) Company(id int64) (Company, error) { return b.company(id) }

// Contact is Company for a contact.
func (b *Batch) Contact(id int64) (Contact, error) { return b.contact(id) }

// Lead is Company for a lead.
func (b *Batch) Lead(id int64) (Lead, error) { return b.lead(id) }

// ChangeCompany changes what is not nil of a company that the batch holds, whatever
// its version. It says whether anything became different.
func (b *Batch) ChangeCompany(id int64, in CompanyChange) (changed bool, refused, fatal error) {
	return b.change(KindCompany, id, func(version int64) error {
		in.Version = version
		return b.changeCompany(id, in)
	})
}

// ChangeContact is ChangeCompany for a contact; the batch holds its companies too.
func (b *Batch) ChangeContact(id int64, in ContactChange) (changed bool, refused, fatal error) {
	return b.change(KindContact, id, func(version int64) error {
		in.Version = version
		return b.changeContact(id, in)
	})
}

// ChangeLead is ChangeCompany for a lead; the batch holds its company and contact
// too.
func (b *Batch) ChangeLead(id int64, in LeadChange) (changed bool, refused, fatal error) {
	return b.change(KindLead, id, func(version int64) error {
		in.Version = version
		return b.changeLead(id, in)
	})
}

// SetStatus gives a company that the batch holds a status that it holds, as the
// Book's SetStatus does.
func (b *Batch) SetStatus(id int64, code, reason string) (changed bool, refused, fatal error) {
	return b.change(KindCompany, id, func(version int64) error { return b.setStatus(id, code, reason, version) })
}

// LeadBecame marks a lead that the batch holds as converted into a company and a
// contact that are there already, 0 for none: somebody converted it in another
// system. Who may not take it off its company may not convert it either.
func (b *Batch) MarkConverted(id, company, contact int64) (changed bool, refused, fatal error) {
	return b.change(KindLead, id, func(int64) error {
		c := &conversion{act: b.act, in: ConvertInput{Into: company}}
		if company == 0 {
			c.in.Contact = &NewContact{} // it becomes something, if only a person
		}
		if err := c.begin(id); err != nil {
			return err
		}
		return c.finish(company, contact)
	})
}

// Remove removes a record that the batch holds together with everything that is
// linked to it (Linked).
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

// changing runs the change of one record and says whether its version moved.
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

// Linked gives what hangs on a record and has to be held when it is removed: the
// contacts of a company, the leads of a company or contact.
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

// WentInto gives what records were merged into, those that were.
func FindMergedInto(tx *store.Tx, kind Kind, ids []int64) (map[int64]int64, error) {
	into := map[int64]int64{}
	for part := range slices.Chunk(ids, 500) {
		if err := findMergedInto(tx, kind, part, into); err != nil {
			return nil, err
		}
	}
	return into, nil
}
