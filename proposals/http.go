package proposals

import (
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
)

// Routes returns the route table. Who may decide is checked inside each write.
func (r *Registry) Routes() []web.Route {
	const all, one = "/api/v1/changes", "/api/v1/changes/:id"
	return []web.Route{
		{Method: "GET", Path: all, Roles: access.Heads, Do: web.Do(r.list), Waiting: &Waiting{},
			Summary: "List changes that lower protection, newest first: all for administrators, else your own"},
		{Method: "GET", Path: all + "/count", Roles: access.Heads, Do: web.Do(r.count),
			Summary: "Count the changes that wait for your decision"},
		{Method: "GET", Path: one, Roles: access.Heads, Do: web.Do(r.find), Summary: "Show a change"},
		{Method: "POST", Path: one + "/confirm", Roles: access.Heads, Do: web.Do(r.confirm),
			Summary: "Confirm a change; for an administrator other than its proposer, in a browser"},
		{Method: "POST", Path: one + "/refuse", Roles: access.Heads, Do: web.Do(r.refuse),
			Summary: "Refuse a change, with a reason"},
		{Method: "POST", Path: one + "/withdraw", Roles: access.Heads, Do: web.Do(r.withdraw),
			Summary: "Withdraw your own change"},
	}
}

func (r *Registry) list(q *web.Request, f Filter) (web.List[Change], error) {
	return r.List(q.Context(), q.User, f)
}

func (r *Registry) count(q *web.Request, _ web.Nothing) (Count, error) {
	return r.CountOpen(q.Context(), q.User)
}

func (r *Registry) find(q *web.Request, in web.RowID) (Change, error) {
	return r.Find(q.Context(), q.User, in.ID)
}

type confirmIn struct {
	web.RowID
	Sign
}

// confirm refuses a token: it may be in a script of the proposer.
func (r *Registry) confirm(q *web.Request, in confirmIn) (Change, error) {
	if q.Bearer() != "" {
		return Change{}, fault.Forbidden("session_needed")
	}
	in.Address = q.Address()
	return r.Confirm(q.Context(), q.User, in.ID, in.Sign)
}

type refuseIn struct {
	web.RowID
	Reason string `json:"reason"`
}

func (r *Registry) refuse(q *web.Request, in refuseIn) (Change, error) {
	return r.Refuse(q.Context(), q.User, in.ID, in.Reason)
}

func (r *Registry) withdraw(q *web.Request, in web.RowID) (Change, error) {
	return r.Withdraw(q.Context(), q.User, in.ID)
}
