package phone

import (
	"strconv"

	"github.com/nyaruka/phonenumbers"
)

// National returns the digits of an E.164 number without its country code and
// without a trunk prefix: 4950000011 of 74950000011. It is "" for 0 and less, and
// for what is no number.
func National(e164 int64) string {
	if e164 <= 0 {
		return ""
	}
	number, err := phonenumbers.Parse("+"+strconv.FormatInt(e164, 10), nowhere)
	if err != nil {
		return ""
	}
	return phonenumbers.GetNationalSignificantNumber(number)
}
