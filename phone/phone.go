// Package phone reads the number of the other party, however it was spelled.
//
// A PBX, a CRM and a person write the same number in a hundred ways; a lookup
// needs one. A Plan (country, area code, length of internal numbers) turns raw
// text into a Number: an external one in E.164, an internal extension, a caller
// who hides, or text that cannot be read. All packages that get a number from
// outside call Plan.Parse: webhooks, the API, the import, the search.
// It never fails on any input, does no I/O and keeps no state.
// Read next: parse.go (the order of the readings), then fast.go (the short way
// for the common spellings) and text.go (what is folded before reading).
package phone

import (
	"fmt"
	"strconv"
)

// Kind is what the raw text turned out to be.
type Kind uint8

// The kinds of a number.
const (
	Invalid  Kind = iota // cannot be read; Number.Digits may still be searched
	Hidden               // the caller is withheld, or nothing was sent at all
	Internal             // an extension or a short service number of the PBX
	External             // a valid public number; Number.E164 is set
)

const kinds = 4

// String returns the kind as the API spells it: external, internal, hidden or
// invalid.
func (k Kind) String() string {
	switch k {
	case External:
		return "external"
	case Internal:
		return "internal"
	case Hidden:
		return "hidden"
	default:
		return "invalid"
	}
}

// MarshalText writes the kind as String does; it never fails.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote and refuses any other text.
func (k *Kind) UnmarshalText(text []byte) error {
	for known := range Kind(kinds) {
		if string(text) == known.String() {
			*k = known
			return nil
		}
	}
	return fmt.Errorf("unknown kind of number %q", text)
}

// Number is what was read from a raw text. The zero value is an invalid number.
type Number struct {
	// Raw is the text as it arrived, cut to 64 characters for the database and
	// the logs. It may share memory with the text given to Parse.
	Raw string
	// Kind is which of the fields below are set.
	Kind Kind
	// E164 holds the digits of the number without the plus; 0 unless External.
	E164 int64
	// Extension holds the digits dialled after the number ("12" of
	// "... ext. 12"); kept apart, never part of the search.
	Extension string
	// Digits holds the raw digits of an Invalid number that has 6 to 15 of
	// them: the last resort of the search. 0 otherwise.
	Digits int64
	// Local is what was dialled to reach an Internal number: "101", "*98".
	Local string
}

// String returns the E.164 spelling, "+74950000011", of an External number and
// "" for every other kind.
func (n Number) String() string {
	if n.Kind != External {
		return ""
	}
	var room [20]byte
	return string(strconv.AppendInt(append(room[:0], '+'), n.E164, 10))
}

// Key is the number's key in the index of numbers: E164 of an External number,
// the negative of the raw digits when only those are known (so that the two can
// never meet), 0 when there is nothing to search by.
func (n Number) Key() int64 {
	switch n.Kind {
	case External:
		return n.E164
	case Invalid:
		return -n.Digits
	default:
		return 0
	}
}

// E164 is an external number as columns hold it: its digits, without the plus. In JSON it is
// "+74950000011", and an empty text for zero.
type E164 int64

// String returns the E.164 spelling, as Number.String does.
func (e E164) String() string {
	if e == 0 {
		return ""
	}
	return Number{Kind: External, E164: int64(e)}.String()
}

// MarshalText writes what String returns; it never fails.
func (e E164) MarshalText() ([]byte, error) { return []byte(e.String()), nil }
