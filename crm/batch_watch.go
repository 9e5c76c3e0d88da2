package crm

import (
	"slices"

	"callhue/internal/store"
	"callhue/journal"
)

// watcher is called with each change that a write records; nil for most.
type watcher struct {
	watch func(Kind, int64, journal.Changes)
}

// Watch has f called for each journal entry of a change in this batch, with the fields that changed. The entry of a
// change that is refused afterwards does not stay.
func (b *Batch) Watch(f func(kind Kind, id int64, changes journal.Changes)) { b.watch = f }

// FindVersions returns the versions of those records that exist.
func FindVersions(tx *store.Tx, kind Kind, ids []int64) (map[int64]int64, error) {
	versions := make(map[int64]int64, len(ids))
	for part := range slices.Chunk(ids, 500) {
		rows, err := findVersions(tx, kind, part)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			versions[r.ID] = r.Version
		}
	}
	return versions, nil
}
