package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Skeleton returns the form in which texts are searched and compared: lower case, without diacritics (Müller as
// muller, ё as е), and letters that look alike in Latin and Cyrillic as one. It changes letter by letter: a beginning
// stays one.
func Skeleton(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r < 0x80:
			b.WriteRune(lookAlike(unicode.ToLower(r)))
		case r >= 'а' && r <= 'я' && r != 'й':
			b.WriteRune(r)
		case r >= 'А' && r <= 'Я' && r != 'Й':
			b.WriteRune(r + ('а' - 'А'))
		default:
			writePlain(&b, r)
		}
	}
	return b.String()
}

// writePlain writes a letter without its marks.
func writePlain(b *strings.Builder, r rune) {
	r = unicode.ToLower(r)
	if plain, known := ligatures[r]; known {
		for _, p := range plain {
			b.WriteRune(lookAlike(p))
		}
		return
	}
	for _, p := range norm.NFKD.String(string(r)) {
		if !unicode.Is(unicode.Mn, p) {
			b.WriteRune(lookAlike(unicode.ToLower(p)))
		}
	}
}

// ligatures are letters that do not come apart into a letter and marks.
var ligatures = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th",
	'ı': "i", 'ħ': "h", 'є': "е", 'ґ': "г"}

// lookAlike returns the Cyrillic letter for a Latin one whose capital looks like it: BEKTOP is ВЕКТОР.
func lookAlike(r rune) rune {
	if r >= 'a' && r <= 'y' {
		if c := cyrillic[r-'a']; c != 0 {
			return c
		}
	}
	if r == 'і' {
		return 'i'
	}
	return r
}

var cyrillic = [...]rune{0: 'а', 'b' - 'a': 'в', 'c' - 'a': 'с', 'e' - 'a': 'е', 'h' - 'a': 'н', 'k' - 'a': 'к',
	'm' - 'a': 'м', 'o' - 'a': 'о', 'p' - 'a': 'р', 't' - 'a': 'т', 'x' - 'a': 'х', 'y' - 'a': 'у'}

// Words returns the words of a text in the form of Skeleton: runs of letters and digits. An apostrophe belongs to its
// word.
func Words(s string) []string {
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("'’ʼ`\u0301", r):
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Mn, r):
			return r
		}
		return ' '
	}, s)
	return strings.Fields(Skeleton(s))
}

// HasWords reports whether each of some words begins a word of a text; both in the form of Words.
func HasWords(text, words []string) bool {
	for _, word := range words {
		found := false
		for _, own := range text {
			found = found || strings.HasPrefix(own, word)
		}
		if !found {
			return false
		}
	}
	return true
}
