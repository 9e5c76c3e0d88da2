package importexport

import (
	"cmp"
	"hash/maphash"
	"slices"

	"callhue/crm"
	"callhue/internal/store"
)

// register finds records by their names, of which the database has no index: 16
// bytes for each record, read once when a file needs it. A name is kept as its
// hash: of a million of them, two meet once in ten million imports.
type register struct {
	seed  maphash.Seed
	kept  []named // by hash
	added map[uint64][]int64
}

type named struct {
	hash uint64
	id   int64
}

// readRegister reads the names of all records of a kind.
func readRegister(tx *store.Tx, kind crm.Kind) (*register, error) {
	r := &register{seed: maphash.MakeSeed(), added: map[uint64][]int64{}}
	err := crm.Names(tx, kind, func(id int64, name string) { r.kept = append(r.kept, named{r.hash(name), id}) })
	slices.SortFunc(r.kept, func(a, b named) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.id, b.id)) })
	return r, err
}

func (r *register) hash(name string) uint64 { return maphash.String(r.seed, store.Fold(name)) }

// add tells the register of a new record.
func (r *register) add(id int64, name string) {
	h := r.hash(name)
	r.added[h] = append(r.added[h], id)
}

// find gives the records of a name, the oldest first.
func (r *register) find(name string) (ids []int64) {
	h := r.hash(name)
	at, _ := slices.BinarySearchFunc(r.kept, h, func(n named, h uint64) int { return cmp.Compare(n.hash, h) })
	for ; at < len(r.kept) && r.kept[at].hash == h; at++ {
		ids = append(ids, r.kept[at].id)
	}
	return append(ids, r.added[h]...)
}
