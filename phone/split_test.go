package phone

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		why, text string
		want      []string
	}{
		{"one", "8 (495) 000-00-11", []string{"8 (495) 000-00-11"}},
		{"nothing", "", []string{""}},
		{"a comma", "8 495 000-00-11, 8 495 000-00-12", []string{"8 495 000-00-11", "8 495 000-00-12"}},
		{"no blank", "84950000011,84950000012", []string{"84950000011", "84950000012"}},
		{"a semicolon", "+74950000011; +74950000012;", []string{"+74950000011", "+74950000012"}},
		{"a bar", "+74950000011|+74950000012", []string{"+74950000011", "+74950000012"}},
		{"lines", "+7 495 000-00-11\r\n+7 495 000-00-12\n", []string{"+7 495 000-00-11", "+7 495 000-00-12"}},
		{"a slash between whole numbers", "84950000011/84950000012", []string{"84950000011", "84950000012"}},
		{"a slash behind the code of a town", "02204/123456", []string{"02204/123456"}},
		{"the same with its country", "+49 2204/123456", []string{"+49 2204/123456"}},
		{"a slash before other last digits", "+7 495 000-00-11/12", []string{"+7 495 000-00-11/12"}},
		{"only a blank", "+74950000011 +44 7700 900123", []string{"+74950000011", "+44 7700 900123"}},
		{"a plus too many", "++74950000011", []string{"++74950000011"}},
		{"names beside them", "8 495 000-00-11 Ivanov, 8 495 000-00-12 (Petrov)",
			[]string{"8 495 000-00-11 Ivanov", "8 495 000-00-12 (Petrov)"}},
		{"a name before it", "Ivanov, 8 495 000-00-11", []string{"Ivanov", "8 495 000-00-11"}},
		{"a name behind it", "8 495 000-00-11, Ivanov", []string{"8 495 000-00-11, Ivanov"}},
		{"three", "84950000011, 84950000012 / 84950000013", []string{"84950000011", "84950000012", "84950000013"}},
		{"an extension", "8 495 000-00-11, 12", []string{"8 495 000-00-11, 12"}},
		{"an extension with its word", "8 495 000-00-11, ext. 12345", []string{"8 495 000-00-11, ext. 12345"}},
		{"an extension with its Russian word", "8 495 000-00-11, доб. 12345", []string{"8 495 000-00-11, доб. 12345"}},
		{"an extension of RFC 3966", "+74950000011;ext=12345", []string{"+74950000011;ext=12345"}},
		{"an extension, and another number", "84950000011,12,84950000012", []string{"84950000011,12", "84950000012"}},
		{"the context of RFC 3966", "tel:0000011;phone-context=+7495", []string{"tel:0000011;phone-context=+7495"}},
		{"junk", ";,|/+\n", []string{";,|/+\n"}},
	} {
		if got := Split(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q is %q, want %q", c.why, c.text, got, c.want)
		}
	}
}

// FuzzSplit: no digit is lost, doubled or moved, and no letter is cut.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"8 495 000-00-11, 8 495 000-00-12", "84950000011/84950000012", "+1+2", "a;\nb|+",
		"\xff,12345"} {
		f.Add(seed)
	}
	digits := func(text string) string {
		return strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parts := Split(text)
		if got, want := digits(strings.Join(parts, "")), digits(text); got != want {
			t.Fatalf("%q became %q", text, parts)
		}
		for _, p := range parts {
			if utf8.ValidString(text) && !utf8.ValidString(p) {
				t.Fatalf("%q was cut within a letter: %q", text, parts)
			}
		}
	})
}
