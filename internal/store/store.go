// Package store opens the database and is the only package that knows which one
// it is: an embedded SQLite file, or MariaDB/MySQL.
//
// Packages keep their SQL in their own store.go and run it on a *Tx: that of
// Write (a transaction with one clock, retried as a whole when the
// database demands it) or that of Read (plain prepared reading). The
// SQL they write is the part that SQLite, MariaDB, MySQL and TiDB share; what
// differs (opening, upserts, error codes, DDL types, locks around migrations)
// is here. Times are BIGINT milliseconds UTC, zero meaning "never".
//
// Read next: tx.go, then migrate.go and the tables in migrations/.
package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"callhue/internal/fault"
)

// DB is an open database: one pool that writes, one that reads (the same one
// on MySQL), and one for what may read long.
type DB struct {
	// Clock is the clock of every transaction; tests may replace it before use.
	Clock func() time.Time

	// Trace, unless it is nil, is called with each statement before it runs; tests may
	// set it before use to see what an operation costs.
	Trace func(query string)

	// URL is what the database was opened with; it may hold a password.
	URL string

	engine engine
	write  *pool
	read   *pool
	slow   *slowPool
	turns  *turns // of writes; nil where the database has more than one writer
}

func (db *DB) trace(query string) {
	if db.Trace != nil {
		db.Trace(query)
	}
}

// Engine returns which database this is: "sqlite" or "mysql".
func (db *DB) Engine() string { return db.engine.name() }

// Open opens a database by its URL, `sqlite:FILE` or
// `mysql://user:pass@host:3306/name?param=value` (also
// `mysql://user@unix(/socket)/name`), and checks that it answers. It does not
// migrate. A malformed URL is a fault with the key "database_url".
func Open(ctx context.Context, url string) (*DB, error) {
	eng, err := engineOf(url)
	if err != nil {
		return nil, err
	}
	write, read, err := eng.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db := &DB{URL: url, Clock: time.Now, engine: eng, write: newPool(write), read: newPool(read)}
	if write != read {
		db.turns = &turns{age: groupAge}
	}
	slow, most, err := eng.openSlow(ctx, read)
	if err != nil {
		_ = db.closeFast()
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db.slow = newSlowPool(slow, most)
	return db, nil
}

// OpenExisting is Open for a database that must be there already: a missing SQLite file is the conflict "no_database",
// and none is made.
func OpenExisting(ctx context.Context, url string) (*DB, error) {
	eng, err := engineOf(url)
	if err != nil {
		return nil, err
	}
	if err := eng.exists(); err != nil {
		return nil, err
	}
	return Open(ctx, url)
}

// Close closes all pools.
func (db *DB) Close() error {
	_ = db.slow.Close()
	return db.closeFast()
}

func (db *DB) closeFast() error {
	if db.read.sqlx != db.write.sqlx {
		_ = db.read.sqlx.Close()
	}
	return db.write.sqlx.Close()
}

// At returns the same database under another clock: for data of the
// past. Close the original.
func (db *DB) At(clock func() time.Time) *DB {
	other := *db
	other.Clock = clock
	return &other
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.read.sqlx.PingContext(ctx); err != nil {
		return fault.Internal(err)
	}
	return nil
}

// Writable returns nil when the database takes writes: it writes what is there already. The faults are those of Write.
func (db *DB) Writable(ctx context.Context) error {
	return db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec("UPDATE goose_db_version SET is_applied = is_applied WHERE version_id = 0")
		return err
	})
}

// pool keeps the prepared statements of one connection pool: preparing each
// time costs 4 to 7 times as much on SQLite, twice on MariaDB.
type pool struct {
	sqlx  *sqlx.DB
	mu    sync.RWMutex
	stmts map[string]*sqlx.Stmt
}

func newPool(db *sqlx.DB) *pool { return &pool{sqlx: db, stmts: map[string]*sqlx.Stmt{}} }

// maxStatements bounds the statement cache: the fixed SQL is far below
// it, and the filters of lists cannot fill the memory.
const maxStatements = 1000

// known returns the statement if it is prepared already, or nil.
func (p *pool) known(query string) *sqlx.Stmt {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.stmts[query]
}

func (p *pool) prepare(ctx context.Context, query string) (*sqlx.Stmt, error) {
	if stmt := p.known(query); stmt != nil {
		return stmt, nil
	}
	stmt, err := p.sqlx.PreparexContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if twin := p.stmts[query]; twin != nil {
		_ = stmt.Close()
		return twin, nil
	}
	if len(p.stmts) < maxStatements {
		p.stmts[query] = stmt
	}
	return stmt, nil
}

// Millis returns the stored form of a time; the zero time is stored as 0.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Time returns the time of a stored value, zero for 0.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
