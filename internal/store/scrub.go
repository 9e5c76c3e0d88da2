package store

import (
	"context"
	"encoding/binary"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"callhue/internal/fault"
)

// Bytes that rows leave behind. SQLite overwrites what is deleted (secure_delete), but when it moves rows from a full
// page to another one their copies stay in the unused part of the first page, and the write-ahead log keeps pages as
// they were. Scrub removes both.

const (
	scrubRead  = 256 // pages that one statement reads
	scrubWrite = 32  // pages that one transaction writes
	// scrubBusy is how long an attempt to empty the write-ahead log waits for readers: writers wait as long.
	scrubBusy  = 20 * time.Millisecond
	scrubPause = 50 * time.Millisecond
	// scrubTries bounds the attempts to empty the log: a reader of ReadSlow may hold it for half a minute.
	scrubTries = 1200
	// maxScrubPages is the number of pages below which the first byte of a page tells a page of rows from all others.
	maxScrubPages = 1 << 25
)

// Scrub overwrites what erased rows have left in the file of the database, and empties the write-ahead log, in short
// transactions beside everything else. On MySQL it does nothing: the server has no statement for it. Fault:
// database_busy, if a reader kept the log from being emptied all the time.
func (db *DB) Scrub(ctx context.Context) error {
	lite, ok := db.engine.(*sqliteEngine)
	if !ok {
		return nil
	}
	if err := db.scrubPages(ctx); err != nil {
		return err
	}
	conn, err := sqlx.ConnectContext(ctx, "sqlite", lite.dsn(int(scrubBusy.Milliseconds())))
	if err != nil {
		return err
	}
	defer conn.Close()
	for range scrubTries {
		emptied, err := lite.emptyLog(ctx, conn)
		if err != nil || emptied {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(scrubPause):
		}
	}
	return fault.Unavailable("database_busy", time.Second)
}

// emptyLog moves the write-ahead log into the file, first beside the writers, then the rest, and truncates it.
func (e *sqliteEngine) emptyLog(ctx context.Context, conn *sqlx.DB) (emptied bool, err error) {
	for _, mode := range []string{"PASSIVE", "TRUNCATE"} {
		var busy, pages, moved int
		err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &moved)
		if err != nil && !e.again(err) {
			return false, err
		}
		emptied = err == nil && busy == 0
	}
	return emptied, nil
}

// page is a page of the file.
type page struct {
	Number int64  `db:"pgno"`
	Data   []byte `db:"data"`
}

// scrubPages overwrites the unused parts of all pages that have bytes in them.
func (db *DB) scrubPages(ctx context.Context) error {
	var count int64
	if err := db.ReadSlow(ctx).Get(&count, "PRAGMA page_count"); err != nil {
		return err
	}
	if count >= maxScrubPages {
		return nil
	}
	free, err := freePages(db.ReadSlow(ctx))
	if err != nil {
		return err
	}
	for first := int64(1); first <= count; first += scrubRead {
		var pages []page
		err := db.ReadSlow(ctx).Select(&pages, `WITH RECURSIVE
			n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			SELECT pgno, data FROM n JOIN sqlite_dbpage ON pgno = i`, first, min(first+scrubRead-1, count))
		if err != nil {
			return err
		}
		var dirty []int64
		for _, p := range pages {
			if p.scrub(free[p.Number]) {
				dirty = append(dirty, p.Number)
			}
		}
		for part := range slices.Chunk(dirty, scrubWrite) {
			if err := db.scrubSome(ctx, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// scrubSome overwrites the unused parts of some pages as they are now.
func (db *DB) scrubSome(ctx context.Context, numbers []int64) error {
	return db.Write(Apart(ctx), func(tx *Tx) error {
		free, err := freePages(tx)
		if err != nil {
			return err
		}
		for _, number := range numbers {
			p, err := readPage(tx, number)
			if err != nil {
				return err
			}
			if !p.scrub(free[number]) {
				continue
			}
			if _, err := tx.Exec("UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?", p.Data, number); err != nil {
				return err
			}
		}
		return nil
	})
}

func readPage(tx *Tx, number int64) (p page, err error) {
	err = tx.Get(&p, "SELECT pgno, data FROM sqlite_dbpage WHERE pgno = ?", number)
	return p, err
}

// freePages returns the pages that hold nothing: the leaves of the free list. See section 1.5 of SQLite's file format.
func freePages(tx *Tx) (map[int64]bool, error) {
	first, err := readPage(tx, 1)
	if err != nil {
		return nil, err
	}
	free := map[int64]bool{}
	for trunk := int64(binary.BigEndian.Uint32(first.Data[32:])); trunk != 0; {
		p, err := readPage(tx, trunk)
		if err != nil {
			return nil, err
		}
		leaves := int(binary.BigEndian.Uint32(p.Data[4:]))
		if leaves > len(p.Data)/4-2 {
			return free, nil // no free list that SQLite could use
		}
		for i := range leaves {
			free[int64(binary.BigEndian.Uint32(p.Data[8+4*i:]))] = true
		}
		trunk = int64(binary.BigEndian.Uint32(p.Data))
	}
	return free, nil
}

// scrub overwrites the unused parts of a page and reports whether there was anything in them. free is set for a page
// that holds nothing at all.
func (p page) scrub(free bool) bool {
	if free {
		return zero(p.Data)
	}
	head := 0
	if p.Number == 1 {
		head = 100 // the header of the file
	}
	pointers := head + 8
	switch p.Data[head] {
	case 2, 5: // inner pages
		pointers += 4
	case 10, 13: // leaves
	default:
		return false // no rows: the rest of a long one, or a part of the free list
	}
	word := func(at int) int { return int(binary.BigEndian.Uint16(p.Data[at:])) }
	from, to := pointers+2*word(head+3), word(head+5)
	if to == 0 {
		to = 1 << 16
	}
	if from > to || to > len(p.Data) {
		return false
	}
	found := zero(p.Data[from:to])
	// Free blocks between rows: each begins with the place of the next one and its own size.
	for at := word(head + 1); at >= to && at+4 <= len(p.Data); {
		end := at + word(at+2)
		if end < at+4 || end > len(p.Data) {
			break
		}
		if zero(p.Data[at+4 : end]) {
			found = true
		}
		next := word(at)
		if next < end {
			break
		}
		at = next
	}
	return found
}

// zero overwrites bytes and reports whether one of them was not zero.
func zero(bytes []byte) (found bool) {
	for i, b := range bytes {
		if b != 0 {
			bytes[i], found = 0, true
		}
	}
	return found
}
