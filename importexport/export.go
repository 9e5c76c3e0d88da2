package importexport

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/staff"
)

// Export writes all records of a kind as a CSV file, by id, and says how many
// they are. The columns are those that Import knows, and each record carries a
// code of this installation: the same file brought back changes nothing, and in
// another installation it makes the same records. It is read a page at a time.
func (c *Importer) Export(ctx context.Context, kind Kind, to io.Writer) (int64, error) {
	out := web.NewCSVWriter(to)
	rows := int64(0)
	put := func(cells ...string) error {
		row := make([]any, len(cells))
		for i, text := range cells {
			row[i] = text
		}
		rows++
		return out.Row(row...)
	}
	e, err := c.exporting(ctx)
	if err == nil {
		err = e.all(kind, put)
	}
	if err == nil {
		err = out.Flush()
	}
	return max(rows-1, 0), err // the header is no record
}

// ExportCards writes all contacts as vCards of version 3.0 (RFC 2426), which
// phones and address books read.
func (c *Importer) ExportCards(ctx context.Context, to io.Writer) (rows int64, err error) {
	e, err := c.exporting(ctx)
	if err != nil {
		return 0, err
	}
	err = each(ctx, c.book.ContactsAfter, func(p crm.Contact) int64 { return p.ID }, func(p crm.Contact) error {
		rows++
		_, err := io.WriteString(to, cardOf(e.code(p.ID), p))
		return err
	})
	return rows, err
}

// exporting is what every row of an export needs.
type exporting struct {
	*Importer
	ctx context.Context
	tag string
	org *staff.Org
}

func (c *Importer) exporting(ctx context.Context) (*exporting, error) {
	e := &exporting{Importer: c, ctx: ctx}
	made := make([]byte, 4)
	if _, err := io.ReadFull(c.random, made); err != nil {
		return nil, fault.Internal(err)
	}
	err := c.db.Write(ctx, func(tx *store.Tx) (err error) {
		e.tag, err = installation(tx, "ch"+hex.EncodeToString(made))
		return err
	})
	if err == nil {
		e.org, err = c.roster.Org(ctx)
	}
	return e, err
}

// code is what a record of ours is called in a file.
func (e *exporting) code(id int64) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", e.tag, id)
}

func (e *exporting) login(id int64) string {
	if u := e.org.User(id); u != nil {
		return u.Login
	}
	return ""
}

// The columns of each kind, in the order of the cells below.
var exported = map[Kind][]string{
	Companies: {"code", "name", "phones", "phone_kinds", "since", "emails", "owner", "team", "status"},
	Contacts:  {"code", "name", "phones", "phone_kinds", "since", "emails", "owner", "post", "companies", "company_codes", "company_since"},
	Leads: {"code", "name", "phones", "phone_kinds", "since", "emails", "owner", "lead_title", "source", "stage",
		"company", "company_code", "company_since", "contact_code"},
	Users: {"login", "name", "roles", "department", "extensions", "language", "phones"},
}

func (e *exporting) all(kind Kind, put func(...string) error) error {
	if err := put(exported[kind]...); err != nil {
		return err
	}
	switch kind {
	case Companies:
		return each(e.ctx, e.book.CompaniesAfter, func(c crm.Company) int64 { return c.ID }, func(c crm.Company) error {
			team := make([]string, len(c.TeamIDs))
			for i, id := range c.TeamIDs {
				team[i] = e.login(id)
			}
			status := ""
			if c.Status != nil {
				status = c.Status.Code
			}
			return put(append(e.common(c.Record), strings.Join(team, "\n"), status)...)
		})
	case Contacts:
		return each(e.ctx, e.book.ContactsAfter, func(p crm.Contact) int64 { return p.ID }, func(p crm.Contact) error {
			var names, codes, since []string
			for i, c := range p.Companies {
				names, codes, since = append(names, fault.Tidy(c.Name)), append(codes, e.code(c.ID)), append(since, timeText(p.Since[i]))
			}
			return put(append(e.common(p.Record), p.Post, strings.Join(names, "\n"), strings.Join(codes, "\n"), strings.Join(since, "\n"))...)
		})
	case Leads:
		return each(e.ctx, e.book.LeadsAfter, func(l crm.Lead) int64 { return l.ID }, func(l crm.Lead) error {
			company := ""
			if l.Company != nil {
				company = l.Company.Name
			}
			return put(append(e.common(l.Record), l.Title, l.Source, l.Stage, company, e.code(l.CompanyID), timeText(l.Since), e.code(l.ContactID))...)
		})
	}
	return e.users(put)
}

