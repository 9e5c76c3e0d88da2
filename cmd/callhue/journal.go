package main

import (
	"fmt"
	"strings"

	"callhue/internal/fault"
	"callhue/journal"
)

type journalCmd struct {
	Verify journalVerifyCmd `cmd:"" help:"Check that the journal and the database's pages are as written."`
	Head   journalHeadCmd   `cmd:"" help:"Print the end of the journal's chain, to keep it elsewhere."`
}

type journalVerifyCmd struct {
	Head string `placeholder:"BLOCK:HASH" help:"A head that was kept elsewhere: the chain must go through it."`
	JSON bool   `name:"json" help:"Print what was found as JSON."`
}

func (journalVerifyCmd) Help() string {
	return `Example: callhue journal verify --head 17:4f6c...

Exit code 1 says that something was changed past Callhue, or damaged; the first such entry is named. Entries of the last
two minutes are not sealed yet. The check reads everything and may run beside a server.`
}

// verification is what journal verify prints.
type verification struct {
	journal.Verified
	Pages []string `json:"pages"` // what the database finds wrong with itself
}

// Run checks the pages first: of a damaged file the journal may be unreadable.
func (c *journalVerifyCmd) Run(e *env) error {
	pinned, err := journal.ParseHead(c.Head)
	if err != nil {
		return err
	}
	return e.withApp(shipped, func(a *app) error {
		var v verification
		if v.Pages, err = a.db.CheckPages(e.ctx); err != nil {
			return err
		}
		if len(v.Pages) == 0 {
			v.Pages = []string{}
			if v.Verified, err = a.journal.Verify(e.ctx, pinned); err != nil {
				return err
			}
		}
		if c.JSON {
			if err := printJSON(e, v); err != nil {
				return err
			}
		} else if v.Bad == nil && len(v.Pages) == 0 {
			fmt.Fprintf(e.out, "%d entries in %d blocks are as they were sealed, %d are not sealed yet\n",
				v.Entries, v.Blocks, v.Unsealed)
		}
		switch {
		case len(v.Pages) > 0:
			return fault.Conflict("database_damaged").With("first", strings.TrimSpace(v.Pages[0]))
		case v.Bad != nil:
			return fault.Conflict("journal_"+string(v.Bad.Why)).With("block", v.Bad.Block).With("entry", v.Bad.Entry)
		}
		return nil
	})
}

type journalHeadCmd struct {
	JSON bool `name:"json" help:"Print as JSON."`
}

func (journalHeadCmd) Help() string {
	return `Example: callhue journal head >> /mnt/elsewhere/heads

Prints BLOCK:HASH. Those who can write into the database and have the key file could write the whole chain again, but
not one that goes through a head that is kept where they cannot write.`
}

// Run prints the head.
func (c *journalHeadCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		head, err := journal.FindHead(a.db.Read(e.ctx))
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, head)
		}
		fmt.Fprintf(e.out, "%d:%s\n", head.Block, head.Hash)
		return nil
	})
}
