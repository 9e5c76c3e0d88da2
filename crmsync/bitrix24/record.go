package bitrix24

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

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
	fields := []string{"ID", "ASSIGNED_BY_ID", "DATE_CREATE", "DATE_MODIFY", "MODIFY_BY_ID", "PHONE", "EMAIL",
		"HAS_PHONE", "HAS_EMAIL"}
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
	Value optional `json:"VALUE"`
	Type  text     `json:"VALUE_TYPE"`
}

// UnmarshalJSON accepts the value alone too. What it cannot accept is an error: a number that is not understood is
// not a number that was removed.
func (m *multi) UnmarshalJSON(raw []byte) error {
	if raw[0] != '{' {
		return m.Value.accept(raw)
	}
	type plain multi
	if err := json.Unmarshal(raw, (*plain)(m)); err != nil {
		return err
	}
	if m.Value.odd {
		return errOddValue
	}
	return nil
}

func (o *optional) accept(raw []byte) error {
	err := o.UnmarshalJSON(raw)
	if err == nil && o.odd {
		err = errOddValue
	}
	return err
}

var errOddValue = errors.New("a phone or e-mail that is no text")

// multis are the phones or e-mails of a record: a list of them, or a single one.
type multis []multi

// UnmarshalJSON accepts both, and absent values.
func (m *multis) UnmarshalJSON(raw []byte) error {
	*m = nil
	if raw[0] == '[' || raw[0] == '{' && !bytes.Contains(raw, []byte(`"VALUE"`)) {
		var all list[multi]
		err := json.Unmarshal(raw, &all)
		*m = multis(all)
		return err
	}
	if raw[0] == '{' && isSingle(raw) {
		var one multi
		err := one.UnmarshalJSON(raw)
		*m = multis{one}
		return err
	}
	if raw[0] == '{' {
		var all list[multi]
		err := json.Unmarshal(raw, &all)
		*m = multis(all)
		return err
	}
	var one multi
	err := one.Value.accept(raw)
	if one.Value.text != "" {
		*m = multis{one}
	}
	return err
}

// isSingle reports whether an object is one phone or e-mail, and not several by their place.
func isSingle(raw []byte) bool {
	var keys map[string]json.RawMessage
	if json.Unmarshal(raw, &keys) != nil {
		return false
	}
	_, single := keys["VALUE"]
	return single
}

// classic is a record of a classic list.
type classic struct {
	ID         text            `json:"ID"`
	Title      text            `json:"TITLE"`
	Name       text            `json:"NAME"`
	SecondName text            `json:"SECOND_NAME"`
	LastName   text            `json:"LAST_NAME"`
	Post       text            `json:"POST"`
	Owner      optional        `json:"ASSIGNED_BY_ID"`
	Company    optional        `json:"COMPANY_ID"`
	Contact    optional        `json:"CONTACT_ID"`
	Stage      text            `json:"STATUS_ID"`
	Source     text            `json:"SOURCE_ID"`
	Created    text            `json:"DATE_CREATE"`
	Changed    text            `json:"DATE_MODIFY"`
	ChangedBy  text            `json:"MODIFY_BY_ID"`
	Phones     multis          `json:"PHONE"`
	Emails     multis          `json:"EMAIL"`
	HasPhone   text            `json:"HAS_PHONE"`
	HasEmail   text            `json:"HAS_EMAIL"`
	Unknown    crmsync.Unknown `json:"-"`
}

// item is a record of crm.item.list.
type item struct {
	ID         text       `json:"id"`
	Title      text       `json:"title"`
	Name       text       `json:"name"`
	SecondName text       `json:"secondName"`
	LastName   text       `json:"lastName"`
	Post       text       `json:"post"`
	Owner      optional   `json:"assignedById"`
	Company    optional   `json:"companyId"`
	Companies  ids        `json:"companyIds"`
	Contact    optional   `json:"contactId"`
	Contacts   ids        `json:"contactIds"`
	Stage      text       `json:"stageId"`
	Source     text       `json:"sourceId"`
	Created    text       `json:"createdTime"`
	Changed    text       `json:"updatedTime"`
	ChangedBy  text       `json:"updatedBy"`
	HasPhone   text       `json:"hasPhone"`
	HasEmail   text       `json:"hasEmail"`
	Multi      itemMultis `json:"fm"`
}

// itemMultis are the phones and e-mails of an item.
type itemMultis struct {
	present bool
	list    list[struct {
		Kind  text     `json:"typeId"`
		Type  text     `json:"valueType"`
		Value optional `json:"value"`
	}]
}

// UnmarshalJSON accepts a list, or an absent value.
func (m *itemMultis) UnmarshalJSON(raw []byte) error {
	m.present = raw[0] == '[' || raw[0] == '{'
	if err := json.Unmarshal(raw, &m.list); err != nil {
		return err
	}
	for _, each := range m.list {
		if each.Value.odd {
			return errOddValue
		}
	}
	return nil
}

