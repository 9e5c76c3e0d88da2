package kpi

import (
	"encoding/json"
	"math/big"
	"reflect"
	"strconv"
	"strings"
)

// Decimal is an exact number with up to four places behind the point: a plan, a
// fact, a percentage. In JSON it is a number (in a request also a text). Amounts of money
// are no Decimals but integers of minor units, in facts too.
type Decimal struct{ units int64 } // ten-thousandths

// places behind the point, and how many digits may stand before it.
const (
	places    = 4
	oneUnit   = 10_000
	maxDigits = 12
)

// Whole returns a whole number.
func Whole(n int64) Decimal { return Decimal{n * oneUnit} }

// decimalOf reads -12.5; false for what is no number, too long or too precise.
func decimalOf(text string) (Decimal, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, behind, point := strings.Cut(digits, ".")
	if point && behind == "" || len(behind) > places || whole == "" || len(whole) > maxDigits || !isDigits(whole) ||
		!isDigits(behind) {
		return Decimal{}, false
	}
	units, err := strconv.ParseInt(whole+behind+strings.Repeat("0", places-len(behind)), 10, 64)
	if negative {
		units = -units
	}
	return Decimal{units}, err == nil
}

func isDigits(text string) bool {
	return strings.Trim(text, "0123456789") == ""
}

// String returns the number without needless zeros.
func (d Decimal) String() string {
	text := strconv.FormatInt(max(d.units, -d.units), 10)
	text = strings.Repeat("0", max(places+1-len(text), 0)) + text
	text = strings.TrimRight(text[:len(text)-places]+"."+text[len(text)-places:], "0")
	text = strings.TrimSuffix(text, ".")
	if d.units < 0 {
		text = "-" + text
	}
	return text
}

// MarshalJSON implements json.Marshaler.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON implements json.Unmarshaler.
func (d *Decimal) UnmarshalJSON(raw []byte) error {
	text := string(raw)
	if text == "null" {
		return nil
	}
	if quoted, err := strconv.Unquote(text); err == nil {
		text = quoted
	}
	read, ok := decimalOf(text)
	if !ok {
		return &json.UnmarshalTypeError{Value: "number", Type: reflect.TypeFor[Decimal]()} // the decoder adds the field
	}
	*d = read
	return nil
}

// JSONType returns the type for the API reference.
func (Decimal) JSONType() string { return "number" }

// rat returns the exact value for reckoning.
func (d Decimal) rat() *big.Rat { return big.NewRat(d.units, oneUnit) }

// rounded returns a number to the nearest ten-thousandth, half up: for people; it
// is never reckoned with.
func rounded(r *big.Rat) Decimal {
	return Decimal{halfUp(new(big.Rat).Mul(r, big.NewRat(oneUnit, 1)))}
}

// halfUp rounds to the nearest whole number, a half up.
func halfUp(r *big.Rat) int64 {
	// floor(n/d + 1/2) = floor((2n + d) / 2d); Div rounds down for a positive divisor.
	n := new(big.Int).Add(new(big.Int).Lsh(r.Num(), 1), r.Denom())
	return new(big.Int).Div(n, new(big.Int).Lsh(r.Denom(), 1)).Int64()
}
