package store

import (
	"strings"
	"unicode"
)

// Fold returns the form of a text that search columns hold and search words are
// compared in: lower case, "ё" as "е", blanks squeezed to one. It is done here
// because SQLite folds ASCII letters only.
func Fold(text string) string {
	text = strings.Join(strings.FieldsFunc(text, unicode.IsSpace), " ")
	return strings.ReplaceAll(strings.ToLower(text), "ё", "е")
}

// Like returns the pattern for `LIKE ? ESCAPE '!'` that finds a folded text
// anywhere in a search column.
func Like(text string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(Fold(text)) + "%"
}
