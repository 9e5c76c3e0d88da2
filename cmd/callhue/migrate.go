package main

import (
	"fmt"

	"callhue/internal/store"
)

type migrateCmd struct {
	Status bool `help:"Only show which steps this database has."`
	JSON   bool `name:"json" help:"Print as JSON."`
}

func (migrateCmd) Help() string {
	return "Example: callhue migrate --db mysql://callhue:secret@127.0.0.1:3306/callhue"
}

// Run migrates the database; one of a newer version is refused.
func (c *migrateCmd) Run(e *env) error {
	open := store.Open
	if c.Status {
		open = store.OpenExisting
	}
	db, err := open(e.ctx, e.global.DB)
	if err != nil {
		return err
	}
	defer db.Close()
	if !c.Status {
		if err := db.Migrate(e.ctx); err != nil {
			return err
		}
	}
	steps, err := db.Steps(e.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e, steps)
	}
	for _, s := range steps {
		state := "applied"
		if !s.Applied {
			state = "waiting"
		}
		fmt.Fprintf(e.out, "%-8s %s\n", state, s.Name)
	}
	return nil
}

type versionCmd struct {
	JSON bool `name:"json" help:"Print as JSON."`
}

// Run prints the version.
func (c *versionCmd) Run(e *env) error {
	if c.JSON {
		return printJSON(e, map[string]string{"version": version})
	}
	fmt.Fprintln(e.out, "callhue", version)
	return nil
}
