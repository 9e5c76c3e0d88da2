package crm

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"callhue/internal/fault"
	"callhue/internal/web"
)

// Report is a list of records with one kind of flaw.
type Report string

// The reports.
const (
	SharedNumbers          Report = "shared_numbers"           // a number that several records have
	ContactsWithoutCompany Report = "contacts_without_company" //
	CompaniesWithoutStatus Report = "companies_without_status" // or with one that the directory does not know
	CompaniesWithoutPhone  Report = "companies_without_phone"  // of their own
	CompaniesWithoutOwner  Report = "companies_without_owner"  //
	OwnerInactive          Report = "owner_inactive"           // companies whose owner left
	// open or lost leads whose number belongs to a company that they are not linked to
	LeadsOfCompanies  Report = "leads_of_companies"
	UnreadableNumbers Report = "unreadable_numbers" // phones that are no number of the outside world
)

var reports = [...]Report{SharedNumbers, ContactsWithoutCompany, CompaniesWithoutStatus, CompaniesWithoutPhone,
	CompaniesWithoutOwner,
	OwnerInactive, LeadsOfCompanies, UnreadableNumbers}

// Values lists the reports, for the API reference.
func (Report) Values() []string {
	list := make([]string, len(reports))
	for i, r := range reports {
		list[i] = string(r)
	}
	return list
}

// Quality is how much each report holds.
type Quality struct {
	Items   []ReportCount `json:"items"`
	At      time.Time     `json:"at"`      // when the counts were read
	Pending int64         `json:"pending"` // records that were written and are not counted yet
}

// ReportCount is how much a report holds: numbers for shared_numbers, phones for
// unreadable_numbers, records for all others.
type ReportCount struct {
	Report Report `json:"report"`
	Count  int64  `json:"count"`
}

// Flaw is a line of a report.
type Flaw struct {
	Value string `json:"value"` // the number, or the phone as typed; "" where the record itself is meant
	Found
	Company *Named `json:"company"` // whose number it is: of leads_of_companies
}

// Quality returns what each report holds, as the follower keeps it. What was written a moment ago is waited for.
func (b *Records) Quality(ctx context.Context) (q Quality, err error) {
	if err := b.awaitFollower(ctx); err != nil {
		return q, err
	}
	v, err := b.readingSlow(ctx)
	if err != nil {
		return q, err
	}
	counts, err := countRows(v.tx)
	if err != nil {
		return q, err
	}
	if q.Pending, err = pendingRecords(v.tx); err != nil {
		return q, err
	}
	q.At = v.tx.Now()
	held := map[Report]int64{}
	for _, c := range counts {
		for _, report := range v.reportsOf(c) {
			held[report] += c.N
		}
	}
	for _, report := range reports {
		q.Items = append(q.Items, ReportCount{report, held[report]})
	}
	return q, nil
}

// reportsOf returns the reports that a count belongs to.
func (v view) reportsOf(c countRow) (list []Report) {
	switch c.Sort {
	case keyNumber:
		return []Report{SharedNumbers}
	case keyNoCompany:
		return []Report{ContactsWithoutCompany}
	case keyNoPhone:
		return []Report{CompaniesWithoutPhone}
	case keyUnreadable:
		return []Report{UnreadableNumbers}
	case keyLeadOfCompany:
		return []Report{LeadsOfCompanies}
	case keyOwnerStatus:
		for _, report := range [...]Report{CompaniesWithoutStatus, CompaniesWithoutOwner, OwnerInactive} {
			if v.isFlaw(report, c.Value) {
				list = append(list, report)
			}
		}
	}
	return list
}

// isFlaw reports whether companies with an owner and status (ownerStatus) belong to a report.
func (v view) isFlaw(report Report, value int64) bool {
	owner, status := ofOwnerStatus(value)
	switch report {
	case CompaniesWithoutStatus:
		return v.set.ByID(status) == nil
	case CompaniesWithoutOwner:
		return owner == 0
	default: // OwnerInactive
		u := v.org.User(owner)
		return u != nil && !u.Active
	}
}

// flawedValues returns the owners or statuses whose companies belong to a report, and how many companies that are.
func (v view) flawedValues(report Report) (values []int64, companies int64, err error) {
	counts, err := countRows(v.tx)
	for _, c := range counts {
		if c.Sort != keyOwnerStatus || !v.isFlaw(report, c.Value) {
			continue
		}
		owner, status := ofOwnerStatus(c.Value)
		if report == CompaniesWithoutStatus {
			owner = status
		}
		values, companies = append(values, owner), companies+c.N
	}
	return distinct(values), companies, err
}