// classic converts an item to the form of a classic list.
func (i *item) classic() classic {
	c := classic{ID: i.ID, Title: i.Title, Name: i.Name, SecondName: i.SecondName, LastName: i.LastName, Post: i.Post,
		Owner: i.Owner, Company: i.Company, Contact: i.Contact, Stage: i.Stage, Source: i.Source,
		Created: i.Created, Changed: i.Changed, ChangedBy: i.ChangedBy, HasPhone: i.HasPhone, HasEmail: i.HasEmail}
	if c.Contact.id() == "" && len(i.Contacts.list) > 0 {
		c.Contact = optional{text: i.Contacts.list[0], present: true}
	}
	if !c.Contact.known() && i.Contacts.known() {
		c.Contact.present, c.Contact.odd = true, false
	}
	if !i.Multi.present {
		c.Unknown |= crmsync.UnknownPhones | crmsync.UnknownEmails
	}
	for _, m := range i.Multi.list {
		switch m.Kind {
		case "PHONE":
			c.Phones = append(c.Phones, multi{m.Value, m.Type})
		case "EMAIL":
			c.Emails = append(c.Emails, multi{m.Value, m.Type})
		}
	}
	return c
}

// unknown returns the parts of a record that the portal did not return. A list without a phone is none where the portal
// says that the record has one.
func (c *classic) unknown(kind crm.Kind) crmsync.Unknown {
	u := c.Unknown
	for _, part := range []struct {
		is  crmsync.Unknown
		not bool
	}{
		{crmsync.UnknownOwner, !c.Owner.known()},
		{crmsync.UnknownCompanies, kind != crm.KindCompany && !c.Company.known()},
		{crmsync.UnknownContact, kind == crm.KindLead && !c.Contact.known()},
		{crmsync.UnknownPhones, c.HasPhone == "Y" && !c.Phones.any()},
		{crmsync.UnknownEmails, c.HasEmail == "Y" && !c.Emails.any()},
	} {
		if part.not {
			u |= part.is
		}
	}
	return u
}

// any reports whether there is a value.
func (m multis) any() bool {
	return slices.ContainsFunc(m, func(each multi) bool { return joinWords(each.Value.text) != "" })
}

// phoneKinds maps their kinds to ours; every other one is other.
var phoneKinds = map[text]string{"WORK": "work", "MOBILE": "mobile", "HOME": "home", "FAX": "fax"}

// record converts it to a record of crmsync, without its id.
func (c *classic) record(kind crm.Kind) crmsync.Record {
	r := crmsync.Record{Kind: kind, Name: joinWords(c.Title), OwnerID: c.Owner.id(),
		Unknown: c.unknown(kind), CreatedAt: c.Created.time(), ChangedAt: c.Changed.time(), ChangedBy: c.ChangedBy.id()}
	if kind != crm.KindCompany {
		r.Name, r.Post = joinWords(c.Name, c.SecondName, c.LastName), joinWords(c.Post)
		r.CompanyIDs = companyIDs(c.Company.text, nil)
	}
	if kind == crm.KindLead {
		r.Title, r.ContactID = joinWords(c.Title), c.Contact.id()
		r.Stage, r.Source = string(c.Stage), string(c.Source)
	}
	for _, p := range c.Phones {
		if value := lines(p.Value.text); value != "" {
			name, known := phoneKinds[p.Type]
			if !known {
				name = "other"
			}
			r.Phones = append(r.Phones, crmsync.Phone{Value: value, Kind: name})
		}
	}
	for _, e := range c.Emails {
		if value := joinWords(e.Value.text); value != "" {
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
		err := json.Unmarshal(result, &in)
		switch {
		case err == nil && in.Items != nil:
			return *in.Items, nil
		case isNumbered(result): // an array with gaps in PHP
			err := all.values(result)
			return all, err
		}
		return nil, malformed("a list without items")
	}
	if !bytes.HasPrefix(result, []byte("[")) {
		return nil, malformed("a list that is not a list")
	}
	err := json.Unmarshal(result, &all)
	return all, err
}

// isNumbered reports whether the keys of an object are numbers.
func isNumbered(object json.RawMessage) bool {
	var of map[string]json.RawMessage
	if json.Unmarshal(object, &of) != nil || len(of) == 0 {
		return false
	}
	for key := range of {
		if parseID(key) < 0 {
			return false
		}
	}
	return true
}

// decodeRecord decodes one record, and the zone of its times. Fault: crm_answer.
func (p *Portal) decodeRecord(kind crm.Kind, statusField string, raw json.RawMessage) (
	crmsync.Record, *time.Location, error) {
	lists := p.opt.Lists
	var c classic
	var err error
	var linked ids
	if lists == Items {
		var i item
		err = json.Unmarshal(raw, &i)
		c, linked = i.classic(), i.Companies
	} else {
		err = json.Unmarshal(raw, &c)
	}
	id := parseID(string(c.ID))
	switch {
	case id <= 0 || !bytes.HasPrefix(raw, []byte("{")):
		return crmsync.Record{}, nil, malformed("a record without an id or fields")
	case err != nil:
		return crmsync.Record{}, nil, crmsync.NotUnderstood(err)
	}
	r := c.record(kind)
	r.ID = strconv.FormatInt(id, 10)
	if kind != crm.KindCompany && p.opt.LastFirst {
		r.Name = joinWords(c.LastName, c.Name, c.SecondName)
	}
	if len(linked.list) > 0 {
		r.CompanyIDs = companyIDs(c.Company.text, linked.list)
	}
	if lists == Items && kind == crm.KindContact {
		if linked.contradicts(c.Company) {
			r.Unknown |= crmsync.UnknownCompanies
		} else {
			r.Unknown &^= crmsync.UnknownCompanies
		}
	}
	if kind == crm.KindCompany && statusField != "" {
		r.Status = userFieldValue(raw, statusField)
	}
	return r, c.Changed.offset(), nil
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
