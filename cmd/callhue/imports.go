package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"callhue/importexport"
	"callhue/internal/paging"
)

type importListCmd struct {
	As   string `placeholder:"LOGIN" help:"Whose imports; all without it."`
	JSON bool   `name:"json" help:"Print them as JSON."`
}

func (importListCmd) Help() string { return "Example: callhue import list" }

// Run prints the imports, the newest first.
func (c *importListCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		by, err := a.importer.UserByLogin(e.ctx, c.As)
		if err != nil {
			return err
		}
		list := []importexport.FileImport{}
		page := paging.Query{Limit: paging.MaxLimit}
		for {
			part, err := a.importer.ListImports(e.ctx, by, page)
			if err != nil {
				return err
			}
			list = append(list, part.Items...)
			if page.PageToken = part.NextPageToken; page.PageToken == "" {
				break
			}
		}
		if c.JSON {
			return printJSON(e, list)
		}
		table := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tBEGUN\tSTATE\tKIND\tFILE\tBY\tROWS\tADDED\tCHANGED\tREFUSED")
		for _, i := range list {
			user := "command line"
			if i.User != nil {
				user = i.User.Name
			}
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\n", i.ID, i.BegunAt.Time().Format(time.DateTime),
				i.State, i.Kind, i.File, user, i.Rows, i.Added, i.Changed, i.Refused)
		}
		return table.Flush()
	})
}

type importUndoCmd struct {
	ID int64  `arg:"" help:"The import, as callhue import list shows it."`
	As string `placeholder:"LOGIN" help:"In whose name, with no more rights than by hand; an admin's without it."`
}

func (importUndoCmd) Help() string {
	return `Example: callhue import undo 12

Added records are removed and changed fields get their former values back. What was changed since stays, and is listed.`
}

// Run undoes an import and prints what stays.
func (c *importUndoCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		by, err := a.importer.UserByLogin(e.ctx, c.As)
		if err != nil {
			return err
		}
		out, err := a.importer.Undo(e.ctx, by, c.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s: %d records taken back, %d kept\n", out.File, out.Undone, out.Kept)
		page := paging.Query{Limit: paging.MaxLimit}
		for out.Kept > 0 {
			kept, err := a.importer.ListKept(e.ctx, by, c.ID, page)
			if err != nil {
				return err
			}
			for _, k := range kept.Items {
				fmt.Fprintf(e.out, "  %s %d: %s %s\n", k.Kind, k.ID, k.Reason, k.Fields)
			}
			if page.PageToken = kept.NextPageToken; page.PageToken == "" {
				break
			}
		}
		return nil
	})
}
