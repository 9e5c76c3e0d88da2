package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"callhue/cmd/callhue/demo"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/staff"
	"callhue/webhooks/sources"
)

// demoSource is the PBX of the demo: it accepts unsigned events at a secret path,
// so that one curl is enough.
const demoSource = "demo"

// welcomeToDemo loads the demo data once and prints how to see the first red
// card.
func (a *app) welcomeToDemo(ctx context.Context, e *env, at string) error {
	world, err := demo.Load(ctx, demo.Parts{DB: a.db, Journal: a.journal, Roster: a.roster, Directory: a.directory,
		Records: a.records, Plan: a.plan})
	if err != nil {
		return err
	}
	hook, err := a.demoHook(ctx, at)
	if err != nil {
		return err
	}
	first := world.Tries[0]
	org, err := a.roster.Org(ctx)
	if err != nil {
		return err
	}
	agent := org.ByLogin(world.Agent)
	if agent == nil {
		return fault.Conflict("demo_agent_is_gone")
	}
	secret, err := a.roster.Link(ctx, access.System(), agent.ID, staff.LongestLink)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "\nCallhue %s with demo data.\n\n", version)
	fmt.Fprintf(e.out, "1. Sign in as %s (the link works once):\n\n  %s/signin/%s\n\n", agent.Name, at, secret)
	fmt.Fprintf(e.out,
		"2. Let the demo PBX say that %s dials a client of a colleague; paste into another terminal:\n\n", agent.Name)
	fmt.Fprintf(e.out, "  curl -sS %s \\\n    -H 'Content-Type: application/json' \\\n", hook)
	fmt.Fprintf(e.out,
		"    -d '{\"event\":\"ringing\",\"call_id\":\"try-'$(date +%%s)'\",\"direction\":\"%s\",\"number\":\"%s\",\"agent\":\"%s\"}'\n\n", first.Direction, first.Number, agent.Extension)
	fmt.Fprintf(e.out, "3. More to try, with curl, at %s/check, or by `callhue check NUMBER --as LOGIN`:\n\n", at)
	table := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  NUMBER\tAS\tCALL\tCOLOUR\tWHAT IT SHOWS")
	for _, try := range world.Tries {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\n", try.Number, try.Agent, try.Direction, try.Expect,
			try.Text.In("en"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(e.out)
	return nil
}

// demoHook returns the URL of the demo PBX. The secret is not kept in the open, so
// each start makes a new one; the one before still works for a day.
func (a *app) demoHook(ctx context.Context, at string) (string, error) {
	source, err := a.sources.Find(ctx, demoSource)
	secret := ""
	if fault.Is(err, fault.KindMissing) {
		source, secret, err = a.sources.Add(ctx, access.System(),
			sources.NewSource{Name: demoSource, Dialect: "generic", Settings: map[string]string{"path_secret": "true"}})
	} else if err == nil {
		source, secret, err = a.sources.Rotate(ctx, access.System(), source.ID, "")
	}
	if err != nil {
		return "", err
	}
	return a.sources.Setup(source, secret, at).URL, nil
}
