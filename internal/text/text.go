// Package text checks and tidies texts that were typed by users or sent by other systems.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Tidy removes the blanks around a typed text and replaces runs of blanks in it by one.
func Tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

// OneLine turns a foreign text into one line that every database stores and every screen shows: invalid UTF-8 becomes
// U+FFFD, control characters become blanks, the blanks around it are removed.
func OneLine(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.ContainsFunc(s, unicode.IsControl) {
		s = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, s)
	}
	return strings.TrimFunc(s, unicode.IsSpace)
}

// Cut returns the beginning of a foreign text, at most n bytes including the ellipsis that marks a cut. Invalid UTF-8
// becomes U+FFFD.
func Cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	n -= len("…")
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}

// Check returns the code of what is wrong with a text of at most longest characters: "too_long", "malformed" (control
// characters, invalid UTF-8), or "" for a good one.
func Check(s string, longest int) string {
	switch {
	case utf8.RuneCountInString(s) > longest:
		return "too_long"
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "malformed"
	}
	return ""
}

// CheckRequired is Check for a text that must not be empty: "required" if it is.
func CheckRequired(s string, longest int) string {
	if s == "" {
		return "required"
	}
	return Check(s, longest)
}
