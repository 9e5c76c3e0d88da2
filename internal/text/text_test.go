package text

import "testing"

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		why, text, code string
	}{
		{"four letters are four characters, whatever their bytes", "Ёлка", ""},
		{"five are too many", "Ёлки!", "too_long"},
		{"a line break", "a\nb", "malformed"},
		{"broken UTF-8", "a\xff", "malformed"},
		{"nothing", "", "required"},
	} {
		if code := CheckRequired(c.text, 4); code != c.code {
			t.Errorf("%s: %q, want %q", c.why, code, c.code)
		}
	}
	if code := Check("", 4); code != "" {
		t.Errorf("a text that may be missing: %q", code)
	}
	if got := Tidy(" a \t\u00a0b\n"); got != "a b" {
		t.Errorf("tidied to %q", got)
	}
}

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " Acme ": "Acme", "Acme\r\nAction: Command": "Acme  Action: Command", "a\x00b": "a b",
		"\xffAcme": "\uFFFDAcme", "\u00a0Ромашка\u2003\t": "Ромашка", "a  b": "a  b",
	} {
		if got := OneLine(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"Acme", 4, "Acme"}, {"Acme Ltd", 7, "Acme…"}, {"Ёлка", 7, "Ёл…"}, {"a\xff", 9, "a\uFFFD"},
	} {
		if got := Cut(c.text, c.n); got != c.want {
			t.Errorf("%q to %d bytes: %q, want %q", c.text, c.n, got, c.want)
		}
	}
}
