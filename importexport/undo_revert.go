package importexport

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"callhue/crm"
	"callhue/internal/fault"
)

// revertSome reverts some of the records that the import changed, and returns their number.
func (u *undoing) revertSome(limit int) (n int, err error) {
	err = retry(func() error {
		rows, err := findStanding(u.db.Read(u.ctx), u.row.ID, limit)
		if n = len(rows); err != nil || n == 0 {
			return err
		}
		ids := make([]int64, len(rows))
		var statuses []string
		for i := range rows {
			ids[i] = rows[i].ID
			if code := rows[i].formerStatus(); code != "" {
				statuses = append(statuses, code)
			}
		}
		existing, err := crm.FindVersions(u.db.Read(u.ctx), u.kind.recordKind(), ids)
		if err != nil {
			return err
		}
		locks, err := u.locksOf(rows, existing)
		if err != nil {
			return err
		}
		locks.Statuses = statuses
		return u.write(locks, func(b *crm.Batch, next *importRow) error {
			done := slices.Clone(rows)
			for i := range done {
				reason := keptRemoved
				if existing[done[i].ID] != 0 {
					var fatal error
					if reason, fatal = u.revert(b, done[i]); fatal != nil {
						return fatal
					}
				}
				done[i].end(next, reason)
			}
			return saveChanged(b.Tx, u.row.ID, done)
		})
	})
	return n, err
}

// end counts a record that was taken back, or kept for a reason. What it held before is forgotten.
func (r *changedRow) end(progress *importRow, reason string) {
	r.State, r.Reason, r.Changes = rowUndone, reason, "{}"
	if reason == "" {
		progress.Undone++
		return
	}
	r.State = rowKept
	progress.Kept++
}

// changesOf decodes the changes of a row, with values as JSON.
func (r *changedRow) decoded() (changes map[string]fromTo, err error) {
	err = unmarshal(r.Changes, &changes)
	return changes, err
}

type fromTo struct {
	From json.RawMessage `json:"from"`
	To   json.RawMessage `json:"to"`
}

// formerStatus returns the status that the import replaced, "" for none.
func (r *changedRow) formerStatus() (code string) {
	if changes, err := r.decoded(); err == nil {
		_ = json.Unmarshal(changes["status"].From, &code)
	}
	return code
}

// revert sets the fields of a record to their former values, except those that were changed since. It returns why
// something stays, "" for nothing.
func (u *undoing) revert(b *crm.Batch, row changedRow) (reason string, fatal error) {
	changes, err := row.decoded()
	if err != nil {
		return "", err
	}
	record, phones, err := u.current(b, row.ID)
	if err != nil {
		return "", err
	}
	former, kept := map[string]any{}, []string{}
	for field, change := range changes {
		switch value, ok := u.former(field, change, record, phones); {
		case ok:
			former[field] = value
		default:
			kept = append(kept, field)
		}
	}
	slices.Sort(kept)
	refused, fatal := u.change(b, row.ID, former)
	switch {
	case fatal != nil:
		return "", fatal
	case refused != nil:
		return fault.Of(refused).Key, nil
	case len(kept) > 0:
		return keptChanged + ":" + strings.Join(kept, ","), nil
	}
	return "", nil
}

// former returns the value that a field had before the import, unless it was changed since. Of phones only those that
// the import added are taken away.
func (u *undoing) former(field string, change fromTo, record map[string]json.RawMessage,
	phones []crm.Phone) (any, bool) {
	switch field {
	case "phones":
		return formerPhones(change, phones)
	case "status":
		var mark struct {
			Code string `json:"code"`
		}
		var to, from string
		_ = json.Unmarshal(record["status"], &mark) // null for none
		if json.Unmarshal(change.To, &to) != nil || json.Unmarshal(change.From, &from) != nil || mark.Code != to ||
			from == "" {
			return nil, false
		}
		return from, true
	}
	return change.From, sameJSON(record[field], change.To)
}

// formerPhones returns the phones without those that the import added; false when one of these is gone already.
func formerPhones(change fromTo, phones []crm.Phone) ([]crm.Phone, bool) {
	var from, to []string
	if json.Unmarshal(change.From, &from) != nil || json.Unmarshal(change.To, &to) != nil {
		return nil, false
	}
	rest, taken := []crm.Phone{}, 0
	for _, p := range phones {
		if slices.Contains(to, p.Value) && !slices.Contains(from, p.Value) {
			taken++
			continue
		}
		rest = append(rest, p)
	}
	added := 0
	for _, value := range to {
		if !slices.Contains(from, value) {
			added++
		}
	}
	return rest, taken == added
}

// sameJSON reports whether two JSON values are equal; null and an empty list are.
func sameJSON(a, b json.RawMessage) bool {
	var one, other any
	if json.Unmarshal(a, &one) != nil || json.Unmarshal(b, &other) != nil {
		return false
	}
	empty := func(v any) bool {
		list, isList := v.([]any)
		return v == nil || isList && len(list) == 0
	}
	return reflect.DeepEqual(one, other) || empty(one) && empty(other)
}

// current returns a record as its JSON fields, and its phones.
func (u *undoing) current(b *crm.Batch, id int64) (fields map[string]json.RawMessage, phones []crm.Phone, err error) {
	var record any
	switch u.kind {
	case Companies:
		c, findErr := b.Company(id)
		record, phones, err = c, c.Phones, findErr
	case Contacts:
		c, findErr := b.Contact(id)
		record, phones, err = c, c.Phones, findErr
	default:
		l, findErr := b.Lead(id)
		record, phones, err = l, l.Phones, findErr
	}
	if err != nil {
		return nil, nil, err
	}
	err = unmarshal(asJSON(record), &fields)
	return fields, phones, err
}

// change writes former values by the rights and the journal of any change.
func (u *undoing) change(b *crm.Batch, id int64, former map[string]any) (refused, fatal error) {
	status, _ := former["status"].(string)
	delete(former, "status")
	text := asJSON(former)
	if len(former) > 0 {
		switch u.kind {
		case Companies:
			var in crm.CompanyChange
			if err := unmarshal(text, &in); err != nil {
				return nil, err
			}
			_, refused, fatal = b.ChangeCompany(id, in)
		case Contacts:
			var in crm.ContactChange
			if err := unmarshal(text, &in); err != nil {
				return nil, err
			}
			_, refused, fatal = b.ChangeContact(id, in)
		default:
			var in crm.LeadChange
			if err := unmarshal(text, &in); err != nil {
				return nil, err
			}
			_, refused, fatal = b.ChangeLead(id, in)
		}
	}
	if refused == nil && fatal == nil && status != "" {
		_, refused, fatal = b.SetStatus(id, status, "")
	}
	return refused, fatal
}
