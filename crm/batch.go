package crm

import (
	"context"
	"errors"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/statuses"
)

// Batch is one transaction in which many records are written, each of them
// taken or refused by itself: for imports. The rights are those of a write by
// hand, and a refusal for want of them is in the journal.
type Batch struct {
	*act
	held Held
}

// Held is what a batch is going to change or to link to, and the statuses that
// it gives. It is held before the batch reads anything.
type Held struct {
	Companies, Contacts, Leads []int64
	Statuses                   []string
}

// Taken is what became of one record of a batch: its id, or the fault that
// refused it.
type Taken struct {
	ID  int64
	Err error
}

// Batch runs do in a transaction. When one of the held records is gone the fault
// is stale_version, and do is not called. Like every write, do may be run again.
func (b *Records) Batch(ctx context.Context, by *access.User, held Held, do func(*Batch) error) error {
	return b.db.Write(ctx, func(tx *store.Tx) error {
		a := &act{Records: b, Act: b.journal.Act(tx, by)}
		for _, of := range []struct {
			kind Kind
			ids  []int64
		}{{KindCompany, held.Companies}, {KindContact, held.Contacts}, {KindLead, held.Leads}} {
			if err := a.holdAll("", of.kind, slices.Clone(of.ids)); fault.Is(err, fault.KindInvalid) {
				return fault.Stale()
			} else if err != nil {
				return err
			}
		}
		if err := statuses.Hold(tx, held.Statuses...); err != nil {
			return err
		}
		as, err := a.standing(&companyRow{})
		if err != nil {
			return err
		}
		a.dates = as == admin
		return do(&Batch{a, held})
	})
}

// AddCompanies adds companies as AddCompany does, many times faster. The error
// is for what none of them can be blamed for; when others add records at the same
// moment it may be the conflict record_exists, and the batch has to be run again.
func (b *Batch) AddCompanies(list []NewCompany) ([]Taken, error) {
	return b.taking(len(list), func(refused refusing) ([]int64, error) { return b.fillCompanies(list, refused) })
}

// AddContacts is AddCompanies for contacts of companies that the batch holds.
func (b *Batch) AddContacts(list []NewContact) ([]Taken, error) {
	return b.taking(len(list), func(refused refusing) ([]int64, error) { return b.fillContacts(list, refused) })
}

// AddLeads is AddCompanies for leads of companies and contacts that the batch
// holds.
func (b *Batch) AddLeads(list []NewLead) ([]Taken, error) {
	return b.taking(len(list), func(refused refusing) ([]int64, error) { return b.fillLeads(list, refused) })
}

func (b *Batch) taking(n int, fill func(refusing) ([]int64, error)) ([]Taken, error) {
	taken := make([]Taken, n)
	ids, err := fill(func(i int, err error) error {
		taken[i].Err, err = b.refused(err)
		return err
	})
	for i := range ids {
		taken[i].ID = ids[i]
	}
	return taken, err
}

// refused tells the fault of one record from an error of everything, and writes
// the want of rights into the journal.
func (b *Batch) refused(err error) (known, fatal error) {
	b.Wrong = nil
	var r *journal.Refusal
	if errors.As(err, &r) {
		return r.Fault, b.Keep(r)
	}
	switch fault.Of(err).Kind {
	case fault.KindInvalid, fault.KindForbidden, fault.KindMissing, fault.KindConflict:
		return err, nil
	}
	return nil, err
}

// try runs the change of one record; what a refused one had written is undone.
func (b *Batch) try(change func() error) (refused, fatal error) {
	err := b.Tx.Try(change)
	if err == nil {
		return nil, nil
	}
	return b.refused(err)
}

