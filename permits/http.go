package permits

import (
	"callhue/internal/access"
	"callhue/internal/web"
)

// Routes is the room's table. Who may give, end and decide is asked inside each
// write: a head needs no role for it.
func (b *Registry) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/api/v1/permits", Roles: access.Staff, Do: web.Do(b.listPermits),
			Summary: "Permits, newest first: one's own, those one gave, and those of the people and companies that one heads."},
		{Method: "POST", Path: "/api/v1/permits", Roles: access.Staff, Status: 201, Do: web.Do(b.postPermit),
			Summary: "Let an agent work with a company for some hours: only a head of its owner or an admin, and not for himself."},
		{Method: "DELETE", Path: "/api/v1/permits/:id", Roles: access.Staff, Do: web.Do(b.deletePermit),
			Summary: "End a permit now; it ends by itself at its time."},
		{Method: "GET", Path: "/api/v1/asks", Roles: access.Staff, Do: web.Do(b.listAsks),
			Summary: "Asks, newest first: one's own, and those that one may decide."},
		{Method: "POST", Path: "/api/v1/asks", Roles: access.Staff, Status: 201, Do: web.Do(b.postAsk),
			Summary: "Ask for a permit, or for another owner; while such an ask is open, the same one is answered."},
		{Method: "GET", Path: "/api/v1/asks/count", Roles: access.Staff, Do: web.Do(b.countAsks),
			Summary: "How many open asks wait for one's decision."},
		{Method: "GET", Path: "/api/v1/asks/:id", Roles: access.Staff, Do: web.Do(b.getAsk),
			Summary: "One ask."},
		{Method: "POST", Path: "/api/v1/asks/:id/grant", Roles: access.Staff, Do: web.Do(b.grantAsk),
			Summary: "Say yes: the permit is given, or the owner set, at once."},
		{Method: "POST", Path: "/api/v1/asks/:id/refuse", Roles: access.Staff, Do: web.Do(b.refuseAsk),
			Summary: "Say no, with a reason."},
		{Method: "POST", Path: "/api/v1/asks/:id/done", Roles: access.Staff, Do: web.Do(b.finishAsk),
			Summary: "Take one's own ask back, or put an owner_left away."},
	}
}

type idIn struct {
	ID int64 `path:"id" json:"-"`
}

type yesIn struct {
	idIn
	Yes
}

type noIn struct {
	idIn
	Reason string `json:"reason"`
}

type doneIn struct {
	idIn
	Reason string `json:"reason,omitempty"`
}

func (b *Registry) listPermits(r *web.Request, f PermitFilter) (web.List[Permit], error) {
	return b.Permits(r.Context(), r.User, f)
}

func (b *Registry) postPermit(r *web.Request, in NewPermit) (Permit, error) {
	return b.Grant(r.Context(), r.User, in)
}

func (b *Registry) deletePermit(r *web.Request, in idIn) (web.Nothing, error) {
	return web.Nothing{}, b.End(r.Context(), r.User, in.ID)
}

func (b *Registry) listAsks(r *web.Request, f AskFilter) (web.List[Ask], error) {
	return b.Asks(r.Context(), r.User, f)
}

func (b *Registry) postAsk(r *web.Request, in NewAsk) (Ask, error) {
	return b.Ask(r.Context(), r.User, in)
}

func (b *Registry) countAsks(r *web.Request, _ web.Nothing) (AskCount, error) {
	return b.CountAsks(r.Context(), r.User)
}

func (b *Registry) getAsk(r *web.Request, in idIn) (Ask, error) {
	return b.FindAsk(r.Context(), r.User, in.ID)
}

func (b *Registry) grantAsk(r *web.Request, in yesIn) (Ask, error) {
	return b.GrantAsk(r.Context(), r.User, in.ID, in.Yes)
}

func (b *Registry) refuseAsk(r *web.Request, in noIn) (Ask, error) {
	return b.RefuseAsk(r.Context(), r.User, in.ID, in.Reason)
}

func (b *Registry) finishAsk(r *web.Request, in doneIn) (Ask, error) {
	return b.FinishAsk(r.Context(), r.User, in.ID, in.Reason)
}
