package crm

import (
	"reflect"

	"callhue/journal"
	"callhue/statuses"
)

// edit is the phones and e-mails of a record before and after a change.
type edit struct {
	kind      Kind
	id        int64
	had       []line
	lines     []line
	hadEmails []string
	emails    []string
}

// editNumbers reads what a record has and applies what a change wants of it.
func (a *act) editNumbers(kind Kind, id int64, phones *[]Phone, emails *[]string) (e edit, err error) {
	e = edit{kind: kind, id: id}
	if e.had, err = linesAt(a.tx, kind, id); err != nil {
		return e, err
	}
	if e.hadEmails, err = emailsAt(a.tx, kind, id); err != nil {
		return e, err
	}
	e.lines, e.emails = e.had, e.hadEmails
	if phones != nil {
		e.lines = linesOf(a.plan, a.phones("phones", *phones), e.had, a.now())
	}
	if emails != nil {
		e.emails = a.emails("emails", *emails)
	}
	return e, nil
}

// saveNumbers stores an edit and brings the index up to date.
func (a *act) saveNumbers(e edit, ties []tie, own *companyRow) (turn, error) {
	if !reflect.DeepEqual(e.had, e.lines) {
		if err := replaceLines(a.tx, e.kind, e.id, e.lines); err != nil {
			return turn{}, err
		}
	}
	if !reflect.DeepEqual(e.hadEmails, e.emails) {
		if err := replaceEmails(a.tx, e.kind, e.id, e.emails); err != nil {
			return turn{}, err
		}
	}
	return a.index(e.kind, e.id, e.lines, ties, own)
}

// diff is what a change did: field -> old and new value.
type diff map[string][2]any

func (d diff) put(field string, before, after any) {
	if !reflect.DeepEqual(before, after) {
		d[field] = [2]any{before, after}
	}
}

// noteChange writes the entries of a change: another owner, other numbers, and
// whatever else is different.
func (a *act) noteChange(kind Kind, before, after base, d diff, e edit, t turn, reason string) error {
	if before.OwnerID != after.OwnerID {
		err := a.note(journal.OwnerChanged, kind, after.ID, after.OwnerID,
			map[string]any{"name": after.Name, "old": before.OwnerID, "new": after.OwnerID, "reason": reason})
		if err != nil {
			return err
		}
	}
	if keys := t.keys(); len(keys) > 0 || !reflect.DeepEqual(e.had, e.lines) {
		err := a.note(journal.NumbersChanged, kind, after.ID, after.OwnerID,
			map[string]any{"name": after.Name, "old": valuesOf(e.had), "new": valuesOf(e.lines), "numbers": keys, "reason": reason})
		if err != nil {
			return err
		}
	}
	if len(d) == 0 {
		return nil
	}
	return a.note(journal.RecordChanged, kind, after.ID, after.OwnerID,
		map[string]any{"name": after.Name, "changed": d, "reason": reason})
}

func valuesOf(lines []line) []string {
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
