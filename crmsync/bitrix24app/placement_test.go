package bitrix24app

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParsePlacement(t *testing.T) {
	for options, want := range map[string]Placement{
		`{"CALL_ID":"A1B2.1","PHONE_NUMBER":"+74950000011","CALL_DIRECTION":"incoming"}`: {"A1B2.1",
			"+74950000011", "in"},
		`{"CALL_ID":"A1B2.1","PHONE_NUMBER":"+74950000011","CALL_DIRECTION":"incomingTransfer"}`: {"A1B2.1",
			"+74950000011", "in"},
		`{"CALL_ID":"A1B2.1","PHONE_NUMBER":84950000011,"CALL_DIRECTION":"outgoing"}`: {"A1B2.1", "84950000011", "out"},
		`{"CALL_ID":"A1B2.1","PHONE_NUMBER":"unknown","CALL_DIRECTION":"callback"}`:   {"A1B2.1", "", "out"},
		`{"CALL_ID":"undefined","PHONE_NUMBER":"0","CALL_DIRECTION":"undefined"}`:     {"", "", "out"},
		`{"CALL_ID":["x"],"PHONE_NUMBER":{"a":1}}`:                                    {"", "", "out"},
		`{"CALL_ID":"` + strings.Repeat("x", 300) + `"}`:                              {"", "", "out"},
		`"text"`: {"", "", "out"},
		``:       {"", "", "out"},
	} {
		if got := parsePlacement(options); got != want {
			t.Errorf("%.80s: %+v, want %+v", options, got, want)
		}
	}
}

// FuzzPlacement checks that what is parsed of any input can be shown and stored.
func FuzzPlacement(f *testing.F) {
	f.Add(`{"CALL_ID":"A1B2.1","PHONE_NUMBER":"+74950000011","CALL_DIRECTION":"incoming"}`)
	f.Add(`{"PHONE_NUMBER":0.1e9}`)
	f.Fuzz(func(t *testing.T, options string) {
		s := parsePlacement(options)
		for _, text := range []string{s.CallID, s.Number} {
			if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\r\n") || len(text) > maxCallID {
				t.Errorf("%q", text)
			}
		}
		if s.Direction != "in" && s.Direction != "out" {
			t.Errorf("direction %q", s.Direction)
		}
	})
}
