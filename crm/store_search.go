package crm

import (
	"cmp"
	"slices"
	"strings"

	"callhue/internal/store"
)

var (
	wordsTable = table{"search_words", "kind, word, weight, entity_id"}
	endsTable  = table{"search_ends", "kind, ends, entity_id"}
)

// searchPlace is where base.values has the text that a record is found by.
const searchPlace = 7

// addSearch adds the rows of new records of one kind; texts are by id.
func addSearch(tx *store.Tx, kind Kind, ids []int64, textOf func(i int) string) error {
	var words, ends [][]any
	for i, id := range ids {
		of, last := indexed(textOf(i))
		for _, w := range of {
			words = append(words, []any{int64(kind), w.Word, w.Weight, id})
		}
		for _, e := range last {
			ends = append(ends, []any{int64(kind), e, id})
		}
	}
	if len(ids) > 1 { // in the order of the index
		slices.SortFunc(words, func(a, b []any) int {
			if c := strings.Compare(a[1].(string), b[1].(string)); c != 0 {
				return c
			}
			return int(a[3].(int64) - b[3].(int64))
		})
		slices.SortFunc(ends, func(a, b []any) int {
			if a[1].(int64) < b[1].(int64) {
				return -1
			}
			return 1
		})
	}
	if err := insertRows(tx, wordsTable, words); err != nil {
		return err
	}
	return insertRows(tx, endsTable, ends)
}

// changeSearch replaces the rows of a record that the transaction holds.
func changeSearch(tx *store.Tx, kind Kind, id int64, before, after string) error {
	if before == after {
		return nil
	}
	had, hadEnds := indexed(before)
	words, ends := indexed(after)
	for _, w := range had {
		if slices.Contains(words, w) {
			continue
		}
		if _, err := tx.Exec("DELETE FROM search_words WHERE kind = ? AND word = ? AND weight = ? AND entity_id = ?",
			int64(kind), w.Word, w.Weight, id); err != nil {
			return err
		}
	}
	for _, e := range hadEnds {
		if slices.Contains(ends, e) {
			continue
		}
		if _, err := tx.Exec("DELETE FROM search_ends WHERE kind = ? AND ends = ? AND entity_id = ?", int64(kind), e,
			id); err != nil {
			return err
		}
	}
	var newWords, newEnds [][]any
	for _, w := range words {
		if !slices.Contains(had, w) {
			newWords = append(newWords, []any{int64(kind), w.Word, w.Weight, id})
		}
	}
	for _, e := range ends {
		if !slices.Contains(hadEnds, e) {
			newEnds = append(newEnds, []any{int64(kind), e, id})
		}
	}
	if err := insertRows(tx, wordsTable, newWords); err != nil {
		return err
	}
	return insertRows(tx, endsTable, newEnds)
}

