package crm

import (
	"context"
	"errors"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/journal"
	"callhue/statuses"
)

// Batch is one transaction that writes many records, each accepted or refused by itself, for
// imports. Rights are those of single writes, and refusals for lack of rights are recorded in the
// journal.
type Batch struct {
	*act
	locks Locks
}

// Locks lists the records that a batch changes or links to, and the statuses that it sets. They are
// locked before the batch reads anything.
type Locks struct {
	Companies, Contacts, Leads []int64
	Statuses                   []string
}

// AddResult is the id of an added record, or the fault that refused it.
type AddResult struct {
	ID  int64
	Err error
}

// Batch runs do in a transaction, again if the database asks for it. Fault: stale_version if a
// locked record is gone; do is not called then.
func (b *Records) Batch(ctx context.Context, by *access.User, held Locks, do func(*Batch) error) error {
	return b.db.Write(ctx, func(tx *store.Tx) error {
		a := &act{Records: b, Act: b.journal.Act(tx, by)}
		for _, of := range []struct {
			kind Kind
			ids  []int64
		}{{KindCompany, held.Companies}, {KindContact, held.Contacts}, {KindLead, held.Leads}} {
			if err := a.lockAll("", of.kind, slices.Clone(of.ids)); fault.Is(err, fault.KindInvalid) {
				return fault.Stale()
			} else if err != nil {
				return err
			}
		}
		if err := statuses.Lock(tx, held.Statuses...); err != nil {
			return err
		}
		as, err := a.standing(&companyRow{})
		if err != nil {
			return err
		}
		a.setsDates = as == admin
		return do(&Batch{a, held})
	})
}

// AddCompanies adds companies as AddCompany does, many times faster. The error concerns all of
// them; record_exists means that others added records at the same time and the batch must run
// again.
func (b *Batch) AddCompanies(list []NewCompany) ([]AddResult, error) {
	return b.addEach(len(list), func(refused onRefused) ([]int64, error) { return b.addCompanies(list, refused) })
}

// AddContacts is AddCompanies for contacts of companies locked by the batch.
func (b *Batch) AddContacts(list []NewContact) ([]AddResult, error) {
	return b.addEach(len(list), func(refused onRefused) ([]int64, error) { return b.addContacts(list, refused) })
}

// AddLeads is AddCompanies for leads of companies and contacts locked by the batch.
func (b *Batch) AddLeads(list []NewLead) ([]AddResult, error) {
	return b.addEach(len(list), func(refused onRefused) ([]int64, error) { return b.addLeads(list, refused) })
}

func (b *Batch) addEach(n int, fill func(onRefused) ([]int64, error)) ([]AddResult, error) {
	taken := make([]AddResult, n)
	ids, err := fill(func(i int, err error) error {
		taken[i].Err, err = b.classify(err)
		return err
	})
	for i := range ids {
		taken[i].ID = ids[i]
	}
	return taken, err
}

// classify separates the fault of one record from an error that ends the batch. Refusals are
// recorded in the journal.
func (b *Batch) classify(err error) (known, fatal error) {
	b.Wrong = nil
	var r *journal.Refusal
	if errors.As(err, &r) {
		if b.quiet {
			return r.Fault, nil
		}
		return r.Fault, b.Keep(r)
	}
	switch fault.Of(err).Kind {
	case fault.KindInvalid, fault.KindForbidden, fault.KindMissing, fault.KindConflict:
		return err, nil
	}
	return nil, err
}

// try changes one record; a refused change is rolled back.
func (b *Batch) try(change func() error) (refused, fatal error) {
	err := b.Tx.Try(change)
	if err == nil {
		return nil, nil
	}
	return b.classify(err)
}

// FillCompany fills a company locked by the batch with the values of a file: non-empty values
// replace the old ones, phones, e-mails and team members are added. Nothing is removed. changed
// reports whether anything is different.
func (b *Batch) FillCompany(id int64, in NewCompany) (changed bool, refused, fatal error) {
	refused, fatal = b.try(func() error {
		row, err := companyRowOf(b.Tx, id)
		if err != nil {
			return err
		}
		set, err := b.statusSet()
		if err != nil {
			return err
		}
		change := CompanyChange{Name: nonZero(in.Name), OwnerID: nonZero(in.OwnerID), Version: row.Version}
		if len(in.TeamIDs) > 0 {
			team := distinct(append(idsIn(row.TeamIDs), in.TeamIDs...))
			change.TeamIDs = &team
		}
		if change.Phones, change.Emails, err = b.addContactData(KindCompany, id, in.Phones, in.Emails); err != nil {
			return err
		}
		if err := b.changeCompany(id, change); err != nil {
			return err
		}
		now, err := companyRowOf(b.Tx, id)
		if err != nil {
			return err
		}
		if in.Status != "" && in.Status != statusCode(set.ByID(row.StatusID)) {
			changed = true
			return b.setStatus(id, in.Status, "", now.Version)
		}
		changed = now.Version != row.Version
		return nil
	})
	return changed && refused == nil, refused, fatal
}

