package crm

import (
	"fmt"
	"slices"

	"callhue/internal/store"
	"callhue/staff"
	"callhue/statuses"
)

// view turns rows into the records that callers see, a page at a time.
type view struct {
	tx  *store.Tx
	org *staff.Org
	set *statuses.Set

	linker Linker
}

func (a *act) view() (v view, err error) {
	v.tx, v.linker = a.Tx, a.linker
	if v.org, err = a.org(); err != nil {
		return v, err
	}
	v.set, err = a.statusSet()
	return v, err
}

func (a *act) company(id int64) (Company, error) {
	v, err := a.view()
	if err != nil {
		return Company{}, err
	}
	return v.company(id)
}

func (a *act) contact(id int64) (Contact, error) {
	v, err := a.view()
	if err != nil {
		return Contact{}, err
	}
	return v.contact(id)
}

func (a *act) lead(id int64) (Lead, error) {
	v, err := a.view()
	if err != nil {
		return Lead{}, err
	}
	return v.lead(id)
}

func (v view) company(id int64) (Company, error) {
	row, err := companyRowOf(v.tx, id)
	return only(v.companies, row, err)
}

func (v view) contact(id int64) (Contact, error) {
	row, err := contactRowOf(v.tx, id)
	return only(v.contacts, row, err)
}

func (v view) lead(id int64) (Lead, error) {
	row, err := leadRowOf(v.tx, id)
	return only(v.leads, row, err)
}

func only[Row, Out any](all func([]Row) ([]Out, error), row Row, err error) (out Out, _ error) {
	if err != nil {
		return out, err
	}
	list, err := all([]Row{row})
	if err != nil {
		return out, err
	}
	return list[0], nil
}

func (v view) companies(rows []companyRow) ([]Company, error) {
	records, err := recordsOf(v, KindCompany, rows, func(r companyRow) base { return r.base })
	if err != nil {
		return nil, err
	}
	out := make([]Company, len(rows))
	for i, r := range rows {
		out[i] = Company{Record: records[i], TeamIDs: listed(idsIn(r.TeamIDs)), StatusAt: store.Time(r.StatusAt),
			StatusBy: r.StatusBy}
		if s := v.set.ByID(r.StatusID); s != nil {
			out[i].Status = &StatusMark{s.Code, s.Name, s.Color}
		}
	}
	return out, nil
}

func (v view) contacts(rows []contactRow) ([]Contact, error) {
	records, err := recordsOf(v, KindContact, rows, func(r contactRow) base { return r.base })
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	companies, err := companiesNamed(v.tx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Contact, len(rows))
	for i, r := range rows {
		out[i] = Contact{Record: records[i], Post: r.Post, CompanyIDs: []int64{}, Companies: []Named{}}
		for _, c := range companies {
			if c.Contact == r.ID {
				out[i].CompanyIDs = append(out[i].CompanyIDs, c.ID)
				out[i].Companies = append(out[i].Companies, Named{c.ID, c.Name})
				out[i].Since = append(out[i].Since, store.Time(c.At))
			}
		}
	}
	return out, nil
}

func (v view) leads(rows []leadRow) ([]Lead, error) {
	records, err := recordsOf(v, KindLead, rows, func(r leadRow) base { return r.base })
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, r := range rows {
		ids = append(ids, r.CompanyID)
	}
	companies, err := companyRows(v.tx, distinct(ids))
	if err != nil {
		return nil, err
	}
	out := make([]Lead, len(rows))
	for i, r := range rows {
		out[i] = Lead{Record: records[i], Title: r.Title, Source: r.Source, Stage: r.Stage,
			Semantics: Semantics(r.Semantics),
			CompanyID: r.CompanyID, ContactID: r.ContactID, Since: store.Time(r.LinkedAt)}
		if at := slices.IndexFunc(companies, func(c companyRow) bool { return c.ID == r.CompanyID }); at >= 0 {
			out[i].Company = &Named{r.CompanyID, companies[at].Name}
		}
		if r.ConvertedAt != 0 {
			at := store.Time(r.ConvertedAt)
			out[i].ConvertedAt = &at
		}
	}
	return out, nil
}

// recordsOf returns the common part of a page of rows, in their order.
func recordsOf[Row any](v view, kind Kind, rows []Row, baseOf func(Row) base) ([]Record, error) {
	records := make([]Record, len(rows))
	ids := make([]int64, len(rows))
	at := make(map[int64]int, len(rows))
	for i, row := range rows {
		r := baseOf(row)
		ids[i], at[r.ID] = r.ID, i
		records[i] = Record{ID: r.ID, Name: r.Name, OwnerID: r.OwnerID, Owner: v.person(r.OwnerID), Phones: []Phone{},
			Emails:  []string{},
			Version: r.Version, CreatedAt: store.Time(r.CreatedAt), CreatedBy: r.CreatedBy,
			UpdatedAt: store.Time(r.UpdatedAt), UpdatedBy: r.UpdatedBy, URL: urlOf(kind, r.ID)}
	}
	phones, err := phonesOf(v.tx, kind, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range phones {
		r := &records[at[p.Entity]]
		r.Phones = append(r.Phones, p.phone())
	}
	emails, err := emailsOf(v.tx, kind, ids)
	if err != nil {
		return nil, err
	}
	for _, e := range emails {
		r := &records[at[e.Entity]]
		r.Emails = append(r.Emails, e.Address)
	}
	external, err := FindExternalIDs(v.tx, kind, ids)
	if err != nil {
		return nil, err
	}
	links, err := linksOf(v.tx, v.linker, kind, external, ids)
	if err != nil {
		return nil, err
	}
	for i := range records {
		records[i].ExternalIDs, records[i].Links = []ExternalID{}, listed(links[ids[i]])
		for _, e := range external[ids[i]] {
			if e.Shown() {
				records[i].ExternalIDs = append(records[i].ExternalIDs, e)
			}
		}
	}
	return records, nil
}

// urlOf is the page of a record in the browser.
func urlOf(kind Kind, id int64) string { return fmt.Sprintf("/%s/%d", kind.table(), id) }

func (v view) person(id int64) *staff.Person {
	return v.org.User(id).Person()
}

func (l phoneLine) phone() Phone {
	p := Phone{Value: l.Raw, Kind: l.Kind, Extension: l.Extension, Valid: l.Key > 0, Since: store.Time(l.Since)}
	if p.Valid {
		p.Number = fmt.Sprintf("+%d", l.Key)
	}
	return p
}

func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
