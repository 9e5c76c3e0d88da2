package phone

import (
	"strings"
	"testing"
)

func TestRules(t *testing.T) {
	plan, err := NewPlan("RU", "495")
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.WithRules([]Rule{
		{`7812#(.+)`, "$1"},     // a technical prefix
		{`\*55(\d+)`, `\1`},     // a code of a carrier
		{`6(\d{6})`, "84950$1"}, // short numbers of the town
		{`00(\d{10})`, "+7$1"},  // a carrier's international prefix before a national number
		{`555(\d+)`, "$1$1"},    // makes nothing that can be read
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		text string
		want int64
		why  string
	}{
		{"7812#84950000011", 74950000011, "a technical prefix"},
		{"7812# 8 (495) 000-00-11", 74950000011, "and signs between the digits"},
		{"sip:7812%2384950000011@pbx.example", 74950000011, "in an address"},
		{"*5584950000011", 74950000011, "a code, and the older spelling of the replacement"},
		{"6000011", 74950000011, "seven digits that would be read with the area code"},
		{"004950000011", 74950000011, "an international prefix that is none"},
		{"5559161234567", 0, "no rule makes it readable, and it is none by itself"},
		{"+74950000011", 74950000011, "no rule applies"},
		{"anonymous", 0, "words are left alone"},
		{"Petrov 7812#1", 0, "names are left alone"},
	}
	for _, tt := range tests {
		n := p.Parse(tt.text)
		if n.E164 != tt.want || n.Raw != tt.text {
			t.Errorf("%s: %+v, want %d: %s", tt.text, n, tt.want, tt.why)
		}
	}
	if got := plan.Parse("7812#84950000011"); got.E164 != 0 {
		t.Errorf("the rules are the copy's alone: %+v", got)
	}
}

// TestOutsideLine: a digit for an outside line before a number is no way round the card, without any rule.
func TestOutsideLine(t *testing.T) {
	for _, tt := range []struct {
		country, area, text string
		want                int64
		why                 string
	}{
		{"RU", "495", "984950000011", 74950000011, "nine, then the national number"},
		{"RU", "495", "9 8 (495) 000-00-11", 74950000011, "as people write it"},
		{"RU", "495", "974950000011", 74950000011, "nine, then E.164"},
		{"RU", "495", "9+74950000011", 74950000011, "nine, then a plus"},
		{"RU", "495", "084950000011", 74950000011, "zero"},
		{"RU", "495", "9810447700900123", 447700900123, "nine, then a call abroad"},
		{"GB", "20", "902079460001", 442079460001, "Britain"},
		{"RU", "495", "9161234567", 79161234567, "a mobile number that begins with nine"},
		{"RU", "495", "184950000011", 0, "one is no digit for an outside line"},
	} {
		p, err := NewPlan(tt.country, tt.area)
		if err != nil {
			t.Fatal(err)
		}
		if n := p.Parse(tt.text); n.E164 != tt.want {
			t.Errorf("%s %s: %+v, want %d: %s", tt.country, tt.text, n, tt.want, tt.why)
		}
	}
	p, err := NewPlan("RU", "495")
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.WithRules([]Rule{OutsideLine("1")}); err != nil {
		t.Fatal(err)
	}
	if n := p.Parse("184950000011"); n.E164 != 74950000011 {
		t.Errorf("with a rule for it: %+v", n)
	}
}

func TestFaultsOfRules(t *testing.T) {
	for _, tt := range []struct {
		rule                 Rule
		pattern, replacement string
	}{
		{OutsideLine("9"), "", ""},
		{Rule{"", ""}, "required", ""},
		{Rule{"(", "$1"}, "malformed", ""},
		{Rule{`(\d{1000}){1000}`, ""}, "malformed", ""},
		{Rule{`(?=9)`, ""}, "malformed", ""},
		{Rule{strings.Repeat("9", 201), ""}, "too_long", ""},
		{Rule{"9", strings.Repeat("9", 101)}, "", "too_long"},
		{Rule{"9", "\x00"}, "", "malformed"},
	} {
		if pattern, replacement := tt.rule.Faults(); pattern != tt.pattern || replacement != tt.replacement {
			t.Errorf("%.30s: %s %s", tt.rule.Pattern, pattern, replacement)
		}
	}
	p, _ := NewPlan("RU", "")
	if _, err := p.WithRules(make([]Rule, MaxRules+1)); err == nil {
		t.Error("any number of rules is taken")
	}
	slow, err := p.WithRules([]Rule{{`(\d+)*#`, "$1"}})
	if err != nil {
		t.Fatal(err)
	}
	slow.Parse(strings.Repeat("1", 1000)) // would take for ever in a backtracking engine
}
