package crmsync

import (
	"context"
	"time"

	"callhue/crm"
	"callhue/phone"
)

// Portal is a connected CRM. Its methods wait where the CRM's limits ask for it,
// try again what may be tried again, and end with the context. Their faults are
// crm_unreachable, crm_busy (with how long to wait), crm_sign_in_again (the
// grant is over: somebody has to install the application anew), crm_refused (what
// it says stands in "what"), crm_answer (it answers what nobody understands) and
// private_address (it is in our own network, and that is not allowed).
type Portal interface {
	// About proves the connection and says whereto it leads.
	About(ctx context.Context) (About, error)
	// Staff gives everybody who works there, the dismissed too, and the departments.
	Staff(ctx context.Context) (Staff, error)
	// StatusFields gives the fields of a company that can hold its status.
	StatusFields(ctx context.Context) ([]StatusField, error)
	// Stages gives the stages of leads.
	Stages(ctx context.Context) ([]Stage, error)
	// Page gives the next records of a kind in the order of their ids.
	Page(ctx context.Context, q Query) (Page, error)
	// Read gives records as they are now. Of those that are missing there, hidden names
	// the ones that are not gone, but are not shown to us: we have no right to them, or
	// not any more.
	Read(ctx context.Context, kind crm.Kind, ids []string, statusField string) (list []Record, hidden []string, err error)
	// Find gives the records that the CRM itself finds by a number.
	Find(ctx context.Context, n phone.Number) ([]Ref, error)
}

// Pages is a Portal that can say where its users see a record.
type Pages interface {
	// PageOf gives the URL of a record's page in the CRM.
	PageOf(ref Ref) string
}

// About says whereto a connection leads.
type About struct {
	Name string `json:"name"` // of the portal or account
	URL  string `json:"url"`  // where its users see it
	User string `json:"user"` // as whom we ask
}

// Query asks for records.
type Query struct {
	Kind        crm.Kind
	After       string    // the Next of the page before; "" for the first
	Since       time.Time // only those that changed since then; zero for all
	StatusField string    // the code of the field with a company's status; "" for none
}

// Page is some records.
type Page struct {
	Records []Record
	Next    string // "" when there are no more
	Total   int64  // of all pages, -1 where the CRM does not say
}

// Staff is who works in the CRM.
type Staff struct {
	Departments []Department
	Users       []User
}

// Department of the CRM.
type Department struct {
	ID, Name, ParentID string
	HeadID             string // of a user; "" for none
}

// User of the CRM.
type User struct {
	ID         string
	Name       string
	Email      string
	Extension  string   // internal number, where the CRM tells it
	Phones     []string // own phones, in any spelling
	Department string   // the first of his departments
	Active     bool
	Admin      bool
}

// StatusField is a field of a company whose entries can be mapped to our statuses.
type StatusField struct {
	Code    string  `json:"code"`
	Name    string  `json:"name"`
	Entries []Entry `json:"entries"`
}

// Entry is one value of a StatusField.
type Entry struct {
	Value string `json:"value"` // as it stands in a record
	Name  string `json:"name"`
}

// Stage of leads in the CRM.
type Stage struct {
	Value string // as it stands in Record.Stage
	Name  string
	Stage string // ours that means the same: one of crm's stages
}
