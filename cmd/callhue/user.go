package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/staff"
)

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Add a user."`
	List    userListCmd    `cmd:"" help:"List users."`
	Disable userDisableCmd `cmd:"" help:"Dismiss a user: he can no longer sign in, his tokens die."`
	Passwd  userPasswdCmd  `cmd:"" help:"Set a user's password, read from the terminal or standard input."`
	Link    userLinkCmd    `cmd:"" help:"Print a one-time sign-in link."`
}

type userAddCmd struct {
	Login      string   `required:"" help:"Name to sign in with."`
	Name       string   `required:"" help:"Name on cards."`
	Roles      []string `default:"agent" help:"agent, supervisor, admin, service, display."`
	Department string   `help:"Name or id of the department; a new name makes a new department."`
	Extension  []string `help:"Extension in the PBX; may be given several times."`
	Phone      []string `help:"His own phone, which is no client's; may be given several times."`
	Language   string   `enum:"ru,en" default:"ru" help:"ru or en."`
	JSON       bool     `name:"json" help:"Print the user as JSON."`
}

func (userAddCmd) Help() string {
	return `Example: callhue user add --login petrov --name "Petrov" --roles agent --department Sales --extension 102`
}

// Run adds the user.
func (c *userAddCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		department, err := a.department(e, c.Department)
		if err != nil {
			return err
		}
		roles := make(access.Roles, len(c.Roles))
		for i, r := range c.Roles {
			roles[i] = access.Role(r)
		}
		u, err := a.roster.AddUser(e.ctx, access.System(), staff.NewUser{Login: c.Login, Name: c.Name, Roles: roles,
			DepartmentID: department, Extensions: c.Extension, Phones: c.Phone, Language: c.Language})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, u)
		}
		fmt.Fprintf(e.out, "user %s has the id %d; sign-in link: callhue user link %s\n", u.Login, u.ID, u.Login)
		return nil
	})
}

// department finds a department by id or name, and makes one of a new name.
func (a *app) department(e *env, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	org, err := a.roster.Org(e.ctx)
	if err != nil {
		return 0, err
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		if org.Department(id) == nil {
			return 0, fault.Invalid("department", "unknown_department")
		}
		return id, nil
	}
	for _, d := range org.Departments() {
		if strings.EqualFold(d.Name, text) {
			return d.ID, nil
		}
	}
	d, err := a.roster.AddDepartment(e.ctx, access.System(), staff.NewDepartment{Name: text})
	if err != nil {
		return 0, err
	}
	return d.ID, nil
}

type userListCmd struct {
	JSON bool `name:"json" help:"Print the users as JSON."`
}

func (userListCmd) Help() string { return "Example: callhue user list" }

// Run lists the users.
func (c *userListCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		org, err := a.roster.Org(e.ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e, org.Users())
		}
		table := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tLOGIN\tNAME\tROLES\tDEPARTMENT\tEXTENSIONS\tACTIVE")
		for _, u := range org.Users() {
			department := ""
			if d := org.Department(u.DepartmentID); d != nil {
				department = d.Name
			}
			roles := make([]string, len(u.Roles))
			for i, r := range u.Roles {
				roles[i] = string(r)
			}
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%v\n", u.ID, u.Login, u.Name, strings.Join(roles, ","),
				department, strings.Join(u.Extensions, ","), u.Active)
		}
		return table.Flush()
	})
}

// userByLogin finds a user; an unknown login is the fault "unknown_user".
func (a *app) userByLogin(e *env, login string) (*staff.User, error) {
	org, err := a.roster.Org(e.ctx)
	if err != nil {
		return nil, err
	}
	if u := org.ByLogin(login); u != nil {
		return u, nil
	}
	return nil, fault.Invalid("login", "unknown_user").With("login", login)
}

// byLogin is the login of a command, as an argument or as a flag.
type byLogin struct {
	Who   string `arg:"" optional:"" name:"login" help:"Login of the user."`
	Login string `help:"The same as a flag."`
}

func (b *byLogin) find(e *env, a *app) (*staff.User, error) {
	login := b.Who
	if login == "" {
		login = b.Login
	}
	if login == "" {
		return nil, fault.Invalid("login", "required")
	}
	return a.userByLogin(e, login)
}

type userDisableCmd struct {
	byLogin
}

func (userDisableCmd) Help() string { return "Example: callhue user disable petrov" }

// Run dismisses the user.
func (c *userDisableCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		u, err := c.find(e, a)
		if err != nil {
			return err
		}
		if err := a.roster.Disable(e.ctx, access.System(), u.ID); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "user %s can no longer sign in\n", u.Login)
		return nil
	})
}

type userPasswdCmd struct {
	byLogin
}

func (userPasswdCmd) Help() string { return "Example: callhue user passwd petrov" }

// Run sets the password.
func (c *userPasswdCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		u, err := c.find(e, a)
		if err != nil {
			return err
		}
		password, err := readPassword(e)
		if err != nil {
			return err
		}
		if err := a.roster.SetPassword(e.ctx, access.System(), u.ID, password); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "the password of %s is set\n", u.Login)
		return nil
	})
}

// readPassword reads a line without showing it, or from a pipe.
func readPassword(e *env) (string, error) {
	if fd := int(os.Stdin.Fd()); term.IsTerminal(fd) {
		fmt.Fprint(e.err, "New password: ")
		line, err := term.ReadPassword(fd)
		fmt.Fprintln(e.err)
		return string(line), err
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line != "" {
		err = nil
	}
	return line, err
}

type userLinkCmd struct {
	byLogin
	PublicURL string        `name:"public-url" env:"CALLHUE_PUBLIC_URL" default:"http://127.0.0.1:8080" help:"What browsers call the server by."`
	Lives     time.Duration `default:"24h" help:"How long the link waits: 15m to 24h."`
	JSON      bool          `name:"json" help:"Print as JSON."`
}

func (userLinkCmd) Help() string { return "Example: callhue user link petrov" }

// Run prints the link.
func (c *userLinkCmd) Run(e *env) error {
	return e.withApp(shipped, func(a *app) error {
		u, err := c.find(e, a)
		if err != nil {
			return err
		}
		secret, err := a.roster.Link(e.ctx, access.System(), u.ID, c.Lives)
		if err != nil {
			return err
		}
		link := strings.TrimRight(c.PublicURL, "/") + "/signin/" + secret
		if c.JSON {
			return printJSON(e, map[string]string{"link": link})
		}
		fmt.Fprintln(e.out, link)
		return nil
	})
}
