package crm

import (
	"callhue/internal/access"
	"callhue/internal/web"
)

// mergeRoutes are the routes of merges, beside those that merge. Who may undo one is decided by the table of rights.
func (b *Records) mergeRoutes() []web.Route {
	return []web.Route{
		{Method: "POST", Path: "/api/v1/companies/:id/merge/preview", Reads: true, Roles: access.Staff,
			Summary: "Preview a merge of companies, field by field", Do: web.Do(b.previewCompanies)},
		{Method: "POST", Path: "/api/v1/contacts/:id/merge/preview", Reads: true, Roles: access.Staff,
			Summary: "Preview a merge of contacts, field by field", Do: web.Do(b.previewContacts)},
		{Method: "GET", Path: "/api/v1/merges", Reads: true, Roles: access.Staff,
			Summary: "List the merges of the last 30 days, newest first", Do: web.DoList(b.ListMerges)},
		{Method: "POST", Path: "/api/v1/merges/:id/undo", Roles: access.Staff,
			Summary: "Undo a merge, as who may merge the records", Do: web.Do(b.undoMerge)},
	}
}

type undoIn struct {
	web.RowID
	Reason string `json:"reason,omitempty"` // for the journal
}

func (b *Records) previewCompanies(r *web.Request, in mergeIn) (MergePreview, error) {
	return b.PreviewMerge(r.Context(), r.User, KindCompany, in.ID, in.Merge)
}

func (b *Records) previewContacts(r *web.Request, in mergeIn) (MergePreview, error) {
	return b.PreviewMerge(r.Context(), r.User, KindContact, in.ID, in.Merge)
}

func (b *Records) undoMerge(r *web.Request, in undoIn) (MergeInfo, error) {
	return b.UndoMerge(r.Context(), r.User, in.ID, in.Reason)
}
