package crm

import (
	"sync"

	"callhue/internal/store"
)

// tenDigits is the modulus of a number's last ten digits.
const tenDigits = 10_000_000_000

// prefixes is how many prefixes are tried before the last ten digits: every country code, with and
// without a trunk digit.
const prefixes = 1000

// similarSQL is built on first use: the query is long and few installations need it.
var similarSQL = sync.OnceValue(func() string { return recordsSQL(2 * prefixes) })

// ReachSimilar returns what other numbers with the same last ten digits lead to, in rows as those
// of Reach: perhaps the same line, parsed with another country or not parsed at all. Numbers of
// fewer digits have no similar ones. The index is ordered by the first digits, so all possible
// numbers are queried: an index of the last digits would cost every write, for a setting that is
// off by default.
func ReachSimilar(tx *store.Tx, key int64) ([]Reached, error) {
	digits := max(key, -key)
	if digits < tenDigits/10 {
		return nil, nil
	}
	keys := make([]any, 0, 2*prefixes)
	for beginning := range int64(prefixes) {
		for _, other := range []int64{beginning*tenDigits + digits%tenDigits,
			-(beginning*tenDigits + digits%tenDigits)} {
			if other == key || max(other, -other) < tenDigits/10 {
				other = 0 // the key of no number
			}
			keys = append(keys, other)
		}
	}
	var rows []Reached
	found, err := reached(tx, similarSQL(), keys)
	for _, of := range found {
		rows = append(rows, of...)
	}
	return rows, err
}
