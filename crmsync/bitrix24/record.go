package bitrix24

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"callhue/crm"
	"callhue/crmsync"
)

// kindNames are the names of a kind in the portal.
type kindNames struct {
	list   string // the classic method
	get    string // the method for one record
	entity int    // entityTypeId
	code   string // in searches and events
}

var kinds = map[crm.Kind]kindNames{
	crm.KindLead:    {"crm.lead.list", "crm.lead.get", 1, "LEAD"},
	crm.KindContact: {"crm.contact.list", "crm.contact.get", 3, "CONTACT"},
	crm.KindCompany: {"crm.company.list", "crm.company.get", 4, "COMPANY"},
}

// selectFields returns the fields that a classic list selects. PHONE and EMAIL come only if they are named.
func selectFields(kind crm.Kind, statusField string) []string {
	fields := []string{"ID", "ASSIGNED_BY_ID", "DATE_CREATE", "DATE_MODIFY", "MODIFY_BY_ID", "PHONE", "EMAIL"}
	switch kind {
	case crm.KindCompany:
		fields = append(fields, "TITLE")
		if statusField != "" {
			fields = append(fields, statusField)
		}
	case crm.KindContact:
		fields = append(fields, "NAME", "SECOND_NAME", "LAST_NAME", "POST", "COMPANY_ID")
	case crm.KindLead:
		fields = append(
			fields,
			"TITLE",
			"NAME",
			"SECOND_NAME",
			"LAST_NAME",
			"POST",
			"COMPANY_ID",
			"CONTACT_ID",
			"STATUS_ID",
			"SOURCE_ID",
		)
	}
	return fields
}

// multi is one phone or e-mail.
type multi struct {
	Value text `json:"VALUE"`
	Type  text `json:"VALUE_TYPE"`
}

// classic is a record of a classic list.
type classic struct {
	ID         text        `json:"ID"`
	Title      text        `json:"TITLE"`
	Name       text        `json:"NAME"`
	SecondName text        `json:"SECOND_NAME"`
	LastName   text        `json:"LAST_NAME"`
	Post       text        `json:"POST"`
	Owner      text        `json:"ASSIGNED_BY_ID"`
	Company    text        `json:"COMPANY_ID"`
	Contact    text        `json:"CONTACT_ID"`
	Stage      text        `json:"STATUS_ID"`
	Source     text        `json:"SOURCE_ID"`
	Created    text        `json:"DATE_CREATE"`
	Changed    text        `json:"DATE_MODIFY"`
	ChangedBy  text        `json:"MODIFY_BY_ID"`
	Phones     list[multi] `json:"PHONE"`
	Emails     list[multi] `json:"EMAIL"`
}

// item is a record of crm.item.list.
type item struct {
	ID         text       `json:"id"`
	Title      text       `json:"title"`
	Name       text       `json:"name"`
	SecondName text       `json:"secondName"`
	LastName   text       `json:"lastName"`
	Post       text       `json:"post"`
	Owner      text       `json:"assignedById"`
	Company    text       `json:"companyId"`
	Companies  list[text] `json:"companyIds"`
	Contact    text       `json:"contactId"`
	Contacts   list[text] `json:"contactIds"`
	Stage      text       `json:"stageId"`
	Source     text       `json:"sourceId"`
	Created    text       `json:"createdTime"`
	Changed    text       `json:"updatedTime"`
	ChangedBy  text       `json:"updatedBy"`
	Multi      list[struct {
		Kind  text `json:"typeId"`
		Type  text `json:"valueType"`
		Value text `json:"value"`
	}] `json:"fm"`
}

// classic converts an item to the form of a classic list.
func (i *item) classic() classic {
	c := classic{ID: i.ID, Title: i.Title, Name: i.Name, SecondName: i.SecondName, LastName: i.LastName, Post: i.Post,
		Owner: i.Owner, Company: i.Company, Contact: i.Contact, Stage: i.Stage, Source: i.Source,
		Created: i.Created, Changed: i.Changed, ChangedBy: i.ChangedBy}
	if c.Contact.id() == "" && len(i.Contacts) > 0 {
		c.Contact = i.Contacts[0]
	}
	for _, m := range i.Multi {
		switch m.Kind {
		case "PHONE":
			c.Phones = append(c.Phones, multi{m.Value, m.Type})
		case "EMAIL":
			c.Emails = append(c.Emails, multi{m.Value, m.Type})
		}
	}
	return c
}

