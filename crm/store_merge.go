package crm

import (
	"errors"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// ownersSince returns when records got their present owners; a record without an entry has its first owner.
func ownersSince(tx *store.Tx, kind Kind, ids []int64) (map[int64]int64, error) {
	var rows []struct {
		Record int64 `db:"record_id"`
		Since  int64 `db:"since"`
	}
	err := tx.Select(&rows, "SELECT record_id, since FROM ownerships WHERE kind = ? AND record_id IN (?)", int64(kind),
		ids)
	since := make(map[int64]int64, len(rows))
	for _, r := range rows {
		since[r.Record] = r.Since
	}
	return since, err
}

func putOwnerSince(tx *store.Tx, kind Kind, id, since int64) error {
	return tx.Upsert("ownerships", []store.Column{{Name: "kind", Value: int64(kind)}, {Name: "record_id", Value: id}},
		[]store.Column{{Name: "since", Value: since}})
}

// noteMerged remembers where records went; what had gone into them went there too.
func addMerges(tx *store.Tx, kind Kind, into int64, from []int64, now, by int64) error {
	if _, err := tx.Exec("UPDATE merges SET into_id = ? WHERE kind = ? AND into_id IN (?)", into, int64(kind),
		from); err != nil {
		return err
	}
	rows := make([][]any, len(from))
	for i, id := range from {
		rows[i] = []any{int64(kind), id, into, now, by}
	}
	return insertRows(tx, mergesTable, rows)
}

// mergedInto returns the records that were merged into one, by id.
func findMerged(tx *store.Tx, kind Kind, id int64) (ids []int64, err error) {
	err = tx.Select(&ids, "SELECT record_id FROM merges WHERE kind = ? AND into_id = ? ORDER BY record_id", int64(kind),
		id)
	return ids, err
}

// wentInto puts what some records were merged into into a map.
func findMergedInto(tx *store.Tx, kind Kind, ids []int64, into map[int64]int64) error {
	var rows []struct {
		Record int64 `db:"record_id"`
		Into   int64 `db:"into_id"`
	}
	err := tx.Select(&rows, "SELECT record_id, into_id FROM merges WHERE kind = ? AND record_id IN (?)", int64(kind),
		ids)
	for _, r := range rows {
		into[r.Record] = r.Into
	}
	return err
}

// findIntoOf returns the records that some were merged into.
func findIntoOf(tx *store.Tx, kind Kind, ids []int64) (into []int64, err error) {
	err = tx.Select(&into, "SELECT DISTINCT into_id FROM merges WHERE kind = ? AND record_id IN (?)", int64(kind), ids)
	return into, err
}

// withMergedInto adds to the fault of a record that is not there what it was merged
// into, if it was.
func withMergedInto(tx *store.Tx, kind Kind, id int64, err error) error {
	if !fault.Is(err, fault.KindMissing) {
		return err
	}
	var into int64
	found := tx.Get(&into, "SELECT into_id FROM merges WHERE kind = ? AND record_id = ?", int64(kind), id)
	switch {
	case errors.Is(found, store.ErrNone):
		return err
	case found != nil:
		return found
	}
	return fault.Missing(kind.String()).With("merged_into", into)
}
