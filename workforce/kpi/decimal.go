package kpi

import (
	"encoding/json"
	"math/big"
	"reflect"
	"regexp"
	"strconv"

	"github.com/shopspring/decimal"
)

// Decimal is an exact number with up to four places behind the point: a plan, a
// fact, a percentage. In JSON it is a number (in a request also a text). Amounts of money
// are no Decimals but integers of minor units, in facts too.
type Decimal struct{ units int64 } // ten-thousandths

const (
	places  = 4 // behind the point
	oneUnit = 10_000
)

// Whole returns a whole number.
func Whole(n int64) Decimal { return Decimal{n * oneUnit} }

// plainNumber is how a number is written here: without an exponent, a plus or a bare point.
var plainNumber = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,4})?$`)

// decimalOf returns the number of a text such as -12.5; false for what is no number, too long or too precise.
func decimalOf(text string) (Decimal, bool) {
	if !plainNumber.MatchString(text) {
		return Decimal{}, false
	}
	read, err := decimal.NewFromString(text)
	return Decimal{read.Shift(places).IntPart()}, err == nil
}

// exact returns the number as the library has it.
func (d Decimal) exact() decimal.Decimal { return decimal.New(d.units, -places) }

// String returns the number without needless zeros.
func (d Decimal) String() string { return d.exact().String() }

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

// rat returns the exact value as a fraction.
func (d Decimal) rat() *big.Rat { return d.exact().Rat() }

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