// phoneKinds maps their kinds to ours; every other one is other.
var phoneKinds = map[text]string{"WORK": "work", "MOBILE": "mobile", "HOME": "home", "FAX": "fax"}

// record converts it to a record of crmsync, without its id.
func (c *classic) record(kind crm.Kind) crmsync.Record {
	r := crmsync.Record{Kind: kind, Name: joinWords(c.Title), OwnerID: c.Owner.id(),
		CreatedAt: c.Created.time(), ChangedAt: c.Changed.time(), ChangedBy: c.ChangedBy.id()}
	if kind != crm.KindCompany {
		r.Name, r.Post = joinWords(c.Name, c.SecondName, c.LastName), joinWords(c.Post)
		r.CompanyIDs = companyIDs(c.Company, nil)
	}
	if kind == crm.KindLead {
		r.Title, r.ContactID = joinWords(c.Title), c.Contact.id()
		r.Stage, r.Source = string(c.Stage), string(c.Source)
	}
	for _, p := range c.Phones {
		if value := joinWords(p.Value); value != "" {
			name, known := phoneKinds[p.Type]
			if !known {
				name = "other"
			}
			r.Phones = append(r.Phones, crmsync.Phone{Value: value, Kind: name})
		}
	}
	for _, e := range c.Emails {
		if value := joinWords(e.Value); value != "" {
			r.Emails = append(r.Emails, value)
		}
	}
	return r
}

// companyIDs returns a contact's companies, the primary one first.
func companyIDs(primary text, all []text) (ids []string) {
	for _, each := range append([]text{primary}, all...) {
		if id := each.id(); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// rows returns the undecoded records of a list's answer: an array, or the items of an object, which is an
// empty array if there are none.
func rows(result json.RawMessage) (list[json.RawMessage], error) {
	var all list[json.RawMessage]
	if bytes.HasPrefix(result, []byte("{")) {
		var in struct {
			Items *list[json.RawMessage] `json:"items"`
		}
		if err := json.Unmarshal(result, &in); err != nil || in.Items == nil {
			return nil, malformed("a list without items")
		}
		return *in.Items, nil
	}
	if !bytes.HasPrefix(result, []byte("[")) {
		return nil, malformed("a list that is not a list")
	}
	err := json.Unmarshal(result, &all)
	return all, err
}

// decodeRecord decodes one record. Fault: crm_answer.
func decodeRecord(kind crm.Kind, lists Lists, statusField string, raw json.RawMessage) (crmsync.Record, error) {
	var c classic
	var err error
	var linked list[text]
	if lists == Items {
		var i item
		err = json.Unmarshal(raw, &i)
		c, linked = i.classic(), i.Companies
	} else {
		err = json.Unmarshal(raw, &c)
	}
	id := parseID(string(c.ID))
	if err != nil || id <= 0 {
		return crmsync.Record{}, malformed("a record without an id or fields")
	}
	r := c.record(kind)
	r.ID = strconv.FormatInt(id, 10)
	if len(linked) > 0 {
		r.CompanyIDs = companyIDs(c.Company, linked)
	}
	if kind == crm.KindCompany && statusField != "" {
		r.Status = userFieldValue(raw, statusField)
	}
	return r, nil
}

// userFieldValue returns the value of a user field; the first of several.
func userFieldValue(raw json.RawMessage, field string) string {
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return ""
	}
	value := all[field]
	if bytes.HasPrefix(value, []byte("[")) {
		var several list[text]
		if json.Unmarshal(value, &several) != nil || len(several) == 0 {
			return ""
		}
		return several[0].id()
	}
	var one text
	if len(value) == 0 || json.Unmarshal(value, &one) != nil {
		return ""
	}
	return strings.TrimSpace(one.id())
}