// BringCompany changes a company that the batch holds into what a file says of
// it: what is filled in replaces what there was, phones, e-mails and helpers are
// added to those that it has. Nothing is taken away. It says whether anything
// became different.
func (b *Batch) BringCompany(id int64, in NewCompany) (changed bool, refused, fatal error) {
	refused, fatal = b.try(func() error {
		row, err := companyRowOf(b.Tx, id)
		if err != nil {
			return err
		}
		set, err := b.set()
		if err != nil {
			return err
		}
		change := CompanyChange{Name: filled(in.Name), OwnerID: filled(in.OwnerID), Version: row.Version}
		if len(in.TeamIDs) > 0 {
			team := distinct(append(idsIn(row.TeamIDs), in.TeamIDs...))
			change.TeamIDs = &team
		}
		if change.Phones, change.Emails, err = b.more(KindCompany, id, in.Phones, in.Emails); err != nil {
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

// BringContact is BringCompany for a contact: the companies of the file come
// after those that it has.
func (b *Batch) BringContact(id int64, in NewContact) (changed bool, refused, fatal error) {
	refused, fatal = b.try(func() error {
		row, err := contactRowOf(b.Tx, id)
		if err != nil {
			return err
		}
		change := ContactChange{Name: filled(in.Name), Post: filled(in.Post), OwnerID: filled(in.OwnerID), Version: row.Version}
		if len(in.CompanyIDs) > 0 {
			had, err := tiesAt(b.Tx, id)
			if err != nil {
				return err
			}
			companies := distinct(append(companiesIn(had), in.CompanyIDs...))
			change.CompanyIDs = &companies
		}
		if change.Phones, change.Emails, err = b.more(KindContact, id, in.Phones, in.Emails); err != nil {
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

// BringLead is BringCompany for a lead. One that was converted stays as it is:
// that is no fault.
func (b *Batch) BringLead(id int64, in NewLead) (changed bool, refused, fatal error) {
	refused, fatal = b.try(func() error {
		row, err := leadRowOf(b.Tx, id)
		if err != nil || row.ConvertedAt != 0 {
			return err
		}
		change := LeadChange{Title: filled(in.Title), Name: filled(in.Name), OwnerID: filled(in.OwnerID), CompanyID: filled(in.CompanyID),
			ContactID: filled(in.ContactID), Stage: filled(in.Stage), Source: filled(in.Source), Version: row.Version}
		if change.Phones, change.Emails, err = b.more(KindLead, id, in.Phones, in.Emails); err != nil {
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

// filled gives a value that a file holds, nil for an empty one.
func filled[T comparable](value T) *T {
	var empty T
	if value == empty {
		return nil
	}
	return &value
}

// more adds phones and e-mails to those of a record; nil where there is nothing
// to add.
func (a *act) more(kind Kind, id int64, phones []Phone, emails []string) (*[]Phone, *[]string, error) {
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
		read := linesOf(a.plan, []Phone{p}, nil, 0)[0]
		at := slices.IndexFunc(lines, func(l line) bool { return l.Key == read.Key && (l.Key != 0 || l.Raw == fault.Tidy(p.Value)) })
		if at >= 0 {
			all[at].Since = p.Since // only an admin's file may make a link older
		} else {
			all = append(all, p)
		}
	}
	mail := had
	for _, e := range emails {
		if !slices.Contains(mail, fault.Tidy(e)) {
			mail = append(mail, e)
		}
	}
	return &all, &mail, nil
}

// sinces gives the numbers whose age an admin's file tells.
func (a *act) sinces(phones []Phone) (told []line) {
	if !a.dates {
		return nil
	}
	for _, p := range phones {
		if !p.Since.IsZero() { // reading a number is the dearest part of a row
			told = append(told, linesOf(a.plan, []Phone{p}, nil, store.Millis(p.Since))...)
		}
	}
	return told
}

// Twin is a record that has one of the numbers that were asked for.
type Twin struct {
	Key  int64  `db:"number_key"`
	ID   int64  `db:"entity_id"`
	Name string `db:"name"` // of a lead: its title
}

// Twins gives the records of a kind that have one of these numbers, by id: an
// import knows by them what is there already.
func Twins(tx *store.Tx, kind Kind, keys []int64) ([]Twin, error) { return twins(tx, kind, keys) }

// Names calls f with the name of every record of a kind, by id: an import finds
// by them the companies that a file only names.
func Names(tx *store.Tx, kind Kind, f func(id int64, name string)) error { return names(tx, kind, f) }

// Present gives those of some records that are there.
func Present(tx *store.Tx, kind Kind, ids []int64) ([]int64, error) { return present(tx, kind, ids) }

// Numbered gives those of some records that have a number to be found by.
func Numbered(tx *store.Tx, kind Kind, ids []int64) ([]int64, error) { return numbered(tx, kind, ids) }