// Flaws returns a page of a report, in the order of the records; shared_numbers and
// leads_of_companies in that of the numbers: there the limit counts numbers, and a
// number has a line for each record; in unreadable_numbers it counts records. An
// unknown report is the fault not_found.
func (b *Records) Flaws(ctx context.Context, report Report, p web.Paging) (page web.List[Flaw], err error) {
	if err := b.awaitFollower(ctx); err != nil {
		return page, err
	}
	var after place
	if err := p.After(&after); err != nil {
		return page, err
	}
	flaws, next, err := b.flaws(ctx, report, after.ID, p.Size())
	if err != nil {
		return page, err
	}
	if next == 0 {
		return web.List[Flaw]{Items: flaws}, nil
	}
	token := web.Page([]int64{next, 0}, 1, func(at int64) any { return place{at} }).NextPageToken
	return web.List[Flaw]{Items: flaws, NextPageToken: token}, nil
}

// EachFlaw returns the whole of a report, read a thousand at a time.
func (b *Records) EachFlaw(ctx context.Context, report Report) iter.Seq2[Flaw, error] {
	return func(yield func(Flaw, error) bool) {
		after := int64(0)
		for {
			flaws, next, err := b.flaws(ctx, report, after, 1000)
			if err != nil {
				yield(Flaw{}, err)
				return
			}
			for _, f := range flaws {
				if !yield(f, nil) {
					return
				}
			}
			if next == 0 {
				return
			}
			after = next
		}
	}
}

// flaws reads some lines after a place; next is the place to go on from, 0 at the
// end.
func (b *Records) flaws(ctx context.Context, report Report, after int64,
	size int) (list []Flaw, next int64, err error) {
	if !slices.Contains(reports[:], report) {
		return nil, 0, fault.Missing("report")
	}
	v, err := b.readingSlow(ctx)
	if err != nil {
		return nil, 0, err
	}
	rows, next, err := v.flawRows(report, after, size)
	if err != nil {
		return nil, 0, err
	}
	keys := make([]recordKey, len(rows))
	for i, r := range rows {
		keys[i] = recordKey{r.Kind, r.ID}
	}
	records, err := v.found(keys)
	if err != nil {
		return nil, 0, err
	}
	companies, err := v.companiesOfFlaws(rows)
	if err != nil {
		return nil, 0, err
	}
	list = []Flaw{}
	for i, r := range rows {
		record, there := records[keys[i]]
		if !there {
			continue // it was removed a moment ago
		}
		f := Flaw{Value: r.Raw, Found: record}
		if r.Key > 0 {
			f.Value = fmt.Sprintf("+%d", r.Key)
		}
		if name, linked := companies[r.Company]; linked {
			f.Company = &Named{r.Company, name}
		}
		list = append(list, f)
	}
	return list, next, nil
}

// flawRows returns the lines of a report after a place; next is 0 at the end.
func (v view) flawRows(report Report, after int64, size int) (rows []flawRow, next int64, err error) {
	switch report {
	case SharedNumbers:
		keys, err := sharedNumberKeys(v.tx, after, size+1)
		if err != nil {
			return nil, 0, err
		}
		keys, next = cutKeys(keys, size)
		rows, err = sharedNumberRows(v.tx, keys)
		return rows, next, err
	case LeadsOfCompanies:
		keys, err := leadOfCompanyKeys(v.tx, after, size+1)
		if err != nil {
			return nil, 0, err
		}
		keys, next = cutKeys(keys, size)
		rows, err = leadOfCompanyRows(v.tx, keys)
		return rows, next, err
	case ContactsWithoutCompany:
		rows, err = recordFlaws(v.tx, keyNoCompany, after, size+1)
	case CompaniesWithoutPhone:
		rows, err = recordFlaws(v.tx, keyNoPhone, after, size+1)
	case UnreadableNumbers:
		if rows, err = recordFlaws(v.tx, keyUnreadable, after, size+1); err != nil {
			return nil, 0, err
		}
		rows, next = cutFlaws(rows, size)
		rows, err = unreadableRows(v.tx, rows)
		return rows, next, err
	default:
		values, companies, err := v.flawedValues(report)
		if err != nil || companies == 0 {
			return nil, 0, err
		}
		if rows, err = companyFlaws(v.tx, report, values, companies, after, size+1); err != nil {
			return nil, 0, err
		}
	}
	rows, next = cutFlaws(rows, size)
	return rows, next, err
}

// cutKeys cuts what was read beyond a page; next is the last one of the page, 0 at the end.
func cutKeys(keys []int64, size int) (page []int64, next int64) {
	if len(keys) <= size {
		return keys, 0
	}
	return keys[:size], keys[size-1]
}

func cutFlaws(rows []flawRow, size int) (page []flawRow, next int64) {
	if len(rows) <= size {
		return rows, 0
	}
	return rows[:size], rows[size-1].Place
}

func (v view) companiesOfFlaws(rows []flawRow) (map[int64]string, error) {
	var ids []int64
	for _, r := range rows {
		if r.Company != 0 {
			ids = append(ids, r.Company)
		}
	}
	companies, err := companyRows(v.tx, ids)
	names := make(map[int64]string, len(companies))
	for _, c := range companies {
		names[c.ID] = c.Name
	}
	return names, err
}
