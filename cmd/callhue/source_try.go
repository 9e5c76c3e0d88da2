package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"callhue/lookup/external"
	"callhue/webhooks"
)

type sourceTryCmd struct {
	numbering
	Which  string `arg:"" name:"name" help:"Name of the source: one of the dialect sql or http."`
	Number string `arg:"" help:"The number of a client that your system knows."`
	Agent  string `help:"Who would see the card: login or extension. Without it no verdict is shown."`
	JSON   bool   `name:"json" help:"Print as JSON."`
}

func (sourceTryCmd) Help() string {
	return "Example: callhue source try crm '+7 495 000-00-11' --agent petrov"
}

// Run asks the system and prints what came and what became of it.
func (c *sourceTryCmd) Run(e *env) error {
	return e.withApp(c.numbering, func(a *app) error {
		s, err := a.sources.Find(e.ctx, c.Which)
		if err != nil {
			return err
		}
		tried, err := a.receiver.TryLookup(e.ctx, s.ID, webhooks.LookupTrial{Number: c.Number, Agent: c.Agent}, "")
		switch {
		case err != nil:
			return err
		case c.JSON:
			return printJSON(e, tried)
		}
		printTrial(e, &tried.Trial)
		if tried.Card == nil {
			return nil
		}
		fmt.Fprintln(e.out)
		return printCard(e, *tried.Card, colourful(e))
	})
}

func printTrial(e *env, t *external.Trial) {
	table := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(e.out, "Sent:")
	for _, s := range t.Sent {
		fmt.Fprintf(table, "  %s\t%s\n", s.Name, s.Value)
	}
	_ = table.Flush()
	within := "in time"
	if !t.InTime {
		within = "too late for a call"
	}
	fmt.Fprintf(e.out, "Answered after %.1f ms, %s.\n", t.TookMS, within)
	if t.Error != "" {
		fmt.Fprintf(e.out, "Failed: %s. %s\nCards are grey while this source fails.\n", t.Error, t.Detail)
		return
	}
	if t.Answer != "" {
		fmt.Fprintf(e.out, "Answer: %s\n", t.Answer)
	}
	if len(t.Columns) > 0 {
		fmt.Fprintf(table, "Rows: %d\n", t.Total)
		fmt.Fprintf(table, "  %s\n", strings.Join(t.Columns, "\t"))
		for _, row := range t.Rows {
			fmt.Fprintf(table, "  %s\n", strings.Join(row, "\t"))
		}
		_ = table.Flush()
	}
	printMapped(e, t)
}

func printMapped(e *env, t *external.Trial) {
	fmt.Fprintf(e.out, "Understood: %d\n", len(t.Mapped))
	for _, m := range t.Mapped {
		owner := "no owner"
		switch {
		case m.Owner != nil:
			owner = m.Owner.Name
		case m.OwnerThere != "":
			owner = m.OwnerThere + " (no user here)"
		}
		line := []string{string(m.Kind) + " " + m.ID, m.Name, owner}
		switch {
		case m.StatusThere != "":
			line = append(line, m.StatusThere+" (no status here)")
		case m.Status != "":
			line = append(line, m.Status)
		}
		if m.Protected {
			line = append(line, "protected")
		}
		fmt.Fprintln(e.out, "  "+strings.Join(append(line, m.URL), "  "))
	}
	for _, unknown := range []struct {
		of   string
		list []string
		do   string
	}{
		{"owner", t.Unknown.Owners, "make it an identity of the user (People), or use logins"},
		{"status", t.Unknown.Statuses, "map it in the setting statuses"},
		{"time", t.Unknown.Times, "it counts as the oldest"},
	} {
		for _, value := range unknown.list {
			fmt.Fprintf(e.out, "Unknown %s %q: %s.\n", unknown.of, value, unknown.do)
		}
	}
}
