package phone

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Beginnings returns what the first digits of a number may be in E.164, for a search while a number is typed: the
// digits as they stand, and those of a national number of the plan's country, with or without its trunk digit. Text
// with a plus has one reading.
func (p *Plan) Beginnings(text string) []string {
	digits := onlyDigits(fold(text))
	if digits == "" {
		return nil
	}
	if strings.Contains(text, "+") {
		return []string{digits}
	}
	if rest, abroad := strings.CutPrefix(digits, "00"); abroad {
		return []string{rest}
	}
	code := strconv.Itoa(phonenumbers.GetCountryCodeForRegion(p.country))
	list := []string{digits, code + digits}
	if rest, national := strings.CutPrefix(digits, p.trunk); national && p.trunk != "" && rest != "" {
		list = append(list, code+rest)
	}
	list = slices.DeleteFunc(list, func(one string) bool { return one[0] == '0' })
	slices.Sort(list)
	return slices.Compact(list)
}
