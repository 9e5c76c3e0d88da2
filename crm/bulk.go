package crm

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/journal"
	"callhue/statuses"
)

// AddCompanies adds many companies in one transaction, some thousands at a time, with the rows and
// journal entries of AddCompany but many times faster. It returns their ids in the order of the
// list. Faults name fields with their place in the list ("17.name"); record_exists if others added
// records at the same time, and nothing is written then.
func (b *Records) AddCompanies(ctx context.Context, by *access.User, list []NewCompany) (ids []int64, err error) {
	var codes []string
	for _, in := range list {
		codes = append(codes, in.Status)
	}
	err = b.write(ctx, by, func(a *act) error {
		if err := statuses.Lock(a.Tx, codes...); err != nil {
			return err
		}
		ids, err = a.addCompanies(list, nil)
		return err
	})
	return ids, err
}

// AddContacts is AddCompanies for contacts of existing companies.
func (b *Records) AddContacts(ctx context.Context, by *access.User, list []NewContact) (ids []int64, err error) {
	err = b.write(ctx, by, func(a *act) error {
		var linked []int64
		for _, in := range list {
			linked = append(linked, in.CompanyIDs...)
		}
		if err := a.lockAll("company_ids", KindCompany, linked); err != nil {
			return err
		}
		ids, err = a.addContacts(list, nil)
		return err
	})
	return ids, err
}

// AddLeads is AddCompanies for leads.
func (b *Records) AddLeads(ctx context.Context, by *access.User, list []NewLead) (ids []int64, err error) {
	err = b.write(ctx, by, func(a *act) error {
		var companies, contacts []int64
		for _, in := range list {
			companies, contacts = append(companies, in.CompanyID), append(contacts, in.ContactID)
		}
		if err := a.lockAll("company_id", KindCompany, companies); err != nil {
			return err
		}
		if err := a.lockAll("contact_id", KindContact, contacts); err != nil {
			return err
		}
		ids, err = a.addLeads(list, nil)
		return err
	})
	return ids, err
}

// onRefused is called for a refused record and may end the write with an error. Without it the
// first refusal ends the write.
type onRefused func(i int, err error) error

func (a *act) addCompanies(list []NewCompany, refused onRefused) ([]int64, error) {
	f, err := a.newBulkAdd(KindCompany, len(list), refused)
	if err != nil {
		return nil, err
	}
	for i, in := range list {
		row, lines, emails, err := a.readCompany(f.at(i), in)
		if err != nil {
			if err := f.refuse(i, err); err != nil {
				return nil, err
			}
			continue
		}
		row.ID = f.next(i)
		keys := f.add(row.ID, row.values(), lines, emails, nil)
		external := f.addExternal(row.ID, a.externalIDs(f.at(i)+"external_ids", in.ExternalIDs))
		if err := f.collectEntry(a.companyEntry(row, in.Status, keys, external)); err != nil {
			return nil, err
		}
	}
	return f.ids, f.store(a, companiesTable)
}

func (a *act) addContacts(list []NewContact, refused onRefused) ([]int64, error) {
	f, err := a.newBulkAdd(KindContact, len(list), refused)
	if err != nil {
		return nil, err
	}
	for i, in := range list {
		row, lines, emails, err := a.readContact(f.at(i), in, nil)
		if err != nil {
			if err := f.refuse(i, err); err != nil {
				return nil, err
			}
			continue
		}
		row.ID = f.next(i)
		companies := distinct(in.CompanyIDs)
		keys := f.add(row.ID, row.values(), lines, emails, newCompanyLinks(companies, a.datedLinks(in), a.now()))
		external := f.addExternal(row.ID, a.externalIDs(f.at(i)+"external_ids", in.ExternalIDs))
		if err := f.collectEntry(a.contactEntry(row, companies, keys, external)); err != nil {
			return nil, err
		}
	}
	return f.ids, f.store(a, contactsTable)
}

func (a *act) addLeads(list []NewLead, refused onRefused) ([]int64, error) {
	f, err := a.newBulkAdd(KindLead, len(list), refused)
	if err != nil {
		return nil, err
	}
	for i, in := range list {
		row, lines, emails, err := a.readLead(f.at(i), in)
		if err != nil {
			if err := f.refuse(i, err); err != nil {
				return nil, err
			}
			continue
		}
		row.ID = f.next(i)
		keys := f.add(row.ID, row.values(), lines, emails, row.links())
		external := f.addExternal(row.ID, a.externalIDs(f.at(i)+"external_ids", in.ExternalIDs))
		if err := f.collectEntry(a.leadEntry(row, keys, external)); err != nil {
			return nil, err
		}
	}
	return f.ids, f.store(a, leadsTable)
}

// lockAll locks the records that a list links to; 0 is no link. Fault: invalid_input (unknown) if
// one does not exist.
func (a *act) lockAll(field string, kind Kind, ids []int64) error {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id int64) bool { return id == 0 })
	for part := range slices.Chunk(ids, 1000) {
		n, err := lock(a.Tx, kind, part...)
		if err != nil {
			return err
		}
		if n != int64(len(part)) {
			return fault.Invalid(field, "unknown")
		}
	}
	return nil
}

// bulkAdd collects the rows of many new records of one kind.
type bulkAdd struct {
	kind                                  Kind
	last                                  int64   // the highest id so far
	ids                                   []int64 // 0 for refused ones
	refused                               onRefused
	records, phones, emails, companyLinks [][]any
	external                              [][]any
	numbers                               []numberRow
	entries                               []journal.Entry
}

