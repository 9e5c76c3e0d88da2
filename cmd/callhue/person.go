package main

import (
	"fmt"
	"maps"
	"slices"
)

type personCmd struct {
	Export personExportCmd `cmd:"" help:"Print everything that is kept about the person with a number, as JSON."`
	Erase  personEraseCmd  `cmd:"" help:"Erase all that is personal about the person with a number, for good."`
}

type personExportCmd struct {
	numbering
	Number string `required:"" help:"The number, in any spelling."`
}

func (personExportCmd) Help() string {
	return `Example: callhue person export --number "+7 495 000-00-11" > person.json`
}

// Run prints the person.
func (c *personExportCmd) Run(e *env) error {
	return e.withApp(c.numbering, func(a *app) error {
		person, err := a.importer.FindPersonalDataByNumber(e.ctx, c.Number)
		if err != nil {
			return err
		}
		return printJSON(e, person)
	})
}

type personEraseCmd struct {
	numbering
	Number string `required:"" help:"The number, in any spelling."`
	Reason string `required:"" help:"Why, for the journal: the number of his letter."`
	JSON   bool   `name:"json" help:"Print what was erased as JSON."`
}

func (personEraseCmd) Help() string {
	return `Example: callhue person erase --number "+7 495 000-00-11" --reason "letter 17"

Contacts and leads with the number are emptied and removed; calls keep their times, agents and colours. Files that
were exported, reports of refused rows that "callhue import" wrote and backups are yours to erase.`
}

// Run erases the person.
func (c *personEraseCmd) Run(e *env) error {
	return e.withApp(c.numbering, func(a *app) error {
		by, err := a.importer.UserByLogin(e.ctx, "")
		if err != nil {
			return err
		}
		out, err := a.importer.EraseByNumber(e.ctx, by, c.Number, c.Reason)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, out)
		}
		fmt.Fprintf(e.out, "%d records are erased\n", len(out.Records))
		for _, what := range slices.Sorted(maps.Keys(out.Erased)) {
			fmt.Fprintf(e.out, "%s: %d\n", what, out.Erased[what])
		}
		for _, s := range out.Stays {
			fmt.Fprintf(e.out, "stays: %s: %s\n", s.What, s.Why)
		}
		if !out.Finished {
			fmt.Fprintln(e.out, "It is not finished: a running server goes on with it.")
		}
		return nil
	})
}
