package mirror

import (
	"callhue/crm"
	"callhue/store"
)

// linksByKind counts the links of each kind.
func linksByKind(tx *store.Tx, source int64) (map[crm.Kind]int64, error) {
	var rows []struct {
		Kind  int64 `db:"kind"`
		Count int64 `db:"n"`
	}
	err := tx.Select(&rows, "SELECT kind, COUNT(*) AS n FROM mirror_links WHERE source_id = ? AND gone = 0 GROUP BY kind", source)
	counts := map[crm.Kind]int64{}
	for _, r := range rows {
		counts[crm.Kind(r.Kind)] = r.Count
	}
	return counts, err
}

// ---- differences

func differencesOpen(tx *store.Tx, source int64) (n int64, err error) {
	err = tx.Get(&n, "SELECT COUNT(*) FROM mirror_differences WHERE source_id = ?", source)
	return n, err
}
