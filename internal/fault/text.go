package fault

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Tidy squeezes the blanks of a typed text to one and takes them off its ends.
func Tidy(text string) string { return strings.Join(strings.Fields(text), " ") }

// OneLine makes a foreign text into one that every database keeps and every screen
// shows: broken UTF-8 is marked, control signs are blanks, the ends are bare.
func OneLine(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.ContainsFunc(text, unicode.IsControl) {
		text = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, text)
	}
	return strings.TrimFunc(text, unicode.IsSpace)
}

// InText returns the code of what is wrong with a text of at most so many
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
