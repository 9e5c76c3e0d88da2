package permits

import (
	"callhue/internal/access"
	"callhue/internal/web"
)

// Routes is the package's route table. Rights are checked inside each write: a head needs no role.
func (b *Registry) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/api/v1/permits", Roles: access.Staff, Do: web.Do(b.listPermits),
			Summary: "List permits, newest first: your own, those you granted, and those of your people"},
		{Method: "POST", Path: "/api/v1/permits", Roles: access.Staff, Status: 201, Do: web.DoAdd(b.Grant),
			Summary: "Grant a permit; for heads of the company's owner and administrators"},
		{Method: "DELETE", Path: "/api/v1/permits/:id", Roles: access.Staff, Do: web.DoRemove(b.End),
			Summary: "End a permit"},
		{Method: "GET", Path: "/api/v1/asks", Roles: access.Staff, Do: web.Do(b.listAsks),
			Summary: "List requests, newest first: your own, and those you may decide"},
		{Method: "POST", Path: "/api/v1/asks", Roles: access.Staff, Status: 201, Do: web.DoAdd(b.Ask),
			Summary: "Request a permit or another owner; returns your open request if there is one"},
		{Method: "GET", Path: "/api/v1/asks/count", Roles: access.Staff, Do: web.Do(b.countAsks),
			Summary: "Count the requests that wait for your decision"},
		{Method: "GET", Path: "/api/v1/asks/:id", Roles: access.Staff, Do: web.Do(b.getAsk),
			Summary: "Show a request"},
		{Method: "POST", Path: "/api/v1/asks/:id/grant", Roles: access.Staff, Do: web.Do(b.grantAsk),
			Summary: "Grant a request: the permit is granted, or the owner set, at once"},
		{Method: "POST", Path: "/api/v1/asks/:id/refuse", Roles: access.Staff, Do: web.Do(b.refuseAsk),
			Summary: "Refuse a request, with a reason"},
		{Method: "POST", Path: "/api/v1/asks/:id/done", Roles: access.Staff, Do: web.Do(b.finishAsk),
			Summary: "Withdraw your own request, or close one about an owner who has left"},
	}
}

type grantAskIn struct {
	web.RowID
	AskGrant
}

type refuseAskIn struct {
	web.RowID
	Reason string `json:"reason"`
}

type finishAskIn struct {
	web.RowID
	Reason string `json:"reason,omitempty"`
}

func (b *Registry) listPermits(r *web.Request, f PermitFilter) (web.List[Permit], error) {
	return b.Permits(r.Context(), r.User, f)
}

func (b *Registry) listAsks(r *web.Request, f AskFilter) (web.List[Ask], error) {
	return b.Asks(r.Context(), r.User, f)
}

func (b *Registry) countAsks(r *web.Request, _ web.Nothing) (AskCount, error) {
	return b.CountAsks(r.Context(), r.User)
}

func (b *Registry) getAsk(r *web.Request, in web.RowID) (Ask, error) {
	return b.FindAsk(r.Context(), r.User, in.ID)
}

func (b *Registry) grantAsk(r *web.Request, in grantAskIn) (Ask, error) {
	return b.GrantAsk(r.Context(), r.User, in.ID, in.AskGrant)
}

func (b *Registry) refuseAsk(r *web.Request, in refuseAskIn) (Ask, error) {
	return b.RefuseAsk(r.Context(), r.User, in.ID, in.Reason)
}

func (b *Registry) finishAsk(r *web.Request, in finishAskIn) (Ask, error) {
	return b.FinishAsk(r.Context(), r.User, in.ID, in.Reason)
}
