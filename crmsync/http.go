package crmsync

import (
	"callhue/internal/access"
	"callhue/internal/web"
)

// Routes returns the routes of the sync, and those of systems that push their records.
func (m *Syncer) Routes() []web.Route {
	const sync = "/api/v1/sources/:id/sync"
	return append([]web.Route{
		{
			Method:  "GET",
			Path:    sync,
			Roles:   access.Admins,
			Summary: "Show the sync status of a connected CRM",
			Do:      web.Do(m.getSync),
		},
		{
			Method:  "POST",
			Path:    sync + "/import",
			Roles:   access.Admins,
			Summary: "Start a full sync, or retry one that is interrupted",
			Do:      web.Do(m.postImport),
		},
		{
			Method:  "GET",
			Path:    sync + "/mapping",
			Roles:   access.Admins,
			Summary: "Show the mapping of a connected CRM",
			Do:      web.Do(m.getMapping),
		},
		{
			Method:  "PUT",
			Path:    sync + "/mapping",
			Roles:   access.Admins,
			Summary: "Change the mapping of a connected CRM; omitted fields stay",
			Do:      web.Do(m.putMapping),
		},
		{
			Method:  "GET",
			Path:    sync + "/conflicts",
			Roles:   access.Admins,
			Summary: "List values of the CRM that were not applied, newest first",
			Do:      web.Do(m.getConflicts),
		},
		{
			Method:              "POST",
			Path:                sync + "/conflicts/accept",
			Roles:               access.Admins,
			NoIdempotencyRecord: true,
			Summary:             "Accept the CRM's values of up to 200 conflicts, with a result for each",
			Do:                  web.Do(m.postAcceptAll),
		},
		{
			Method:              "POST",
			Path:                sync + "/conflicts/dismiss",
			Roles:               access.Admins,
			NoIdempotencyRecord: true,
			Summary:             "Dismiss up to 200 conflicts, with a result for each",
			Do:                  web.Do(m.postDismissAll),
		},
		{
			Method:  "POST",
			Path:    sync + "/conflicts/:conflict/accept",
			Roles:   access.Admins,
			Summary: "Accept the CRM's value of a conflict",
			Do:      web.Do(m.postAccept),
		},
		{
			Method:  "POST",
			Path:    sync + "/conflicts/:conflict/dismiss",
			Roles:   access.Admins,
			Summary: "Dismiss a conflict and keep the record as it is",
			Do:      web.Do(m.postDismiss),
		},
	}, m.pushRoutes()...)
}

// oneSource names a source in the path.
type oneSource struct {
	ID int64 `path:"id" json:"-"`
}

func (m *Syncer) getSync(r *web.Request, in oneSource) (Sync, error) {
	return m.Sync(r.Context(), in.ID)
}

func (m *Syncer) postImport(r *web.Request, in oneSource) (Sync, error) {
	return m.RequestFullSync(r.Context(), in.ID)
}

func (m *Syncer) getMapping(r *web.Request, in oneSource) (Mapping, error) {
	return m.MappingOf(r.Context(), in.ID)
}

type putMappingIn struct {
	oneSource
	MappingChange
}

func (m *Syncer) putMapping(r *web.Request, in putMappingIn) (Mapping, error) {
	return m.ChangeMapping(r.Context(), r.User.ID, in.ID, in.MappingChange)
}

type listConflicts struct {
	oneSource
	web.Paging
}

type conflictCursor struct {
	Before int64 `json:"b"`
}

func (m *Syncer) getConflicts(r *web.Request, in listConflicts) (page web.List[Conflict], err error) {
	var after conflictCursor
	if err := in.After(&after); err != nil {
		return page, err
	}
	list, err := m.Conflicts(r.Context(), in.ID, after.Before, in.Size()+1)
	return web.Page(list, in.Size(), func(last Conflict) any { return conflictCursor{last.ID} }), err
}

type oneConflict struct {
	oneSource
	Conflict int64 `path:"conflict" json:"-"`
}

func (m *Syncer) postAccept(r *web.Request, in oneConflict) (web.Nothing, error) {
	return web.Nothing{}, m.Accept(r.Context(), r.User, in.ID, in.Conflict)
}

func (m *Syncer) postDismiss(r *web.Request, in oneConflict) (web.Nothing, error) {
	return web.Nothing{}, m.Dismiss(r.Context(), r.User, in.ID, in.Conflict)
}

type manyConflicts struct {
	oneSource
	IDs []int64 `json:"ids"`
}

func (m *Syncer) postAcceptAll(r *web.Request, in manyConflicts) (web.List[DecisionResult], error) {
	list, err := m.AcceptAll(r.Context(), r.User, in.ID, in.IDs)
	return web.List[DecisionResult]{Items: list}, err
}

func (m *Syncer) postDismissAll(r *web.Request, in manyConflicts) (web.List[DecisionResult], error) {
	list, err := m.DismissAll(r.Context(), r.User, in.ID, in.IDs)
	return web.List[DecisionResult]{Items: list}, err
}
