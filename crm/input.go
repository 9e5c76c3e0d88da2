package crm

import (
	"fmt"
	"slices"
	"strings"

	"callhue/internal/fault"
	"callhue/phone"
)

// The longest that a record may hold.
const (
	maxName      = 300 // characters
	maxPost      = 200
	maxSource    = 100
	maxReason    = 500
	maxPhone     = 100 // as typed
	maxPhoneKind = 20  // of a phone's kind
	maxEmail     = 254
	maxPhones    = 50
	maxEmails    = 50
	maxTeam      = 50
	maxCompanies = 50 // companies of a contact
)

// The functions below tidy a field of the input and gather what is wrong with
// it in the act; check ends the gathering.

// phones never refuses what cannot be read as a number: it is kept as typed. A value with several numbers becomes
// several phones of its kind, and a number that the list has already is left out.
func (a *act) phones(field string, typed []Phone) []Phone {
	if len(typed) > maxPhones {
		a.Invalid(field, "too_many")
		return nil
	}
	list, seen := make([]Phone, 0, len(typed)), make([]dialled, 0, len(typed))
	for i, p := range typed {
		if p.Kind = a.Text(fmt.Sprintf("%s.%d.kind", field, i), strings.ToLower(p.Kind), maxPhoneKind); p.Kind == "" {
			p.Kind = "work"
		}
		for _, value := range a.splitPhone(p.Value) {
			p.Value = a.Required(fmt.Sprintf("%s.%d.value", field, i), value, maxPhone)
			if strings.Contains(p.Value, "**") {
				a.Invalid(fmt.Sprintf("%s.%d.value", field, i), "masked_number")
			}
			n := a.readPhone(p.Value)
			one := dialled{n.E164, n.Extension}
			if n.Kind == phone.External && slices.Contains(seen, one) {
				continue
			}
			list, seen = append(list, p), append(seen, one)
		}
	}
	if len(list) > maxPhones {
		a.Invalid(field, "too_many")
	}
	return list
}

// splitPhone returns the numbers of a value apart, and a value with one number or none as it is.
func (a *act) splitPhone(value string) []string {
	if _, ok := a.plan.Quick(value); ok {
		return []string{value}
	}
	cell := a.plan.ParseCell(value)
	if len(cell.Parts) == 1 {
		a.keepPhone(value, cell.Parts[0].Number)
	}
	if len(cell.Parts) < 2 {
		return []string{value}
	}
	values := make([]string, len(cell.Parts))
	for i, part := range cell.Parts {
		values[i] = part.Text
		a.keepPhone(part.Text, part.Number)
	}
	return values
}

// readPhone parses a phone as a person typed it, each text once.
func (a *act) readPhone(value string) phone.Number {
	if n, ok := a.plan.Quick(value); ok {
		return n
	}
	n, found := a.phonesRead[value]
	if !found {
		n = a.plan.ParseTyped(value)
		a.keepPhone(value, n)
	}
	return n
}

func (a *act) keepPhone(value string, n phone.Number) {
	const most = 20_000
	if a.phonesRead == nil || len(a.phonesRead) >= most {
		a.phonesRead = map[string]phone.Number{}
	}
	a.phonesRead[value] = n
}

// dialled is what distinguishes the phones of a record.
type dialled struct {
	number    int64
	extension string
}

func (a *act) emails(field string, list []string) []string {
	if len(list) > maxEmails {
		a.Invalid(field, "too_many")
		return nil
	}
	list = slices.Clone(listed(list))
	for i := range list {
		at := fmt.Sprintf("%s.%d", field, i)
		list[i] = a.Required(at, list[i], maxEmail)
		name, host, found := strings.Cut(list[i], "@")
		if list[i] != "" && (!found || name == "" || host == "" || strings.ContainsAny(list[i], " ,;<>")) {
			a.Invalid(at, "not_an_email")
		}
	}
	return list
}

// user refuses an id that is none of our users; 0 is no one.
func (a *act) user(field string, id int64) error {
	if id == 0 {
		return nil
	}
	org, err := a.org()
	if err == nil && org.User(id) == nil {
		a.Invalid(field, "unknown")
	}
	return err
}

func (a *act) team(field string, ids []int64) ([]int64, error) {
	if len(ids) > maxTeam {
		a.Invalid(field, "too_many")
		return nil, nil
	}
	ids = distinct(ids)
	for _, id := range ids {
		if id == 0 {
			a.Invalid(field, "unknown")
			continue
		}
		if err := a.user(field, id); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// links refuses ids that are no records of a kind, and holds those that are:
// no one can remove them before this write is through. It must come before the
// first SELECT of a write.
func (a *act) lockRecords(field string, kind Kind, ids []int64) ([]int64, error) {
	if len(ids) > maxCompanies {
		a.Invalid(field, "too_many")
		return nil, nil
	}
	ids = distinct(ids)
	n, err := lock(a.Tx, kind, ids...)
	if err == nil && n != int64(len(ids)) {
		a.Invalid(field, "unknown")
	}
	return ids, err
}

// link is links for a field that holds one id or 0.
func (a *act) lockRecord(field string, kind Kind, id int64) error {
	if id == 0 {
		return nil
	}
	_, err := a.lockRecords(field, kind, []int64{id})
	return err
}

// version refuses a change that was made on an older state; a missing version
// is a wrong field.
func (a *act) version(seen, stored int64) error {
	if seen == 0 {
		a.Invalid("version", "required")
		return nil
	}
	if seen != stored {
		return fault.Stale()
	}
	return nil
}

// check ends the gathering. A status that no one knows has a code of its own
// when nothing else is wrong.
func (a *act) check() error {
	if a.Wrong != nil && len(a.Wrong.Fields) == 1 && a.Wrong.Fields[0].Code == "unknown_status" {
		a.Wrong.Key = "unknown_status"
	}
	return a.Wrong.OrNil()
}

// distinct keeps the first of equal ids.
func distinct(ids []int64) []int64 {
	kept := make([]int64, 0, len(ids))
	for _, id := range ids {
		if !slices.Contains(kept, id) {
			kept = append(kept, id)
		}
	}
	return kept
}
