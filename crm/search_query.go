package crm

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/phone"
)

// A search is made of terms, each of which a record must have: a word that begins one of its words, or a number that
// begins or ends one of its numbers.

// keyRange is numbers between two keys, both included.
type keyRange struct{ first, last int64 }

// term is one part of what is searched for. Its fields are alternatives.
type term struct {
	words    []string   // begin a word of the index
	numbers  []keyRange // of keys in E.164
	ends     []keyRange // of search_ends
	patterns []string   // of LIKE, one of which the record's search text has
	whole    int64      // the key of the whole number, 0 if there is none
	dot      bool       // it follows a dot: the index may not have it
	typed    string     // a pattern for search texts of an older version
}

// indexed reports whether the index leads to the records that have the term.
func (t term) indexed() bool { return !t.dot && len(t.words)+len(t.numbers)+len(t.ends) > 0 }

// isNumber reports whether the term was typed as a number.
func (t term) isNumber() bool { return len(t.numbers) > 0 || len(t.ends) > 0 }

const (
	shortestNumber = 3 // digits of what is searched for as a number
	mostTerms      = 8
)

// numberSigns are what numbers are written with.
const numberSigns = "+()-.–—\u00a0"

// parseQuery reads what was typed into terms. Legal forms and quotation marks do not count, unless there is nothing
// else.
func parseQuery(plan *phone.Plan, typed string) []term {
	typed = strings.TrimSpace(typed)
	if isLegalForm(typed) {
		form := strings.Join(text.Words(typed), " ")
		return []term{{patterns: []string{beginning(form)}, typed: store.Like(typed)}}
	}
	var terms []term
	number := ""
	endNumber := func() {
		if digits := digitsOf(number); len(digits) >= shortestNumber {
			terms = append(terms, numberTerm(plan, number, digits))
		} else if number != "" {
			terms = append(terms, wordTerms(number)...)
		}
		number = ""
	}
	for _, chunk := range strings.Fields(text.WithoutLegalForm(typed)) {
		if digits := digitsOf(chunk); strings.Trim(chunk, "0123456789"+numberSigns) == "" {
			if digits != "" || number != "" {
				number += " " + chunk
			}
			continue
		}
		endNumber()
		terms = append(terms, wordTerms(chunk)...)
	}
	endNumber()
	return terms[:min(len(terms), mostTerms)]
}

// isLegalForm reports whether a text is a legal form and nothing else.
func isLegalForm(typed string) bool {
	return typed != "" && (text.WithoutLegalForm("ъ "+typed) == "ъ" || text.WithoutLegalForm(typed+" ъ") == "ъ")
}

// wordTerms returns the terms of a chunk without blanks: an e-mail is one, otherwise each word is.
func wordTerms(chunk string) (terms []term) {
	if host, isHost := strings.CutPrefix(chunk, "@"); isHost {
		chunk = host
	} else if strings.Contains(chunk, "@") {
		address := addressWords(chunk)[0]
		return []term{{words: []string{address}, patterns: []string{beginning(address)}, typed: store.Like(chunk)}}
	}
	dots := strings.Contains(strings.Trim(chunk, "."), ".")
	for i, word := range text.Words(chunk) {
		t := term{words: []string{word}, patterns: []string{beginning(word)}, typed: store.Like(chunk)}
		if dots && i > 0 { // of a name, or of the host of an e-mail
			t.dot, t.patterns = true, append(t.patterns, "%."+likeText(word)+"%")
		}
		terms = append(terms, t)
	}
	return terms
}

// numberTerm returns the term of a number or a part of one: its beginning, in any spelling, or its last digits.
func numberTerm(plan *phone.Plan, typed, digits string) term {
	t := term{words: []string{digits}, patterns: []string{beginning(digits)}, typed: store.Like(digits)}
	if read := plan.Parse(typed); read.Kind == phone.External {
		t.whole = read.E164
		t.numbers = []keyRange{{read.E164, read.E164}}
		t.patterns = append(t.patterns, "% "+strconv.FormatInt(read.E164, 10)+" %")
		if len(digits) > digitsOfEnd { // fewer may be a local number, and the beginning of another one
			return t
		}
	}
	for _, first := range plan.Beginnings(typed) {
		t.numbers = append(t.numbers, numbersBeginning(first)...)
		t.patterns = append(t.patterns, beginning(first))
	}
	if !strings.Contains(typed, "+") {
		last := digits[max(0, len(digits)-digitsOfEnd):]
		first, until := endsOf(last)
		t.ends = []keyRange{{first, until}}
		t.patterns = append(t.patterns, "%"+last+" %")
	}
	return t
}

// The digits of an E.164 number.
const shortestE164, longestE164 = 8, 15

// numbersBeginning returns the numbers of every length that begin with some digits.
func numbersBeginning(digits string) (list []keyRange) {
	key, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || len(digits) > longestE164 {
		return nil
	}
	for length := max(shortestE164, len(digits)); length <= longestE164; length++ {
		rest := int64(math.Pow10(length - len(digits)))
		list = append(list, keyRange{key * rest, key*rest + rest - 1})
	}
	return list
}

func beginning(word string) string { return "% " + likeText(word) + "%" }

func likeText(word string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(word)
}

// queryWords returns the words that were typed, without numbers, for the order of what is found.
func queryWords(terms []term) (words []string) {
	for _, t := range terms {
		if !t.isNumber() {
			words = append(words, t.words...)
		}
	}
	return slices.Compact(words)
}

// hasTerms reports whether a search text has every term, as the database does.
func hasTerms(search string, terms []term) bool {
	return !slices.ContainsFunc(terms, func(t term) bool {
		return !slices.ContainsFunc(t.patterns, func(pattern string) bool { return isLike(search, pattern) })
	})
}

// isLike is LIKE for the patterns of terms: "%", a text and "%".
func isLike(search, pattern string) bool {
	plain := strings.NewReplacer("!!", "!", "!%", "%", "!_", "_").Replace(strings.Trim(pattern, "%"))
	return strings.Contains(search, plain)
}
