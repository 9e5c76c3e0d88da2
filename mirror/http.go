package mirror

import "callhue/web"

// Routes is the mirror's table.
func (m *Mirror) Routes() []web.Route {
	const sync = "/api/v1/sources/:id/sync"
	return []web.Route{
		{Method: "GET", Path: sync, Roles: web.Admins, Summary: "How a connected CRM stands: its state, the import, what waits.", Do: web.Do(m.getSync)},
	}
}

// oneSource names a source in the path.
type oneSource struct {
	ID int64 `path:"id" json:"-"`
}

func (m *Mirror) getSync(r *web.Request, in oneSource) (Sync, error) {
	return m.Sync(r.Context(), in.ID)
}
