package incidents

import (
	"callhue/internal/access"
	"callhue/internal/web"
)

// Routes returns the API of incidents.
func (r *Registry) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/api/v1/incidents", Slow: true, Roles: access.Askers,
			Do:      web.DoSheet(r.list, r.listFile),
			Summary: "List incidents, the latest first: an agent's own and those with their clients, a head's departments, all for an admin"},
		{Method: "GET", Path: "/api/v1/incidents/:id", Roles: access.Askers, Do: web.Do(r.find),
			Summary: "Get an incident"},
		{Method: "POST", Path: "/api/v1/incidents/:id/acknowledge", Roles: access.Staff, Do: web.Do(r.acknowledge),
			Summary: "Acknowledge an incident with a reason, as a head of its agent or owner or as an admin"},
		{Method: "GET", Path: "/api/v1/reports/incidents", Slow: true, Roles: access.Askers,
			Do:      web.DoSheet(r.reportPage, r.reportFile),
			Summary: "Count the visible incidents by agent, owner, company or day"},
	}
}

// ListInput asks for a page of incidents, or for a file.
type ListInput struct {
	web.Paging
	web.Sheet
	FilterInput
}

// ReportInput asks for the number of incidents by agent, owner, company or day.
type ReportInput struct {
	web.Paging
	web.Sheet
	FilterInput
	By   ReportBy `query:"by" json:"-" doc:"agent unless set."`
	Zone string   `query:"zone" json:"-" doc:"Where a day begins and ends, such as Europe/Moscow; UTC unless set."`
}

type incidentPath struct {
	ID int64 `path:"id" json:"-"`
}

func (r *Registry) list(q *web.Request, in ListInput) (web.List[Incident], error) {
	return r.List(q.Context(), q.User, in)
}

func (r *Registry) listFile(q *web.Request, in ListInput) (web.CSV, error) {
	org, f, err := r.filter(q.Context(), q.User, in.FilterInput)
	return r.file(org, f), err
}

func (r *Registry) find(q *web.Request, in incidentPath) (Incident, error) {
	return r.Find(q.Context(), q.User, in.ID)
}

func (r *Registry) acknowledge(q *web.Request, in AcknowledgeInput) (Incident, error) {
	return r.Acknowledge(q.Context(), q.User, in)
}

func (r *Registry) reportPage(q *web.Request, in ReportInput) (web.List[IncidentsLine], error) {
	none := web.List[IncidentsLine]{}
	asked, err := r.report(q.Context(), q.User, in)
	if err != nil {
		return none, err
	}
	var after sumCursor
	if err := in.After(&after); err != nil {
		return none, err
	}
	lines, err := asked.lines(q.Context(), after, in.Size()+1)
	if err != nil {
		return none, err
	}
	return web.Page(lines, in.Size(), func(last IncidentsLine) any { return asked.cursor(last) }), nil
}

func (r *Registry) reportFile(q *web.Request, in ReportInput) (web.CSV, error) {
	asked, err := r.report(q.Context(), q.User, in)
	if err != nil {
		return web.CSV{}, err
	}
	return asked.file(), nil
}
