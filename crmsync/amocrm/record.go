package amocrm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/crm"
	"callhue/crmsync"
)

// theirRecord is a company, contact or lead as the account returns it.
type theirRecord struct {
	ID          recordID              `json:"id"`
	Name        looseText             `json:"name"`
	FirstName   looseText             `json:"first_name"`
	LastName    looseText             `json:"last_name"`
	Responsible optionalID            `json:"responsible_user_id"`
	UpdatedBy   recordID              `json:"updated_by"`
	CreatedAt   looseInt              `json:"created_at"` // Unix seconds
	UpdatedAt   looseInt              `json:"updated_at"`
	Deleted     looseBool             `json:"is_deleted"`
	StatusID    recordID              `json:"status_id"` // of a lead
	Fields      looseList[theirField] `json:"custom_fields_values"`
	Embedded    phpObject[struct {
		Companies looseList[theirRef] `json:"companies"`
		Contacts  looseList[theirRef] `json:"contacts"`
	}] `json:"_embedded"`
}

// decodeRecord decodes a record. An error is a record whose phones, e-mails or links are not understood, or that has no
// id.
func decodeRecord(raw json.RawMessage) (r theirRecord, err error) {
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return r, errNoRecord
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, err
	}
	if r.number() <= 0 {
		return r, errNoRecord
	}
	for _, f := range r.Fields.list {
		if f.Code != phoneCode && f.Code != emailCode {
			continue
		}
		for _, v := range f.Values.list {
			if first := bytes.TrimSpace(v.Value); len(first) > 0 && (first[0] == '{' || first[0] == '[') &&
				string(first) != "[]" {
				return r, errOdd
			}
		}
	}
	return r, nil
}

var errNoRecord = errors.New("a record without an id")

// unknown returns the parts that the account did not return.
func (r theirRecord) unknown(kind crm.Kind) (u crmsync.Unknown) {
	for _, part := range []struct {
		is  crmsync.Unknown
		not bool
	}{
		{crmsync.UnknownOwner, !r.Responsible.present},
		{crmsync.UnknownPhones | crmsync.UnknownEmails, kind != crm.KindLead && !r.Fields.present},
		{crmsync.UnknownCompanies, kind != crm.KindCompany && !r.Embedded.V.Companies.present},
		{crmsync.UnknownContact, kind == crm.KindLead && !r.Embedded.V.Contacts.present},
	} {
		if part.not {
			u |= part.is
		}
	}
	return u
}

// theirField is the value of one custom field; phones and e-mails are custom fields with a code of their
// own.
type theirField struct {
	ID     recordID              `json:"field_id"`
	Code   looseText             `json:"field_code"`
	Values looseList[theirValue] `json:"values"`
}

// theirValue is one value of a field.
type theirValue struct {
	Value    json.RawMessage `json:"value"` // text, a number, or a value of the field's type
	EnumID   recordID        `json:"enum_id"`
	EnumCode looseText       `json:"enum_code"`
}

// theirRef is a linked record; of a lead's contacts one is the main one.
type theirRef struct {
	ID   recordID  `json:"id"`
	Main looseBool `json:"is_main"`
}

// Codes of the fields that every account has.
const (
	phoneCode    = "PHONE"
	emailCode    = "EMAIL"
	positionCode = "POSITION"
)

// phoneKinds maps the enum code of a phone to our kind; codes are the same in every account, enum ids are
// not.
var phoneKinds = map[string]string{"WORK": "work", "WORKDD": "work", "MOB": "mobile", "FAX": "fax", "HOME": "home"}

// number returns the id as a number, 0 if it is invalid.
func (r theirRecord) number() int64 {
	n, _ := strconv.ParseInt(string(r.ID), 10, 64)
	return n
}

