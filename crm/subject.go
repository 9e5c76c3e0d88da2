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

// DataSubject is a person as the data about him are found: for whoever has to show
// him everything, or to erase it. Companies are no persons.
type DataSubject struct {
	Records []journal.Ref // his contact and leads, those that were merged into them included
	Numbers []int64       // keys of phones that lead to nobody but him
	Shared  []int64       // keys that lead to other records too: calls from there may be another's
	Words   []string      // his names, his phones as typed, his e-mails
}

// Is says whether a record is one of his.
func (s DataSubject) Owns(ref journal.Ref) bool { return slices.Contains(s.Records, ref) }

func (s DataSubject) ids(kind Kind) (ids []int64) {
	for _, r := range s.Records {
		if r.Kind == kind.String() {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Masked stands where a personal value was.
const Masked = "***"

// Redact takes his values out of a JSON text: every text that holds one of his
// words or numbers, and the names of his records whatever they were then.
func (s DataSubject) Redact(raw json.RawMessage) json.RawMessage {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return json.RawMessage("{}") // nobody can say what is in it
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
		// The words of a card name its subject as it was called then.
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

// isHis says whether an object tells of one of his records.
func (s DataSubject) refersTo(object map[string]any) bool {
	kind, _ := object["kind"].(string)
	number, _ := object["id"].(json.Number)
	id, err := number.Int64()
	return err == nil && s.Owns(journal.Ref{Kind: kind, ID: id})
}

// In says whether a text holds one of his words or numbers, in any spelling.
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

// shortestWord is the shortest name that is looked for in texts; shorter ones are
// in half of all words.
const shortestWord = 4

// SubjectOf finds the person of a contact or lead: the contact, the leads that
// became him or wait to, and what was merged into them. Fault: not_found.
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

// SubjectAt finds the person of a number: every contact and lead that has it, and
// what belongs to them. A number on no record is a person too: of the calls.
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
	subject.Shared = slices.DeleteFunc(subject.Shared, func(k int64) bool { return slices.Contains(subject.Numbers, k) })
	slices.SortFunc(subject.Records, func(a, b journal.Ref) int { return cmp.Or(strings.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) })
	subject.Records = slices.Compact(subject.Records)
	for _, list := range []*[]int64{&subject.Numbers, &subject.Shared} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	slices.Sort(subject.Words)
	subject.Words = slices.Compact(subject.Words)
	return subject, nil
}

// gather reads the names, phones and e-mails of some contacts and leads. A number
// that leads to others as well is shared, and as it was typed no word of his.
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
		for _, name := range words { // one part of a name says enough
			subject.Words = append(subject.Words, strings.FieldsFunc(name, func(c rune) bool { return !unicode.IsLetter(c) })...)
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

// others says whether a number leads to records that are not his.
func isShared(tx *store.Tx, subject DataSubject, key int64) (bool, error) {
	if key == 0 {
		return false, nil
	}
	rows, err := numberRowsAt(tx, key)
	return slices.ContainsFunc(rows, func(l numberRow) bool { return !subject.Owns(journal.Ref{Kind: l.Kind.String(), ID: l.Entity}) }), err
}
