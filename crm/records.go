package crm

import (
	"time"

	"callhue/staff"
)

// Record is what companies, contacts and leads have in common.
type Record struct {
	ID        int64         `json:"id"`
	Name      string        `json:"name"`
	OwnerID   int64         `json:"owner_id"` // 0: no one
	Owner     *staff.Person `json:"owner"`
	Phones    []Phone       `json:"phones"`
	Emails    []string      `json:"emails"`
	Version   int64         `json:"version"`
	CreatedAt time.Time     `json:"created_at"`
	CreatedBy int64         `json:"created_by"`
	UpdatedAt time.Time     `json:"updated_at"`
	UpdatedBy int64         `json:"updated_by"`
	URL       string        `json:"url"` // of its page in the browser

	ExternalIDs []ExternalID `json:"external_ids"` // what other systems call it
	Links       []Link       `json:"links"`        // its pages in other systems
}

// Named is a linked record.
type Named struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Phone is one phone of a record. Only Value and Kind are written by users;
// the other fields are how it was parsed, and are ignored on input.
type Phone struct {
	Value     string    `json:"value"` // as typed
	Kind      string    `json:"kind"`  // "work" by default; at most 20 characters
	Number    string    `json:"e164,omitempty"`
	Extension string    `json:"extension,omitempty"`
	Valid     bool      `json:"valid"`          // it was parsed as an external number
	Since     time.Time `json:"since,omitzero"` // when this number came to this record
}

// StatusMark is the status that a company's card shows.
type StatusMark struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Color string `json:"color"`
}

// Company is an organisation that may be guarded by its status.
type Company struct {
	Record
	TeamIDs  []int64     `json:"team_ids"` // users who help the owner
	Status   *StatusMark `json:"status"`   // nil: old data, or its entry is gone
	StatusAt time.Time   `json:"status_at,omitzero"`
	StatusBy int64       `json:"status_by"`
}

// Contact is a person, of any number of companies.
type Contact struct {
	Record
	Post       string  `json:"post"`
	CompanyIDs []int64 `json:"company_ids"` // the first is the primary one
	Companies  []Named `json:"companies"`

	Since []time.Time `json:"-"` // since when the contact is linked to each of them, for exports
}

// Lead is a person who may become a client.
type Lead struct {
	Record
	Title       string     `json:"title"`
	Source      string     `json:"source"`
	Stage       string     `json:"stage"`
	Semantics   Semantics  `json:"semantics"`
	CompanyID   int64      `json:"company_id"`
	Company     *Named     `json:"company"`
	ContactID   int64      `json:"contact_id"`
	ConvertedAt *time.Time `json:"converted_at"`

	Since time.Time `json:"-"` // since when it is linked to its company, for exports
}

// Semantics is what a lead's stage means.
type Semantics string

// The three ways in which a stage counts.
const (
	Open    Semantics = "open"
	Success Semantics = "success" // converted
	Failed  Semantics = "failed"  // lost; its numbers still count
)

// Values lists the ways, for the API reference.
func (Semantics) Values() []string { return []string{string(Open), string(Success), string(Failed)} }

// The stages of a lead.
const (
	StageNew       = "new"
	StageInProcess = "in_process"
	StageFailed    = "failed"
	StageConverted = "converted" // only Convert leads here
)

// semanticsOf returns the meaning of a stage, "" for an unknown one.
func semanticsOf(stage string) Semantics {
	switch stage {
	case StageNew, StageInProcess:
		return Open
	case StageFailed:
		return Failed
	case StageConverted:
		return Success
	}
	return ""
}

// NewCompany is what a company is made from.
type NewCompany struct {
	Name    string   `json:"name"`
	OwnerID int64    `json:"owner_id,omitempty"`
	Phones  []Phone  `json:"phones,omitempty"`
	Emails  []string `json:"emails,omitempty"`
	TeamIDs []int64  `json:"team_ids,omitempty"`
	Status  string   `json:"status,omitempty"` // a code; the default status if empty

	ExternalIDs []ExternalID `json:"external_ids,omitempty"`
}

// NewContact is what a contact is made from.
type NewContact struct {
	Name       string   `json:"name"`
	Post       string   `json:"post,omitempty"`
	OwnerID    int64    `json:"owner_id,omitempty"`
	Phones     []Phone  `json:"phones,omitempty"`
	Emails     []string `json:"emails,omitempty"`
	CompanyIDs []int64  `json:"company_ids,omitempty"`

	ExternalIDs []ExternalID `json:"external_ids,omitempty"`

	// Since when the contact is linked to each of CompanyIDs; only for an admin's import.
	Since []time.Time `json:"-"`
}

// NewLead is what a lead is made from; it needs a title or a name.
type NewLead struct {
	Title     string   `json:"title,omitempty"`
	Name      string   `json:"name,omitempty"`
	OwnerID   int64    `json:"owner_id,omitempty"`
	Phones    []Phone  `json:"phones,omitempty"`
	Emails    []string `json:"emails,omitempty"`
	CompanyID int64    `json:"company_id,omitempty"`
	ContactID int64    `json:"contact_id,omitempty"`
	Stage     string   `json:"stage,omitempty"` // StageNew if empty
	Source    string   `json:"source,omitempty"`

	ExternalIDs []ExternalID `json:"external_ids,omitempty"`

	// Since when the lead is linked to CompanyID; only for an admin's import.
	Since time.Time `json:"-"`
}

// CompanyChange changes the fields that are not nil.
type CompanyChange struct {
	Name    *string   `json:"name"`
	OwnerID *int64    `json:"owner_id"`
	Phones  *[]Phone  `json:"phones"`
	Emails  *[]string `json:"emails"`
	TeamIDs *[]int64  `json:"team_ids"`
	Reason  string    `json:"reason,omitempty"` // for the journal
	Version int64     `json:"version"`

	ExternalIDs *[]ExternalID `json:"external_ids"` // replaces all but those of imported files
}

// ContactChange changes the fields that are not nil.
type ContactChange struct {
	Name       *string   `json:"name"`
	Post       *string   `json:"post"`
	OwnerID    *int64    `json:"owner_id"`
	Phones     *[]Phone  `json:"phones"`
	Emails     *[]string `json:"emails"`
	CompanyIDs *[]int64  `json:"company_ids"`
	Reason     string    `json:"reason,omitempty"`
	Version    int64     `json:"version"`

	ExternalIDs *[]ExternalID `json:"external_ids"` // replaces all but those of imported files
}

// LeadChange changes the fields that are not nil; an empty stage stays too.
type LeadChange struct {
	Title     *string   `json:"title"`
	Name      *string   `json:"name"`
	OwnerID   *int64    `json:"owner_id"`
	Phones    *[]Phone  `json:"phones"`
	Emails    *[]string `json:"emails"`
	CompanyID *int64    `json:"company_id"`
	ContactID *int64    `json:"contact_id"`
	Stage     *string   `json:"stage"`
	Source    *string   `json:"source"`
	Reason    string    `json:"reason,omitempty"`
	Version   int64     `json:"version"`

	ExternalIDs *[]ExternalID `json:"external_ids"` // replaces all but those of imported files
}
