package importexport

import (
	"slices"
	"strings"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/internal/text"
)

// identity is what the names of two records have in common that are one and the same: the words without their order,
// and the legal form of a company apart from them.
type identity struct {
	words string
	form  string // a short legal form in lower case; "" for none, or one that is spelled out
}

// identityOf returns the identity of a name.
func identityOf(kind Kind, name string) identity {
	if kind != Companies {
		return identity{words: wordsOf(name)}
	}
	bare := text.WithoutLegalForm(name)
	id := identity{words: wordsOf(bare)}
	if bare == name {
		return id
	}
	inName := strings.Fields(crm.IdentityOf(bare))
	form := slices.DeleteFunc(strings.Fields(crm.IdentityOf(name)), func(word string) bool {
		return slices.Contains(inName, word)
	})
	if len(form) == 1 {
		id.form = form[0]
	}
	return id
}

// wordsOf returns the words of a name in alphabetical order, the folded text of one without letters and digits.
func wordsOf(name string) string {
	if words := crm.IdentityOf(name); words != "" {
		return words
	}
	return store.Fold(name)
}

// same reports whether two records with a number in common are one by their names. "ООО Вектор" is "Вектор", and no
// "АО Вектор".
func (i identity) same(other identity) bool {
	return i.words == other.words && (i.form == "" || other.form == "" || i.form == other.form)
}

// noCodes are what stands in a column of codes where there is none, folded.
var noCodes = []string{"", "null", "nil", "none", "nan", "n/a", "na", "undefined", "нет", "н/д", "#н/д", "#n/a",
	"#ref!", "#ссылка!"}

// codeIn returns the code in a cell, "" for zeros, dashes and words that mean none.
func codeIn(cell string) string {
	if strings.Trim(cell, "0-–—._ ") == "" || slices.Contains(noCodes, store.Fold(cell)) {
		return ""
	}
	return cell
}