// FillContact is FillCompany for a contact; the companies of the file are appended to its own.
func (b *Batch) FillContact(id int64, in NewContact) (changed bool, refused, fatal error) {
	refused, fatal = b.try(func() error {
		row, err := contactRowOf(b.Tx, id)
		if err != nil {
			return err
		}
		change := ContactChange{Name: nonZero(in.Name), Post: nonZero(in.Post), OwnerID: nonZero(in.OwnerID),
			Version: row.Version}
		if len(in.CompanyIDs) > 0 {
			had, err := companyLinksOf(b.Tx, id)
			if err != nil {
				return err
			}
			companies := distinct(append(companiesIn(had), in.CompanyIDs...))
			change.CompanyIDs = &companies
		}
		if change.Phones, change.Emails, err = b.addContactData(KindContact, id, in.Phones, in.Emails); err != nil {
			return err
		}
		if err := b.changeContact(id, change); err != nil {
			return err
		}
		now, err := contactRowOf(b.Tx, id)
		changed = now.Version != row.Version
		return err
	})
	return changed && refused == nil, refused, fatal
}

// FillLead is FillCompany for a lead. A converted lead stays unchanged, without a fault.
func (b *Batch) FillLead(id int64, in NewLead) (changed bool, refused, fatal error) {
	refused, fatal = b.try(func() error {
		row, err := leadRowOf(b.Tx, id)
		if err != nil || row.ConvertedAt != 0 {
			return err
		}
		change := LeadChange{Title: nonZero(in.Title), Name: nonZero(in.Name), OwnerID: nonZero(in.OwnerID),
			CompanyID: nonZero(in.CompanyID),
			ContactID: nonZero(in.ContactID), Stage: nonZero(in.Stage), Source: nonZero(in.Source),
			Version: row.Version}
		if change.Phones, change.Emails, err = b.addContactData(KindLead, id, in.Phones, in.Emails); err != nil {
			return err
		}
		if err := b.changeLead(id, change); err != nil {
			return err
		}
		now, err := leadRowOf(b.Tx, id)
		changed = now.Version != row.Version
		return err
	})
	return changed && refused == nil, refused, fatal
}

// nonZero returns a pointer to a value, nil for the zero value.
func nonZero[T comparable](value T) *T {
	var empty T
	if value == empty {
		return nil
	}
	return &value
}

// addContactData returns the phones and e-mails of a record with new ones appended, nil if there is
// nothing to add.
func (a *act) addContactData(kind Kind, id int64, phones []Phone, emails []string) (*[]Phone, *[]string, error) {
	lines, err := linesAt(a.Tx, kind, id)
	if err != nil {
		return nil, nil, err
	}
	had, err := emailsAt(a.Tx, kind, id)
	if err != nil {
		return nil, nil, err
	}
	all := make([]Phone, 0, len(lines)+len(phones))
	for _, l := range lines {
		all = append(all, Phone{Value: l.Raw, Kind: l.Kind})
	}
	for _, p := range phones {
		read := parsePhones(a.readPhone, []Phone{p}, nil, 0)[0]
		at := slices.IndexFunc(lines, func(l phoneLine) bool {
			return l.Key == read.Key &&
				(l.Key != 0 || l.Raw == text.Tidy(p.Value))
		})
		if at >= 0 {
			all[at].Since = p.Since // only a file of an admin may make a link older
		} else {
			all = append(all, p)
		}
	}
	mail := had
	for _, e := range emails {
		if !slices.Contains(mail, text.Tidy(e)) {
			mail = append(mail, e)
		}
	}
	return &all, &mail, nil
}

// datedPhones returns the phones with a date from an admin's file.
func (a *act) datedPhones(phones []Phone) (reported []phoneLine) {
	if !a.setsDates {
		return nil
	}
	for _, p := range phones {
		if !p.Since.IsZero() { // parsing a number is the most expensive part of a row
			reported = append(reported, parsePhones(a.readPhone, []Phone{p}, nil, store.Millis(p.Since))...)
		}
	}
	return reported
}

// NumberMatch is a record that has a given number.
type NumberMatch struct {
	Key  int64  `db:"number_key"`
	ID   int64  `db:"entity_id"`
	Name string `db:"name"` // for a lead its title
}

// FindByNumbers returns the records of a kind that have one of the numbers, by id; an import
// matches its rows by them.
func FindByNumbers(tx *store.Tx, kind Kind, keys []int64) ([]NumberMatch, error) {
	return findByNumbers(tx, kind, keys)
}

// EachName calls f with the name of every record of a kind, by id; an import finds companies by
// name with it.
func EachName(tx *store.Tx, kind Kind, f func(id int64, name string)) error {
	return eachName(tx, kind, f)
}

// FindExisting returns those ids that belong to existing records.
func FindExisting(tx *store.Tx, kind Kind, ids []int64) ([]int64, error) {
	return findExisting(tx, kind, ids)
}

// FindNumbered returns those ids whose records have a number.
func FindNumbered(tx *store.Tx, kind Kind, ids []int64) ([]int64, error) {
	return findNumbered(tx, kind, ids)
}
