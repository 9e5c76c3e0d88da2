package crmsync

import (
	"slices"

	"callhue/crm"
)

// reason is what the journal says of a change that came from a CRM.
const reason = "as in the CRM"

// do makes one wish true for a record that the batch holds, as it stands now: what
// is so already is left alone.
func (t translator) do(b *crm.Batch, kind crm.Kind, id int64, w change) (changed bool, refused, fatal error) {
	switch w.Part {
	case partStatus:
		return b.SetStatus(id, w.Status, reason)
	case partRemoval:
		refused, fatal = b.Remove(kind, id)
		return refused == nil && fatal == nil, refused, fatal
	}
	ours, fatal := oursIn(b, kind, id)
	if fatal != nil {
		return false, nil, fatal
	}
	phones, mail := t.phonesAfter(ours, w), mailAfter(ours, w)
	switch kind {
	case crm.KindCompany:
		return b.ChangeCompany(id, crm.CompanyChange{Name: w.field("name"), OwnerID: w.owner(), Phones: phones, Emails: mail, Reason: reason})
	case crm.KindContact:
		return b.ChangeContact(id, crm.ContactChange{Name: w.field("name"), Post: w.field("post"), OwnerID: w.owner(), Phones: phones, Emails: mail,
			CompanyIDs: companiesAfter(kind, ours, w), Reason: reason})
	}
	if ours.Stage == crm.StageConverted {
		return false, nil, nil // it counts through what it became
	}
	if w.Part == partBecame {
		return b.LeadBecame(id, firstOf(w.Ties), *w.Person)
	}
	in := crm.LeadChange{Name: w.field("name"), Title: w.field("title"), Source: w.field("source"), Stage: w.field("stage"), OwnerID: w.owner(),
		Phones: phones, Emails: mail, ContactID: w.Person, Reason: reason}
	if list := companiesAfter(kind, ours, w); list != nil {
		company := firstOf(*list)
		in.CompanyID = &company
	}
	return b.ChangeLead(id, in)
}

// oursIn gives the face of a record of ours as it stands in a batch.
func oursIn(b *crm.Batch, kind crm.Kind, id int64) (state, error) {
	switch kind {
	case crm.KindCompany:
		c, err := b.Company(id)
		return faceOfCompany(c), err
	case crm.KindContact:
		c, err := b.Contact(id)
		return faceOfContact(c), err
	}
	l, err := b.Lead(id)
	return faceOfLead(l), err
}

func (w change) field(name string) *string {
	value, wanted := w.Fields[name]
	if !wanted {
		return nil
	}
	return &value
}

func (w change) owner() *int64 {
	if w.Part != partOwner {
		return nil
	}
	return &w.Owner
}

// phonesAfter gives the phones of a record after a wish, nil where it has none about
// them.
func (t translator) phonesAfter(ours state, w change) *[]crm.Phone {
	var list []crm.Phone
	switch w.Part {
	case partAdd:
		list = append(slices.Clone(ours.Phones), t.phonesNotIn(w.Phones, ours.Phones)...)
	case partTake:
		list = t.phonesNotIn(ours.Phones, w.Phones)
	default:
		return nil
	}
	if len(list) == len(ours.Phones) {
		return nil
	}
	return bare(list)
}

// bare are phones as somebody types them: how old they are is not said.
func bare(list []crm.Phone) *[]crm.Phone {
	out := make([]crm.Phone, len(list))
	for i, p := range list {
		out[i] = crm.Phone{Value: p.Value, Kind: p.Kind}
	}
	return &out
}

func mailAfter(ours state, w change) *[]string {
	if len(w.Mail) == 0 && len(w.NoMail) == 0 {
		return nil
	}
	list := append(mailNotIn(ours.Emails, w.NoMail), mailNotIn(w.Mail, ours.Emails)...)
	return &list
}

// companiesAfter gives the companies of a contact or lead after a wish, nil where it
// has none about them. A lead has one: another takes its place.
func companiesAfter(kind crm.Kind, ours state, w change) *[]int64 {
	var list []int64
	switch {
	case w.Part == partUnlink:
		list = without(ours.Companies, w.Ties)
	case w.Part == partLink && kind == crm.KindLead && len(w.Ties) > 0:
		list = w.Ties[:1]
	case w.Part == partLink && kind == crm.KindContact:
		list = append(slices.Clone(ours.Companies), without(w.Ties, ours.Companies)...)
		if slices.Contains(list, w.First) {
			list = append([]int64{w.First}, without(list, []int64{w.First})...)
		}
	default:
		return nil
	}
	if slices.Equal(list, ours.Companies) {
		return nil
	}
	return &list
}
