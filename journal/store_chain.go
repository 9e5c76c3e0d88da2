package journal

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"callhue/internal/store"
)

// block is a block of the chain as it is stored.
type block struct {
	ID      int64  `db:"id"`
	Last    int64  `db:"last_id"` // entry
	Entries int64  `db:"entries"`
	Digests string `db:"digests"` // the distance from the entry before and the digest of each, in base64
	Hash    string `db:"hash"`
	MAC     string `db:"mac"`
	At      int64  `db:"at"`
}

const blockColumns = "id, last_id, entries, digests, hash, mac, at"

// lastBlock returns the end of the chain, the zero block when it is empty.
func lastBlock(tx *store.Tx) (b block, err error) {
	err = tx.Get(&b, "SELECT "+blockColumns+" FROM journal_blocks ORDER BY id DESC LIMIT 1")
	if errors.Is(err, store.ErrNone) {
		return block{}, nil
	}
	return b, err
}

func blocksBehind(tx *store.Tx, id int64, limit int) (list []block, err error) {
	err = tx.Select(&list, "SELECT "+blockColumns+" FROM journal_blocks WHERE id > ? ORDER BY id LIMIT ?", id, limit)
	return list, err
}

// insertBlock adds a block, unless another process was faster.
func insertBlock(tx *store.Tx, b block) error {
	_, _, err := tx.InsertNew("INSERT INTO journal_blocks ("+blockColumns+") VALUES (?, ?, ?, ?, ?, ?, ?)",
		b.ID, b.Last, b.Entries, b.Digests, b.Hash, b.MAC, b.At)
	return err
}

// rowsBehind returns the entries behind one id, up to another, in their order; limit 0 is none.
func rowsBehind(tx *store.Tx, id, last int64, limit int) (rows []row, err error) {
	query := "SELECT " + columns + " FROM journal WHERE id > ? AND id <= ? ORDER BY id"
	if limit > 0 {
		query += " LIMIT " + strconv.Itoa(limit)
	}
	err = tx.Select(&rows, query, id, last)
	return rows, err
}

func countBehind(tx *store.Tx, id int64) (n int64, err error) {
	err = tx.Get(&n, "SELECT COUNT(*) FROM journal WHERE id > ?", id)
	return n, err
}

// goneRow is an entry that was erased, or dropped with its subject.
type goneRow struct {
	Entry   int64  `db:"entry_id"`
	Dropped bool   `db:"dropped"`
	Then    string `db:"details_then"` // digest of the details as they were recorded; "" for a dropped one
	Now     string `db:"details_now"`  // and of what the erasure has left of them
	MAC     string `db:"mac"`
}

const goneColumns = "entry_id, dropped, details_then, details_now, mac"

func goneBetween(tx *store.Tx, after, last int64) (map[int64]goneRow, error) {
	var rows []goneRow
	err := tx.Select(&rows, "SELECT "+goneColumns+" FROM journal_gone WHERE entry_id > ? AND entry_id <= ?",
		after, last)
	gone := make(map[int64]goneRow, len(rows))
	for _, r := range rows {
		gone[r.Entry] = r
	}
	return gone, err
}

// goneOf returns what is noted of some entries.
func goneOf(tx *store.Tx, ids []int64) (map[int64]goneRow, error) {
	var rows []goneRow
	err := tx.Select(&rows, "SELECT "+goneColumns+" FROM journal_gone WHERE entry_id IN (?)", ids)
	gone := make(map[int64]goneRow, len(rows))
	for _, r := range rows {
		gone[r.Entry] = r
	}
	return gone, err
}

// saveGone stores what became of entries over what is noted of them.
func saveGone(tx *store.Tx, list []goneRow) error {
	if len(list) == 0 {
		return nil
	}
	ids, rows := make([]int64, len(list)), make([][]any, len(list))
	for i, g := range list {
		ids[i], rows[i] = g.Entry, []any{g.Entry, g.Dropped, g.Then, g.Now, g.MAC}
	}
	if _, err := tx.Exec("DELETE FROM journal_gone WHERE entry_id IN (?)", ids); err != nil {
		return err
	}
	return tx.InsertAll("journal_gone", goneColumns, rows)
}

// markOf returns up to which entry the next block may reach, and since when that is known.
func markOf(tx *store.Tx) (entry int64, since time.Time, err error) {
	var m struct {
		Entry int64 `db:"entry_id"`
		At    int64 `db:"at"`
	}
	err = tx.Get(&m, "SELECT entry_id, at FROM journal_marks WHERE id = 1")
	if errors.Is(err, store.ErrNone) {
		err = nil
	}
	return m.Entry, store.Time(m.At), err
}

func mark(tx *store.Tx, entry int64) error {
	return tx.Upsert("journal_marks", []store.Column{{Name: "id", Value: 1}},
		[]store.Column{{Name: "entry_id", Value: entry}, {Name: "at", Value: store.Millis(tx.Now())}})
}

func splitHead(text string) (block int64, hash string, err error) {
	number, hash, found := strings.Cut(text, ":")
	if !found || len(hash) != 64 {
		return 0, "", errors.New("want block:hash")
	}
	block, err = strconv.ParseInt(number, 10, 64)
	return block, hash, err
}
