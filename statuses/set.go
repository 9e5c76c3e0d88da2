package statuses

import (
	"slices"

	"callhue/internal/store"
)

// Set is the whole directory at one moment, immutable.
type Set struct {
	all  []*Status
	id   map[int64]*Status
	code map[string]*Status
	std  *Status
}

// SetIn reads the directory within a transaction.
func SetIn(tx *store.Tx) (*Set, error) {
	all, err := table.List(tx, store.Where{}, store.By("sort"))
	if err != nil {
		return nil, err
	}
	return SetOf(all), nil
}

// SetOf is a directory of these entries, in their order.
func SetOf(all []*Status) *Set {
	s := &Set{all: all, id: make(map[int64]*Status, len(all)), code: make(map[string]*Status, len(all))}
	for _, one := range all {
		s.id[one.ID], s.code[one.Code] = one, one
		if one.IsDefault {
			s.std = one
		}
	}
	return s
}

// Hold locks the entries of these codes until the transaction ends: a status that is being set on a company must not be
// removed or switched off meanwhile. It comes before every SELECT of the transaction.
func Lock(tx *store.Tx, codes ...string) error {
	for _, code := range slices.Compact(slices.Sorted(slices.Values(codes))) {
		if codeFault(code) != "" {
			continue // no entry has such a code
		}
		if err := takeTurn(tx, turnOf(code)); err != nil {
			return err
		}
	}
	return nil
}

// ByID finds an entry, switched off ones too; nil if there is none.
func (s *Set) ByID(id int64) *Status { return s.id[id] }

// ByCode finds an entry, switched off ones too; nil if there is none.
func (s *Set) ByCode(code string) *Status { return s.code[code] }

// Default returns the status of a new company; nil only before Seed.
func (s *Set) Default() *Status { return s.std }

// All returns every entry by its sort number. No one may change the list.
func (s *Set) All() []*Status { return s.all }
