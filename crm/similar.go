package crm

import (
	"sync"

	"callhue/internal/store"
)

// tenDigits is what a suffix of ten digits counts in.
const tenDigits = 10_000_000_000

// beginnings is how many beginnings of a number are tried before its last ten
// digits: every country code, with and without a trunk digit.
const prefixes = 1000

// alikeSQL is a long query that few installations need: it is made when one does.
var similarSQL = sync.OnceValue(func() string { return recordsSQL(2 * prefixes) })

// Alike gives what the numbers lead to that end in the same ten digits as one
// does, and are others: of the same line perhaps, read with another country or
// not read at all. Of numbers with fewer digits nothing is alike. Rows are as
// those of Reach.
//
// The index knows numbers by their beginning, so the possible ones are asked for:
// a further index of endings would cost every write and every byte, for a setting
// that is off.
func ReachSimilar(tx *store.Tx, key int64) ([]Reached, error) {
	digits := max(key, -key)
	if digits < tenDigits/10 {
		return nil, nil
	}
	keys := make([]any, 0, 2*prefixes)
	for beginning := range int64(prefixes) {
		for _, other := range []int64{beginning*tenDigits + digits%tenDigits, -(beginning*tenDigits + digits%tenDigits)} {
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
