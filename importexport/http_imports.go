package importexport

import (
	"context"
	"os"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/paging"
	"callhue/internal/web"
)

// importRoutes returns the API of imports.
func (c *Importer) importRoutes() []web.Route {
	const list, one = "/api/v1/imports", "/api/v1/imports/:id"
	return []web.Route{
		{Method: "GET", Path: list, Roles: access.Staff, Do: web.Do(c.getImports),
			Summary: "List imports, newest first"},
		{Method: "POST", Path: list, Roles: access.Staff, Status: 201, Do: web.Do(c.postImport),
			Summary: "Upload a file to import, and get what was recognised in it",
			Upload: &web.Form{Fields: [][2]string{{"kind", "company, contact, lead or user; guessed when missing"},
				{"charset", "guessed when missing"}}}},
		{Method: "GET", Path: one, Roles: access.Staff, Summary: "Get an import with its progress",
			Do: web.Do(importAct(c.FindImport))},
		{Method: "PUT", Path: one, Roles: access.Staff, Do: web.Do(c.putImport),
			Summary: "Set the kind, the meaning of columns and the owners of an uploaded file"},
		{Method: "DELETE", Path: one, Roles: access.Staff, Do: web.Do(c.deleteImport),
			Summary: "Discard an uploaded file that was not imported"},
		{Method: "POST", Path: one + "/dry-run", Roles: access.Staff, Status: 202, Do: web.Do(importAct(c.StartDryRun)),
			Summary: "Start a dry run: counts, first faults, and how many of the last calls would change colour"},
		{Method: "POST", Path: one + "/run", Roles: access.Staff, Status: 202, Do: web.Do(importAct(c.StartImport)),
			Summary: "Start an import, or resume a failed one"},
		{Method: "POST", Path: one + "/undo", Roles: access.Staff, Status: 202, Do: web.Do(importAct(c.StartUndo)),
			Summary: "Start to undo an import: what was not changed since is taken back"},
		{Method: "GET", Path: one + "/refused", Roles: access.Staff, Do: web.Raw(c.getRefused), Media: "text/csv",
			Summary: "Download the refused rows of an import, or of its dry run, with the reasons"},
		{Method: "GET", Path: one + "/kept", Roles: access.Staff, Do: web.Do(c.getKept),
			Summary: "List the records that an undo had to keep, with the reasons"},
	}
}

type importID struct {
	ID int64 `path:"id" json:"-"`
}

// importAct makes a handler of what is done to one import.
func importAct(act func(context.Context, *access.User, int64) (FileImport, error),
) func(*web.Request, importID) (FileImport, error) {
	return func(r *web.Request, in importID) (FileImport, error) { return act(r.Context(), r.User, in.ID) }
}

func (c *Importer) getImports(r *web.Request, in paging.Query) (paging.List[FileImport], error) {
	return c.ListImports(r.Context(), r.User, in)
}

func (c *Importer) postImport(r *web.Request, _ web.Nothing) (FileImport, error) {
	up, err := r.SaveUpload(c.service.Folder, c.service.Most)
	if err != nil {
		return FileImport{}, err
	}
	settings := ImportSettings{Kind: RowKind(up.Values["kind"]), Charset: up.Values["charset"]}
	if err := settings.check(); err != nil {
		_ = os.Remove(up.Path)
		return FileImport{}, err
	}
	return c.AddImport(r.Context(), r.User, UploadedFile{up.Path, up.Name, up.Size}, settings)
}

type settingsInput struct {
	importID
	ImportSettings
}

func (c *Importer) putImport(r *web.Request, in settingsInput) (FileImport, error) {
	if err := in.check(); err != nil {
		return FileImport{}, err
	}
	return c.ChangeImport(r.Context(), r.User, in.ID, in.ImportSettings)
}

func (c *Importer) deleteImport(r *web.Request, in importID) (web.Nothing, error) {
	return web.Nothing{}, c.RemoveImport(r.Context(), r.User, in.ID)
}

type keptInput struct {
	importID
	paging.Query
}

func (c *Importer) getKept(r *web.Request, in keptInput) (paging.List[KeptRecord], error) {
	return c.ListKept(r.Context(), r.User, in.ID, in.Query)
}

// getRefused answers with the report of refused rows.
func (c *Importer) getRefused(r *web.Request) error {
	id, err := r.C.ParamsInt("id")
	if err != nil {
		return fault.Missing("page")
	}
	report, name, err := c.openReport(r.Context(), r.User, int64(id))
	if err != nil {
		return err
	}
	r.C.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	r.C.Attachment(name)
	return r.C.SendStream(report.File, report.size) // it closes the file
}