// record converts it to a record of crmsync. A lead of amoCRM is a deal: it has a title, but no person and
// no numbers.
func (r theirRecord) record(kind crm.Kind, statusField string) crmsync.Record {
	out := crmsync.Record{
		Kind: kind, ID: string(r.ID), Unknown: r.unknown(kind),
		OwnerID: r.Responsible.nonZero(), ChangedBy: r.UpdatedBy.nonZero(),
		Phones: r.phones(), Emails: r.values(emailCode),
		CreatedAt: unixTime(r.CreatedAt), ChangedAt: unixTime(r.UpdatedAt),
	}
	name := strings.TrimSpace(string(r.Name))
	if name == "" {
		name = strings.TrimSpace(string(r.FirstName + " " + r.LastName))
	}
	switch kind {
	case crm.KindLead:
		out.Title, out.Stage = name, string(r.StatusID)
		out.CompanyIDs, out.ContactID = linkedIDs(r.Embedded.V.Companies.list), mainID(r.Embedded.V.Contacts.list)
	case crm.KindContact:
		out.Name, out.CompanyIDs = name, linkedIDs(r.Embedded.V.Companies.list)
		if posts := r.values(positionCode); len(posts) > 0 {
			out.Post = posts[0]
		}
	case crm.KindCompany:
		out.Name, out.Status = name, r.selectedEntry(statusField)
	}
	return out
}

func (r theirRecord) phones() []crmsync.Phone {
	var out []crmsync.Phone
	for _, f := range r.Fields.list {
		if f.Code != phoneCode {
			continue
		}
		for _, v := range f.Values.list {
			if text := scalarText(v.Value); text != "" {
				kind, known := phoneKinds[string(v.EnumCode)]
				if !known {
					kind = "other"
				}
				out = append(out, crmsync.Phone{Value: text, Kind: kind})
			}
		}
	}
	return out
}

func (r theirRecord) values(code looseText) []string {
	var out []string
	for _, f := range r.Fields.list {
		if f.Code != code {
			continue
		}
		for _, v := range f.Values.list {
			if text := scalarText(v.Value); text != "" {
				out = append(out, text)
			}
		}
	}
	return out
}

// selectedEntry returns the selected entry of a field, "" for none.
func (r theirRecord) selectedEntry(field string) string {
	for _, f := range r.Fields.list {
		if field != "" && string(f.ID) == field && len(f.Values.list) > 0 {
			return f.Values.list[0].EnumID.nonZero()
		}
	}
	return ""
}

// linkedIDs returns the ids of linked records, the main one first.
func linkedIDs(refs []theirRef) []string {
	var out []string
	for _, main := range []bool{true, false} {
		for _, ref := range refs {
			if id := ref.ID.nonZero(); id != "" && ref.Main.is == main && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

func mainID(refs []theirRef) string {
	if all := linkedIDs(refs); len(all) > 0 {
		return all[0]
	}
	return ""
}

func unixTime(seconds looseInt) time.Time {
	if seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

// recordID is an id: a number in some answers, digits as text in others.
type recordID string

// UnmarshalJSON accepts a number, a text or null.
func (i *recordID) UnmarshalJSON(data []byte) error {
	if *i = ""; bytes.Equal(data, []byte("null")) {
		return nil
	}
	*i = recordID(scalarText(data))
	return nil
}

// nonZero returns the id of a user or another record, "" for 0, which stands for the account's robot.
func (i recordID) nonZero() string {
	if i == "0" {
		return ""
	}
	return string(i)
}

// scalarText returns a JSON string or number without quotes and blanks; "" for anything else.
func scalarText(data json.RawMessage) string {
	var text string
	if json.Unmarshal(data, &text) == nil {
		return strings.TrimSpace(text)
	}
	var number json.Number
	if json.Unmarshal(data, &number) == nil {
		return number.String()
	}
	return ""
}

// sortedPlaces returns the keys of an object that stands for a list, in their order.
func sortedPlaces(of map[string]json.RawMessage) []string {
	return slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
}

// phpObject is an object that PHP encodes as an empty list when it is empty.
type phpObject[T any] struct{ V T }

// UnmarshalJSON decodes an object; a list or an absent value leaves it empty.
func (l *phpObject[T]) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '{' {
		return nil
	}
	return json.Unmarshal(data, &l.V)
}
