package crmsync

import (
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/fault"
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
	Unknown    Unknown   `json:"-"` // parts that were not returned
}

// Unknown are the parts of a record that the CRM did not return, although it may have values there: absence is not
// emptiness. What was known of them stays.
type Unknown uint8

// The parts that may be unknown. Of unknown companies some may be known: those stand in the record.
const (
	UnknownOwner Unknown = 1 << iota
	UnknownPhones
	UnknownEmails
	UnknownCompanies
	UnknownContact
)

// Has reports whether a part is unknown.
func (u Unknown) Has(part Unknown) bool { return u&part != 0 }

// fields returns the unknown parts as the fields of a record.
func (u Unknown) fields() (list []fault.Field) {
	for _, part := range []struct {
		bit  Unknown
		name string
	}{
		{UnknownOwner, "owner_id"}, {UnknownPhones, "phones"}, {UnknownEmails, "emails"},
		{UnknownCompanies, "company_ids"}, {UnknownContact, "contact_id"},
	} {
		if u.Has(part.bit) {
			list = append(list, fault.Field{Field: part.name, Code: notShown})
		}
	}
	return list
}

// completed returns a record with its unknown parts as they were last read.
func (r Record) completed(before snapshot) Record {
	if r.Unknown.Has(UnknownOwner) {
		r.OwnerID = before.OwnerID
	}
	if r.Unknown.Has(UnknownPhones) {
		r.Phones = before.Phones
	}
	if r.Unknown.Has(UnknownEmails) {
		r.Emails = before.Emails
	}
	if r.Unknown.Has(UnknownCompanies) {
		r.CompanyIDs = append(slices.Clone(r.CompanyIDs), without(before.CompanyIDs, r.CompanyIDs)...)
	}
	if r.Unknown.Has(UnknownContact) {
		r.ContactID = before.ContactID
	}
	return r
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
	Guess   bool // perhaps there is no such record: the CRM did not name its kind
}
