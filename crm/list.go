package crm

import (
	"context"
	"math"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
)

// Filter chooses records of a list; empty fields do not choose.
type Filter struct {
	Q       string `query:"q" json:"-"`      // words of a name, a part of a phone, an e-mail
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
	where, args, below, err := b.choice(v, kind, f)
	if err != nil {
		return page, err
	}
	var rows []Row
	if strings.TrimSpace(f.Q) == "" {
		where, args = where+" AND id < ?", append(args, below)
		err = v.tx.Select(&rows, pageQuery(kind, columns, where), append(args, f.Size()+1)...)
	} else {
		s := search{tx: v.tx, kind: kind, terms: parseQuery(b.plan, f.Q), where: where, args: args}
		var ids []int64
		if ids, err = s.newest(below, f.Size()+1); err == nil {
			err = pageOf(v.tx, kind, columns, ids, &rows)
		}
	}
	if err != nil {
		return page, err
	}
	cut := web.Page(rows, f.Size(), func(last Row) any { return place{idOf(last)} })
	page.NextPageToken = cut.NextPageToken
	page.Items, err = show(v, cut.Items)
	return page, err
}

// choice makes the condition of a filter, all but its Q, and returns below which id its page begins. Faults are for
// what cannot be asked.
func (b *Records) choice(v view, kind Kind, f Filter) (where string, args []any, below int64, err error) {
	var wrong *fault.Error
	where = "deleted_at = 0"
	add := func(condition string, value ...any) {
		where, args = where+" AND "+condition, append(args, value...)
	}
	if f.OwnerID != 0 {
		add("owner_id = ?", f.OwnerID)
	}
	if f.Status != "" {
		status := v.set.ByCode(f.Status)
		if status == nil || kind != KindCompany {
			wrong = wrong.And("status", "unknown_status")
		} else {
			add("status_id = ?", status.ID)
		}
	}
	if f.Number != "" {
		key := b.plan.ParseTyped(f.Number).Key()
		if key == 0 {
			wrong = wrong.And("number", "not_searchable")
		}
		add("id IN (SELECT entity_id FROM numbers WHERE number_key = ? AND kind = ?)", key, int64(kind))
	}
	after := place{ID: math.MaxInt64}
	if err := f.After(&after); err != nil {
		return "", nil, 0, err
	}
	return where, args, after.ID, wrong.OrNil()
}
