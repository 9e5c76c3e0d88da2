package statuses

import (
	"callhue/internal/access"
	"callhue/internal/web"
)

// Routes returns the routes of the directory. An entry is addressed by its code.
func (d *Directory) Routes() []web.Route {
	const all, one = "/api/v1/statuses", "/api/v1/statuses/:status"
	return []web.Route{
		{Method: "GET", Path: all, Roles: access.Askers, Summary: "List company statuses by sort number",
			Do: web.Do(d.list)},
		{Method: "POST", Path: all, Roles: access.Heads, Summary: "Add a status", Do: web.DoAdd(d.Add), Status: 201,
			MayWait: true},
		{Method: "GET", Path: one, Roles: access.Askers, Summary: "Get a status", Do: web.Do(d.find)},
		{Method: "PUT", Path: one, Roles: access.Heads, Summary: "Change a status; omitted fields stay",
			Do: web.Do(d.changeOne), MayWait: true},
		{Method: "DELETE", Path: one, Roles: access.Heads, Summary: "Remove a status that no company has",
			Do: web.Do(d.removeOne)},
	}
}

func (d *Directory) list(q *web.Request, _ web.Nothing) (list web.List[*Status], err error) {
	set, err := d.Set(q.Context())
	if err != nil {
		return list, err
	}
	return web.Page(set.all, len(set.all), func(*Status) any { return nil }), nil
}

type oneIn struct {
	Status string `path:"status" json:"-"`
}

func (d *Directory) find(q *web.Request, in oneIn) (*Status, error) {
	return d.Find(q.Context(), in.Status)
}

type changeIn struct {
	oneIn
	StatusChange
}

func (d *Directory) changeOne(q *web.Request, in changeIn) (*Status, error) {
	return d.Change(q.Context(), q.User, in.Status, in.StatusChange)
}

func (d *Directory) removeOne(q *web.Request, in oneIn) (web.Nothing, error) {
	return web.Nothing{}, d.Remove(q.Context(), q.User, in.Status)
}
