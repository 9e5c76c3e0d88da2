package phone

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	// withFraction is a whole number as spreadsheets and some languages print it: 74950000011.0.
	withFraction = regexp.MustCompile(`^(\+?\d+)\.0{1,2}$`)
	// withExponent is a whole number in scientific notation: 7.4950000011e+10.
	withExponent = regexp.MustCompile(`^(\d)\.(\d+)[eE]\+?(\d{1,2})$`)
)

// surelyExact is how many digits after the point show that a number in scientific notation was not rounded: a
// spreadsheet shows at most five and loses the rest.
const surelyExact = 7

// Plain returns a number or an extension without what a program added that took it for a quantity: 74950000011.0 and
// 7.4950000011e10. Other texts are returned as they are, and so is a number that was rounded.
func Plain(text string) string {
	text = strings.TrimSpace(text)
	if m := withFraction.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	m := withExponent.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	exponent, _ := strconv.Atoi(m[3])
	missing := exponent - len(m[2])
	if missing < 0 || exponent > longestE164 || len(m[2]) < surelyExact {
		return text
	}
	return m[1] + m[2] + strings.Repeat("0", missing)
}
