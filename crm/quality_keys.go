package crm

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"callhue/internal/store"
	"callhue/internal/text"
)

// keySort is what a key of a record stands for.
type keySort int

// The sorts. Records with an equal key of one of the first three may be duplicates, the strongest first.
const (
	keyNumber keySort = 1 // value: the number
	keyEmail  keySort = 2 // value: a hash of the address
	keyName   keySort = 3 // value: a hash of the name's words

	keyOwnerStatus keySort = 10 // of a company; value: ownerStatus

	keyNoCompany  keySort = 20 // a contact without a company
	keyNoPhone    keySort = 21 // a company without a phone
	keyUnreadable keySort = 22 // n phones are no number of the outside world

	// A lead has a number that also leads to a company to which it is not linked; value: the number. These keys follow
	// from the keys of several records.
	keyLeadOfCompany keySort = 30
)

// recordValue is a key of a record.
type recordValue struct {
	Kind  Kind    `db:"kind"`
	ID    int64   `db:"record_id"`
	Sort  keySort `db:"sort"`
	Value int64   `db:"value"`
	N     int64   `db:"n"`
}

// ownerStatus is an owner and a status as one value; 0 is none of either.
func ownerStatus(owner, status int64) int64 { return owner<<24 | status&(1<<24-1) }

func ofOwnerStatus(value int64) (owner, status int64) { return value >> 24, value & (1<<24 - 1) }

// hashOf returns a positive number that equal texts have in common, in every process.
func hashOf(text string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // it never fails
	return int64(h.Sum64() >> 1)
}

// nameKey returns what two spellings of a name have in common: its words in one order, for a company without its legal
// form.
func nameKey(kind Kind, name string) string {
	if kind == KindCompany {
		name = text.WithoutLegalForm(strings.ToUpper(name))
	}
	words := strings.FieldsFunc(store.Fold(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

// examined is what the keys of a record follow from.
type examined struct {
	base
	status    int64
	converted bool // a lead that counts only through what it became
	linked    bool // a contact that has a company
	reference bool // a company that stands for one of a lookup source
	phones    []phoneLine
	emails    []string
}

// keys returns the keys of a record without duplicates.
func (r examined) keys(kind Kind) []recordValue {
	var list []recordValue
	add := func(sort keySort, value, n int64) {
		same := func(v recordValue) bool { return v.Sort == sort && v.Value == value }
		if !slices.ContainsFunc(list, same) {
			list = append(list, recordValue{kind, r.ID, sort, value, n})
		}
	}
	unreadable := int64(0)
	for _, l := range r.phones {
		if l.Key <= 0 {
			unreadable++
		} else if !r.converted {
			add(keyNumber, l.Key, 1)
		}
	}
	for _, address := range r.emails {
		if !r.converted {
			add(keyEmail, hashOf(store.Fold(address)), 1)
		}
	}
	if name := nameKey(kind, r.Name); name != "" && !r.converted {
		add(keyName, hashOf(name), 1)
	}
	if unreadable > 0 {
		add(keyUnreadable, 0, unreadable)
	}
	switch {
	case kind == KindCompany:
		add(keyOwnerStatus, ownerStatus(r.OwnerID, r.status), 1)
		if len(r.phones) == 0 && !r.reference {
			add(keyNoPhone, 0, 1)
		}
	case kind == KindContact && !r.linked:
		add(keyNoCompany, 0, 1)
	}
	return list
}
