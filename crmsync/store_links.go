package crmsync

import (
	"slices"

	"callhue/crm"
	"callhue/internal/store"
)

// linkRow says which of our records is one of theirs.
type linkRow struct {
	Kind    int64  `db:"kind"`
	TheirID string `db:"their_id"`
	OurID   int64  `db:"our_id"`
	Seen    string `db:"seen"`
	Mark    int64  `db:"mark"`
	Gone    int    `db:"gone"`
}

// Where a record is gone whose other one is not.
const (
	goneHere  = 1
	goneThere = 2
)

const linkColumns = "kind, their_id, our_id, seen, mark, gone"

// linksOf gives the links of some records of theirs.
func linksOf(tx *store.Tx, source int64, kind crm.Kind, ids []string) (map[string]linkRow, error) {
	links := make(map[string]linkRow, len(ids))
	for part := range slices.Chunk(ids, 200) {
		var rows []linkRow
		if err := tx.Select(&rows, "SELECT "+linkColumns+" FROM mirror_links WHERE source_id = ? AND kind = ? AND their_id IN (?)", source, int64(kind), part); err != nil {
			return nil, err
		}
		for _, r := range rows {
			links[r.TheirID] = r
		}
	}
	return links, nil
}

// linksTo gives the links of a source that lead to some records of ours.
func linksTo(tx *store.Tx, source int64, kind crm.Kind, ids []int64) (rows []linkRow, err error) {
	for part := range slices.Chunk(ids, 200) {
		var some []linkRow
		if err := tx.Select(&some, "SELECT "+linkColumns+" FROM mirror_links WHERE kind = ? AND our_id IN (?) AND source_id = ?", int64(kind), part, source); err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

// linksAfter gives some links of a kind after a place, those that an import has not
// marked.
func linksAfter(tx *store.Tx, source int64, kind crm.Kind, after string, mark int64, limit int) (ids []string, err error) {
	err = tx.Select(&ids, "SELECT their_id FROM mirror_links WHERE source_id = ? AND kind = ? AND their_id > ? AND mark < ? AND gone <> ? ORDER BY their_id LIMIT ?",
		source, int64(kind), after, mark, goneThere, limit)
	return ids, err
}

// linksUnchecked gives the links of a kind that nobody has looked at for longest,
// before a time.
func linksUnchecked(tx *store.Tx, source int64, kind crm.Kind, before int64, limit int) (ids []string, err error) {
	err = tx.Select(&ids, "SELECT their_id FROM mirror_links WHERE source_id = ? AND kind = ? AND checked_at < ? AND gone <> ? ORDER BY checked_at LIMIT ?",
		source, int64(kind), before, goneThere, limit)
	return ids, err
}

// allLinks gives every link of a kind: users and departments.
func allLinks(tx *store.Tx, source int64, kind crm.Kind) (rows []linkRow, err error) {
	err = tx.Select(&rows, "SELECT "+linkColumns+" FROM mirror_links WHERE source_id = ? AND kind = ? ORDER BY their_id", source, int64(kind))
	return rows, err
}

func insertLinks(tx *store.Tx, source int64, links []linkRow) error {
	rows := make([][]any, len(links))
	for i, l := range links {
		rows[i] = []any{source, l.Kind, l.TheirID, l.OurID, l.Seen, l.Mark, store.Millis(tx.Now()), l.Gone}
	}
	return tx.InsertAll("mirror_links", "source_id, kind, their_id, our_id, seen, mark, checked_at, gone", rows)
}

// putLink stores a link, new or known.
func putLink(tx *store.Tx, source int64, l linkRow) error {
	return tx.Upsert("mirror_links", []store.Column{{Name: "source_id", Value: source}, {Name: "kind", Value: l.Kind}, {Name: "their_id", Value: l.TheirID}},
		[]store.Column{{Name: "our_id", Value: l.OurID}, {Name: "seen", Value: l.Seen}, {Name: "mark", Value: l.Mark},
			{Name: "checked_at", Value: store.Millis(tx.Now())}, {Name: "gone", Value: l.Gone}})
}

// keptOf gives every link to some records of ours, of whatever source.
func keptOf(tx *store.Tx, kind crm.Kind, ids []int64) (rows []keptRow, err error) {
	err = tx.Select(&rows, "SELECT source_id, "+linkColumns+" FROM mirror_links WHERE kind = ? AND our_id IN (?) ORDER BY source_id, their_id", int64(kind), ids)
	return rows, err
}

// keptRow is a link with its source.
type keptRow struct {
	Source int64 `db:"source_id"`
	linkRow
}

// forgetKept takes what was seen of some records of ours out of their links, and
// everything that waits for a decision about them.
func forgetKept(tx *store.Tx, kind crm.Kind, ids []int64) (int64, error) {
	if _, err := tx.Exec("DELETE FROM mirror_differences WHERE kind = ? AND our_id IN (?)", int64(kind), ids); err != nil {
		return 0, err
	}
	return tx.Exec("UPDATE mirror_links SET seen = '', gone = ? WHERE kind = ? AND our_id IN (?)", goneHere, int64(kind), ids)
}

// markLinks says that some records were looked at, by an import.
func markLinks(tx *store.Tx, source int64, kind crm.Kind, ids []string, mark int64) error {
	for part := range slices.Chunk(ids, 200) {
		if _, err := tx.Exec("UPDATE mirror_links SET mark = ?, checked_at = ? WHERE source_id = ? AND kind = ? AND their_id IN (?)",
			mark, store.Millis(tx.Now()), source, int64(kind), part); err != nil {
			return err
		}
	}
	return nil
}

func dropLink(tx *store.Tx, source int64, kind crm.Kind, id string) error {
	_, err := tx.Exec("DELETE FROM mirror_links WHERE source_id = ? AND kind = ? AND their_id = ?", source, int64(kind), id)
	return err
}

// ---- wants

// putWant remembers that a record is to be read again when another one comes.
func putWant(tx *store.Tx, source int64, of, by Ref) error {
	_, _, err := tx.InsertNew("INSERT INTO mirror_wants (source_id, kind, their_id, for_kind, for_id) VALUES (?, ?, ?, ?, ?)", source, int64(of.Kind), of.ID, int64(by.Kind), by.ID)
	return err
}

// fulfil puts those who waited for some records into the queue.
func fulfil(tx *store.Tx, source int64, kind crm.Kind, ids []string) error {
	for part := range slices.Chunk(ids, 200) {
		var rows []struct {
			Kind int64  `db:"for_kind"`
			ID   string `db:"for_id"`
		}
		if err := tx.Select(&rows, "SELECT DISTINCT for_kind, for_id FROM mirror_wants WHERE source_id = ? AND kind = ? AND their_id IN (?)", source, int64(kind), part); err != nil {
			return err
		}
		for _, r := range rows {
			if err := putChange(tx, source, Ref{crm.Kind(r.Kind), r.ID}, store.Millis(tx.Now())); err != nil {
				return err
			}
		}
		if len(rows) == 0 {
			continue
		}
		if _, err := tx.Exec("DELETE FROM mirror_wants WHERE source_id = ? AND kind = ? AND their_id IN (?)", source, int64(kind), part); err != nil {
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
	err := tx.Select(&rows, "SELECT kind, COUNT(*) AS n FROM mirror_links WHERE source_id = ? AND gone = 0 GROUP BY kind", source)
	counts := map[crm.Kind]int64{}
	for _, r := range rows {
		counts[crm.Kind(r.Kind)] = r.Count
	}
	return counts, err
}

// ---- differences

// differenceRow is what is otherwise there in one part of a record.
type differenceRow struct {
	ID      int64  `db:"id"`
	Kind    int64  `db:"kind"`
	TheirID string `db:"their_id"`
	Part    string `db:"part"`
	OurID   int64  `db:"our_id"` // 0 for a record that could not be taken at all
	Code    string `db:"code"`
	Ours    string `db:"ours"`
	Theirs  string `db:"theirs"` // a wish
	ByID    string `db:"by_id"`
	At      int64  `db:"at"`
}

const differenceColumns = "id, kind, their_id, part, our_id, code, ours, theirs, by_id, at"

func differencesOpen(tx *store.Tx, source int64) (n int64, err error) {
	err = tx.Get(&n, "SELECT COUNT(*) FROM mirror_differences WHERE source_id = ?", source)
	return n, err
}

func differencesOf(tx *store.Tx, source int64, kind crm.Kind, id string) (rows []differenceRow, err error) {
	err = tx.Select(&rows, "SELECT "+differenceColumns+" FROM mirror_differences WHERE source_id = ? AND kind = ? AND their_id = ? ORDER BY id", source, int64(kind), id)
	return rows, err
}

// differingIDs gives those of some records that differ in something.
func differingIDs(tx *store.Tx, source int64, kind crm.Kind, ids []string) (some []string, err error) {
	for part := range slices.Chunk(ids, 200) {
		var found []string
		if err := tx.Select(&found, "SELECT DISTINCT their_id FROM mirror_differences WHERE source_id = ? AND kind = ? AND their_id IN (?)", source, int64(kind), part); err != nil {
			return nil, err
		}
		some = append(some, found...)
	}
	return some, nil
}

// differencesBefore gives up to limit differences, newest first, below an id if one
// is given.
func differencesBefore(tx *store.Tx, source, before int64, limit int) (rows []differenceRow, err error) {
	where, args := "source_id = ?", []any{source}
	if before != 0 {
		where, args = where+" AND id < ?", append(args, before)
	}
	err = tx.Select(&rows, "SELECT "+differenceColumns+" FROM mirror_differences WHERE "+where+" ORDER BY id DESC LIMIT ?", append(args, limit)...)
	return rows, err
}

func differenceByID(tx *store.Tx, source, id int64) (row differenceRow, err error) {
	err = tx.Find("difference", &row, "SELECT "+differenceColumns+" FROM mirror_differences WHERE id = ? AND source_id = ?", id, source)
	return row, err
}

func putDifference(tx *store.Tx, source int64, d differenceRow) error {
	return tx.Upsert("mirror_differences", []store.Column{{Name: "source_id", Value: source}, {Name: "kind", Value: d.Kind}, {Name: "their_id", Value: d.TheirID}, {Name: "part", Value: d.Part}},
		[]store.Column{{Name: "our_id", Value: d.OurID}, {Name: "code", Value: d.Code}, {Name: "ours", Value: d.Ours}, {Name: "theirs", Value: d.Theirs},
			{Name: "by_id", Value: d.ByID}, {Name: "at", Value: store.Millis(tx.Now())}})
}

func dropDifference(tx *store.Tx, source int64, d differenceRow) error {
	_, err := tx.Exec("DELETE FROM mirror_differences WHERE source_id = ? AND kind = ? AND their_id = ? AND part = ?", source, d.Kind, d.TheirID, d.Part)
	return err
}

func dropDifferences(tx *store.Tx, source int64, kind crm.Kind, id string) error {
	_, err := tx.Exec("DELETE FROM mirror_differences WHERE source_id = ? AND kind = ? AND their_id = ?", source, int64(kind), id)
	return err
}
