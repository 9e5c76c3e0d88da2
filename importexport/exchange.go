// Package importexport is files in and out: it takes the records of other systems
// from CSV and vCard files, and hands ours out again.
//
// The Clerk reads a file row by row, so that a million rows need no more memory
// than a thousand; he guesses what its columns mean and says so, finds out which
// rows are there already, and has crm write a batch of them at a time, with the
// rights of whoever imports. Where he was is kept in the same transaction: a file
// that was cut off goes on, and one that comes twice doubles nothing. He never
// writes a record by himself and never takes anything away.
//
// Read next: source.go and rows.go (what is in a file), header.go (what its
// columns mean), draft.go (a row), match.go, import.go; then export.go, and person.go
// for what one person may ask.
package importexport

import (
	"context"
	"io"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/phone"
	"callhue/staff"
	"callhue/statuses"
)

// Kind is what the rows of a file are.
type Kind string

// The kinds of rows.
const (
	Companies Kind = "company"
	Contacts  Kind = "contact"
	Leads     Kind = "lead"
	Users     Kind = "user"
)

// of gives the kind of record in crm; users are none.
func (k Kind) of() crm.Kind {
	switch k {
	case Companies:
		return crm.KindCompany
	case Contacts:
		return crm.KindContact
	case Leads:
		return crm.KindLead
	}
	return 0
}

// Importer takes files in and hands files out.
type Importer struct {
	db        *store.DB
	book      *crm.Records
	roster    *staff.Roster
	directory *statuses.Directory
	plan      *phone.Plan
	random    io.Reader
	keepers   []keeper
}

// New gives the clerk of a database. plan reads phones as people type them;
// random makes the tag that our own records have in exported files.
func New(db *store.DB, book *crm.Records, roster *staff.Roster, directory *statuses.Directory, plan *phone.Plan, random io.Reader) *Importer {
	return &Importer{db: db, book: book, roster: roster, directory: directory, plan: plan, random: random}
}

// On gives the user in whose name an import is made; an empty login is the
// command line itself, which may do what an admin may. Faults: an unknown or
// dismissed user, and one whose roles may not write.
func (c *Importer) On(ctx context.Context, login string) (*access.User, error) {
	if login == "" {
		return &access.User{Roles: access.Roles{access.Admin}}, nil
	}
	org, err := c.roster.Org(ctx)
	if err != nil {
		return nil, err
	}
	u := org.ByLogin(login)
	if u == nil || !u.Active {
		return nil, fault.Invalid("as", "unknown_user").With("login", login)
	}
	by := &access.User{ID: u.ID, Login: u.Login, Name: u.Name, Roles: u.Roles, Department: u.DepartmentID, Language: u.Language}
	if !by.Has(access.Staff...) {
		return nil, fault.Forbidden("role_missing").With("roles", access.Staff)
	}
	return by, nil
}
