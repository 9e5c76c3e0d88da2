package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestOf(t *testing.T) {
	if Of(nil) != nil {
		t.Error("no error must give no fault")
	}
	wrapped := fmt.Errorf("while reading: %w", Missing("company"))
	if got := Of(wrapped); got.Kind != KindMissing || got.Args["what"] != "company" {
		t.Errorf("a fault must be found through wrapping, got %v", got)
	}
	foreign := Of(io.ErrUnexpectedEOF)
	if foreign.Kind != KindInternal || !errors.Is(foreign, io.ErrUnexpectedEOF) {
		t.Errorf("a foreign error must become internal and keep its cause, got %v", foreign)
	}
}

func TestGatheringFields(t *testing.T) {
	var none *Error
	if none.OrNil() != nil {
		t.Error("nothing gathered must be a true nil")
	}
	e := none.And("name", "required").And("owner_id", "unknown")
	if !Is(e.OrNil(), KindInvalid) || len(e.Fields) != 2 || e.Fields[1].Field != "owner_id" {
		t.Errorf("both fields must be gathered, got %v", e)
	}
	if want := "invalid_input; name: required; owner_id: unknown"; e.Error() != want {
		t.Errorf("line for the log = %q, want %q", e.Error(), want)
	}
}

func TestInText(t *testing.T) {
	for _, c := range []struct {
		why, text, code string
	}{
		{"four letters are four characters, whatever their bytes", "Ёлка", ""},
		{"five are too many", "Ёлки!", "too_long"},
		{"a line break", "a\nb", "malformed"},
		{"broken UTF-8", "a\xff", "malformed"},
		{"nothing", "", "required"},
	} {
		if code := InRequired(c.text, 4); code != c.code {
			t.Errorf("%s: %q, want %q", c.why, code, c.code)
		}
	}
	if code := InText("", 4); code != "" {
		t.Errorf("a text that may be missing: %q", code)
	}
	if got := Tidy(" a \t\u00a0b\n"); got != "a b" {
		t.Errorf("tidied to %q", got)
	}
}

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " Acme ": "Acme", "Acme\r\nAction: Command": "Acme  Action: Command", "a\x00b": "a b", "\xffAcme": "\uFFFDAcme",
		"\u00a0Ромашка\u2003\t": "Ромашка", "a  b": "a  b",
	} {
		if got := OneLine(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
