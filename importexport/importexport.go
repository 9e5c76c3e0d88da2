// Package importexport reads files of records from other systems (CSV and vCard) and writes ours as
// such files.
//
// The Importer reads a file row by row, so a million rows need no more memory than a thousand. It
// guesses what the columns mean and reports its guess, finds the rows whose record exists already,
// and lets crm write the rows batch by batch with the rights of the importing user. The position in
// the file is stored in the transaction of its batch: an interrupted import resumes, and a file
// imported twice duplicates nothing. The importer only adds and fills in, it never removes.
//
// Read next: file.go and csv.go (reading a file), header.go (the meaning of columns), draft.go (one
// row), match.go, import.go and write.go; then export.go, and subject.go for the data of one
// person.
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

// Kind is the kind of record in the rows of a file.
type Kind string

// The kinds of records that a file may hold.
const (
	Companies Kind = "company"
	Contacts  Kind = "contact"
	Leads     Kind = "lead"
	Users     Kind = "user"
)

// RowKind is a Kind as the API shows it.
type RowKind Kind

// Values lists the kinds.
func (RowKind) Values() []string { return []string{"company", "contact", "lead", "user"} }

// recordKind returns the crm kind, 0 for users.
func (k Kind) recordKind() crm.Kind {
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

// Importer imports and exports files of records, and exports or erases the data of one person.
type Importer struct {
	db             *store.DB
	records        *crm.Records
	roster         *staff.Roster
	directory      *statuses.Directory
	numbers        *phone.Plan
	random         io.Reader
	erasureSources []erasureSource
	service        Service
}

// New returns an importer on a database. numbers parses phones as people type them; random makes
// the installation tag that prefixes our codes in exported files.
func New(db *store.DB, records *crm.Records, roster *staff.Roster, directory *statuses.Directory, numbers *phone.Plan,
	random io.Reader) *Importer {
	return &Importer{db: db, records: records, roster: roster, directory: directory, numbers: numbers, random: random}
}

// UserByLogin returns the user on whose behalf an import runs. An empty login is the command line,
// which has the rights of an admin. Faults: invalid_input (as: unknown_user) for an unknown or
// dismissed user, role_missing for one who may not write.
func (c *Importer) UserByLogin(ctx context.Context, login string) (*access.User, error) {
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
	by := &access.User{ID: u.ID, Login: u.Login, Name: u.Name, Roles: u.Roles, Department: u.DepartmentID,
		Language: u.Language}
	if !by.Has(access.Staff...) {
		return nil, fault.Forbidden("role_missing").With("roles", access.Staff)
	}
	return by, nil
}
