package importexport

import (
	"cmp"
	"hash/maphash"
	"slices"

	"callhue/crm"
	"callhue/internal/store"
)

// nameIndex finds records by name, for which the database has no index. It takes 24 bytes per
// record and is read once per import. Names are kept as hashes: among a million, two collide once
// in ten million imports.
type nameIndex struct {
	kind    Kind
	seed    maphash.Seed
	entries []nameEntry // sorted by hash
	added   map[uint64][]nameEntry
}

type nameEntry struct {
	hash  uint64 // of the words
	form  uint32 // of the legal form, 0 for none
	exact uint32 // of the folded name
	id    int64
}

// readNameIndex reads the names of all records of a kind.
func readNameIndex(tx *store.Tx, kind Kind) (*nameIndex, error) {
	r := &nameIndex{kind: kind, seed: maphash.MakeSeed(), added: map[uint64][]nameEntry{}}
	err := crm.EachName(tx, kind.recordKind(), func(id int64, name string) {
		r.entries = append(r.entries, r.entry(id, name))
	})
	slices.SortFunc(r.entries, func(a, b nameEntry) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash),
			cmp.Compare(a.id, b.id))
	})
	return r, err
}

func (r *nameIndex) entry(id int64, name string) nameEntry {
	i := identityOf(r.kind, name)
	e := nameEntry{hash: maphash.String(r.seed, i.words), id: id}
	e.exact = uint32(maphash.String(r.seed, store.Fold(name)))
	if i.form != "" {
		e.form = uint32(maphash.String(r.seed, i.form)) | 1
	}
	return e
}

// add adds a new record.
func (r *nameIndex) add(id int64, name string) {
	e := r.entry(id, name)
	r.added[e.hash] = append(r.added[e.hash], e)
}

// find returns the records of a name, the oldest first: those that are spelled like it, else those with the same
// words and no other legal form.
func (r *nameIndex) find(name string) (ids []int64) {
	e := r.entry(0, name)
	order := func(n nameEntry, hash uint64) int { return cmp.Compare(n.hash, hash) }
	at, _ := slices.BinarySearchFunc(r.entries, e.hash, order)
	end := at
	for end < len(r.entries) && r.entries[end].hash == e.hash {
		end++
	}
	found := slices.Concat(r.entries[at:end], r.added[e.hash])
	exact := func(n nameEntry) bool { return n.exact == e.exact }
	spelled := slices.ContainsFunc(found, exact)
	for _, n := range found {
		if exact(n) || !spelled && (n.form == 0 || e.form == 0 || n.form == e.form) {
			ids = append(ids, n.id)
		}
	}
	return ids
}
