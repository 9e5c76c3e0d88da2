package crm

import (
	"context"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
)

// Filter chooses records of a list; empty fields do not choose.
type Filter struct {
	Q       string `query:"q" json:"-"`      // part of a name, phone or e-mail
	Status  string `query:"status" json:"-"` // code, of companies only
	OwnerID int64  `query:"owner_id" json:"-"`
	Number  string `query:"number" json:"-"` // in any spelling: on the record itself
	web.Paging
	web.Sheet
}

// place is where a page ended: lists go from the newest record to the oldest.
type place struct {
	ID int64 `json:"id"`
}

// FindCompany returns a company, or the fault not_found. Of a company that was merged into another one, the argument
// merged_into of the fault is the id of the other.
func (b *Records) FindCompany(ctx context.Context, id int64) (Company, error) {
	v, err := b.reading(ctx)
	if err != nil {
		return Company{}, err
	}
	c, err := v.company(id)
	return c, withMergedInto(v.tx, KindCompany, id, err)
}

// FindContact returns a contact, or the fault not_found, as FindCompany does.
func (b *Records) FindContact(ctx context.Context, id int64) (Contact, error) {
	v, err := b.reading(ctx)
	if err != nil {
		return Contact{}, err
	}
	c, err := v.contact(id)
	return c, withMergedInto(v.tx, KindContact, id, err)
}

// FindLead returns a lead, or the fault not_found.
func (b *Records) FindLead(ctx context.Context, id int64) (Lead, error) {
	v, err := b.reading(ctx)
	if err != nil {
		return Lead{}, err
	}
	return v.lead(id)
}

// ListCompanies returns a page of companies, newest first.
func (b *Records) ListCompanies(ctx context.Context, f Filter) (web.List[Company], error) {
	return list(ctx, b, KindCompany, f, companyColumns, view.companies, func(r companyRow) int64 { return r.ID })
}

// ListContacts returns a page of contacts, newest first.
func (b *Records) ListContacts(ctx context.Context, f Filter) (web.List[Contact], error) {
	return list(ctx, b, KindContact, f, contactColumns, view.contacts, func(r contactRow) int64 { return r.ID })
}

// ListLeads returns a page of leads, newest first.
func (b *Records) ListLeads(ctx context.Context, f Filter) (web.List[Lead], error) {
	return list(ctx, b, KindLead, f, leadColumns, view.leads, func(r leadRow) int64 { return r.ID })
}

// related is how many records of a kind stand around a client at most.
const related = 10

// CompaniesOf returns the companies of a contact, the primary one first.
func (b *Records) CompaniesOf(ctx context.Context, contact int64) ([]Company, error) {
	return around(ctx, b, view.companies, companiesOfContact, contact)
}

// ContactsOf returns the newest contacts of a company.
func (b *Records) ContactsOf(ctx context.Context, company int64) ([]Contact, error) {
	return around(ctx, b, view.contacts, contactsOfCompany, company)
}

// LeadsOf returns the newest leads of a company or contact.
func (b *Records) LeadsOf(ctx context.Context, of Kind, id int64) ([]Lead, error) {
	if of == KindLead {
		return []Lead{}, nil
	}
	return around(ctx, b, view.leads, leadsAround(of), id)
}

// CompaniesAfter returns the next companies above an id, by id: for callers that walk through all of them.
func (b *Records) CompaniesAfter(ctx context.Context, id int64) ([]Company, error) {
	return after(ctx, b, KindCompany, companyColumns, view.companies, id)
}

// ContactsAfter is CompaniesAfter for contacts.
func (b *Records) ContactsAfter(ctx context.Context, id int64) ([]Contact, error) {
	return after(ctx, b, KindContact, contactColumns, view.contacts, id)
}

// LeadsAfter is CompaniesAfter for leads.
func (b *Records) LeadsAfter(ctx context.Context, id int64) ([]Lead, error) {
	return after(ctx, b, KindLead, leadColumns, view.leads, id)
}

func after[Row, Out any](ctx context.Context, b *Records, kind Kind, columns string,
	show func(view, []Row) ([]Out, error), id int64) ([]Out, error) {
	v, err := b.readingSlow(ctx)
	if err != nil {
		return nil, err
	}
	var rows []Row
	if err := v.tx.Select(&rows, "SELECT "+columns+" FROM "+kind.table()+
		" WHERE deleted_at = 0 AND id > ? ORDER BY id LIMIT 200", id); err != nil {
		return nil, err
	}
	return show(v, rows)
}

func (b *Records) reading(ctx context.Context) (view, error) { return b.readingOn(ctx, b.db.Read(ctx)) }

// readingSlow is reading for lists, reports and files.
func (b *Records) readingSlow(ctx context.Context) (view, error) {
	return b.readingOn(ctx, b.db.ReadSlow(ctx))
}

func (b *Records) readingOn(ctx context.Context, tx *store.Tx) (v view, err error) {
	v.tx, v.linker = tx, b.linker
	if v.org, err = b.roster.Org(ctx); err != nil {
		return v, err
	}
	v.set, err = b.directory.Set(ctx)
	return v, err
}

func around[Row, Out any](ctx context.Context, b *Records,
	show func(view, []Row) ([]Out, error), query string, id int64) ([]Out, error) {
	v, err := b.reading(ctx)
	if err != nil {
		return nil, err
	}
	var rows []Row
	if err := v.tx.Select(&rows, query, id, related); err != nil {
		return nil, err
	}
	return show(v, rows)
}

func list[Row, Out any](ctx context.Context, b *Records, kind Kind, f Filter, columns string,
	show func(view, []Row) ([]Out, error), idOf func(Row) int64) (web.List[Out], error) {
	var page web.List[Out]
	v, err := b.readingSlow(ctx)
	if err != nil {
		return page, err
	}
	where, args, err := b.choice(v, kind, f)
	if err != nil {
		return page, err
	}
	var rows []Row
	if err := v.tx.Select(&rows, pageQuery(kind, columns, where), append(args, f.Size()+1)...); err != nil {
		return page, err
	}
	cut := web.Page(rows, f.Size(), func(last Row) any { return place{idOf(last)} })
	page.NextPageToken = cut.NextPageToken
	page.Items, err = show(v, cut.Items)
	return page, err
}

// choice makes the condition of a filter, faults for what cannot be asked.
func (b *Records) choice(v view, kind Kind, f Filter) (where string, args []any, err error) {
	var wrong *fault.Error
	where = "deleted_at = 0"
	add := func(on bool, condition string, values ...any) {
		if on {
			where, args = where+" AND "+condition, append(args, values...)
		}
	}
	add(f.OwnerID != 0, "owner_id = ?", f.OwnerID)
	add(f.Q != "", "search LIKE ? ESCAPE '!'", store.Like(searchedFor(f.Q)))
	if f.Status != "" {
		status := v.set.ByCode(f.Status)
		if status == nil || kind != KindCompany {
			wrong = wrong.And("status", "unknown_status")
		} else {
			add(true, "status_id = ?", status.ID)
		}
	}
	if f.Number != "" {
		key := b.plan.ParseTyped(f.Number).Key()
		if key == 0 {
			wrong = wrong.And("number", "not_searchable")
		}
		add(true, "id IN (SELECT entity_id FROM numbers WHERE number_key = ? AND kind = ?)", key, int64(kind))
	}
	var after place
	if err := f.After(&after); err != nil {
		return "", nil, err
	}
	add(after.ID != 0, "id < ?", after.ID)
	return where, args, wrong.OrNil()
}
