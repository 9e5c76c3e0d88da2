package crmsync

import (
	"callhue/internal/access"
	"callhue/internal/web"
)

// Routes is the mirror's table.
func (m *Syncer) Routes() []web.Route {
	const sync = "/api/v1/sources/:id/sync"
	return []web.Route{
		{Method: "GET", Path: sync, Roles: access.Admins, Summary: "How a connected CRM stands: its state, the import, what waits.", Do: web.Do(m.getSync)},
		{Method: "POST", Path: sync + "/import", Roles: access.Admins, Summary: "Bring everything in once more, or go on with an import that was held up.", Do: web.Do(m.postImport)},
		{Method: "GET", Path: sync + "/mapping", Roles: access.Admins, Summary: "How the words of a connected CRM are understood here.", Do: web.Do(m.getMapping)},
		{Method: "PUT", Path: sync + "/mapping", Roles: access.Admins, Summary: "Decide how the words of a connected CRM are understood; what is left out stays.", Do: web.Do(m.putMapping)},
		{Method: "GET", Path: sync + "/differences", Roles: access.Admins, Summary: "What is otherwise in the CRM and was not applied, newest first.", Do: web.Do(m.getDifferences)},
		{Method: "POST", Path: sync + "/differences/accept", Roles: access.Admins, NoIdempotencyRecord: true, Summary: "Make up to 200 records as they are in the CRM: each by itself, with what came of it.", Do: web.Do(m.postAcceptAll)},
		{Method: "POST", Path: sync + "/differences/dismiss", Roles: access.Admins, NoIdempotencyRecord: true, Summary: "Keep up to 200 records as they are here: each by itself, with what came of it.", Do: web.Do(m.postDismissAll)},
		{Method: "POST", Path: sync + "/differences/:difference/accept", Roles: access.Admins, Summary: "Make a record as it is in the CRM.", Do: web.Do(m.postAccept)},
		{Method: "POST", Path: sync + "/differences/:difference/dismiss", Roles: access.Admins, Summary: "Keep a record as it is here.", Do: web.Do(m.postDismiss)},
	}
}

// oneSource names a source in the path.
type oneSource struct {
	ID int64 `path:"id" json:"-"`
}

func (m *Syncer) getSync(r *web.Request, in oneSource) (Sync, error) {
	return m.Sync(r.Context(), in.ID)
}

func (m *Syncer) postImport(r *web.Request, in oneSource) (Sync, error) {
	return m.ImportAgain(r.Context(), in.ID)
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

type listDifferences struct {
	oneSource
	web.Paging
}

type differencePlace struct {
	Before int64 `json:"b"`
}

func (m *Syncer) getDifferences(r *web.Request, in listDifferences) (page web.List[Difference], err error) {
	var after differencePlace
	if err := in.After(&after); err != nil {
		return page, err
	}
	list, err := m.Differences(r.Context(), in.ID, after.Before, in.Size()+1)
	return web.Page(list, in.Size(), func(last Difference) any { return differencePlace{last.ID} }), err
}

type oneDifference struct {
	oneSource
	Difference int64 `path:"difference" json:"-"`
}

func (m *Syncer) postAccept(r *web.Request, in oneDifference) (web.Nothing, error) {
	return web.Nothing{}, m.Accept(r.Context(), r.User, in.ID, in.Difference)
}

func (m *Syncer) postDismiss(r *web.Request, in oneDifference) (web.Nothing, error) {
	return web.Nothing{}, m.Dismiss(r.Context(), r.User, in.ID, in.Difference)
}

type manyDifferences struct {
	oneSource
	IDs []int64 `json:"ids"`
}

func (m *Syncer) postAcceptAll(r *web.Request, in manyDifferences) (web.List[Settled], error) {
	list, err := m.AcceptAll(r.Context(), r.User, in.ID, in.IDs)
	return web.List[Settled]{Items: list}, err
}

func (m *Syncer) postDismissAll(r *web.Request, in manyDifferences) (web.List[Settled], error) {
	list, err := m.DismissAll(r.Context(), r.User, in.ID, in.IDs)
	return web.List[Settled]{Items: list}, err
}
