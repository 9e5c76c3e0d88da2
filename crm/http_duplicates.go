package crm

import (
	"callhue/internal/access"
	"callhue/internal/web"
)

// duplicateRoutes are the routes of duplicates.
func (b *Records) duplicateRoutes() []web.Route {
	const pairs = "/api/v1/not-duplicates"
	return []web.Route{
		{Method: "GET", Path: "/api/v1/duplicates", Slow: true, Reads: true, Roles: access.Heads,
			Summary: "List companies, contacts or leads that may be duplicates", Do: web.DoList(b.Duplicates)},
		{Method: "GET", Path: pairs, Roles: access.Heads,
			Summary: "List the pairs of records that are no duplicates, newest first",
			Do:      web.DoList(b.ListNotDuplicates)},
		{Method: "POST", Path: pairs, Roles: access.Heads,
			Summary: "Mark records as no duplicates of each other", Do: web.DoAdd(b.AddNotDuplicates)},
		{Method: "DELETE", Path: pairs + "/:id", Roles: access.Heads,
			Summary: "Let a pair of records be proposed as duplicates again", Do: web.DoRemove(b.RemoveNotDuplicates)},
	}
}
