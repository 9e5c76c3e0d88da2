package crmsync

import (
	"slices"

	"callhue/crm"
)

// part is a part of a record that is applied or refused by itself.
type part string

// The parts of a record. What needs different rights is separate: many may add a number, few may remove
// one. The owner comes last of what is guarded: the head of the old owner may change the rest and is
// perhaps not the head of the new one.
const (
	partFields       part = "fields" // names, post, stage, source, e-mails
	partLink         part = "link"
	partAddPhones    part = "add" // numbers
	partUnlink       part = "unlink"
	partRemovePhones part = "take" // numbers
	partStatus       part = "status"
	partOwner        part = "owner"
	partConverted    part = "converted"
	partRemoval      part = "removal"
	partInvalid      part = "invalid"
)

// label returns the name of a part in the list of conflicts.
func (p part) label() ConflictPart {
	switch p {
	case partAddPhones, partRemovePhones:
		return conflictNumber
	case partLink, partUnlink:
		return conflictLink
	}
	return ConflictPart(p)
}

// change is the new value of one part of a record of ours.
type change struct {
	Part         part              `json:"-"`
	By           string            `json:"-"`                // its author: their user, firstImport or ""
	Fields       map[string]string `json:"fields,omitempty"` // name, title, post, source, stage
	AddEmails    []string          `json:"mail,omitempty"`   // e-mails to add
	RemoveEmails []string          `json:"no_mail,omitempty"`
	Owner        int64             `json:"owner,omitempty"`
	TheirOwner   string            `json:"their_owner,omitempty"` // their user, for an owner who is no user here
	Status       string            `json:"status,omitempty"`
	Phones       []crm.Phone       `json:"phones,omitempty"` // to add or to remove
	Companies    []int64           `json:"ties,omitempty"`   // to add or to remove; at most one for a lead
	Primary      int64             `json:"first,omitempty"`  // the primary company
	Contact      *int64            `json:"person,omitempty"` // of a lead
}

// changes returns the changes that bring a record of ours in line with the CRM: what changed there since
// base and differs here. Without a base, when a record that was here before is linked, every value that is
// filled in there counts as changed and nothing is removed. For a value that changed on both sides, theirs
// wins.
func (t translator) changes(kind crm.Kind, base *state, theirs, ours state) []change {
	var list []change
	add := func(c change, wanted bool) {
		if wanted {
			list = append(list, c)
		}
	}
	old := state{}
	if base != nil {
		old = *base
	}
	fields, wanted := t.fieldChange(kind, base, theirs, ours)
	add(fields, wanted)
	added := without(without(theirs.Companies, old.Companies), ours.Companies)
	link := change{Part: partLink, Companies: added}
	if first := firstOf(theirs.Companies); base != nil && first != firstOf(old.Companies) &&
		first != firstOf(ours.Companies) {
		link.Primary = first
	}
	if kind == crm.KindLead && (theirs.Contact != old.Contact && (base != nil || theirs.Contact != 0)) &&
		theirs.Contact != ours.Contact {
		link.Contact = &theirs.Contact
	}
	add(link, len(added) > 0 || link.Primary != 0 || link.Contact != nil)
	newPhones := t.phonesNotIn(t.phonesNotIn(theirs.Phones, old.Phones), ours.Phones)
	add(change{Part: partAddPhones, Phones: newPhones}, len(newPhones) > 0)
	removed := slices.DeleteFunc(
		without(old.Companies, theirs.Companies),
		func(id int64) bool { return !slices.Contains(ours.Companies, id) },
	)
	if kind == crm.KindLead && len(added) > 0 {
		removed = nil // a lead has one company, which the new one replaces
	}
	add(change{Part: partUnlink, Companies: removed}, len(removed) > 0)
	oldPhones := t.phonesIn(t.phonesNotIn(old.Phones, theirs.Phones), ours.Phones)
	add(change{Part: partRemovePhones, Phones: oldPhones}, len(oldPhones) > 0)
	changed := theirs.Status != "" && (base == nil || theirs.Status != old.Status)
	add(
		change{Part: partStatus, Status: theirs.Status},
		kind == crm.KindCompany && changed && theirs.Status != ours.Status,
	)
	changed = theirs.OwnerKnown &&
		(base == nil && theirs.Owner != 0 || base != nil && (!old.OwnerKnown || theirs.Owner != old.Owner))
	add(change{Part: partOwner, Owner: theirs.Owner}, changed && theirs.Owner != ours.Owner)
	converted := kind == crm.KindLead && theirs.Stage == crm.StageConverted && ours.Stage != crm.StageConverted
	add(
		change{Part: partConverted, Companies: theirs.Companies, Contact: &theirs.Contact},
		converted && old.Stage != crm.StageConverted,
	)
	return list
}

// fieldChange returns the change of the plain fields; false if there is none.
func (t translator) fieldChange(kind crm.Kind, base *state, theirs, ours state) (change, bool) {
	c := change{Part: partFields, Fields: map[string]string{}}
	compare := func(name string, old, value, current string, clears bool) {
		if value == current || value == "" && (!clears || base == nil) || base != nil && value == old {
			return
		}
		c.Fields[name] = value
	}
	old := state{}
	if base != nil {
		old = *base
	}
	if base != nil { // without a base the record was found by its name
		compare("name", old.Name, theirs.Name, ours.Name, false)
	}
	if kind == crm.KindContact {
		compare("post", old.Post, theirs.Post, ours.Post, true)
	}
	if kind == crm.KindLead {
		if base != nil {
			compare("title", old.Title, theirs.Title, ours.Title, false)
		}
		compare("source", old.Source, theirs.Source, ours.Source, true)
		if theirs.Stage != crm.StageConverted {
			compare("stage", old.Stage, theirs.Stage, ours.Stage, false)
		}
	}
	c.AddEmails = emailsNotIn(emailsNotIn(theirs.Emails, old.Emails), ours.Emails)
	c.RemoveEmails = emailsIn(emailsNotIn(old.Emails, theirs.Emails), ours.Emails)
	return c, len(c.Fields) > 0 || len(c.AddEmails) > 0 || len(c.RemoveEmails) > 0
}

func firstOf(list []int64) int64 {
	if len(list) == 0 {
		return 0
	}
	return list[0]
}

func (t translator) phonesNotIn(list, had []crm.Phone) []crm.Phone {
	return slices.DeleteFunc(slices.Clone(list), func(p crm.Phone) bool { return t.hasPhone(had, p) })
}

func (t translator) phonesIn(list, had []crm.Phone) []crm.Phone {
	return slices.DeleteFunc(slices.Clone(list), func(p crm.Phone) bool { return !t.hasPhone(had, p) })
}

func (t translator) hasPhone(list []crm.Phone, p crm.Phone) bool {
	return slices.ContainsFunc(list, func(other crm.Phone) bool { return t.phoneKeyOf(other) == t.phoneKeyOf(p) })
}

func emailsNotIn(list, had []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(a string) bool { return hasEmail(had, a) })
}

func emailsIn(list, had []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(a string) bool { return !hasEmail(had, a) })
}

func hasEmail(list []string, address string) bool {
	return slices.ContainsFunc(list, func(other string) bool { return foldEmail(other) == foldEmail(address) })
}