// searchTextAt returns what an existing record is found by, "" for a removed one: its rows are gone.
func searchTextAt(tx *store.Tx, kind Kind, id int64) (string, error) {
	var list []string
	err := tx.Select(&list, "SELECT search FROM "+kind.table()+" WHERE id = ? AND deleted_at = 0", id)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

// hideSearch removes the rows of a record that is about to be removed.
func hideSearch(tx *store.Tx, kind Kind, id int64) error {
	before, err := searchTextAt(tx, kind, id)
	if err != nil {
		return err
	}
	return changeSearch(tx, kind, id, before, "")
}

// showSearch adds the rows of a record that was removed and is there again.
func showSearch(tx *store.Tx, kind Kind, id int64) error {
	after, err := searchTextAt(tx, kind, id)
	if err != nil {
		return err
	}
	return changeSearch(tx, kind, id, "", after)
}

// ---- reading

// indexQuery returns the statement that leads to the records of a kind with a term, with its arguments. It may name a
// record twice.
func indexQuery(kind Kind, t term) (query string, args []any) {
	var parts []string
	add := func(from string, values ...any) {
		parts, args = append(parts, "SELECT entity_id FROM "+from), append(args, values...)
	}
	for _, word := range t.words {
		word = shortWord(word)
		add("search_words WHERE kind = ? AND word >= ? AND word < ?", int64(kind), word, word+"\U0010FFFF")
	}
	for _, r := range t.numbers {
		// The kind is hidden from the planner: it would rather read all of a kind.
		add("numbers WHERE number_key >= ? AND number_key <= ? AND kind + 0 = ?", r.first, r.last, int64(kind))
	}
	for _, r := range t.ends {
		add("search_ends WHERE kind = ? AND ends >= ? AND ends <= ?", int64(kind), r.first, r.last)
	}
	return strings.Join(parts, " UNION ALL "), args
}

// countIndexed counts the rows of the index for a term, most of them at most.
func countIndexed(tx *store.Tx, kind Kind, t term, most int) (n int, err error) {
	query, args := indexQuery(kind, t)
	err = tx.Get(&n, "SELECT COUNT(*) FROM (SELECT 1 FROM ("+query+") found LIMIT ?) counted", append(args, most)...)
	return n, err
}

// indexedIDs returns the records below an id that the index has for a term, the newest first. They are sorted here: the
// database would gather them in a tree first.
func indexedIDs(tx *store.Tx, kind Kind, t term, below int64) ([]int64, error) {
	ids, err := anyIndexed(tx, kind, t, sparse+1)
	ids = slices.DeleteFunc(ids, func(id int64) bool { return id >= below })
	slices.SortFunc(ids, func(a, b int64) int { return cmp.Compare(b, a) })
	return slices.Compact(ids), err
}

// anyIndexed returns some records that the index has for a term, in the order of the index.
func anyIndexed(tx *store.Tx, kind Kind, t term, limit int) (ids []int64, err error) {
	query, args := indexQuery(kind, t)
	err = tx.Select(&ids, query+" LIMIT ?", append(args, limit)...)
	return ids, err
}

// namedWord returns the newest records that have a word, as the whole name for a weight of 0.
func namedWord(tx *store.Tx, kind Kind, word string, weight, limit int) (ids []int64, err error) {
	err = tx.Select(&ids, "SELECT entity_id FROM search_words WHERE kind = ? AND word = ? AND weight = ? "+
		"ORDER BY entity_id DESC LIMIT ?", int64(kind), shortWord(word), weight, limit)
	return ids, err
}

// matching returns the condition that the search text of a record has every term.
func matching(terms []term) (where string, args []any) {
	for _, t := range terms {
		var one []string
		for _, pattern := range t.patterns {
			one, args = append(one, "search LIKE ? ESCAPE '!'"), append(args, pattern)
		}
		where += " AND (" + strings.Join(one, " OR ") + ")"
	}
	return where, args
}

// scanRecords returns the ids of the newest records for which a condition holds. The outer order makes SQLite find all
// of them in its first step, which is the one that it can be stopped in.
func scanRecords(tx *store.Tx, kind Kind, where string, args []any, limit int) (ids []int64, err error) {
	err = tx.Select(&ids, "SELECT id FROM (SELECT id FROM "+kind.table()+" WHERE "+where+
		" ORDER BY id DESC LIMIT ?) newest ORDER BY id + 0 DESC", append(slices.Clone(args), limit)...)
	return ids, err
}

// recordsAmong returns those of some records for which a condition holds, the newest first.
func recordsAmong(tx *store.Tx, kind Kind, ids []int64, where string, args []any) (some []int64, err error) {
	err = tx.Select(&some, "SELECT id FROM "+kind.table()+" WHERE id IN (?) AND "+where+" ORDER BY id DESC",
		append([]any{ids}, args...)...)
	return some, err
}

// newestOwn returns those of the newest records of an owner that have every term.
func newestOwn(tx *store.Tx, kind Kind, owner int64, terms []term, among int) (ids []int64, err error) {
	where, args := matching(terms)
	err = tx.Select(&ids, "SELECT id FROM (SELECT id, search FROM "+kind.table()+
		" WHERE owner_id = ? AND deleted_at = 0 ORDER BY id DESC LIMIT ?) newest WHERE 1 = 1"+where,
		append([]any{owner, among}, args...)...)
	return ids, err
}

// pageOf reads records by id, the newest first.
func pageOf(tx *store.Tx, kind Kind, columns string, ids []int64, rows any) error {
	return tx.Select(rows, "SELECT "+columns+" FROM "+kind.table()+
		" WHERE id IN (?) AND deleted_at = 0 ORDER BY id DESC", ids)
}

// ---- what was stored before there was an index

type backlogRow struct {
	Kind Kind  `db:"kind"`
	Next int64 `db:"next_id"`
	Last int64 `db:"last_id"`
}

func searchBacklog(tx *store.Tx) (rows []backlogRow, err error) {
	err = tx.Select(&rows, "SELECT kind, next_id, last_id FROM search_backlog ORDER BY kind")
	return rows, err
}

// advanceBacklog notes that all records up to an id have their rows; the note goes after the last one.
func advanceBacklog(tx *store.Tx, row backlogRow, to int64) error {
	if to >= row.Last {
		_, err := tx.Exec("DELETE FROM search_backlog WHERE kind = ?", int64(row.Kind))
		return err
	}
	_, err := tx.Exec("UPDATE search_backlog SET next_id = ? WHERE kind = ? AND next_id < ?", to, int64(row.Kind), to)
	return err
}

// idsBetween returns the next records above an id, up to another one.
func idsBetween(tx *store.Tx, row backlogRow, limit int) (ids []int64, err error) {
	err = tx.Select(&ids, "SELECT id FROM "+row.Kind.table()+" WHERE id > ? AND id <= ? AND deleted_at = 0 "+
		"ORDER BY id LIMIT ?", row.Next, row.Last, limit)
	return ids, err
}

func storeSearchText(tx *store.Tx, kind Kind, id int64, search string) error {
	_, err := tx.Exec("UPDATE "+kind.table()+" SET search = ? WHERE id = ?", search, id)
	return err
}

func leadRows(tx *store.Tx, ids []int64) (rows []leadRow, err error) {
	err = tx.Select(&rows, "SELECT "+leadColumns+" FROM leads WHERE id IN (?) AND deleted_at = 0 ORDER BY id", ids)
	return rows, err
}

// hitRow is what a search shows of a record.
type hitRow struct {
	ID       int64  `db:"id"`
	Name     string `db:"name"`
	Person   string `db:"person"` // of a lead
	OwnerID  int64  `db:"owner_id"`
	StatusID int64  `db:"status_id"`
	Search   string `db:"search"`
}

func hitRows(tx *store.Tx, kind Kind, ids []int64) (rows []hitRow, err error) {
	columns := "name, '' AS person, 0 AS status_id"
	switch kind {
	case KindCompany:
		columns = "name, '' AS person, status_id"
	case KindLead:
		columns = "title AS name, name AS person, 0 AS status_id"
	}
	err = tx.Select(&rows, "SELECT id, owner_id, search, "+columns+" FROM "+kind.table()+
		" WHERE id IN (?) AND deleted_at = 0", ids)
	return rows, err
}
