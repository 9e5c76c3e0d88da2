package crmsync

import (
	"context"
	"time"

	"callhue/crm"
	"callhue/phone"
)

// Portal is a connected CRM. Its methods wait if the CRM's limits demand it, retry what can be retried, and
// end with the context. Faults: crm_unreachable, crm_busy (with the time to wait), crm_sign_in_again (the
// token is no longer valid and the application has to be installed again), crm_refused (the CRM's words are
// in "what"), crm_answer (the answer cannot be understood), crm_moved (it sends us to the address in "what") and
// private_address (it is in our own network, which is not allowed).
type Portal interface {
	// About proves the connection and identifies the connected account.
	About(ctx context.Context) (About, error)
	// Staff returns all employees, including dismissed ones, and the departments.
	Staff(ctx context.Context) (Staff, error)
	// StatusFields returns the fields of a company that can hold its status.
	StatusFields(ctx context.Context) ([]StatusField, error)
	// Stages returns the stages of leads.
	Stages(ctx context.Context) ([]Stage, error)
	// Page returns the next records of a kind in the order of their ids.
	Page(ctx context.Context, q Query) (Page, error)
	// Read returns records as they are now.
	Read(ctx context.Context, kind crm.Kind, ids []string, statusField string) (Reading, error)
	// Find returns the records that the CRM itself finds by a number.
	Find(ctx context.Context, n phone.Number) ([]Ref, error)
}

// Pages is a Portal that knows where its users open a record.
type Pages interface {
	// PageOf returns the URL of a record's page in the CRM.
	PageOf(ref Ref) string
}

// About identifies a connected account.
type About struct {
	Name string `json:"name"` // of the portal or account
	URL  string `json:"url"`  // where its users open it
	User string `json:"user"` // whose rights we have

	// MovedTo is the address that the account names, if it is not the one that is asked. It is not followed.
	MovedTo string `json:"moved_to,omitempty"`
}

// Query selects records.
type Query struct {
	Kind        crm.Kind
	After       string    // the Next of the previous page; "" for the first
	Since       time.Time // only those changed since then; zero for all
	StatusField string    // the code of the field with a company's status; "" for none
}

// Page is one page of records.
type Page struct {
	Records    []Record
	Unreadable []Unreadable // records of this page that were set aside
	Unordered  bool         // the CRM does not keep to the order of ids: records are read by their position
	Next       string       // "" on the last page
	Total      int64        // of all pages, -1 if unknown
}

// Reading is what a CRM returned of records that were requested by their ids. Those that are in none of its lists were
// deleted.
type Reading struct {
	Records    []Record
	Hidden     []string     // not deleted but not visible to us: we have no right to them, or lost it
	Unreadable []Unreadable // set aside
}

// Unreadable is a record that cannot be understood. It is set aside: what is known of it stays.
type Unreadable struct {
	ID  string // "" if not even that can be read
	Why string
}

// Staff are the employees and departments of the CRM.
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
	Extension  string   // internal number, if the CRM has it
	Phones     []string // own phones, in any spelling
	Department string   // their first department
	Active     bool
	Admin      bool
	// Outside is set for users who are no employees: extranet, e-mail and open channel users, bots. They are no
	// agents.
	Outside bool `json:",omitempty"`
	// Withheld are the values that the CRM did not return; they stay as they were last read.
	Withheld Withheld `json:"-"`
}

// Withheld are values of a user that a CRM did not return, for lack of a right or a scope.
type Withheld struct{ Extension, Active bool }

// StatusField is a field of a company whose entries can be mapped to our statuses.
type StatusField struct {
	Code    string  `json:"code"`
	Name    string  `json:"name"`
	Entries []Entry `json:"entries"`
}

// Entry is one value of a StatusField.
type Entry struct {
	Value string `json:"value"` // as in a record
	Name  string `json:"name"`
}

// Stage of leads in the CRM.
type Stage struct {
	Value string // as in Record.Stage
	Name  string
	Stage string // our equivalent: one of crm's stages
}
