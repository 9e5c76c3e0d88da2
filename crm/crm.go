// Package crm holds companies, contacts and leads with their numbers, links, owners and statuses.
//
// Every write updates the number index, in which a call is looked up (Reach), in its own
// transaction. crm authorises each change (laundering.go is the table of rights) and records it in
// the journal, refused changes included. It never decides a colour and never talks to a PBX or to
// another CRM.
//
// Read next: records.go, reach.go, numbers.go, laundering.go, rights.go, company.go, merge.go;
// duplicates.go and quality.go find what should be corrected, quality_follow.go keeps both up to date.
package crm

import (
	"context"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
	"callhue/staff"
	"callhue/statuses"
)

// Kind of a record.
type Kind int

// The kinds, with the values that the database holds.
const (
	KindCompany Kind = 1
	KindContact Kind = 2
	KindLead    Kind = 3
)

// String returns the product's word: "company", "contact" or "lead"; "" for
// anything else.
func (k Kind) String() string {
	switch k {
	case KindCompany:
		return "company"
	case KindContact:
		return "contact"
	case KindLead:
		return "lead"
	}
	return ""
}

// KindOf reads what String wrote; an unknown word is the fault "not_found".
func KindOf(word string) (Kind, error) {
	for _, k := range []Kind{KindCompany, KindContact, KindLead} {
		if word == k.String() {
			return k, nil
		}
	}
	return 0, fault.Missing("kind")
}

// table is where the records of a kind are kept; it is part of its URL too.
func (k Kind) table() string {
	switch k {
	case KindCompany:
		return "companies"
	case KindContact:
		return "contacts"
	default:
		return "leads"
	}
}

// Records keeps the records of all three kinds.
type Records struct {
	db        *store.DB
	journal   *journal.Journal
	roster    *staff.Roster
	directory *statuses.Directory
	plan      *phone.Plan
	linker    Linker // nil: only external ids lead to other systems

	changed jobs.Signal // records were written: the follower of data quality has work
}

// New returns the records of a database. plan parses phones as people type them. The directory asks
// crm which statuses are in use.
func New(db *store.DB, j *journal.Journal, roster *staff.Roster, directory *statuses.Directory,
	plan *phone.Plan) *Records {
	j.Register(Verbs()...)
	directory.UsedBy(companiesWithStatus)
	relateClients(j)
	return &Records{db: db, journal: j, roster: roster, directory: directory, plan: plan, changed: jobs.NewSignal()}
}

// Journal returns the journal that the records are recorded in.
func (b *Records) Journal() *journal.Journal { return b.journal }

// act is one write about records, with the statuses as they stand inside its
// transaction. Records are held before anything is read: on MySQL the first plain
// SELECT fixes what all later ones see.
type act struct {
	*Records
	*journal.Act
	watcher
	loadedStatuses *statuses.Set
	setsDates      bool                    // phones have dates: an admin's import
	trusted        bool                    // another system has decided: nothing is refused
	origin         *ExternalID             // of the record, if another system writes it
	quiet          bool                    // the journal has the refusals already
	phonesRead     map[string]phone.Number // by text
}

// write runs a write in a transaction; the journal keeps a refusal for want of
// rights.
func (b *Records) write(ctx context.Context, by *access.User, do func(a *act) error) error {
	return b.journal.Write(ctx, b.db, by, func(a *journal.Act) error {
		return do(&act{Records: b, Act: a})
	})
}

func (a *act) org() (*staff.Org, error) { return a.roster.OrgIn(a.Tx) }

func (a *act) statusSet() (_ *statuses.Set, err error) {
	if a.loadedStatuses == nil {
		a.loadedStatuses, err = statuses.SetIn(a.Tx)
	}
	return a.loadedStatuses, err
}

func (a *act) now() int64 { return store.Millis(a.Tx.Now()) }

// note writes what happened to a record into the journal, for the department
// of its owner.
func (a *act) recordEntry(verb journal.Verb, kind Kind, id, owner int64, words map[string]any) error {
	org, err := a.org()
	if err != nil {
		return err
	}
	if changes, ok := words["changed"].(journal.Changes); ok && a.watch != nil {
		a.watch(kind, id, changes)
	}
	subject := journal.Ref{Kind: kind.String(), ID: id}
	return a.Record(journal.Entry{Team: org.DepartmentOf(owner), Verb: verb, Subject: subject, Client: subject},
		a.withOrigin(words))
}

// Origin is, in the details of an entry, the system that caused it and what it calls the record.
type Origin struct {
	System string `json:"system"`
	ID     string `json:"external_id"`
}

func (a *act) originDetails() *Origin {
	if a.origin == nil {
		return nil
	}
	return &Origin{a.origin.System, a.origin.ID}
}

func (a *act) withOrigin(words map[string]any) map[string]any {
	if origin := a.originDetails(); origin != nil {
		words["external"] = origin
	}
	return words
}
