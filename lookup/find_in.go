package lookup

import (
	"slices"

	"callhue/crm"
	"callhue/internal/store"
)

// FindIn returns what numbers reach as a transaction sees it, past the memory. It is for trials whose writes are rolled
// back.
func (f *Finder) FindIn(tx *store.Tx, keys []int64) (map[int64]*Match, error) {
	set, err := f.directory.Set(tx.Context())
	if err != nil {
		return nil, err
	}
	found := make(map[int64]*Match, len(keys))
	for part := range slices.Chunk(keys, crm.MostReached) {
		reached, err := crm.Reach(tx, part...)
		if err != nil {
			return nil, err
		}
		for _, key := range part {
			found[key] = MatchOf(reached[key], set)
		}
	}
	return found, nil
}
