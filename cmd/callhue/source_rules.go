package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"callhue/internal/access"
	"callhue/phone"
	"callhue/webhooks/sources"
)

// numberRules is the flag that has the rules by which a source's numbers are rewritten.
type numberRules struct {
	NumberRule []string `sep:"none" placeholder:"PATTERN=NEW" help:"Rewrites numbers; a digit: for an outside line."`
}

// rules returns the rules of the flag. What is wrong with them is found when they are stored.
func (f numberRules) rules() sources.NumberRules {
	var rules sources.NumberRules
	for _, text := range f.NumberRule {
		pattern, replacement, found := strings.Cut(text, "=")
		switch {
		case !found && len(text) == 1 && strings.Trim(text, "0123456789") == "":
			rules = append(rules, phone.OutsideLine(text))
		default:
			rules = append(rules, phone.Rule{Pattern: pattern, Replacement: replacement})
		}
	}
	return rules
}

type sourceRulesCmd struct {
	bySource
	numberRules
	Clear bool     `help:"Remove all rules."`
	Try   []string `sep:"none" placeholder:"NUMBER" help:"Print what the rules make of a number, and store nothing."`
	JSON  bool     `name:"json" help:"Print as JSON."`
}

func (sourceRulesCmd) Help() string {
	return "Example: callhue source rules office --number-rule '7812#(.+)=$1' --number-rule 9 --try '7812#84950000011'"
}

// Run sets the rules that are given, tries them, or lists those of the source.
func (c *sourceRulesCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		s, err := c.find(e, a)
		if err != nil {
			return err
		}
		rules := s.Rules
		if given := c.rules(); given != nil || c.Clear {
			rules = append(sources.NumberRules{}, given...)
		}
		if len(c.Try) > 0 {
			tried, err := a.sources.TryRules(e.ctx, s.ID, sources.RuleTrial{Numbers: c.Try, Rules: rules})
			if err != nil {
				return err
			}
			return c.printTried(e, tried)
		}
		if len(c.NumberRule) > 0 || c.Clear {
			change := sources.SourceChange{Rules: &rules, Version: s.Version}
			if s, err = a.sources.Change(e.ctx, access.System(), s.ID, change); err != nil {
				return err
			}
		}
		return c.printRules(e, s.Rules)
	})
}

func (c *sourceRulesCmd) printRules(e *env, rules sources.NumberRules) error {
	if c.JSON {
		return printJSON(e, append(sources.NumberRules{}, rules...))
	}
	table := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PATTERN\tREPLACEMENT")
	for _, rule := range rules {
		fmt.Fprintf(table, "%s\t%s\n", rule.Pattern, rule.Replacement)
	}
	return table.Flush()
}

func (c *sourceRulesCmd) printTried(e *env, tried []sources.TriedNumber) error {
	if c.JSON {
		return printJSON(e, tried)
	}
	table := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NUMBER\tREAD AS\tKIND")
	for _, n := range tried {
		fmt.Fprintf(table, "%s\t%s\t%s\n", n.Number, n.E164, n.Kind)
	}
	return table.Flush()
}
