package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/outhooks"
)

type hookOutCmd struct {
	Add    hookOutAddCmd    `cmd:"" help:"Subscribe an address to what happens; prints its secret once."`
	List   hookOutListCmd   `cmd:"" help:"List the subscriptions."`
	Remove hookOutRemoveCmd `cmd:"" help:"End a subscription."`
	Test   hookOutTestCmd   `cmd:"" help:"Make a test delivery and show what came of it."`
}

type hookOutAddCmd struct {
	Name  string   `required:"" help:"Name of the subscription."`
	URL   string   `required:"" name:"url" help:"Where to post what happens."`
	Verbs []string `placeholder:"VERB" help:"Verbs of the journal, 'incident.*' for all of a kind, '*' for everything. Default: whatever concerns a client."`
	JSON  bool     `name:"json" help:"Print as JSON."`
}

func (hookOutAddCmd) Help() string {
	return "Example: callhue hook-out add --name crm --url https://crm.example/callhue --verbs 'incident.*,company.status'"
}

// Run makes the subscription.
func (c *hookOutAddCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		hook, secret, err := a.dispatcher.AddHook(e.ctx, access.System(),
			outhooks.NewHookOut{Name: c.Name, URL: c.URL, Verbs: c.Verbs})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, outhooks.Subscribed{HookOut: hook, Secret: secret})
		}
		fmt.Fprintf(e.out, "Subscription %s to %s.\nSecret, shown this once: %s\n", hook.Name, hook.URL, secret)
		return nil
	})
}

type hookOutListCmd struct {
	JSON bool `name:"json" help:"Print as JSON."`
}

func (hookOutListCmd) Help() string { return "Example: callhue hook-out list" }

// Run lists the subscriptions.
func (c *hookOutListCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		hooks, err := a.dispatcher.Hooks(e.ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, hooks)
		}
		table := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tACTIVE\tWAITING\tDEAD\tURL\tVERBS")
		for _, hook := range hooks {
			fmt.Fprintf(table, "%d\t%s\t%v\t%d\t%d\t%s\t%s\n", hook.ID, hook.Name, hook.Active, hook.Waiting, hook.Dead,
				hook.URL, strings.Join(hook.Verbs, " "))
		}
		return table.Flush()
	})
}

// byHookOut is the subscription of a command.
type byHookOut struct {
	Name string `arg:"" help:"Name of the subscription."`
}

func (b *byHookOut) find(e *env, a *app) (outhooks.HookOutState, error) {
	hooks, err := a.dispatcher.Hooks(e.ctx)
	for _, hook := range hooks {
		if hook.Name == b.Name {
			return hook, err
		}
	}
	if err == nil {
		err = fault.Missing("hook_out")
	}
	return outhooks.HookOutState{}, err
}

type hookOutRemoveCmd struct {
	byHookOut
}

func (hookOutRemoveCmd) Help() string { return "Example: callhue hook-out remove crm" }

// Run ends the subscription.
func (c *hookOutRemoveCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		hook, err := c.find(e, a)
		if err != nil {
			return err
		}
		if err := a.dispatcher.RemoveHook(e.ctx, access.System(), hook.ID); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "subscription %s has ended\n", hook.Name)
		return nil
	})
}

type hookOutTestCmd struct {
	byHookOut
	JSON bool `name:"json" help:"Print as JSON."`
}

func (hookOutTestCmd) Help() string { return "Example: callhue hook-out test crm" }

// Run makes the delivery; one that was not taken is a failure.
func (c *hookOutTestCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		hook, err := c.find(e, a)
		if err != nil {
			return err
		}
		d, err := a.dispatcher.TestHook(e.ctx, access.System(), hook.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			err = printJSON(e, d)
		} else {
			fmt.Fprintf(e.out, "delivery %d to %s: %s, status %d, %d ms %s %s\n", d.ID, hook.URL, d.State, d.Status,
				d.Millis, d.Error, oneLine(d.Detail))
		}
		if err == nil && d.State != outhooks.DeliveryDone {
			err = fault.Conflict("delivery_failed").With("error", d.Error)
		}
		return err
	})
}
