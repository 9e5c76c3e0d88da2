package crm

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"callhue/internal/text"
)

// The column search holds what a record is found by, as words in the form of text.Words with a blank before each, in
// four parts:
//
//	 вектор плюс | директор info@вектор.example | 74950000011 | ооо
//
// The words of the name, other words and e-mails, numbers, and what is not worth an index: the legal form. The rows of
// search_words and search_ends follow from this text alone, so that a change removes exactly those that it had. A text
// of an older version does not begin with a blank and has no rows.

const (
	partsOfSearch = 4
	partMark      = " |"
	longestWord   = 32 // letters of a word in search_words
	digitsOfEnd   = 10 // in search_ends
)

// searchText returns what a record is found by: its names, the first one before all, its phones and its e-mails.
func searchText(names []string, lines []phoneLine, emails []string) string {
	var parts [partsOfSearch][]string
	for i, name := range names {
		short := text.Words(text.WithoutLegalForm(name))
		parts[min(i, 1)] = append(parts[min(i, 1)], short...)
		for _, word := range text.Words(name) {
			if !slices.Contains(short, word) {
				parts[3] = append(parts[3], word)
			}
		}
	}
	for _, address := range emails {
		parts[1] = append(parts[1], addressWords(address)...)
	}
	for _, l := range lines {
		if l.Key > 0 {
			parts[2] = append(parts[2], strconv.FormatInt(l.Key, 10))
		} else if typed := digitsOf(l.Raw); typed != "" {
			parts[1], parts[2] = append(parts[1], typed), append(parts[2], typed)
		}
	}
	var b strings.Builder
	for i, words := range parts {
		if i > 0 {
			b.WriteString(partMark)
		}
		for j, word := range words {
			if !slices.Contains(words[:j], word) {
				b.WriteString(" " + word)
			}
		}
	}
	return b.String() + " "
}

// addressWords returns an e-mail and its host.
func addressWords(address string) []string {
	address = text.Skeleton(strings.NewReplacer("|", "", " ", "").Replace(address))
	if _, host, found := strings.Cut(address, "@"); found && host != "" {
		return []string{address, host}
	}
	return []string{address}
}

func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// wordRow is a row of search_words without its record.
type wordRow struct {
	Word   string
	Weight int64
}

// indexed returns the rows of a record with this text: its words, and the ends of its numbers.
func indexed(search string) (words []wordRow, ends []int64) {
	if !strings.HasPrefix(search, " ") {
		return nil, nil
	}
	parts := strings.Split(search, partMark)
	if len(parts) != partsOfSearch {
		return nil, nil
	}
	names := strings.Fields(parts[0])
	for _, word := range names {
		row := wordRow{shortWord(word), 1}
		if len(names) == 1 {
			row.Weight = 0
		}
		words = append(words, row)
	}
	for _, word := range strings.Fields(parts[1]) {
		words = append(words, wordRow{shortWord(word), 1})
	}
	slices.SortFunc(words, func(a, b wordRow) int {
		return cmp.Or(cmp.Compare(a.Word, b.Word), cmp.Compare(a.Weight, b.Weight))
	})
	words = slices.CompactFunc(words, func(a, b wordRow) bool { return a.Word == b.Word })
	for _, number := range strings.Fields(parts[2]) {
		first, _ := endsOf(number)
		ends = append(ends, first)
	}
	slices.Sort(ends)
	return words, slices.Compact(ends)
}

// shortWord cuts a word to what search_words holds of it.
func shortWord(word string) string {
	if len(word) <= longestWord {
		return word
	}
	runes := []rune(word)
	return string(runes[:min(len(runes), longestWord)])
}

// endsOf returns the first and the last value that search_ends has for numbers that end with these digits.
func endsOf(digits string) (first, last int64) {
	for i := range digitsOfEnd {
		first, last = 10*first, 10*last+9
		if at := len(digits) - 1 - i; at >= 0 {
			first += int64(digits[at] - '0')
			last += int64(digits[at]-'0') - 9
		}
	}
	return first, last
}
