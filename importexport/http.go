package importexport

import (
	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/web"
)

// Routes are the room's rows of the API: everything about one person, for admins.
func (c *Importer) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/api/v1/contacts/:id/person", Roles: access.Admins, Summary: "Everything that is kept about the person of a contact.", Do: web.Do(c.getPerson(crm.KindContact))},
		{Method: "GET", Path: "/api/v1/leads/:id/person", Roles: access.Admins, Summary: "Everything that is kept about the person of a lead.", Do: web.Do(c.getPerson(crm.KindLead))},
		{Method: "POST", Path: "/api/v1/contacts/:id/erase", Roles: access.Admins, Summary: "Erase everything personal about a contact: his leads, calls and history too. It cannot be undone.", Do: web.Do(c.postErase(crm.KindContact))},
		{Method: "POST", Path: "/api/v1/leads/:id/erase", Roles: access.Admins, Summary: "Erase everything personal about a lead, as for a contact.", Do: web.Do(c.postErase(crm.KindLead))},
	}
}

type personIn struct {
	ID int64 `path:"id" json:"-"`
}

type eraseIn struct {
	personIn
	Reason string `json:"reason"` // kept in the journal, unless it names him
}

func (c *Importer) getPerson(kind crm.Kind) func(*web.Request, personIn) (Person, error) {
	return func(r *web.Request, in personIn) (Person, error) { return c.PersonOf(r.Context(), kind, in.ID) }
}

func (c *Importer) postErase(kind crm.Kind) func(*web.Request, eraseIn) (Erasure, error) {
	return func(r *web.Request, in eraseIn) (Erasure, error) {
		return c.Erase(r.Context(), r.User, kind, in.ID, in.Reason)
	}
}