func (e *exporting) users(put func(...string) error) error {
	for _, u := range e.org.Users() {
		roles := make([]string, len(u.Roles))
		for i, role := range u.Roles {
			roles[i] = string(role)
		}
		department := ""
		if d := e.org.Department(u.DepartmentID); d != nil {
			department = d.Name
		}
		err := put(u.Login, u.Name, strings.Join(roles, ","), department, strings.Join(u.Extensions, ","), u.Language, strings.Join(u.Phones, "\n"))
		if err != nil {
			return err
		}
	}
	return nil
}

// common is the cells that all records begin with.
func (e *exporting) common(r crm.Record) []string {
	var values, kinds, since []string
	for _, p := range r.Phones {
		values, kinds, since = append(values, p.Value), append(kinds, p.Kind), append(since, timeText(p.Since))
	}
	return []string{e.code(r.ID), r.Name, strings.Join(values, "\n"), strings.Join(kinds, "\n"), strings.Join(since, "\n"),
		strings.Join(r.Emails, "\n"), e.login(r.OwnerID)}
}

// timeText is a time to the millisecond, as the database has it.
func timeText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// each goes through all records of a kind by id, a page at a time.
func each[Record any](ctx context.Context, page func(context.Context, int64) ([]Record, error), idOf func(Record) int64, f func(Record) error) error {
	for after := int64(0); ; {
		list, err := page(ctx, after)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, record := range list {
			if err := f(record); err != nil {
				return err
			}
		}
		after = idOf(list[len(list)-1])
	}
}

// cardOf writes a contact as a card.
func cardOf(code string, p crm.Contact) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			b.WriteString(folded(name + ":" + value))
		}
	}
	line("BEGIN", "VCARD")
	line("VERSION", "3.0")
	line("UID", escaped(code))
	line("FN", escaped(p.Name))
	line("N", escaped(p.Name)+";;;;")
	if len(p.Companies) > 0 {
		line("ORG", escaped(p.Companies[0].Name))
	}
	line("TITLE", escaped(p.Post))
	for _, phone := range p.Phones {
		line("TEL;TYPE="+cardType(phone.Kind), escaped(phone.Value))
	}
	for _, email := range p.Emails {
		line("EMAIL;TYPE=INTERNET", escaped(email))
	}
	line("END", "VCARD")
	return b.String()
}

// cardType is the type of a number for a kind of phone.
func cardType(kind string) string {
	switch kind {
	case "mobile":
		return "CELL"
	case "work", "home", "fax":
		return strings.ToUpper(kind)
	}
	word := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			return c
		}
		return -1
	}, strings.ToLower(kind))
	if word == "" {
		return "VOICE"
	}
	return "X-" + word
}

func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, "\r\n", `\n`, "\n", `\n`, ",", `\,`, ";", `\;`).Replace(text)
}

// folded ends a line, and breaks one of more than 75 bytes, between characters.
func folded(line string) string {
	const most = 75
	var b strings.Builder
	for length := 0; line != ""; {
		n := 1
		for n < len(line) && line[n]&0xc0 == 0x80 {
			n++
		}
		if length+n > most {
			b.WriteString("\r\n ")
			length = 1
		}
		b.WriteString(line[:n])
		length, line = length+n, line[n:]
	}
	return b.String() + "\r\n"
}
