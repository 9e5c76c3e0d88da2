package importexport

import (
	"cmp"
	"hash/maphash"
	"slices"

	"callhue/crm"
	"callhue/internal/store"
)

// nameIndex finds records by name, for which the database has no index. It takes 16 bytes per
// record and is read once per import. Names are kept as hashes: among a million, two collide once
// in ten million imports.
type nameIndex struct {
	seed    maphash.Seed
	entries []nameEntry // sorted by hash
	added   map[uint64][]int64
}

type nameEntry struct {
	hash uint64
	id   int64
}

// readNameIndex reads the names of all records of a kind.
func readNameIndex(tx *store.Tx, kind crm.Kind) (*nameIndex, error) {
	r := &nameIndex{seed: maphash.MakeSeed(), added: map[uint64][]int64{}}
	err := crm.EachName(tx, kind, func(id int64, name string) {
		r.entries = append(r.entries,
			nameEntry{r.hash(name), id})
	})
	slices.SortFunc(r.entries, func(a, b nameEntry) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash),
			cmp.Compare(a.id, b.id))
	})
	return r, err
}

func (r *nameIndex) hash(name string) uint64 { return maphash.String(r.seed, store.Fold(name)) }

// add adds a new record.
func (r *nameIndex) add(id int64, name string) {
	h := r.hash(name)
	r.added[h] = append(r.added[h], id)
}

// find returns the records of a name, the oldest first.
func (r *nameIndex) find(name string) (ids []int64) {
	h := r.hash(name)
	at, _ := slices.BinarySearchFunc(r.entries, h, func(n nameEntry, h uint64) int { return cmp.Compare(n.hash, h) })
	for ; at < len(r.entries) && r.entries[at].hash == h; at++ {
		ids = append(ids, r.entries[at].id)
	}
	return append(ids, r.added[h]...)
}
