package phone

import (
	"fmt"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// TestRussianAreas asks the library about every prefix of three digits: where
// the short way answers, the whole block must be valid, and no whole Russian
// block may be missing.
func TestRussianAreas(t *testing.T) {
	rests := []int{0, 1, 11, 1234567, 2000000, 2222222, 3333333, 4100000, 5000000, 5900000, 6600000, 7654321,
		8400000, 9999999}
	for area := range 1000 {
		whole := true
		for _, rest := range rests {
			number, err := phonenumbers.Parse(fmt.Sprintf("+7%03d%07d", area, rest), nowhere)
			if err != nil || !phonenumbers.IsValidNumberForRegion(number, "RU") {
				whole = false
			}
		}
		if russianAreas[area] != whole {
			t.Errorf("area %03d: short way %v, library %v", area, russianAreas[area], whole)
		}
	}
}

func TestFastAnswersTheCommonSpellings(t *testing.T) {
	ru, gb := plan(t, "RU", "495"), plan(t, "GB", "20")
	for _, raw := range []string{"+74950000011", "74950000011", "84950000011", "4950000011", "+7 (495) 000-00-11",
		"8 (495) 000-00-11", " 7 495 000 00 11"} {
		if got, ok := ru.fast(raw); !ok || got != 74950000011 {
			t.Errorf("%q: %d, %v", raw, got, ok)
		}
	}
	if _, ok := gb.fast("+74950000011"); !ok {
		t.Error("E.164 needs no country")
	}
	for _, raw := range []string{"84950000011", "74950000011", "4950000011"} {
		if _, ok := gb.fast(raw); ok {
			t.Errorf("%q is decided in a British plan as if it were Russian", raw)
		}
	}
	for _, raw := range []string{"+77272000011", "+84950000011", "81074950000011", "7+4950000011", "++74950000011",
		"101", "0074950000011", "+7 495 000-00-11 x1"} {
		if _, ok := ru.fast(raw); ok {
			t.Errorf("%q is not the short way's business", raw)
		}
	}
}

func TestFastAllocatesNothing(t *testing.T) {
	p := plan(t, "RU", "495")
	for _, raw := range []string{"+74950000011", "8 (495) 000-00-11"} {
		if n := testing.AllocsPerRun(100, func() { p.Parse(raw) }); n != 0 {
			t.Errorf("%q: %v allocations", raw, n)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	p := plan(b, "RU", "495")
	for _, c := range []struct{ name, raw string }{
		{"fast/e164", "+74950000011"},
		{"fast/trunk", "84950000011"},
		{"fast/written", "8 (495) 000-00-11"},
		{"slow/extension", "+7 495 000-00-11 доб. 12"},
		{"slow/foreign", "+447700900123"},
		{"slow/sip", "<sip:+74950000011@pbx.example>"},
		{"slow/internal", "101"},
		{"slow/hidden", "anonymous"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Parse(c.raw)
			}
		})
	}
}
