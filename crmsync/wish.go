package crmsync

import (
	"slices"

	"callhue/crm"
)

// part is a part of a record that is applied or refused by itself.
type part string

// The parts of a record. What needs other rights is apart: a number may be put on by
// many and taken off by few. The owner comes last of what is guarded: his head may do
// the rest, and is perhaps not the head of the next one.
const (
	partFields  part = "fields" // names, post, stage, source, e-mails
	partLink    part = "link"
	partAdd     part = "add" // numbers
	partUnlink  part = "unlink"
	partTake    part = "take" // numbers
	partStatus  part = "status"
	partOwner   part = "owner"
	partBecame  part = "converted"
	partRemoval part = "removal"
	partInvalid part = "invalid"
)

// what is the word of a part in the list of differences.
func (p part) what() DifferencePart {
	switch p {
	case partAdd, partTake:
		return differsNumber
	case partLink, partUnlink:
		return differsLink
	}
	return DifferencePart(p)
}

// change is what one part of a record of ours is to become.
type change struct {
	Part   part              `json:"-"`
	By     string            `json:"-"`                // whose word it is: a user of theirs, firstImport, or nobody known
	Fields map[string]string `json:"fields,omitempty"` // name, title, post, source, stage
	Mail   []string          `json:"mail,omitempty"`   // e-mails that come
	NoMail []string          `json:"no_mail,omitempty"`
	Owner  int64             `json:"owner,omitempty"`
	Status string            `json:"status,omitempty"`
	Phones []crm.Phone       `json:"phones,omitempty"` // that come or go
	Ties   []int64           `json:"ties,omitempty"`   // companies that come or go; the first of a lead
	First  int64             `json:"first,omitempty"`  // the primary company
	Person *int64            `json:"person,omitempty"` // contact of a lead
}

// wishes says what has to become of a record of ours: what changed there since it
// was seen last and is not so here. Without a base, at the first meeting of a
// record that was here already, what is filled in there counts as changed, and
// nothing is taken away. A value that changed on both sides is theirs.
func (t translator) wishes(kind crm.Kind, base *state, theirs, ours state) []change {
	var list []change
	put := func(w change, wanted bool) {
		if wanted {
			list = append(list, w)
		}
	}
	had := state{}
	if base != nil {
		had = *base
	}
	fields, wanted := t.fields(kind, base, theirs, ours)
	put(fields, wanted)
	come := without(without(theirs.Companies, had.Companies), ours.Companies)
	link := change{Part: partLink, Ties: come}
	if first := firstOf(theirs.Companies); base != nil && first != firstOf(had.Companies) && first != firstOf(ours.Companies) {
		link.First = first
	}
	if kind == crm.KindLead && (theirs.Contact != had.Contact && (base != nil || theirs.Contact != 0)) && theirs.Contact != ours.Contact {
		link.Person = &theirs.Contact
	}
	put(link, len(come) > 0 || link.First != 0 || link.Person != nil)
	more := t.phonesNotIn(t.phonesNotIn(theirs.Phones, had.Phones), ours.Phones)
	put(change{Part: partAdd, Phones: more}, len(more) > 0)
	gone := slices.DeleteFunc(without(had.Companies, theirs.Companies), func(id int64) bool { return !slices.Contains(ours.Companies, id) })
	if kind == crm.KindLead && len(come) > 0 {
		gone = nil // a lead has one company: the other one takes its place
	}
	put(change{Part: partUnlink, Ties: gone}, len(gone) > 0)
	less := t.phonesIn(t.phonesNotIn(had.Phones, theirs.Phones), ours.Phones)
	put(change{Part: partTake, Phones: less}, len(less) > 0)
	changed := theirs.Status != "" && (base == nil || theirs.Status != had.Status)
	put(change{Part: partStatus, Status: theirs.Status}, kind == crm.KindCompany && changed && theirs.Status != ours.Status)
	changed = theirs.OwnerKnown && (base == nil && theirs.Owner != 0 || base != nil && (!had.OwnerKnown || theirs.Owner != had.Owner))
	put(change{Part: partOwner, Owner: theirs.Owner}, changed && theirs.Owner != ours.Owner)
	became := kind == crm.KindLead && theirs.Stage == crm.StageConverted && ours.Stage != crm.StageConverted
	put(change{Part: partBecame, Ties: theirs.Companies, Person: &theirs.Contact}, became && had.Stage != crm.StageConverted)
	return list
}

// fields is the part of the plain fields.
func (t translator) fields(kind crm.Kind, base *state, theirs, ours state) (change, bool) {
	w := change{Part: partFields, Fields: map[string]string{}}
	scalar := func(name string, had, is, here string, clears bool) {
		if is == here || is == "" && (!clears || base == nil) || base != nil && is == had {
			return
		}
		w.Fields[name] = is
	}
	had := state{}
	if base != nil {
		had = *base
	}
	if base != nil { // at the first meeting it is known by its name
		scalar("name", had.Name, theirs.Name, ours.Name, false)
	}
	if kind == crm.KindContact {
		scalar("post", had.Post, theirs.Post, ours.Post, true)
	}
	if kind == crm.KindLead {
		if base != nil {
			scalar("title", had.Title, theirs.Title, ours.Title, false)
		}
		scalar("source", had.Source, theirs.Source, ours.Source, true)
		if theirs.Stage != crm.StageConverted {
			scalar("stage", had.Stage, theirs.Stage, ours.Stage, false)
		}
	}
	w.Mail = mailNotIn(mailNotIn(theirs.Emails, had.Emails), ours.Emails)
	w.NoMail = mailIn(mailNotIn(had.Emails, theirs.Emails), ours.Emails)
	return w, len(w.Fields) > 0 || len(w.Mail) > 0 || len(w.NoMail) > 0
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
	return slices.ContainsFunc(list, func(other crm.Phone) bool { return t.keyOf(other) == t.keyOf(p) })
}

func mailNotIn(list, had []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(a string) bool { return hasMail(had, a) })
}

func mailIn(list, had []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(a string) bool { return !hasMail(had, a) })
}

func hasMail(list []string, address string) bool {
	return slices.ContainsFunc(list, func(other string) bool { return foldMail(other) == foldMail(address) })
}
