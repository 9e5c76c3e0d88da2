package crm

import (
	"context"
	"iter"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
)

// Routes returns the routes of records. Agents may add and change records; what they may do to a company is decided by
// the table of rights inside each write.
func (b *Records) Routes() []web.Route {
	return append([]web.Route{
		{Method: "GET", Path: "/api/v1/companies", Slow: true, Reads: true, Roles: access.Askers,
			Summary: "List companies, newest first", Do: web.DoFileList(b.ListCompanies, companyTable())},
		{Method: "POST", Path: "/api/v1/companies", Roles: access.Staff,
			Summary: "Add a company with the default status", Status: 201, Do: web.DoAdd(b.AddCompany)},
		{Method: "GET", Path: "/api/v1/companies/:id", Roles: access.Askers, Reads: true, Summary: "Get a company",
			Do: web.DoFind(b.FindCompany)},
		{Method: "PUT", Path: "/api/v1/companies/:id", Roles: access.Staff,
			Summary: "Change the given fields of a company", Do: web.Do(b.putCompany)},
		{Method: "DELETE", Path: "/api/v1/companies/:id", Roles: access.Staff,
			Summary: "Remove a company; its contacts and leads stay", Do: web.Do(removing(b.RemoveCompany))},
		{Method: "PUT", Path: "/api/v1/companies/:id/status", Roles: access.Staff,
			Summary: "Change the status of a company, as the owner's head or an admin", Do: web.Do(b.putStatus)},
		{Method: "PUT", Path: "/api/v1/companies/:id/owner", Roles: access.Staff,
			Summary: "Change the owner of a company; of a protected one only as the owner's head or an admin",
			Do:      web.Do(b.putOwner)},
		{Method: "POST", Path: "/api/v1/companies/:id/merge", Roles: access.Staff,
			Summary: "Merge other companies into this one; the strictest status and the oldest owner stay",
			Do:      web.Do(b.mergeCompanies)},

		{Method: "GET", Path: "/api/v1/contacts", Slow: true, Reads: true, Roles: access.Askers,
			Summary: "List contacts, newest first", Do: web.DoFileList(b.ListContacts, contactTable())},
		{Method: "POST", Path: "/api/v1/contacts", Roles: access.Staff, Summary: "Add a contact", Status: 201,
			Do: web.DoAdd(b.AddContact)},
		{Method: "GET", Path: "/api/v1/contacts/:id", Roles: access.Askers, Reads: true, Summary: "Get a contact",
			Do: web.DoFind(b.FindContact)},
		{Method: "PUT", Path: "/api/v1/contacts/:id", Roles: access.Staff,
			Summary: "Change the given fields of a contact", Do: web.Do(b.putContact)},
		{Method: "DELETE", Path: "/api/v1/contacts/:id", Roles: access.Staff, Summary: "Remove a contact",
			Do: web.Do(removing(b.RemoveContact))},
		{Method: "POST", Path: "/api/v1/contacts/:id/merge", Roles: access.Staff,
			Summary: "Merge other contacts into this one; the oldest owner stays", Do: web.Do(b.mergeContacts)},

		{Method: "GET", Path: "/api/v1/leads", Slow: true, Reads: true, Roles: access.Askers,
			Summary: "List leads, newest first", Do: web.DoFileList(b.ListLeads, leadTable())},
		{Method: "POST", Path: "/api/v1/leads", Roles: access.Staff, Summary: "Add a lead", Status: 201,
			Do: web.DoAdd(b.AddLead)},
		{Method: "GET", Path: "/api/v1/leads/:id", Roles: access.Askers, Reads: true, Summary: "Get a lead",
			Do: web.DoFind(b.FindLead)},
		{Method: "PUT", Path: "/api/v1/leads/:id", Roles: access.Staff, Summary: "Change the given fields of a lead",
			Do: web.Do(b.putLead)},
		{Method: "DELETE", Path: "/api/v1/leads/:id", Roles: access.Staff, Summary: "Remove a lead",
			Do: web.Do(removing(b.RemoveLead))},

		{Method: "POST", Path: "/api/v1/leads/:id/convert", Roles: access.Staff,
			Summary: "Convert a lead into a company, a contact, or both", Do: web.Do(b.postConvert)},

		{Method: "GET", Path: "/api/v1/search", Slow: true, Reads: true, Roles: access.Askers,
			Summary: "Search companies, contacts, leads and users by words, numbers and e-mails, the best first",
			Do:      web.Do(b.getSearch)},

		{Method: "GET", Path: "/api/v1/reports/data-quality", Slow: true, Roles: access.Heads,
			Summary: "Count the flaws of the records", Do: web.Do(b.getQuality)},
		{Method: "GET", Path: "/api/v1/reports/data-quality/:report", Slow: true, Reads: true, Roles: access.Heads,
			Summary: "List the lines of a report; with format=csv as a file",
			Do:      web.DoSheet(b.getFlaws, b.flawsFile)},
	}, slices.Concat(b.doNotCallRoutes(), b.duplicateRoutes(), b.mergeRoutes())...)
}

