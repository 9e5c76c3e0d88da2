package crm

import (
	"slices"
	"strings"
	"unicode"

	"callhue/internal/store"
)

// IdentityOf returns the form of a name in which two records that share a number are recognised as one: its words in
// lower case without punctuation, each once, in alphabetical order. One system writes "Анна Белкина" and the other
// "Белкина Анна". It is "" for a name without letters and digits, which identifies no record.
func IdentityOf(name string) string {
	words := strings.FieldsFunc(store.Fold(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

// SameIdentity reports whether two records that share a number are one by their names.
func SameIdentity(name, other string) bool {
	identity := IdentityOf(name)
	if identity == "" {
		return store.Fold(name) == store.Fold(other)
	}
	return identity == IdentityOf(other)
}
