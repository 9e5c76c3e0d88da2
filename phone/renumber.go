package phone

import "strings"

// Numbering plans that changed, and what is dialled in some countries before a number. The library knows today's plans
// only; address books, messengers and PBXs have the old ones.

// renumber returns the digits of today's number for those of an old one that begin with their country code, "" where
// nothing is known.
//
// Mexico dropped the 1 of mobile numbers and the prefixes 044, 045 and 01 in 2019: +52 1 55 ... is +52 55 ...
func renumber(digits string) string {
	national, found := strings.CutPrefix(digits, "52")
	if !found {
		return ""
	}
	if ten := withoutMexicanPrefix(national); ten != "" {
		return "52" + ten
	}
	return ""
}

// withoutMexicanPrefix returns the ten digits behind a prefix that Mexico no longer has, "" for other texts.
func withoutMexicanPrefix(national string) string {
	for _, prefix := range [...]string{"044", "045", "01", "1"} {
		if rest, found := strings.CutPrefix(national, prefix); found && len(rest) == 10 {
			return rest
		}
	}
	return ""
}

// brazilianCarriers are the two digits that select a carrier in Brazil, between 0 or 00 and the number.
var brazilianCarriers = set("12", "14", "15", "17", "21", "22", "23", "24", "25", "31", "35", "41", "43", "45", "55",
	"56", "65", "75", "81", "91", "98", "99")

// national reads a number of the plan's country, today's or an old one.
func (p *Plan) national(digits string) (int64, bool) {
	if e164, ok := valid(digits, p.country); ok {
		return e164, true
	}
	switch p.country {
	case "MX":
		if ten := withoutMexicanPrefix(digits); ten != "" {
			return p.inCountry(ten)
		}
	case "BR":
		if rest, found := strings.CutPrefix(digits, "0"); found && len(rest) >= 12 && brazilianCarriers[rest[:2]] {
			return p.inCountry(rest[2:])
		}
	}
	return 0, false
}

// afterPrefix reads digits behind 00. In Brazil the code of a carrier follows it; digits that can be read with it and
// without it as two numbers are read as neither.
func (p *Plan) afterPrefix(digits, zero string) (int64, bool) {
	rest, found := strings.CutPrefix(digits, "00")
	if !found {
		return 0, false
	}
	e164, ok := p.afterPlus(rest, strings.TrimPrefix(zero, "00"))
	if p.country != "BR" || len(rest) < 12 || !brazilianCarriers[rest[:2]] {
		return e164, ok
	}
	behind, read := international(rest[2:])
	if !read {
		behind, read = p.inCountry(rest[2:])
	}
	switch {
	case !read:
		return e164, ok
	case !ok || behind == e164:
		return behind, true
	}
	return 0, false
}
