package crm

import "callhue/web"

// Routes are the room's rows of the API. Agents may add and change records;
// what they may do to a company is the table of rights, asked inside each write.
func (b *Book) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/api/v1/companies", Roles: web.Askers, Summary: "Companies, newest first.", Do: web.Do(listing(b.ListCompanies))},
		{Method: "POST", Path: "/api/v1/companies", Roles: web.Staff, Summary: "Add a company; it gets the default status.", Status: 201, Do: web.Do(adding(b.AddCompany))},
		{Method: "GET", Path: "/api/v1/companies/:id", Roles: web.Askers, Summary: "A company.", Do: web.Do(finding(b.FindCompany))},
		{Method: "PUT", Path: "/api/v1/companies/:id", Roles: web.Staff, Summary: "Change the given fields of a company.", Do: web.Do(b.putCompany)},
		{Method: "DELETE", Path: "/api/v1/companies/:id", Roles: web.Staff, Summary: "Remove a company; its contacts and leads stay.", Do: web.Do(removing(b.RemoveCompany))},
		{Method: "PUT", Path: "/api/v1/companies/:id/status", Roles: web.Staff, Summary: "Give a company another status: only the owner's head or an admin.", Do: web.Do(b.putStatus)},
		{Method: "PUT", Path: "/api/v1/companies/:id/owner", Roles: web.Staff, Summary: "Give a company another owner: of a protected one only the owner's head or an admin.", Do: web.Do(b.putOwner)},

		{Method: "GET", Path: "/api/v1/contacts", Roles: web.Askers, Summary: "Contacts, newest first.", Do: web.Do(listing(b.ListContacts))},
		{Method: "POST", Path: "/api/v1/contacts", Roles: web.Staff, Summary: "Add a contact.", Status: 201, Do: web.Do(adding(b.AddContact))},
		{Method: "GET", Path: "/api/v1/contacts/:id", Roles: web.Askers, Summary: "A contact.", Do: web.Do(finding(b.FindContact))},
		{Method: "PUT", Path: "/api/v1/contacts/:id", Roles: web.Staff, Summary: "Change the given fields of a contact.", Do: web.Do(b.putContact)},
		{Method: "DELETE", Path: "/api/v1/contacts/:id", Roles: web.Staff, Summary: "Remove a contact.", Do: web.Do(removing(b.RemoveContact))},

		{Method: "GET", Path: "/api/v1/leads", Roles: web.Askers, Summary: "Leads, newest first.", Do: web.Do(listing(b.ListLeads))},
		{Method: "POST", Path: "/api/v1/leads", Roles: web.Staff, Summary: "Add a lead.", Status: 201, Do: web.Do(adding(b.AddLead))},
		{Method: "GET", Path: "/api/v1/leads/:id", Roles: web.Askers, Summary: "A lead.", Do: web.Do(finding(b.FindLead))},
		{Method: "PUT", Path: "/api/v1/leads/:id", Roles: web.Staff, Summary: "Change the given fields of a lead.", Do: web.Do(b.putLead)},
		{Method: "DELETE", Path: "/api/v1/leads/:id", Roles: web.Staff, Summary: "Remove a lead.", Do: web.Do(removing(b.RemoveLead))},
		{Method: "POST", Path: "/api/v1/leads/:id/convert", Roles: web.Staff, Summary: "Convert a lead into a company, a contact, or both.", Do: web.Do(b.postConvert)},
	}
}
