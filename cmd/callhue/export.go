package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"callhue/importexport"
	"callhue/internal/fault"
	"callhue/internal/web"
)

type exportCmd struct {
	File string `arg:"" help:"Where to write: a name that ends in .vcf makes vCards of contacts, - is the standard output."`
	Kind string `enum:"company,contact,lead,user,call,incident" required:"" help:"What to write: company, contact, lead, user, call or incident."`
}

func (exportCmd) Help() string {
	return `Example: callhue export --kind company companies.csv
Example: callhue export --kind contact phonebook.vcf

A file of companies, contacts, leads or users can be imported again, here or elsewhere: link dates stay.`
}

// Run writes the file, whole or not at all.
func (c *exportCmd) Run(e *env) error {
	cards := strings.EqualFold(filepath.Ext(c.File), ".vcf")
	if cards && c.Kind != string(importexport.Contacts) {
		return fault.Invalid("kind", "only_contacts_are_cards")
	}
	return e.withApp(shipped, func(a *app) error {
		if c.File == "-" {
			_, err := a.export(e, c.Kind, cards, e.out)
			return err
		}
		draft, err := os.OpenFile(c.File+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return fault.Invalid("file", "not_writable").Because(err)
		}
		defer os.Remove(draft.Name())
		rows, err := a.export(e, c.Kind, cards, draft)
		if closed := draft.Close(); err == nil {
			err = closed
		}
		if err == nil {
			err = os.Rename(draft.Name(), c.File)
		}
		if err == nil {
			fmt.Fprintf(e.out, "%d rows are in %s\n", rows, c.File)
		}
		return err
	})
}

func (a *app) export(e *env, kind string, cards bool, to io.Writer) (int64, error) {
	switch {
	case cards:
		return a.importer.ExportCards(e.ctx, to)
	case kind == "call":
		return writeFile(e, a.tracker.CallsFile(), to)
	case kind == "incident":
		file, err := a.incidents.File(e.ctx)
		if err != nil {
			return 0, err
		}
		return writeFile(e, file, to)
	}
	return a.importer.Export(e.ctx, importexport.Kind(kind), to)
}

// writeFile writes a list of another package as a CSV file and returns how many rows it had.
func writeFile(e *env, file web.CSV, to io.Writer) (rows int64, err error) {
	out := web.NewCSVWriter(to)
	header := make([]any, len(file.Header))
	for i, name := range file.Header {
		header[i] = name
	}
	if err := out.Row(header...); err != nil {
		return 0, err
	}
	for row, err := range file.Rows(e.ctx) {
		if err != nil {
			return rows, err
		}
		if err := out.Row(row...); err != nil {
			return rows, err
		}
		rows++
	}
	return rows, out.Flush()
}
