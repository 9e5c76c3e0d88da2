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
func (s DataSubject) Is(ref journal.Ref) bool { return slices.Contains(s.Records, ref) }

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
		if s.In(v) {
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
		if s.isHis(v) {
			mask(v, "name", "title", "post")
		}
		// The words of a card name its subject as it was called then.
		if subject, ok := v["subject"].(map[string]any); ok && s.isHis(subject) {
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
func (s DataSubject) isHis(object map[string]any) bool {
	kind, _ := object["kind"].(string)
	number, _ := object["id"].(json.Number)
	id, err := number.Int64()
	return err == nil && s.Is(journal.Ref{Kind: kind, ID: id})
}

// In says whether a text holds one of his words or numbers, in any spelling.
func (s DataSubject) In(text string) bool {
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
func SubjectOf(tx *store.Tx, kind Kind, id int64) (DataSubject, error) {
	var who DataSubject
	if kind == KindLead {
		row, err := leadRowOf(tx, id)
		if err != nil {
			return who, err
		}
		if row.ContactID != 0 {
			kind, id = KindContact, row.ContactID
		} else {
			return gather(tx, nil, []int64{id})
		}
	}
	if _, err := contactRowOf(tx, id); err != nil {
		return who, err
	}
	contacts, err := mergedInto(tx, KindContact, id)
	if err != nil {
		return who, err
	}
	contacts = append(contacts, id)
	var leads []int64
	for _, contact := range contacts {
		some, err := leadsLinkedTo(tx, KindContact, contact)
		if err != nil {
			return who, err
		}
		leads = append(leads, some...)
	}
	return gather(tx, contacts, leads)
}

// SubjectAt finds the person of a number: every contact and lead that has it, and
// what belongs to them. A number on no record is a person too: of the calls.
func SubjectAt(tx *store.Tx, key int64) (who DataSubject, err error) {
	links, err := linksOfNumber(tx, key)
	if err != nil {
		return who, err
	}
	who.Numbers = []int64{key}
	for _, l := range links {
		if l.Kind == KindCompany {
			who.Numbers, who.Shared = nil, []int64{key}
			continue
		}
		other, err := SubjectOf(tx, l.Kind, l.Entity)
		if err != nil {
			return who, err
		}
		who.Records = append(who.Records, other.Records...)
		who.Words = append(who.Words, other.Words...)
		who.Shared = append(who.Shared, other.Shared...)
		who.Numbers = append(who.Numbers, other.Numbers...)
	}
	who.Shared = slices.DeleteFunc(who.Shared, func(k int64) bool { return slices.Contains(who.Numbers, k) })
	slices.SortFunc(who.Records, func(a, b journal.Ref) int { return cmp.Or(strings.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) })
	who.Records = slices.Compact(who.Records)
	for _, list := range []*[]int64{&who.Numbers, &who.Shared} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	slices.Sort(who.Words)
	who.Words = slices.Compact(who.Words)
	return who, nil
}

// gather reads the names, phones and e-mails of some contacts and leads. A number
// that leads to others as well is shared, and as it was typed no word of his.
func gather(tx *store.Tx, contacts, leads []int64) (who DataSubject, err error) {
	var phones []phoneRow
	for _, of := range []struct {
		kind Kind
		ids  []int64
	}{{KindContact, contacts}, {KindLead, leads}} {
		for _, id := range of.ids {
			who.Records = append(who.Records, journal.Ref{Kind: of.kind.String(), ID: id})
		}
		words, err := namesOf(tx, of.kind, of.ids)
		if err != nil {
			return who, err
		}
		some, err := phonesOf(tx, of.kind, of.ids)
		if err != nil {
			return who, err
		}
		emails, err := emailsOf(tx, of.kind, of.ids)
		if err != nil {
			return who, err
		}
		for _, e := range emails {
			who.Words = append(who.Words, e.Address)
		}
		phones, who.Words = append(phones, some...), append(who.Words, words...)
		for _, name := range words { // one part of a name says enough
			who.Words = append(who.Words, strings.FieldsFunc(name, func(c rune) bool { return !unicode.IsLetter(c) })...)
		}
	}
	for _, p := range phones {
		shared, err := others(tx, who, p.Key)
		switch {
		case err != nil:
			return who, err
		case shared && !slices.Contains(who.Shared, p.Key):
			who.Shared = append(who.Shared, p.Key)
		case !shared:
			who.Words = append(who.Words, p.Raw)
			if p.Key != 0 && !slices.Contains(who.Numbers, p.Key) {
				who.Numbers = append(who.Numbers, p.Key)
			}
		}
	}
	return who, nil
}

// others says whether a number leads to records that are not his.
func others(tx *store.Tx, who DataSubject, key int64) (bool, error) {
	if key == 0 {
		return false, nil
	}
	links, err := linksOfNumber(tx, key)
	return slices.ContainsFunc(links, func(l link) bool { return !who.Is(journal.Ref{Kind: l.Kind.String(), ID: l.Entity}) }), err
}