func (a *act) newBulkAdd(kind Kind, n int, refused onRefused) (*bulkAdd, error) {
	last, err := lastID(a.Tx, kind)
	if err != nil {
		return nil, err
	}
	return &bulkAdd{kind: kind, last: last, ids: make([]int64, n), refused: refused}, nil
}

// at returns the prefix of field names in faults: the place in the list if one fault covers the
// whole list.
func (f *bulkAdd) at(i int) string {
	if f.refused != nil {
		return ""
	}
	return fmt.Sprintf("%d.", i)
}

func (f *bulkAdd) refuse(i int, err error) error {
	if f.refused == nil {
		return err
	}
	return f.refused(i, err)
}

func (f *bulkAdd) next(i int) int64 {
	f.last++
	f.ids[i] = f.last
	return f.last
}

// collectEntry collects the journal entry of a record.
func (f *bulkAdd) collectEntry(entry journal.Entry, err error) error {
	f.entries = append(f.entries, entry)
	return err
}

// add collects one record and returns its numbers.
func (f *bulkAdd) add(id int64, values []any, lines []phoneLine, emails []string, links []companyLink) []int64 {
	f.records = append(f.records, append([]any{id}, values...))
	f.phones = append(f.phones, phoneRows(f.kind, id, lines)...)
	f.emails = append(f.emails, emailRows(f.kind, id, emails)...)
	if f.kind == KindContact {
		f.companyLinks = append(f.companyLinks, companyLinkRows(id, links)...)
	}
	rows := numberRowsOf(f.kind, id, lines, links)
	f.numbers = append(f.numbers, rows...)
	return indexChange{added: rows}.keys()
}

// addExternal collects the external ids of a record and returns them for the journal.
func (f *bulkAdd) addExternal(id int64, list []ExternalID) []string {
	for _, e := range list {
		f.external = append(f.external, []any{int64(f.kind), e.System, e.ID, id, e.URL})
	}
	return externalTexts(list)
}

// added returns the ids of the collected records.
func (f *bulkAdd) added() []int64 {
	return slices.DeleteFunc(slices.Clone(f.ids), func(id int64) bool { return id == 0 })
}

// store writes all rows, those of the number index in index order.
func (f *bulkAdd) store(a *act, records table) error {
	records.columns = "id, " + records.columns
	slices.SortFunc(f.numbers, func(x, y numberRow) int {
		return cmp.Or(cmp.Compare(x.Key, y.Key), cmp.Compare(x.Entity, y.Entity), cmp.Compare(x.Company, y.Company))
	})
	for _, part := range []struct {
		sheet table
		rows  [][]any
	}{{records, f.records}, {phonesTable, f.phones}, {emailsTable, f.emails}, {companyLinksTable, f.companyLinks},
		{numbersTable, numberValues(f.numbers)}, {externalIDsTable, f.external}} {
		err := insertRows(a.Tx, part.sheet, part.rows)
		if a.Tx.Duplicate(err) {
			return fault.Conflict("record_exists").Because(err)
		}
		if err != nil {
			return err
		}
	}
	if n := int64(len(f.records)); n > 0 { // ids are in a row
		if err := markChanges(a.Tx, f.kind, f.last-n+1, f.last, n > followAtOnce); err != nil {
			return err
		}
	}
	if err := addSearch(a.Tx, f.kind, f.added(), func(i int) string {
		return f.records[i][1+searchPlace].(string)
	}); err != nil {
		return err
	}
	return a.journal.RecordAll(a.Tx, f.entries)
}

// ---- journal entries of new records

// addedDetails are the details of a new record's entry.
type addedDetails struct {
	Companies *[]int64 `json:"companies,omitempty"` // for a contact
	External  []string `json:"external_ids,omitempty"`
	Origin    *Origin  `json:"external,omitempty"` // the system that added it
	Name      string   `json:"name"`
	Numbers   []int64  `json:"numbers"`
	Owner     int64    `json:"owner"`
	Stage     *string  `json:"stage,omitempty"`  // for a lead
	Status    *string  `json:"status,omitempty"` // for a company, as requested
}

func (a *act) companyEntry(row companyRow, status string, keys []int64, external []string) (journal.Entry, error) {
	return a.addedEntry(KindCompany, row.ID, row.OwnerID,
		addedDetails{Name: row.Name, Owner: row.OwnerID, Status: &status, Numbers: keys, External: external})
}

func (a *act) contactEntry(row contactRow, companies, keys []int64, external []string) (journal.Entry, error) {
	return a.addedEntry(KindContact, row.ID, row.OwnerID,
		addedDetails{Name: row.Name, Owner: row.OwnerID, Companies: &companies, Numbers: keys, External: external})
}

func (a *act) leadEntry(row leadRow, keys []int64, external []string) (journal.Entry, error) {
	return a.addedEntry(KindLead, row.ID, row.OwnerID,
		addedDetails{Name: row.Title, Owner: row.OwnerID, Stage: &row.Stage, Numbers: keys, External: external})
}

// recordAdded records the entry of a new record.
func (a *act) recordAdded(entry journal.Entry, err error) error {
	if err == nil {
		_, err = a.journal.Record(a.Tx, entry)
	}
	return err
}

func (a *act) addedEntry(kind Kind, id, owner int64, details addedDetails) (journal.Entry, error) {
	org, err := a.org()
	if err != nil {
		return journal.Entry{}, err
	}
	subject := journal.Ref{Kind: kind.String(), ID: id}
	details.Origin = a.originDetails()
	return journal.Entry{Actor: a.User.ID, Team: org.DepartmentOf(owner), Verb: RecordAdded,
		Subject: subject, Client: subject, Details: journal.Details(details)}, nil
}
