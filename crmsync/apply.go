package crmsync

import (
	"slices"

	"callhue/crm"
)

// reason is the reason of imported changes in the journal.
const reason = "as in the CRM"

// apply applies one change to a record that the batch has locked; what is already true is left alone.
func (t translator) apply(b *crm.Batch, kind crm.Kind, id int64, c change) (changed bool, refused, fatal error) {
	switch c.Part {
	case partStatus:
		return b.SetStatus(id, c.Status, reason)
	case partRemoval:
		refused, fatal = b.Remove(kind, id)
		return refused == nil && fatal == nil, refused, fatal
	}
	ours, fatal := ourState(b, kind, id)
	if fatal != nil {
		return false, nil, fatal
	}
	phones, emails := t.phonesAfter(ours, c), emailsAfter(ours, c)
	switch kind {
	case crm.KindCompany:
		return b.ChangeCompany(
			id,
			crm.CompanyChange{
				Name:    c.field("name"),
				OwnerID: c.owner(),
				Phones:  phones,
				Emails:  emails,
				Reason:  reason,
			},
		)
	case crm.KindContact:
		return b.ChangeContact(
			id,
			crm.ContactChange{
				Name:       c.field("name"),
				Post:       c.field("post"),
				OwnerID:    c.owner(),
				Phones:     phones,
				Emails:     emails,
				CompanyIDs: companiesAfter(kind, ours, c),
				Reason:     reason,
			},
		)
	}
	if ours.Stage == crm.StageConverted {
		return false, nil, nil // its company and contact count instead
	}
	if c.Part == partConverted {
		return b.MarkConverted(id, firstOf(c.Companies), *c.Contact)
	}
	in := crm.LeadChange{
		Name:      c.field("name"),
		Title:     c.field("title"),
		Source:    c.field("source"),
		Stage:     c.field("stage"),
		OwnerID:   c.owner(),
		Phones:    phones,
		Emails:    emails,
		ContactID: c.Contact,
		Reason:    reason,
	}
	if list := companiesAfter(kind, ours, c); list != nil {
		company := firstOf(*list)
		in.CompanyID = &company
	}
	return b.ChangeLead(id, in)
}

// ourState returns the state of a record of ours within a batch.
func ourState(b *crm.Batch, kind crm.Kind, id int64) (state, error) {
	switch kind {
	case crm.KindCompany:
		company, err := b.Company(id)
		return stateOfCompany(company), err
	case crm.KindContact:
		company, err := b.Contact(id)
		return stateOfContact(company), err
	}
	l, err := b.Lead(id)
	return stateOfLead(l), err
}

func (c change) field(name string) *string {
	value, wanted := c.Fields[name]
	if !wanted {
		return nil
	}
	return &value
}

func (c change) owner() *int64 {
	if c.Part != partOwner {
		return nil
	}
	return &c.Owner
}

// phonesAfter returns the phones of a record after a change, nil if it does not change them.
func (t translator) phonesAfter(ours state, c change) *[]crm.Phone {
	var list []crm.Phone
	switch c.Part {
	case partAddPhones:
		list = append(slices.Clone(ours.Phones), t.phonesNotIn(c.Phones, ours.Phones)...)
	case partRemovePhones:
		list = t.phonesNotIn(ours.Phones, c.Phones)
	default:
		return nil
	}
	if len(list) == len(ours.Phones) {
		return nil
	}
	return plainPhones(list)
}

// plainPhones returns phones without their age, as a user enters them.
func plainPhones(list []crm.Phone) *[]crm.Phone {
	out := make([]crm.Phone, len(list))
	for i, p := range list {
		out[i] = crm.Phone{Value: p.Value, Kind: p.Kind}
	}
	return &out
}

func emailsAfter(ours state, c change) *[]string {
	if len(c.AddEmails) == 0 && len(c.RemoveEmails) == 0 {
		return nil
	}
	list := append(emailsNotIn(ours.Emails, c.RemoveEmails), emailsNotIn(c.AddEmails, ours.Emails)...)
	return &list
}

// companiesAfter returns the companies of a contact or lead after a change, nil if it does not change them.
// A lead has one company, which a new one replaces.
func companiesAfter(kind crm.Kind, ours state, c change) *[]int64 {
	var list []int64
	switch {
	case c.Part == partUnlink:
		list = without(ours.Companies, c.Companies)
	case c.Part == partLink && kind == crm.KindLead && len(c.Companies) > 0:
		list = c.Companies[:1]
	case c.Part == partLink && kind == crm.KindContact:
		list = append(slices.Clone(ours.Companies), without(c.Companies, ours.Companies)...)
		if slices.Contains(list, c.Primary) {
			list = append([]int64{c.Primary}, without(list, []int64{c.Primary})...)
		}
	default:
		return nil
	}
	if slices.Equal(list, ours.Companies) {
		return nil
	}
	return &list
}
