package crm

import (
	"context"

	"callhue/fault"
	"callhue/web"
)

// The inputs of the routes: what is in the path and the query, beside the body.

type idIn struct {
	ID int64 `path:"id" json:"-"`
}

type removeIn struct {
	idIn
	Version int64 `query:"version" json:"-"`
}

type companyIn struct {
	idIn
	CompanyChange
}

type contactIn struct {
	idIn
	ContactChange
}

type leadIn struct {
	idIn
	LeadChange
}

type convertIn struct {
	idIn
	ConvertInput
}

type statusIn struct {
	idIn
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Version int64  `json:"version"`
}

type ownerIn struct {
	idIn
	OwnerID *int64 `json:"owner_id"` // 0: nobody
	Reason  string `json:"reason"`
	Version int64  `json:"version"`
}

func listing[Out any](list func(context.Context, Filter) (Out, error)) func(*web.Request, Filter) (Out, error) {
	return func(r *web.Request, f Filter) (Out, error) { return list(r.Context(), f) }
}

func finding[Out any](find func(context.Context, int64) (Out, error)) func(*web.Request, idIn) (Out, error) {
	return func(r *web.Request, in idIn) (Out, error) { return find(r.Context(), in.ID) }
}

func adding[In, Out any](add func(context.Context, *web.User, In) (Out, error)) func(*web.Request, In) (Out, error) {
	return func(r *web.Request, in In) (Out, error) { return add(r.Context(), r.User, in) }
}

func removing(remove func(ctx context.Context, by *web.User, id, version int64) error) func(*web.Request, removeIn) (web.Nothing, error) {
	return func(r *web.Request, in removeIn) (web.Nothing, error) {
		return web.Nothing{}, remove(r.Context(), r.User, in.ID, in.Version)
	}
}

func (b *Book) putCompany(r *web.Request, in companyIn) (Company, error) {
	return b.ChangeCompany(r.Context(), r.User, in.ID, in.CompanyChange)
}

func (b *Book) putContact(r *web.Request, in contactIn) (Contact, error) {
	return b.ChangeContact(r.Context(), r.User, in.ID, in.ContactChange)
}

func (b *Book) putLead(r *web.Request, in leadIn) (Lead, error) {
	return b.ChangeLead(r.Context(), r.User, in.ID, in.LeadChange)
}

func (b *Book) putStatus(r *web.Request, in statusIn) (Company, error) {
	return b.SetStatus(r.Context(), r.User, in.ID, in.Status, in.Reason, in.Version)
}

func (b *Book) putOwner(r *web.Request, in ownerIn) (Company, error) {
	if in.OwnerID == nil {
		return Company{}, fault.Invalid("owner_id", "required")
	}
	return b.SetOwner(r.Context(), r.User, in.ID, *in.OwnerID, in.Reason, in.Version)
}

func (b *Book) postConvert(r *web.Request, in convertIn) (Converted, error) {
	return b.Convert(r.Context(), r.User, in.ID, in.ConvertInput)
}
