package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"callhue/calls"
	"callhue/crm"
	"callhue/internal/fault"
	"callhue/phone"
	"callhue/rules"
	"callhue/staff"
)

type checkCmd struct {
	numbering
	Number    string `arg:"" help:"The number, in any spelling."`
	As        string `required:"" placeholder:"LOGIN" help:"The agent who calls: login or extension."`
	Direction string `enum:"out,in" default:"out" help:"Direction of the call: out or in."`
	JSON      bool   `name:"json" help:"Print the card as JSON."`
}

func (checkCmd) Help() string { return `Example: callhue check "8 (495) 000-00-11" --as petrov` }

// Run prints the verdict.
func (c *checkCmd) Run(e *env) error {
	return e.withApp(c.numbering, func(a *app) error {
		agent, err := a.tracker.AgentOf(e.ctx, "", c.As)
		if err != nil {
			return err
		}
		if agent == nil {
			return fault.Invalid("--as", "nobody_is_called_so").With("login", c.As)
		}
		number := a.sources.ReadNumber(e.ctx, "", c.Number)
		card, err := a.tracker.Check(e.ctx, calls.Question{Number: number, Agent: agent,
			Direction: rules.Direction(c.Direction)})
		if err != nil {
			return err
		}
		if number.Kind == phone.Invalid && card.Subject == nil {
			return fault.Invalid("number", "invalid_number")
		}
		if c.JSON {
			return printJSON(e, card)
		}
		return printCard(e, card, colourful(e))
	})
}

// colourful reports whether the output is a terminal that wants colours.
func colourful(e *env) bool {
	file, ok := e.out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// paint returns the terminal's background and ink of a colour.
var paint = map[rules.Color]string{
	rules.Red: "\x1b[1;97;41m", rules.Yellow: "\x1b[1;30;43m", rules.Blue: "\x1b[1;97;44m",
	rules.None: "\x1b[1;7m", rules.Grey: "\x1b[1;97;100m",
}

func printCard(e *env, card calls.Card, colours bool) error {
	v := card.Verdict
	head := fmt.Sprintf(" %s  %s ", strings.ToUpper(string(v.Color)), v.Title)
	if colours {
		head = paint[v.Color] + head + "\x1b[0m"
	}
	fmt.Fprintf(e.out, "%s\n%s\n\n", head, v.Text)
	table := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(table, "%s\t%s\n", name, value)
		}
	}
	line("number", strings.TrimSpace(card.Number.E164+" ("+string(card.Number.Kind)+")"))
	line("why", fmt.Sprintf("%s (row %s of the decision table, policy %d)", v.Why, v.Row, v.Policy))
	line("you are", string(v.Relation))
	for i, m := range card.Matches {
		name := "also found"
		if i == 0 {
			name = "client"
		}
		line(name, describe(m))
	}
	return table.Flush()
}

func describe(r calls.Record) string {
	parts := []string{fmt.Sprintf("%s %q", r.Kind, r.Name)}
	add := func(owner *staff.Person, status *crm.StatusMark) {
		if owner != nil {
			parts = append(parts, "owner "+owner.Name)
		}
		if status != nil {
			parts = append(parts, status.Name)
		}
	}
	add(r.Owner, r.Status)
	if c := r.Company; c != nil {
		parts = append(parts, fmt.Sprintf("of company %q", c.Name))
		add(c.Owner, c.Status)
	}
	return strings.Join(parts, ", ")
}

func printJSON(e *env, v any) error {
	enc := json.NewEncoder(e.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
