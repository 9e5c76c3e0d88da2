package amocrm

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/crm"
	"callhue/crmsync"
)

// theirRecord is a company, contact or lead as the account gives it.
type theirRecord struct {
	ID          ident        `json:"id"`
	Name        string       `json:"name"`
	FirstName   string       `json:"first_name"`
	LastName    string       `json:"last_name"`
	Responsible ident        `json:"responsible_user_id"`
	UpdatedBy   ident        `json:"updated_by"`
	CreatedAt   int64        `json:"created_at"` // Unix seconds
	UpdatedAt   int64        `json:"updated_at"`
	Deleted     bool         `json:"is_deleted"`
	StatusID    ident        `json:"status_id"` // of a lead
	Fields      []theirField `json:"custom_fields_values"`
	Embedded    loose[struct {
		Companies []theirRef `json:"companies"`
		Contacts  []theirRef `json:"contacts"`
	}] `json:"_embedded"`
}

// theirField is what a record has in one custom field; telephones and e-mails are
// custom fields with a code of their own.
type theirField struct {
	ID     ident  `json:"field_id"`
	Code   string `json:"field_code"`
	Values []struct {
		Value    json.RawMessage `json:"value"` // text, a number, or what the field is for
		EnumID   ident           `json:"enum_id"`
		EnumCode string          `json:"enum_code"`
	} `json:"values"`
}

// theirRef is a linked record; a lead's contacts say which is the main one.
type theirRef struct {
	ID   ident `json:"id"`
	Main bool  `json:"is_main"`
}

// Codes of the fields that every account has.
const (
	phoneCode    = "PHONE"
	emailCode    = "EMAIL"
	positionCode = "POSITION"
)

// phoneKinds are the kinds of a telephone number by its enum code, which is the
// same in every account; the enum's id is not.
var phoneKinds = map[string]string{"WORK": "work", "WORKDD": "work", "MOB": "mobile", "FAX": "fax", "HOME": "home"}

// number is the id as a number, 0 where it is none.
func (r theirRecord) number() int64 {
	n, _ := strconv.ParseInt(string(r.ID), 10, 64)
	return n
}

// record reads it for mirror. A lead of amoCRM is a deal: it has a title, no person
// and no numbers of its own.
func (r theirRecord) record(kind crm.Kind, statusField string) crmsync.Record {
	out := crmsync.Record{
		Kind: kind, ID: string(r.ID), OwnerID: r.Responsible.known(), ChangedBy: r.UpdatedBy.known(),
		Phones: r.phones(), Emails: r.texts(emailCode),
		CreatedAt: moment(r.CreatedAt), ChangedAt: moment(r.UpdatedAt),
	}
	name := strings.TrimSpace(r.Name)
	if name == "" {
		name = strings.TrimSpace(r.FirstName + " " + r.LastName)
	}
	switch kind {
	case crm.KindLead:
		out.Title, out.Stage = name, string(r.StatusID)
		out.CompanyIDs, out.ContactID = ids(r.Embedded.V.Companies), mainOf(r.Embedded.V.Contacts)
	case crm.KindContact:
		out.Name, out.CompanyIDs = name, ids(r.Embedded.V.Companies)
		if posts := r.texts(positionCode); len(posts) > 0 {
			out.Post = posts[0]
		}
	case crm.KindCompany:
		out.Name, out.Status = name, r.entryOf(statusField)
	}
	return out
}

func (r theirRecord) phones() []crmsync.Phone {
	var out []crmsync.Phone
	for _, f := range r.Fields {
		if f.Code != phoneCode {
			continue
		}
		for _, v := range f.Values {
			if text := plain(v.Value); text != "" {
				kind, known := phoneKinds[v.EnumCode]
				if !known {
					kind = "other"
				}
				out = append(out, crmsync.Phone{Value: text, Kind: kind})
			}
		}
	}
	return out
}

func (r theirRecord) texts(code string) []string {
	var out []string
	for _, f := range r.Fields {
		if f.Code != code {
			continue
		}
		for _, v := range f.Values {
			if text := plain(v.Value); text != "" {
				out = append(out, text)
			}
		}
	}
	return out
}

// entryOf gives which entry of a field a record has, "" for none.
func (r theirRecord) entryOf(field string) string {
	for _, f := range r.Fields {
		if field != "" && string(f.ID) == field && len(f.Values) > 0 {
			return f.Values[0].EnumID.known()
		}
	}
	return ""
}

// ids gives the ids of linked records, the main one first.
func ids(refs []theirRef) []string {
	var out []string
	for _, main := range []bool{true, false} {
		for _, ref := range refs {
			if id := ref.ID.known(); id != "" && ref.Main == main && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

func mainOf(refs []theirRef) string {
	if all := ids(refs); len(all) > 0 {
		return all[0]
	}
	return ""
}

func moment(seconds int64) time.Time {
	if seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// ident is an id: a number in some answers, a text of digits in others.
type ident string

// UnmarshalJSON reads a number, a text or null.
func (i *ident) UnmarshalJSON(data []byte) error {
	if *i = ""; bytes.Equal(data, []byte("null")) {
		return nil
	}
	*i = ident(plain(data))
	return nil
}

// known is the id of a user or another record: 0 is nobody, the account's robot.
func (i ident) known() string {
	if i == "0" {
		return ""
	}
	return string(i)
}

// plain gives a JSON text or number without quotes and blanks around; "" for
// anything else.
func plain(data json.RawMessage) string {
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

// loose is an object that comes as an empty list when it is empty, as PHP writes it.
type loose[T any] struct{ V T }

// UnmarshalJSON reads an object; a list is nothing.
func (l *loose[T]) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		return nil
	}
	return json.Unmarshal(data, &l.V)
}
