package crm

import (
	"callhue/internal/access"
	"callhue/internal/web"
)

// doNotCallRoutes are the routes of the do-not-call list. Who may change it is checked
// inside each write: a head needs no role for it.
func (b *Records) doNotCallRoutes() []web.Route {
	const list = "/api/v1/do-not-call"
	return []web.Route{
		{Method: "GET", Path: list, Slow: true, Roles: access.Askers,
			Summary: "List the do-not-call entries, newest first",
			Do:      web.DoFileList(b.ListDoNotCall, doNotCallTable())},
		{Method: "POST", Path: list, Roles: access.Staff, Summary: "Add a number to the do-not-call list", Status: 201,
			Do: web.DoAdd(b.AddDoNotCall)},
		{Method: "DELETE", Path: list + "/:id", Roles: access.Staff,
			Summary: "Remove a number from the do-not-call list", Do: web.DoRemove(b.RemoveDoNotCall)},
	}
}
