package fault

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Tidy squeezes the blanks of a typed text to one and takes them off its ends.
func Tidy(text string) string { return strings.Join(strings.Fields(text), " ") }

// InText gives the code of what is wrong with a text of at most so many
// characters: "too_long", "malformed" (control characters, broken UTF-8), or ""
// when nothing is.
func InText(text string, most int) string {
	switch {
	case utf8.RuneCountInString(text) > most:
		return "too_long"
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return "malformed"
	}
	return ""
}

// InRequired is InText for a text that must be there: "required" without one.
func InRequired(text string, most int) string {
	if text == "" {
		return "required"
	}
	return InText(text, most)
}
