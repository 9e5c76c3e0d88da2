package query

import (
	"strconv"
	"strings"

	"callhue/phone"
)

// Spellings are the ways in which other systems store a number.
type Spellings struct {
	Number   string // the one that the source names "number"
	E164     string // +74950000011
	Digits   string // 74950000011
	National string // 84950000011: as it is dialled in the source's country
	Local    string // 4950000011: without the country code
	Last10   string // the last ten digits
}

// The names of the spellings in queries and templates.
const (
	nameNumber   = "number"
	nameE164     = "e164"
	nameDigits   = "digits"
	nameNational = "national"
	nameLocal    = "local10"
	nameLast10   = "last10"
	nameAll      = "numbers" // all of them, as a list
)

// listed is how many values stand for :numbers.
const listed = 4

// Forms returns the names of the spellings that :number may have; the first is the default.
func Forms() []string { return []string{nameDigits, nameE164, nameNational, nameLocal, nameLast10} }

func isSpelling(name string) bool {
	switch name {
	case nameNumber, nameE164, nameDigits, nameNational, nameLocal, nameLast10:
		return true
	}
	return false
}

// SpellingsOf returns the spellings of a number (phone.Number.Key) in the country of a plan. form is one of Forms; ""
// is the first. Of a number that could not be read only the digits are known, and all spellings are these.
func SpellingsOf(plan *phone.Plan, key int64, form string) Spellings {
	var s Spellings
	if key < 0 {
		digits := strconv.FormatInt(-key, 10)
		s = Spellings{E164: digits, Digits: digits, National: digits, Local: digits}
	} else {
		s.Digits = strconv.FormatInt(key, 10)
		s.E164, s.National, s.Local = "+"+s.Digits, plan.Dialled(key), phone.Significant(key)
	}
	s.Last10 = s.Digits[max(0, len(s.Digits)-10):]
	s.Number = s.Digits
	if form != "" && form != nameNumber {
		s.Number = s.nth(form)
	}
	return s
}

// All returns the different spellings, the longest list that :numbers stands for.
func (s Spellings) All() []string { return []string{s.E164, s.Digits, s.National, s.Local} }

// nth returns the value of a placeholder's name.
func (s Spellings) nth(name string) string {
	switch name {
	case nameNumber:
		return s.Number
	case nameE164:
		return s.E164
	case nameDigits:
		return s.Digits
	case nameNational:
		return s.National
	case nameLocal:
		return s.Local
	case nameLast10:
		return s.Last10
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(name, nameAll)); err == nil && n >= 0 && n < listed {
		return s.All()[n]
	}
	return ""
}
