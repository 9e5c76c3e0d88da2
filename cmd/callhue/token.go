package main

import (
	"fmt"
	"text/tabwriter"

	"callhue/internal/access"
	"callhue/staff"
)

type tokenCmd struct {
	Add    tokenAddCmd    `cmd:"" help:"Give a user a token; it is printed once."`
	List   tokenListCmd   `cmd:"" help:"List a user's tokens."`
	Revoke tokenRevokeCmd `cmd:"" help:"Revoke a token."`
}

type tokenAddCmd struct {
	Login string `required:"" help:"Whose token it is."`
	Name  string `required:"" help:"What it is for."`
	Scope string `enum:",write_clients" default:"" help:"write_clients: it may only write clients by external ids."`
	JSON  bool   `name:"json" help:"Print as JSON."`
}

func (tokenAddCmd) Help() string {
	return `Example: callhue token add --login crm --name "nightly sync" --scope write_clients`
}

// Run adds the token.
func (c *tokenAddCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		u, err := a.userByLogin(e, c.Login)
		if err != nil {
			return err
		}
		token, secret, err := a.roster.AddToken(e.ctx, access.System(), u.ID,
			staff.NewToken{Name: c.Name, Scope: access.Scope(c.Scope)})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, struct {
				*staff.Token
				Secret string `json:"token"`
			}{token, secret})
		}
		fmt.Fprintln(e.out, secret)
		return nil
	})
}

type tokenListCmd struct {
	Login string `required:"" help:"Whose tokens."`
	JSON  bool   `name:"json" help:"Print as JSON."`
}

func (tokenListCmd) Help() string { return "Example: callhue token list --login crm" }

// Run lists the tokens.
func (c *tokenListCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		u, err := a.userByLogin(e, c.Login)
		if err != nil {
			return err
		}
		tokens, err := a.roster.Tokens(e.ctx, u.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, tokens)
		}
		table := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tADDED\tSCOPE")
		for _, t := range tokens {
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", t.ID, t.Name, t.CreatedAt.Time().Format("2006-01-02 15:04"), t.Scope)
		}
		return table.Flush()
	})
}

type tokenRevokeCmd struct {
	ID    int64  `arg:"" help:"Id of the token, from token list."`
	Login string `required:"" help:"Whose token it is."`
}

func (tokenRevokeCmd) Help() string { return "Example: callhue token revoke 7 --login crm" }

// Run revokes the token.
func (c *tokenRevokeCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		u, err := a.userByLogin(e, c.Login)
		if err != nil {
			return err
		}
		if err := a.roster.RevokeToken(e.ctx, access.System(), u.ID, c.ID); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "token %d is revoked\n", c.ID)
		return nil
	})
}
