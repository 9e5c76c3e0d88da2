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

// Quality is how much each report holds. It is counted again at most once a
// minute in a big book.
type Quality struct {
	Items []ReportCount `json:"items"`
	At    time.Time     `json:"at"` // when it was counted
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

// Quality counts what each report holds.
func (b *Records) Quality(ctx context.Context) (Quality, error) { return b.counts.get(ctx) }

func (b *Records) countFlaws(ctx context.Context) (Quality, error) {
	v, err := b.readingSlow(ctx)
	if err != nil {
		return Quality{}, err
	}
	q := Quality{At: v.tx.Now()}
	for _, r := range reports {
		n, err := countOf(v.tx, r, v.reportInput())
		if err != nil {
			return Quality{}, err
		}
		q.Items = append(q.Items, ReportCount{r, n})
	}
	return q, nil
}

// flawed is what the reports ask of the staff and the directory.
type reportInput struct{ statuses, inactive []int64 }

func (v view) reportInput() (f reportInput) {
	for _, s := range v.set.All() {
		f.statuses = append(f.statuses, s.ID)
	}
	for _, u := range v.org.Users() {
		if !u.Active {
			f.inactive = append(f.inactive, u.ID)
		}
	}
	return f
}

// Flaws returns a page of a report, in the order of the records; shared_numbers and
// leads_of_companies in that of the numbers: there the limit counts numbers, and a
// number has a line for each record. An unknown report is the fault not_found.
func (b *Records) Flaws(ctx context.Context, report Report, p web.Paging) (page web.List[Flaw], err error) {
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
	rows, next, err := flawRows(v.tx, report, v.reportInput(), after, size)
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
