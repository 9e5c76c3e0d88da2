package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/webhooks"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

type sourceCmd struct {
	Add    sourceAddCmd    `cmd:"" help:"Connect a PBX or CRM; prints the URL to paste."`
	List   sourceListCmd   `cmd:"" help:"List the sources."`
	Set    sourceSetCmd    `cmd:"" help:"Change settings of a source; the others stay."`
	Rotate sourceRotateCmd `cmd:"" help:"Give a source a new secret; the old one works for another 24 hours."`
	Rules  sourceRulesCmd  `cmd:"" help:"Set or try the rules by which a source's numbers are rewritten."`
	Remove sourceRemoveCmd `cmd:"" help:"Remove a source."`
	Try    sourceTryCmd    `cmd:"" help:"Ask a source of the dialect sql or http for a number, and show what comes."`
	Test   sourceTestCmd   `cmd:"" help:"Make a test call that shows a real card; ask a connected CRM whether it lets us in."`
}

// publicURL has the flag with the address under which PBXs reach the server.
type publicURL struct {
	PublicURL string `name:"public-url" env:"CALLHUE_PUBLIC_URL" default:"http://127.0.0.1:8080" help:"What browsers and PBXs call the server by."`
}

// settingFlags are settings that are given by flags or in files.
type settingFlags struct {
	Set     map[string]string `placeholder:"KEY=VALUE" mapsep:"none" help:"Further settings of the dialect."`
	SetFile map[string]string `placeholder:"KEY=FILE" help:"Further settings that stand in files, such as a query."`
}

type sourceAddCmd struct {
	publicURL
	Name    string `required:"" help:"Name in URLs: letters, digits, - and _."`
	Dialect string `required:"" help:"generic, itoolabs, ami, bitrix24-sync, amocrm-sync and others: docs/recipes has a page for each."`
	Secret  string `help:"What the other side signs with or sends; made here when empty, where the dialect lets us choose."`
	settingFlags
	Preset  string `help:"For generic: a vendor's field mapping (docs/recipes/generic-mapping.md)."`
	Country string `help:"Country of this PBX's numbers, when it differs from the installation's."`
	Area    string `help:"Area code of its local numbers."`
	numberRules
	JSON bool `name:"json" help:"Print as JSON."`
}

func (sourceAddCmd) Help() string {
	return "Example: callhue source add --name office --dialect itoolabs --public-url https://callhue.example"
}

// added is the JSON of a new source or secret.
type added struct {
	sources.Source
	Secret string             `json:"secret,omitempty"`
	URL    string             `json:"url"`
	Steps  []sources.StepView `json:"steps"`
}

// Run adds the source.
func (c *sourceAddCmd) Run(e *env) error {
	settings, err := c.settings()
	if err != nil {
		return err
	}
	return e.withApp(shipped, func(a *app) error {
		s, secret, err := a.sources.Add(e.ctx, access.System(), sources.NewSource{
			Name:     c.Name,
			Dialect:  c.Dialect,
			Secret:   c.Secret,
			Settings: settings,
			Preset:   c.Preset,
			Country:  c.Country,
			Area:     c.Area,
			Rules:    c.rules(),
		})
		if err != nil {
			return err
		}
		return a.printSource(e, s, secret, c.Secret, c.PublicURL, c.JSON)
	})
}

// printSource prints what to paste into the PBX.
func (a *app) printSource(e *env, s sources.Source, made, given, public string, asJSON bool) error {
	secret := made
	if secret == "" {
		secret = given
	}
	setup := a.sources.Setup(s, secret, public)
	if asJSON {
		return printJSON(e, added{s, made, setup.URL, setup.Steps})
	}
	says := "URL to paste:\n\n  "
	if dialects.IsLookup(s.Dialect) || !strings.Contains(setup.URL, "://") { // the address of the other side
		says = "We connect to "
	}
	fmt.Fprintf(e.out, "Source %s (%s). %s%s\n\n", s.Name, s.Dialect, says, setup.URL)
	if isLoopback(setup.URL) && !dialects.IsLookup(s.Dialect) {
		fmt.Fprint(e.out, "Warning: only this machine reaches that URL. ",
			"Name the address of the server: --public-url https://...\n\n")
	}
	if made != "" {
		fmt.Fprintf(e.out, "Secret, shown this once: %s\n\n", made)
	}
	for i, step := range setup.Steps {
		fmt.Fprintf(e.out, "%d. %s\n", i+1, step.Text.EN)
		if step.Copy != "" && step.Copy != setup.URL {
			fmt.Fprintf(e.out, "\n     %s\n\n", strings.ReplaceAll(step.Copy, "\n", "\n     "))
		}
	}
	trial := " --agent LOGIN --number NUMBER"
	if dialects.SyncsRecords(s.Dialect) {
		trial = ""
	}
	command := "test"
	if dialects.IsLookup(s.Dialect) {
		command, trial = "try", " NUMBER --agent LOGIN"
	}
	fmt.Fprintf(e.out, "\nTry it: callhue source %s %s%s\n", command, s.Name, trial)
	return nil
}

