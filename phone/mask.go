package phone

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// shownDigits is how many of the last digits of a masked number are left.
const shownDigits = 2

// Mask returns an external number as it is shown to those who may not see it: "+7 495 ***-**-11". Country, area and
// the last two digits are left. e164 has the digits without the plus.
func Mask(e164 int64) string {
	digits := strconv.FormatInt(e164, 10)
	number, err := phonenumbers.Parse("+"+digits, nowhere)
	if err != nil {
		return "+" + strings.Repeat("*", max(0, len(digits)-shownDigits)) + digits[max(0, len(digits)-shownDigits):]
	}
	shown := phonenumbers.Format(number, phonenumbers.INTERNATIONAL)
	country := len(strconv.Itoa(int(number.GetCountryCode())))
	head := country + phonenumbers.GetLengthOfGeographicalAreaCode(number)
	if head == country { // a mobile number: what its operators are told by stands first
		head += leadingGroup(shown[min(len(shown), country+2):])
	}
	head = min(head, len(digits)-shownDigits-1)
	var masked strings.Builder
	at := 0
	for _, r := range shown {
		if r >= '0' && r <= '9' {
			if at++; at > head && at <= len(digits)-shownDigits {
				r = '*'
			}
		}
		masked.WriteRune(r)
	}
	return masked.String()
}

// leadingGroup returns how many digits stand before the first separator, 0 where there is none.
func leadingGroup(text string) int { return max(0, strings.IndexAny(text, " -")) }
