package crmsync

import (
	"time"

	"callhue/crm"
)

// Ref names a record of the CRM.
type Ref struct {
	Kind crm.Kind
	ID   string
}

// Record is a lead, contact or company as the CRM has it. Ids are the CRM's.
type Record struct {
	Kind       crm.Kind  `json:"-"`
	ID         string    `json:"-"`
	Name       string    `json:"name"` // of a lead: the person's
	Title      string    `json:"title,omitempty"`
	Post       string    `json:"post,omitempty"`
	OwnerID    string    `json:"owner_id,omitempty"` // the user who is responsible
	Phones     []Phone   `json:"phones,omitempty"`
	Emails     []string  `json:"emails,omitempty"`
	CompanyIDs []string  `json:"company_ids,omitempty"` // the first is the primary one
	ContactID  string    `json:"contact_id,omitempty"`  // of a lead
	Status     string    `json:"status,omitempty"`      // of a company: the value of Query.StatusField
	Stage      string    `json:"stage,omitempty"`       // of a lead
	Source     string    `json:"source,omitempty"`      // of a lead
	CreatedAt  time.Time `json:"-"`
	ChangedAt  time.Time `json:"-"`
	ChangedBy  string    `json:"-"` // the user who changed it last; "" for a machine or if unknown
}

// Phone is a phone as entered in the CRM.
type Phone struct {
	Value string `json:"value"` // in any format
	Kind  string `json:"kind"`  // work, mobile, home, fax or other
}

// Change reports that a record was added, changed or removed in the CRM; its values have to be read.
type Change struct {
	Ref
	Removed bool
}
