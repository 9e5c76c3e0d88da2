package crmsync

import (
	"slices"

	"callhue/crm"
	"callhue/internal/store"
)

// linkRow links a record of theirs to one of ours.
type linkRow struct {
	Kind     int64  `db:"kind"`
	TheirID  string `db:"their_id"`
	OurID    int64  `db:"our_id"`
	Snapshot string `db:"seen"`
	Mark     int64  `db:"mark"`
	Removed  int    `db:"gone"`
}

// The side on which a linked record was removed while the other one still has it.
const (
	removedHere  = 1
	removedThere = 2
)

const linkColumns = "kind, their_id, our_id, seen, mark, gone"

// linksOf returns the links of some records of theirs, by their id.
func linksOf(tx *store.Tx, source int64, kind crm.Kind, ids []string) (map[string]linkRow, error) {
	links := make(map[string]linkRow, len(ids))
	for part := range slices.Chunk(ids, 200) {
		var rows []linkRow
		err := tx.Select(
			&rows, "SELECT "+linkColumns+" FROM mirror_links WHERE source_id = ? AND kind = ? AND their_id IN (?)",
			source, int64(kind), part,
		)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			links[r.TheirID] = r
		}
	}
	return links, nil
}

// linksTo returns the links of a source to some records of ours.
func linksTo(tx *store.Tx, source int64, kind crm.Kind, ids []int64) (rows []linkRow, err error) {
	for part := range slices.Chunk(ids, 200) {
		var some []linkRow
		err := tx.Select(
			&some, "SELECT "+linkColumns+" FROM mirror_links WHERE kind = ? AND our_id IN (?) AND source_id = ?",
			int64(kind), part, source,
		)
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

// linksAfter returns the next links of a kind after an id that a full sync has not marked.
func linksAfter(
	tx *store.Tx,
	source int64,
	kind crm.Kind,
	after string,
	mark int64,
	limit int,
) (ids []string, err error) {
	err = tx.Select(
		&ids,
		"SELECT their_id FROM mirror_links "+
			"WHERE source_id = ? AND kind = ? AND their_id > ? AND mark < ? AND gone <> ? ORDER BY their_id LIMIT ?",
		source,
		int64(kind),
		after,
		mark,
		removedThere,
		limit,
	)
	return ids, err
}

// linksUnchecked returns the links of a kind that were verified longest ago, before a time.
func linksUnchecked(tx *store.Tx, source int64, kind crm.Kind, before int64, limit int) (ids []string, err error) {
	err = tx.Select(
		&ids,
		"SELECT their_id FROM mirror_links "+
			"WHERE source_id = ? AND kind = ? AND checked_at < ? AND gone <> ? ORDER BY checked_at LIMIT ?",
		source,
		int64(kind),
		before,
		removedThere,
		limit,
	)
	return ids, err
}

// allLinks returns every link of a kind: users and departments.
func allLinks(tx *store.Tx, source int64, kind crm.Kind) (rows []linkRow, err error) {
	err = tx.Select(
		&rows,
		"SELECT "+linkColumns+" FROM mirror_links WHERE source_id = ? AND kind = ? ORDER BY their_id",
		source,
		int64(kind),
	)
	return rows, err
}

func insertLinks(tx *store.Tx, source int64, links []linkRow) error {
	rows := make([][]any, len(links))
	for i, l := range links {
		rows[i] = []any{source, l.Kind, l.TheirID, l.OurID, l.Snapshot, l.Mark, store.Millis(tx.Now()), l.Removed}
	}
	return tx.InsertAll("mirror_links", "source_id, kind, their_id, our_id, seen, mark, checked_at, gone", rows)
}

// putLink adds or replaces a link.
func putLink(tx *store.Tx, source int64, l linkRow) error {
	return tx.Upsert(
		"mirror_links",
		[]store.Column{
			{Name: "source_id", Value: source},
			{Name: "kind", Value: l.Kind},
			{Name: "their_id", Value: l.TheirID},
		},
		[]store.Column{
			{Name: "our_id", Value: l.OurID},
			{Name: "seen", Value: l.Snapshot},
			{Name: "mark", Value: l.Mark},
			{Name: "checked_at", Value: store.Millis(tx.Now())},
			{Name: "gone", Value: l.Removed},
		},
	)
}

// linksOfRecords returns the links of all sources to some records of ours.
func linksOfRecords(tx *store.Tx, kind crm.Kind, ids []int64) (rows []sourcedLink, err error) {
	err = tx.Select(
		&rows,
		"SELECT source_id, "+linkColumns+" FROM mirror_links "+
			"WHERE kind = ? AND our_id IN (?) ORDER BY source_id, their_id",
		int64(kind),
		ids,
	)
	return rows, err
}

// sourcedLink is a link with its source.
type sourcedLink struct {
	Source int64 `db:"source_id"`
	linkRow
}

// eraseRecords removes the snapshots of some records of ours and their conflicts.
func eraseRecords(tx *store.Tx, kind crm.Kind, ids []int64) error {
	_, err := tx.Exec(
		"DELETE FROM mirror_differences WHERE kind = ? AND our_id IN (?)", int64(kind), ids,
	)
	if err != nil {
		return err
	}
	_, err = tx.Exec(
		"UPDATE mirror_links SET seen = '', gone = ? WHERE kind = ? AND our_id IN (?)",
		removedHere,
		int64(kind),
		ids,
	)
	return err
}

// markLinks marks records as read by a full sync.
func markLinks(tx *store.Tx, source int64, kind crm.Kind, ids []string, mark int64) error {
	for part := range slices.Chunk(ids, 200) {
		if _, err := tx.Exec("UPDATE mirror_links SET mark = ?, checked_at = ? "+
			"WHERE source_id = ? AND kind = ? AND their_id IN (?)",
			mark, store.Millis(tx.Now()), source, int64(kind), part); err != nil {
			return err
		}
	}
	return nil
}

func dropLink(tx *store.Tx, source int64, kind crm.Kind, id string) error {
	_, err := tx.Exec(
		"DELETE FROM mirror_links WHERE source_id = ? AND kind = ? AND their_id = ?",
		source,
		int64(kind),
		id,
	)
	return err
}

// ---- missing references

// putMissingRef stores that a record has to be read again when another one is imported.
func putMissingRef(tx *store.Tx, source int64, of, by Ref) error {
	_, _, err := tx.InsertNew(
		"INSERT INTO mirror_wants (source_id, kind, their_id, for_kind, for_id) VALUES (?, ?, ?, ?, ?)",
		source,
		int64(of.Kind),
		of.ID,
		int64(by.Kind),
		by.ID,
	)
	return err
}

// requeueWaiting queues the records that waited for some records.
func requeueWaiting(tx *store.Tx, source int64, kind crm.Kind, ids []string) error {
	for part := range slices.Chunk(ids, 200) {
		var rows []struct {
			Kind int64  `db:"for_kind"`
			ID   string `db:"for_id"`
		}
		err := tx.Select(
			&rows,
			"SELECT DISTINCT for_kind, for_id FROM mirror_wants WHERE source_id = ? AND kind = ? AND their_id IN (?)",
			source, int64(kind), part,
		)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := enqueue(tx, source, Ref{crm.Kind(r.Kind), r.ID}, 0, store.Millis(tx.Now())); err != nil {
				return err
			}
		}
		if len(rows) == 0 {
			continue
		}
		_, err = tx.Exec(
			"DELETE FROM mirror_wants WHERE source_id = ? AND kind = ? AND their_id IN (?)", source, int64(kind), part,
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// linksByKind counts the links of each kind.
func linksByKind(tx *store.Tx, source int64) (map[crm.Kind]int64, error) {
	var rows []struct {
		Kind  int64 `db:"kind"`
		Count int64 `db:"n"`
	}
	err := tx.Select(
		&rows,
		"SELECT kind, COUNT(*) AS n FROM mirror_links WHERE source_id = ? AND gone = 0 GROUP BY kind",
		source,
	)
	counts := map[crm.Kind]int64{}
	for _, r := range rows {
		counts[crm.Kind(r.Kind)] = r.Count
	}
	return counts, err
}

// ---- conflicts

// conflictRow is a refused change of one part of a record.
type conflictRow struct {
	ID      int64  `db:"id"`
	Kind    int64  `db:"kind"`
	TheirID string `db:"their_id"`
	Part    string `db:"part"`
	OurID   int64  `db:"our_id"` // 0 for a record that could not be imported at all
	Code    string `db:"code"`
	Ours    string `db:"ours"`
	Theirs  string `db:"theirs"` // a change
	ByID    string `db:"by_id"`
	At      int64  `db:"at"`
}

const conflictColumns = "id, kind, their_id, part, our_id, code, ours, theirs, by_id, at"

func countConflicts(tx *store.Tx, source int64) (n int64, err error) {
	err = tx.Get(&n, "SELECT COUNT(*) FROM mirror_differences WHERE source_id = ?", source)
	return n, err
}

func conflictsOf(tx *store.Tx, source int64, kind crm.Kind, id string) (rows []conflictRow, err error) {
	err = tx.Select(
		&rows,
		"SELECT "+conflictColumns+" FROM mirror_differences "+
			"WHERE source_id = ? AND kind = ? AND their_id = ? ORDER BY id",
		source,
		int64(kind),
		id,
	)
	return rows, err
}

// conflictingIDs returns those of some records that have conflicts.
func conflictingIDs(tx *store.Tx, source int64, kind crm.Kind, ids []string) (some []string, err error) {
	for part := range slices.Chunk(ids, 200) {
		var found []string
		err := tx.Select(
			&found,
			"SELECT DISTINCT their_id FROM mirror_differences WHERE source_id = ? AND kind = ? AND their_id IN (?)",
			source, int64(kind), part,
		)
		if err != nil {
			return nil, err
		}
		some = append(some, found...)
	}
	return some, nil
}

// conflictsBefore returns up to limit conflicts, newest first, with ids below before if that is not 0.
func conflictsBefore(tx *store.Tx, source, before int64, limit int) (rows []conflictRow, err error) {
	where, args := "source_id = ?", []any{source}
	if before != 0 {
		where, args = where+" AND id < ?", append(args, before)
	}
	err = tx.Select(
		&rows,
		"SELECT "+conflictColumns+" FROM mirror_differences WHERE "+where+" ORDER BY id DESC LIMIT ?",
		append(args, limit)...)
	return rows, err
}

func conflictByID(tx *store.Tx, source, id int64) (row conflictRow, err error) {
	err = tx.Find(
		"difference",
		&row,
		"SELECT "+conflictColumns+" FROM mirror_differences WHERE id = ? AND source_id = ?",
		id,
		source,
	)
	return row, err
}

func putConflict(tx *store.Tx, source int64, d conflictRow) error {
	return tx.Upsert(
		"mirror_differences",
		[]store.Column{
			{Name: "source_id", Value: source},
			{Name: "kind", Value: d.Kind},
			{Name: "their_id", Value: d.TheirID},
			{Name: "part", Value: d.Part},
		},
		[]store.Column{
			{Name: "our_id", Value: d.OurID},
			{Name: "code", Value: d.Code},
			{Name: "ours", Value: d.Ours},
			{Name: "theirs", Value: d.Theirs},
			{Name: "by_id", Value: d.ByID},
			{Name: "at", Value: store.Millis(tx.Now())},
		},
	)
}

func dropConflict(tx *store.Tx, source int64, d conflictRow) error {
	_, err := tx.Exec(
		"DELETE FROM mirror_differences WHERE source_id = ? AND kind = ? AND their_id = ? AND part = ?",
		source,
		d.Kind,
		d.TheirID,
		d.Part,
	)
	return err
}

func dropConflicts(tx *store.Tx, source int64, kind crm.Kind, id string) error {
	_, err := tx.Exec(
		"DELETE FROM mirror_differences WHERE source_id = ? AND kind = ? AND their_id = ?",
		source,
		int64(kind),
		id,
	)
	return err
}