// isLoopback reports whether an address leads to the machine itself, so that no PBX elsewhere reaches it.
func isLoopback(address string) bool {
	at, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := at.Hostname()
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

type sourceListCmd struct {
	JSON bool `name:"json" help:"Print as JSON."`
}

func (sourceListCmd) Help() string { return "Example: callhue source list" }

// Run lists the sources.
func (c *sourceListCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		list, err := a.sources.List(e.ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, list)
		}
		table := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tDIALECT\tACTIVE\tSINCE")
		for _, s := range list {
			fmt.Fprintf(table, "%d\t%s\t%s\t%v\t%s\n", s.ID, s.Name, s.Dialect, s.Active,
				s.CreatedAt.Time().Format("2006-01-02"))
		}
		return table.Flush()
	})
}

// bySource is the source of a command, as an argument or as a flag.
type bySource struct {
	Which string `arg:"" optional:"" name:"name" help:"Name of the source."`
	Name  string `help:"The same as a flag."`
}

func (b *bySource) find(e *env, a *app) (sources.Source, error) {
	name := b.Which
	if name == "" {
		name = b.Name
	}
	if name == "" {
		return sources.Source{}, fault.Invalid("name", "required")
	}
	return a.sources.Find(e.ctx, name)
}

type sourceRotateCmd struct {
	bySource
	publicURL
	Secret string `help:"The new secret; made here when empty, where the dialect lets us choose."`
	JSON   bool   `name:"json" help:"Print as JSON."`
}

func (sourceRotateCmd) Help() string { return "Example: callhue source rotate office" }

// Run rotates the secret.
func (c *sourceRotateCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		s, err := c.find(e, a)
		if err != nil {
			return err
		}
		s, secret, err := a.sources.Rotate(e.ctx, access.System(), s.ID, c.Secret)
		if err != nil {
			return err
		}
		return a.printSource(e, s, secret, c.Secret, c.PublicURL, c.JSON)
	})
}

type sourceRemoveCmd struct {
	bySource
}

func (sourceRemoveCmd) Help() string { return "Example: callhue source remove office" }

// Run removes the source.
func (c *sourceRemoveCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		s, err := c.find(e, a)
		if err != nil {
			return err
		}
		if err := a.sources.Remove(e.ctx, access.System(), s.ID); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "source %s is removed; its calls stay in the journal\n", s.Name)
		return nil
	})
}

type sourceTestCmd struct {
	numbering
	bySource
	Agent  string        `help:"Who gets the card: login or extension. Of a CRM that is mirrored: without it the connection is tried, and no call made."`
	Code   string        `help:"The code that amoCRM shows the administrator of an integration; it signs us in first."`
	Number string        `default:"+7 495 000-00-11" help:"The number of the client."`
	For    time.Duration `default:"8s" help:"How long the card stays."`
	JSON   bool          `name:"json" help:"Print the card as JSON."`
}

func (sourceTestCmd) Help() string {
	return "Example: callhue source test office --agent petrov --number '+7 495 000-00-11'\n         callhue source test b24"
}

// Run makes the call and, after a while, ends it.
func (c *sourceTestCmd) Run(e *env) error {
	return e.withApp(c.numbering, func(a *app) error {
		s, err := c.find(e, a)
		if err != nil {
			return err
		}
		if c.Agent == "" {
			return c.reach(e, a, s)
		}
		card, err := a.receiver.Test(e.ctx, s.ID, webhooks.NewTestCall{Agent: c.Agent, Number: c.Number,
			Duration: c.For})
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(e.ctx, c.For)
		defer cancel()
		if c.JSON {
			err = printJSON(e, card)
		} else {
			err = printCard(e, card, colourful(e))
		}
		if err != nil {
			cancel() // without a stream for the card; the call must still end
		}
		return errors.Join(err, a.receiver.Run(ctx)) // it ends the call when its time is over
	})
}

// reach asks a connected CRM whether it lets us in.
func (c *sourceTestCmd) reach(e *env, a *app, s sources.Source) error {
	about, err := a.receiver.Reach(e.ctx, s.ID, c.Code, "")
	switch f := fault.Of(err); {
	case f != nil && f.Key == "no_crm":
		return fault.Invalid("agent", "required")
	case f != nil && f.Key == "crm_sign_in_again" && s.Dialect == "bitrix24-sync":
		return fault.Conflict("crm_sign_in_again").With("hint",
			"open the application in the portal as its administrator").Because(err)
	case err != nil:
		return err
	case c.JSON:
		return printJSON(e, about)
	}
	fmt.Fprintf(e.out, "%s lets us in.\n  %s\n  asked as %s\n", about.Name, about.URL, about.User)
	return nil
}
