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
	"callhue/internal/text"
	"callhue/internal/web"
	"callhue/staff"
)

// Export writes all records of a kind as CSV in order of id, a page at a time, and returns their
// number. The columns are those that Import knows, and each record carries a code of this
// installation: importing the file here changes nothing, importing it elsewhere adds the same
// records.
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
	e, err := c.newExporter(ctx)
	if err == nil {
		err = e.writeAll(kind, put)
	}
	if err == nil {
		err = out.Flush()
	}
	return max(rows-1, 0), err // without the header
}

// ExportCards writes all contacts as vCard 3.0 (RFC 2426) and returns their number.
func (c *Importer) ExportCards(ctx context.Context, to io.Writer) (rows int64, err error) {
	e, err := c.newExporter(ctx)
	if err != nil {
		return 0, err
	}
	err = forEach(ctx, c.records.ContactsAfter, func(p crm.Contact) int64 { return p.ID }, func(p crm.Contact) error {
		rows++
		_, err := io.WriteString(to, vcardOf(e.code(p.ID), p))
		return err
	})
	return rows, err
}

// exporter holds what every row of an export needs.
type exporter struct {
	*Importer
	ctx context.Context
	tag string
	org *staff.Org
}

func (c *Importer) newExporter(ctx context.Context) (*exporter, error) {
	e := &exporter{Importer: c, ctx: ctx}
	tag := make([]byte, 4)
	if _, err := io.ReadFull(c.random, tag); err != nil {
		return nil, fault.Internal(err)
	}
	err := c.db.Write(ctx, func(tx *store.Tx) (err error) {
		e.tag, err = findOrAddInstallation(tx, "ch"+hex.EncodeToString(tag))
		return err
	})
	if err == nil {
		e.org, err = c.roster.Org(ctx)
	}
	return e, err
}

// code returns the code of a record in exported files.
func (e *exporter) code(id int64) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", e.tag, id)
}

func (e *exporter) loginOf(id int64) string {
	if u := e.org.User(id); u != nil {
		return u.Login
	}
	return ""
}

// exportColumns lists the columns of each kind, in the order of the cells below.
var exportColumns = map[Kind][]string{
	Companies: {"code", "name", "phones", "phone_kinds", "since", "emails", "owner", "team", "status"},
	Contacts: {"code", "name", "phones", "phone_kinds", "since", "emails", "owner", "post", "companies",
		"company_codes", "company_since"},
	Leads: {"code", "name", "phones", "phone_kinds", "since", "emails", "owner", "lead_title", "source", "stage",
		"company", "company_code", "company_since", "contact_code"},
	Users: {"login", "name", "roles", "department", "extensions", "language", "phones"},
}

func (e *exporter) writeAll(kind Kind, put func(...string) error) error {
	if err := put(exportColumns[kind]...); err != nil {
		return err
	}
	switch kind {
	case Companies:
		return forEach(e.ctx, e.records.CompaniesAfter, func(c crm.Company) int64 { return c.ID },
			func(c crm.Company) error {
				team := make([]string, len(c.TeamIDs))
				for i, id := range c.TeamIDs {
					team[i] = e.loginOf(id)
				}
				status := ""
				if c.Status != nil {
					status = c.Status.Code
				}
				return put(append(e.commonCells(c.Record), strings.Join(team, "\n"), status)...)
			})
	case Contacts:
		return forEach(e.ctx, e.records.ContactsAfter, func(p crm.Contact) int64 { return p.ID },
			func(p crm.Contact) error {
				var names, codes, since []string
				for i, c := range p.Companies {
					names, codes, since = append(names, text.Tidy(c.Name)), append(codes, e.code(c.ID)),
						append(since, formatTime(p.Since[i]))
				}
				return put(append(e.commonCells(p.Record), p.Post, strings.Join(names, "\n"), strings.Join(codes, "\n"),
					strings.Join(since, "\n"))...)
			})
	case Leads:
		return forEach(e.ctx, e.records.LeadsAfter, func(l crm.Lead) int64 { return l.ID }, func(l crm.Lead) error {
			company := ""
			if l.Company != nil {
				company = l.Company.Name
			}
			return put(append(e.commonCells(l.Record), l.Title, l.Source, l.Stage, company, e.code(l.CompanyID),
				formatTime(l.Since), e.code(l.ContactID))...)
		})
	}
	return e.writeUsers(put)
}

func (e *exporter) writeUsers(put func(...string) error) error {
	for _, u := range e.org.Users() {
		roles := make([]string, len(u.Roles))
		for i, role := range u.Roles {
			roles[i] = string(role)
		}
		department := ""
		if d := e.org.Department(u.DepartmentID); d != nil {
			department = d.Name
		}
		err := put(u.Login, u.Name, strings.Join(roles, ","), department, strings.Join(u.Extensions, ","), u.Language,
			strings.Join(u.Phones, "\n"))
		if err != nil {
			return err
		}
	}
	return nil
}

// commonCells returns the cells that all kinds of records begin with.
func (e *exporter) commonCells(r crm.Record) []string {
	var values, kinds, since []string
	for _, p := range r.Phones {
		values, kinds, since = append(values, p.Value), append(kinds, p.Kind), append(since, formatTime(p.Since))
	}
	return []string{e.code(r.ID), r.Name, strings.Join(values, "\n"), strings.Join(kinds, "\n"),
		strings.Join(since, "\n"),
		strings.Join(r.Emails, "\n"), e.loginOf(r.OwnerID)}
}

// formatTime formats a time in milliseconds, "" for the zero time.
func formatTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// forEach calls f for all records of a kind in order of id, a page at a time.
func forEach[Record any](ctx context.Context, page func(context.Context, int64) ([]Record, error),
	idOf func(Record) int64, f func(Record) error) error {
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

// vcardOf formats a contact as a vCard.
func vcardOf(code string, p crm.Contact) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			b.WriteString(foldLine(name + ":" + value))
		}
	}
	line("BEGIN", "VCARD")
	line("VERSION", "3.0")
	line("UID", escape(code))
	line("FN", escape(p.Name))
	line("N", escape(p.Name)+";;;;")
	if len(p.Companies) > 0 {
		line("ORG", escape(p.Companies[0].Name))
	}
	line("TITLE", escape(p.Post))
	for _, phone := range p.Phones {
		line("TEL;TYPE="+vcardPhoneType(phone.Kind), escape(phone.Value))
	}
	for _, email := range p.Emails {
		line("EMAIL;TYPE=INTERNET", escape(email))
	}
	line("END", "VCARD")
	return b.String()
}

// vcardPhoneType returns the vCard type for a kind of phone.
func vcardPhoneType(kind string) string {
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

func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "\r\n", `\n`, "\n", `\n`, ",", `\,`, ";", `\;`).Replace(text)
}

// foldLine ends a line, folding it at 75 bytes between characters.
func foldLine(line string) string {
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