// The inputs of the routes: what is in the path and the query, beside the body.

type removeIn struct {
	web.RowID
	Version int64 `query:"version" json:"-"`
}

type companyIn struct {
	web.RowID
	CompanyChange
}

type contactIn struct {
	web.RowID
	ContactChange
}

type leadIn struct {
	web.RowID
	LeadChange
}

type convertIn struct {
	web.RowID
	ConvertInput
}

type mergeIn struct {
	web.RowID
	Merge
}

type statusIn struct {
	web.RowID
	Status  string `json:"status"`
	Reason  string `json:"reason,omitempty"`
	Version int64  `json:"version"`
}

type ownerIn struct {
	web.RowID
	OwnerID *int64 `json:"owner_id"` // 0: no one
	Reason  string `json:"reason,omitempty"`
	Version int64  `json:"version"`
}

type flawsIn struct {
	Report Report `path:"report" json:"-"`
	web.Paging
	web.Sheet
}

func removing(remove func(ctx context.Context, by *access.User, id,
	version int64) error) func(*web.Request, removeIn) (web.Nothing, error) {
	return func(r *web.Request, in removeIn) (web.Nothing, error) {
		return web.Nothing{}, remove(r.Context(), r.User, in.ID, in.Version)
	}
}

func (b *Records) putCompany(r *web.Request, in companyIn) (Company, error) {
	return b.ChangeCompany(r.Context(), r.User, in.ID, in.CompanyChange)
}

func (b *Records) putContact(r *web.Request, in contactIn) (Contact, error) {
	return b.ChangeContact(r.Context(), r.User, in.ID, in.ContactChange)
}

func (b *Records) putLead(r *web.Request, in leadIn) (Lead, error) {
	return b.ChangeLead(r.Context(), r.User, in.ID, in.LeadChange)
}

func (b *Records) putStatus(r *web.Request, in statusIn) (Company, error) {
	return b.SetStatus(r.Context(), r.User, in.ID, in.Status, in.Reason, in.Version)
}

func (b *Records) putOwner(r *web.Request, in ownerIn) (Company, error) {
	if in.OwnerID == nil {
		return Company{}, fault.Invalid("owner_id", "required")
	}
	return b.SetOwner(r.Context(), r.User, in.ID, *in.OwnerID, in.Reason, in.Version)
}

func (b *Records) mergeCompanies(r *web.Request, in mergeIn) (Company, error) {
	return b.MergeCompanies(r.Context(), r.User, in.ID, in.Merge)
}

func (b *Records) mergeContacts(r *web.Request, in mergeIn) (Contact, error) {
	return b.MergeContacts(r.Context(), r.User, in.ID, in.Merge)
}

func (b *Records) postConvert(r *web.Request, in convertIn) (Converted, error) {
	return b.Convert(r.Context(), r.User, in.ID, in.ConvertInput)
}

func (b *Records) getQuality(r *web.Request, _ web.Nothing) (Quality, error) {
	return b.Quality(r.Context())
}

func (b *Records) getFlaws(r *web.Request, in flawsIn) (web.List[Flaw], error) {
	return b.Flaws(r.Context(), in.Report, in.Paging)
}

// flawsFile is a report as a file: a line for each record.
func (b *Records) flawsFile(_ *web.Request, in flawsIn) (web.CSV, error) {
	if !slices.Contains(reports[:], in.Report) {
		return web.CSV{}, fault.Missing("report")
	}
	return web.CSV{Name: string(in.Report), Header: []string{"value", "kind", "id", "name", "owner", "status",
		"company", "updated_at"}, Rows: func(ctx context.Context) iter.Seq2[[]any, error] {
		return func(yield func([]any, error) bool) {
			for f, err := range b.EachFlaw(ctx, in.Report) {
				if !yield(f.cells(), err) || err != nil {
					return
				}
			}
		}
	}}, nil
}

func (f Flaw) cells() []any {
	var owner, status, company string
	if f.Owner != nil {
		owner = f.Owner.Name
	}
	if f.Status != nil {
		status = f.Status.Code
	}
	if f.Company != nil {
		company = f.Company.Name
	}
	return []any{f.Value, f.Kind, f.ID, f.Name, owner, status, company, f.UpdatedAt}
}
