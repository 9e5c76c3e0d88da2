package crm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"callhue/internal/store"
	"callhue/journal"
)

// DataSubject is a person whose data are shown or erased. Companies are not persons.
type DataSubject struct {
	Records []journal.Ref // their contact and leads, including merged ones
	Numbers []int64       // keys of phones that lead only to them
	Shared  []int64       // keys that also lead to other records: calls from there may be another person's
	Words   []string      // their names, phones as typed and e-mails
}

// Owns reports whether a record is one of theirs.
func (s DataSubject) Owns(ref journal.Ref) bool { return slices.Contains(s.Records, ref) }

func (s DataSubject) ids(kind Kind) (ids []int64) {
	for _, r := range s.Records {
		if r.Kind == kind.String() {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Masked replaces a personal value.
const Masked = "***"

// Redact returns a JSON text without the person's values: texts that mention them are masked, and
// so are the names of their records, whatever they were at the time.
func (s DataSubject) Redact(raw json.RawMessage) json.RawMessage {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return json.RawMessage("{}") // unreadable: it might contain anything
	}
	return journal.Details(s.redact(value))
}

func (s DataSubject) redact(value any) any {
	switch v := value.(type) {
	case string:
		if s.Mentions(v) {
			return Masked
		}
	case json.Number:
		if n, err := v.Int64(); err == nil && slices.Contains(s.Numbers, n) {
			return 0
		}
	case []any:
		for i := range v {
			v[i] = s.redact(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = s.redact(v[name])
		}
		if s.refersTo(v) {
			mask(v, "name", "title", "post")
		}
		// The text of a card names its subject as it was called at the time.
		if subject, ok := v["subject"].(map[string]any); ok && s.refersTo(subject) {
			if verdict, ok := v["verdict"].(map[string]any); ok {
				mask(verdict, "text")
			}
		}
	}
	return value
}

func mask(object map[string]any, names ...string) {
	for _, name := range names {
		if text, ok := object[name].(string); ok && text != "" {
			object[name] = Masked
		}
	}
}

// refersTo reports whether an object describes one of their records.
func (s DataSubject) refersTo(object map[string]any) bool {
	kind, _ := object["kind"].(string)
	number, _ := object["id"].(json.Number)
	id, err := number.Int64()
	return err == nil && s.Owns(journal.Ref{Kind: kind, ID: id})
}

// Mentions reports whether a text contains one of their words or numbers, in any spelling.
func (s DataSubject) Mentions(text string) bool {
	folded := store.Fold(text)
	for _, word := range s.Words {
		if word = store.Fold(word); len([]rune(word)) >= shortestWord && strings.Contains(folded, word) {
			return true
		}
	}
	digits := digitsOf(text)
	return slices.ContainsFunc(s.Numbers, func(key int64) bool {
		number := strconv.FormatInt(max(key, -key), 10)
		return len(number) >= 5 && strings.Contains(digits, number[max(0, len(number)-10):])
	})
}

// shortestWord is the length of the shortest name that is searched for in texts; shorter ones occur
// in half of all words.
const shortestWord = 4

// FindSubject returns the person of a contact or lead: the contact, the leads converted into or
// linked to it, and what was merged into them. Fault: not_found.
func FindSubject(tx *store.Tx, kind Kind, id int64) (DataSubject, error) {
	var subject DataSubject
	if kind == KindLead {
		row, err := leadRowOf(tx, id)
		if err != nil {
			return subject, err
		}
		if row.ContactID != 0 {
			kind, id = KindContact, row.ContactID
		} else {
			return gatherSubject(tx, nil, []int64{id})
		}
	}
	if _, err := contactRowOf(tx, id); err != nil {
		return subject, err
	}
	contacts, err := findMerged(tx, KindContact, id)
	if err != nil {
		return subject, err
	}
	contacts = append(contacts, id)
	var leads []int64
	for _, contact := range contacts {
		some, err := leadsLinkedTo(tx, KindContact, contact)
		if err != nil {
			return subject, err
		}
		leads = append(leads, some...)
	}
	return gatherSubject(tx, contacts, leads)
}

// FindSubjectByNumber returns the person of a number: every contact and lead that has it, with what
// belongs to them. A number on no record is a subject too, for its calls.
func FindSubjectByNumber(tx *store.Tx, key int64) (subject DataSubject, err error) {
	rows, err := numberRowsAt(tx, key)
	if err != nil {
		return subject, err
	}
	subject.Numbers = []int64{key}
	for _, l := range rows {
		if l.Kind == KindCompany {
			subject.Numbers, subject.Shared = nil, []int64{key}
			continue
		}
		other, err := FindSubject(tx, l.Kind, l.Entity)
		if err != nil {
			return subject, err
		}
		subject.Records = append(subject.Records, other.Records...)
		subject.Words = append(subject.Words, other.Words...)
		subject.Shared = append(subject.Shared, other.Shared...)
		subject.Numbers = append(subject.Numbers, other.Numbers...)
	}
	subject.Shared = slices.DeleteFunc(subject.Shared,
		func(k int64) bool { return slices.Contains(subject.Numbers, k) })
	slices.SortFunc(subject.Records, func(a, b journal.Ref) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind),
			cmp.Compare(a.ID, b.ID))
	})
	subject.Records = slices.Compact(subject.Records)
	for _, list := range []*[]int64{&subject.Numbers, &subject.Shared} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	slices.Sort(subject.Words)
	subject.Words = slices.Compact(subject.Words)
	return subject, nil
}

// gatherSubject reads the names, phones and e-mails of contacts and leads. A number that also leads
// to other records is shared, and its spelling is not one of their words.
func gatherSubject(tx *store.Tx, contacts, leads []int64) (subject DataSubject, err error) {
	var phones []phoneRow
	for _, of := range []struct {
		kind Kind
		ids  []int64
	}{{KindContact, contacts}, {KindLead, leads}} {
		for _, id := range of.ids {
			subject.Records = append(subject.Records, journal.Ref{Kind: of.kind.String(), ID: id})
		}
		words, err := findAllNames(tx, of.kind, of.ids)
		if err != nil {
			return subject, err
		}
		some, err := phonesOf(tx, of.kind, of.ids)
		if err != nil {
			return subject, err
		}
		emails, err := emailsOf(tx, of.kind, of.ids)
		if err != nil {
			return subject, err
		}
		for _, e := range emails {
			subject.Words = append(subject.Words, e.Address)
		}
		phones, subject.Words = append(phones, some...), append(subject.Words, words...)
		for _, name := range words { // one part of a name identifies them
			subject.Words = append(subject.Words, strings.FieldsFunc(name,
				func(c rune) bool { return !unicode.IsLetter(c) })...)
		}
	}
	for _, p := range phones {
		shared, err := isShared(tx, subject, p.Key)
		switch {
		case err != nil:
			return subject, err
		case shared && !slices.Contains(subject.Shared, p.Key):
			subject.Shared = append(subject.Shared, p.Key)
		case !shared:
			subject.Words = append(subject.Words, p.Raw)
			if p.Key != 0 && !slices.Contains(subject.Numbers, p.Key) {
				subject.Numbers = append(subject.Numbers, p.Key)
			}
		}
	}
	return subject, nil
}

// isShared reports whether a number also leads to records of others.
func isShared(tx *store.Tx, subject DataSubject, key int64) (bool, error) {
	if key == 0 {
		return false, nil
	}
	rows, err := numberRowsAt(tx, key)
	return slices.ContainsFunc(rows, func(l numberRow) bool {
		return !subject.Owns(journal.Ref{Kind: l.Kind.String(),
			ID: l.Entity})
	}), err
}
