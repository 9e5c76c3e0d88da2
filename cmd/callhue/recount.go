package main

import "fmt"

type recountCmd struct{}

func (recountCmd) Help() string {
	return `Example: callhue recount

A running server looks at all records once more, some hundred at a time; lists and counts stay readable meanwhile. This
is only needed after records were changed past Callhue, by hand in the database.`
}

// Run has the server look at all records once more.
func (c *recountCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		if err := a.records.RecountQuality(e.ctx); err != nil {
			return err
		}
		fmt.Fprintln(e.out, "A running server looks at all records once more.")
		return nil
	})
}
