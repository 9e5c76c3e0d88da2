package crm

import (
	"slices"
	"strings"

	"callhue/journal"
	"callhue/phone"
	"callhue/statuses"
)

// edit is the phones and e-mails of a record before and after a change.
type edit struct {
	kind      Kind
	id        int64
	had       []phoneLine
	lines     []phoneLine
	hadEmails []string
	emails    []string
	external  externalEdit
}

// editNumbers reads what a record has and applies what a change wants of it.
func (a *act) editNumbers(kind Kind, id int64, phones *[]Phone, emails *[]string,
	external *[]ExternalID) (e edit, err error) {
	e = edit{kind: kind, id: id}
	if e.had, err = linesAt(a.Tx, kind, id); err != nil {
		return e, err
	}
	if e.hadEmails, err = emailsAt(a.Tx, kind, id); err != nil {
		return e, err
	}
	e.lines, e.emails = e.had, e.hadEmails
	if phones != nil {
		read := a.phones("phones", unmasked(*phones, e.had))
		e.lines = parsePhones(a.readPhone, read, slices.Concat(e.had, a.datedPhones(read)), a.now())
	}
	if emails != nil {
		e.emails = a.emails("emails", *emails)
	}
	e.external, err = a.editExternalIDs(kind, id, external)
	return e, err
}

// unmasked returns the phones of a change with the numbers in place of their masks: who may not see a number leaves it
// as it is.
func unmasked(typed []Phone, had []phoneLine) []Phone {
	list, used := slices.Clone(typed), make([]bool, len(had))
	for i := range list {
		if !strings.Contains(list[i].Value, "*") {
			continue
		}
		for n, line := range had {
			if !used[n] && line.Key > 0 && strings.Contains(list[i].Value, phone.Mask(line.Key)) {
				list[i].Value, used[n] = line.Raw, true
				break
			}
		}
	}
	return list
}

// saveTyped stores the phones and e-mails of an edit as people typed them.
func (a *act) saveAsTyped(e edit) error {
	if e.otherPhones() {
		if err := replaceLines(a.Tx, e.kind, e.id, e.lines); err != nil {
			return err
		}
	}
	if err := a.saveExternalIDs(e.kind, e.id, e.external); err != nil {
		return err
	}
	if slices.Equal(e.hadEmails, e.emails) {
		return nil
	}
	return replaceEmails(a.Tx, e.kind, e.id, e.emails)
}

// saveNumbers stores an edit of a contact or lead and brings the index up to
// date.
func (a *act) saveNumbers(e edit, links []companyLink) (indexChange, error) {
	if err := a.saveAsTyped(e); err != nil {
		return indexChange{}, err
	}
	return a.index(e.kind, e.id, e.lines, links)
}

// saveOwner remembers since when a record has another owner.
func (a *act) saveOwner(kind Kind, before, after base) error {
	if before.OwnerID == after.OwnerID {
		return nil
	}
	if kind == KindCompany {
		if err := startGuard(a.Tx, after.ID, a.now()); err != nil {
			return err
		}
	}
	return putOwnerSince(a.Tx, kind, after.ID, a.now())
}

// isNothing reports whether a change leaves everything as it was: then nothing is
// written, and the version stays.
func isNothing(d journal.Changes, before, after base, e edit) bool {
	return len(d) == 0 && before.OwnerID == after.OwnerID && !e.otherPhones()
}

func (e edit) otherPhones() bool { return !slices.Equal(e.had, e.lines) }

// noteChange writes the entries of a change: another owner, other numbers, and
// whatever else is different.
func (a *act) recordChange(kind Kind, before, after base, d journal.Changes, e edit, t indexChange,
	reason string) error {
	if before.OwnerID != after.OwnerID {
		err := a.recordEntry(OwnerChanged, kind, after.ID, after.OwnerID,
			map[string]any{"name": after.Name, "changed": ownerChange(before, after), "reason": reason})
		if err != nil {
			return err
		}
	}
	if e.otherPhones() {
		changed := journal.Changes{"phones": {From: valuesOf(e.had), To: valuesOf(e.lines)}}
		err := a.recordEntry(NumbersChanged, kind, after.ID, after.OwnerID,
			map[string]any{"name": after.Name, "changed": changed, "numbers": t.keys(), "reason": reason})
		if err != nil {
			return err
		}
	}
	if len(d) == 0 {
		return nil
	}
	return a.recordEntry(RecordChanged, kind, after.ID, after.OwnerID,
		map[string]any{"name": after.Name, "changed": d, "numbers": t.keys(), "reason": reason})
}

func ownerChange(before, after base) journal.Changes {
	return journal.Changes{"owner_id": {From: before.OwnerID, To: after.OwnerID}}
}

func statusChange(before, after *statuses.Status) journal.Changes {
	return journal.Changes{"status": {From: statusCode(before), To: statusCode(after)}}
}

func valuesOf(lines []phoneLine) []string {
	values := make([]string, len(lines))
	for i, l := range lines {
		values[i] = l.Raw
	}
	return values
}

func statusCode(s *statuses.Status) string {
	if s == nil {
		return ""
	}
	return s.Code
}
