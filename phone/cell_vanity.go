package phone

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// vanityNumber is a toll-free number whose digits are spelled in capitals, as advertisements have it: 8-800-BEELINE.
var vanityNumber = regexp.MustCompile(`^\+?([0-9][0-9 ()\-.]{2,10}[ )\-.])([A-Z][A-Z \-]{4,9}[A-Z])$`)

// keypad holds the digit of each letter from A to Z.
const keypad = "22233344455566677778889999"

// vanity reads a vanity number.
func (r *cellReader) vanity() bool {
	m := vanityNumber.FindStringSubmatch(r.clean)
	if m == nil {
		return false
	}
	letters := strings.NewReplacer(" ", "", "-", "").Replace(m[2])
	if len(letters) != 7 {
		return false
	}
	spelled := strings.Map(func(c rune) rune { return rune(keypad[c-'A']) }, letters)
	e164, how := r.plan.complete(onlyDigits(m[1])+spelled, "", strings.HasPrefix(r.clean, "+"))
	if how == notRead || how == readForeign || !isTollFree(e164) {
		return false
	}
	r.found = []foundNumber{{e164: e164, start: 0, end: len(r.folded), how: how}}
	return true
}

// isTollFree reports whether a number is of a kind that is advertised in letters.
func isTollFree(e164 int64) bool {
	number, err := phonenumbers.Parse("+"+strconv.FormatInt(e164, 10), nowhere)
	if err != nil {
		return false
	}
	switch phonenumbers.GetNumberType(number) {
	case phonenumbers.TOLL_FREE, phonenumbers.SHARED_COST, phonenumbers.PREMIUM_RATE, phonenumbers.UAN:
		return true
	}
	return false
}

// spelledOut is the beginning of a folded vanity number: digits and a word that belongs to them.
var spelledOut = regexp.MustCompile(`^\+?\d[\d ()\-.]*-[a-z]{4}`)
