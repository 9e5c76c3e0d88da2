package importexport

import (
	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/web"
)

// Routes returns the API of imports, and that for the data of one person.
func (c *Importer) Routes() []web.Route { return append(c.importRoutes(), c.subjectRoutes()...) }

// subjectRoutes returns the API for the data of one person, for admins.
func (c *Importer) subjectRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/api/v1/contacts/:id/person", Slow: true, Roles: access.Admins,
			Summary: "Get all data about the person of a contact",
			Do:      web.Do(c.getPersonalData(crm.KindContact))},
		{Method: "GET", Path: "/api/v1/leads/:id/person", Slow: true, Roles: access.Admins,
			Summary: "Get all data about the person of a lead",
			Do:      web.Do(c.getPersonalData(crm.KindLead))},
		{Method: "POST", Path: "/api/v1/contacts/:id/erase", Roles: access.Admins,
			Summary: "Erase the personal data of a contact, its leads, calls and history; this cannot be undone",
			Do:      web.Do(c.postErase(crm.KindContact))},
		{Method: "POST", Path: "/api/v1/leads/:id/erase", Roles: access.Admins,
			Summary: "Erase the personal data of a lead",
			Do:      web.Do(c.postErase(crm.KindLead))},
	}
}

type subjectInput struct {
	ID int64 `path:"id" json:"-"`
}

type eraseInput struct {
	subjectInput
	Reason string `json:"reason"` // kept in the journal, unless it names the person
}

func (c *Importer) getPersonalData(kind crm.Kind) func(*web.Request, subjectInput) (PersonalData, error) {
	return func(r *web.Request, in subjectInput) (PersonalData, error) {
		return c.FindPersonalData(r.Context(), kind, in.ID)
	}
}

func (c *Importer) postErase(kind crm.Kind) func(*web.Request, eraseInput) (Erasure, error) {
	return func(r *web.Request, in eraseInput) (Erasure, error) {
		return c.Erase(r.Context(), r.User, kind, in.ID, in.Reason)
	}
}
