package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
	sqlitecode "modernc.org/sqlite/lib"

	"callhue/internal/fault"
)

// engine is what differs between the databases.
type engine interface {
	name() string
	// exists returns the conflict "no_database" where open would make a new one.
	exists() error
	open(ctx context.Context) (write, read *sqlx.DB, err error)
	// openSlow returns the connections of ReadSlow and how many of its statements may run at once.
	openSlow(ctx context.Context, read *sqlx.DB) (slow *sqlx.DB, turns int, err error)
	// staysWhenLeft reports whether a statement runs on after its connection was dropped.
	staysWhenLeft() bool
	// stop stops the statement that carries the tag.
	stop(db *sqlx.DB, tag string)
	// tooLong reports whether the database stopped a statement that ran too long.
	tooLong(err error) bool
	// again reports whether the whole transaction must be tried once more.
	again(err error) bool
	// trouble returns what is wrong with the database itself, if anything is.
	trouble(err error) trouble
	// duplicate reports whether a unique key refused the row.
	duplicate(err error) bool
	// upsert returns the tail of an INSERT that changes the row in place.
	upsert(key, set []string) string
	// conflict begins the tail of an INSERT that changes the row in place; arriving is the value of a column that the
	// INSERT would have added.
	conflict(key []string) string
	arriving(column string) string
	// touch returns the tail of an INSERT that adds 1 to a counter of the row that is there; "" where the INSERT needs
	// none, because nothing else writes beside this transaction.
	touch(counter string) string
	// parameters is how many arguments a statement that adds many rows had best have.
	parameters() int
	// ddl turns the neutral table definition of a migration into its own.
	ddl(statement string) []string
	// made reports whether a migration was cut half-way: what the statement adds is
	// there, or what it drops is not.
	made(statement string, err error) bool
	// lock keeps two processes from migrating at the same time. It returns connections that wait long enough for it.
	lock(ctx context.Context, db *sqlx.DB) (migrator *sqlx.DB, unlock func(), err error)
}

func engineOf(address string) (engine, error) {
	kind, rest, _ := strings.Cut(address, ":")
	switch {
	case kind == "sqlite" && rest != "":
		return &sqliteEngine{file: strings.TrimPrefix(rest, "//")}, nil
	case kind == "mysql":
		conf, err := mysqlConfig(strings.TrimPrefix(rest, "//"))
		if err != nil {
			return nil, fault.Invalid("db", "database_url").Because(err)
		}
		return &mysqlEngine{conf: conf}, nil
	}
	return nil, fault.Invalid("db", "database_url").
		Because(errors.New("want sqlite:FILE or mysql://user:pass@host:3306/name"))
}

// ---- SQLite

type sqliteEngine struct{ file string }

func (e *sqliteEngine) name() string { return "sqlite" }

// parameters: the driver looks for each argument among all of them, so their
// cost grows with the square.
func (e *sqliteEngine) parameters() int { return 100 }

func (e *sqliteEngine) open(ctx context.Context) (write, read *sqlx.DB, err error) {
	if err := os.MkdirAll(filepath.Dir(e.file), 0o755); err != nil {
		return nil, nil, err
	}
	if err := e.createFile(); err != nil {
		return nil, nil, err
	}
	// What a large transaction changes stays in memory until its commit: spilled
	// pages would be written twice. What is deleted is overwritten.
	if write, err = sqlx.ConnectContext(ctx, "sqlite",
		e.dsn(startWait)+"&_txlock=immediate&_pragma=cache_size(-65536)&_pragma=secure_delete(1)"); err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	if err = waitForLock(ctx, write, lockTry); err != nil {
		_ = write.Close()
		return nil, nil, err
	}
	if read, err = sqlx.ConnectContext(ctx, "sqlite", e.dsn(readWait)+"&_pragma=query_only(1)"); err != nil {
		_ = write.Close()
		return nil, nil, err
	}
	readers := max(4, 2*runtime.GOMAXPROCS(0))
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return write, read, nil
}

// How long SQLite itself waits for a lock, in milliseconds. It does not notice the end of a context meanwhile, so the
// waiting of writes is done by DB.Write.
const (
	lockTry   = 20   // of a write
	readWait  = 250  // of reading, which waits only while another program opens or restores the file
	startWait = 5000 // while opening and migrating
)

// waitForLock sets how long the only connection of a pool waits for a lock, in milliseconds.
func waitForLock(ctx context.Context, db *sqlx.DB, wait int) error {
	_, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", wait))
	return err
}

// dsn returns the driver's name of the file; a connection waits busy milliseconds for a lock.
func (e *sqliteEngine) dsn(busy int) string {
	// busy_timeout comes first: the pragmas after it may already meet a lock.
	pragmas := url.Values{"_pragma": {fmt.Sprintf("busy_timeout(%d)", busy), "journal_mode(WAL)", "synchronous(FULL)",
		"mmap_size(1073741824)", "temp_store(MEMORY)"}}
	return "file:" + (&url.URL{Path: e.file}).EscapedPath() + "?" + pragmas.Encode()
}

// openSlow: SQLite runs in this process, so slow statements get at most half of the processors.
func (e *sqliteEngine) openSlow(context.Context, *sqlx.DB) (slow *sqlx.DB, turns int, err error) {
	slow, err = sqlx.Open("sqlite", e.dsn(readWait)+"&_pragma=query_only(1)")
	return slow, max(1, runtime.GOMAXPROCS(0)/2), err
}

// staysWhenLeft is false: the driver interrupts a statement whose context ends.
func (e *sqliteEngine) staysWhenLeft() bool { return false }

func (e *sqliteEngine) stop(*sqlx.DB, string) {}

func (e *sqliteEngine) tooLong(error) bool { return false }

// createFile makes a missing file for this user alone: it holds numbers, names and
// hashes of passwords. SQLite creates the files beside it with the same rights. Those of
// an existing file are the administrator's.
func (e *sqliteEngine) createFile() error {
	file, err := os.OpenFile(e.file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

func (e *sqliteEngine) exists() error {
	_, err := os.Stat(e.file)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Conflict("no_database").With("file", e.file)
	}
	return err
}

func (e *sqliteEngine) again(err error) bool {
	code := sqliteCode(err) & 0xff
	return code == sqlitecode.SQLITE_BUSY || code == sqlitecode.SQLITE_LOCKED
}

func (e *sqliteEngine) duplicate(err error) bool {
	code := sqliteCode(err)
	return code == sqlitecode.SQLITE_CONSTRAINT_UNIQUE || code == sqlitecode.SQLITE_CONSTRAINT_PRIMARYKEY
}

// made: SQLite has no code of its own for these errors, only the words.
func (e *sqliteEngine) made(statement string, err error) bool {
	if sqliteCode(err) != sqlitecode.SQLITE_ERROR {
		return false
	}
	if strings.Contains(statement, " DROP COLUMN ") {
		return strings.Contains(err.Error(), "no such column")
	}
	return strings.Contains(err.Error(), "duplicate column name") || strings.Contains(err.Error(), "already exists")
}

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func (e *sqliteEngine) upsert(key, set []string) string {
	parts := make([]string, len(set))
	for i, name := range set {
		parts[i] = name + " = " + e.arriving(name)
	}
	return e.conflict(key) + strings.Join(parts, ", ")
}

func (e *sqliteEngine) conflict(key []string) string {
	return " ON CONFLICT (" + strings.Join(key, ", ") + ") DO UPDATE SET "
}

func (e *sqliteEngine) arriving(column string) string { return "excluded." + column }

func (e *sqliteEngine) touch(string) string { return "" }

// lock needs nothing more than time: goose's transaction is immediate, and SQLite has one writer.
func (e *sqliteEngine) lock(ctx context.Context, db *sqlx.DB) (*sqlx.DB, func(), error) {
	if err := waitForLock(ctx, db, startWait); err != nil {
		return nil, nil, err
	}
	return db, func() { _ = waitForLock(ctx, db, lockTry) }, nil
}

// ---- MariaDB, MySQL, TiDB

type mysqlEngine struct{ conf *mysql.Config }

// exists returns nil: whether the server has the database shows when it is opened.
func (e *mysqlEngine) exists() error { return nil }

func mysqlConfig(rest string) (*mysql.Config, error) {
	if !strings.Contains(rest, "(") { // URL form: give the host the driver's brackets
		at := strings.LastIndex(rest, "@") + 1
		host, tail, _ := strings.Cut(rest[at:], "/")
		if host == "" {
			return nil, errors.New("the host is missing")
		}
		user, err := url.PathUnescape(rest[:at])
		if err != nil {
			return nil, err
		}
		if !strings.Contains(host, ":") {
			host += ":3306"
		}
		rest = user + "tcp(" + host + ")/" + tail
	}
	conf, err := mysql.ParseDSN(rest)
	if err != nil {
		return nil, err
	}
	if conf.DBName == "" {
		return nil, errors.New("the name of the database is missing")
	}
	conf.ParseTime, conf.Loc = true, time.UTC
	conf.ClientFoundRows = true // an UPDATE that changes nothing still finds the row
	conf.InterpolateParams = true
	conf.Collation = "utf8mb4_bin" // compare as SQLite does
	return conf, nil
}

func (e *mysqlEngine) name() string { return "mysql" }

// parameters: fewer round trips, within the packet and the 65 535 of the protocol.
func (e *mysqlEngine) parameters() int { return 4000 }

func (e *mysqlEngine) open(ctx context.Context) (write, read *sqlx.DB, err error) {
	db, err := e.connect(ctx, e.serving())
	if code(err) == 1049 { // unknown database: make it, if this user may
		bare := e.conf.Clone()
		bare.DBName = ""
		server, err := e.connect(ctx, bare)
		if err != nil {
			return nil, nil, err
		}
		defer server.Close()
		name := strings.ReplaceAll(e.conf.DBName, "`", "``")
		if _, err := server.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS `"+name+
			"` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"); err != nil {
			return nil, nil, err
		}
		db, err = e.connect(ctx, e.serving())
		if err != nil {
			return nil, nil, err
		}
	} else if err != nil {
		return nil, nil, err
	}
	e.conf = readCommitted(ctx, db, e.conf)
	_ = db.Close()
	if db, err = e.connect(ctx, e.conf); err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(50)
	db.SetMaxIdleConns(50)
	db.SetConnMaxLifetime(10 * time.Minute)
	return db, db, nil
}

// serving returns the settings of connections that serve requests. The server gives up a lock after a second: a
// statement whose caller has gone away would wait on, with all that its transaction has locked. DB.Write tries again.
func (e *mysqlEngine) serving() *mysql.Config {
	conf := e.conf.Clone()
	if conf.Params == nil {
		conf.Params = map[string]string{}
	}
	for _, variable := range []string{"innodb_lock_wait_timeout", "lock_wait_timeout"} {
		if conf.Params[variable] == "" {
			conf.Params[variable] = "1"
		}
	}
	return conf
}

func (e *mysqlEngine) connect(ctx context.Context, conf *mysql.Config) (*sqlx.DB, error) {
	connector, err := mysql.NewConnector(conf)
	if err != nil {
		return nil, err
	}
	db := sqlx.NewDb(sqlOpen(connector), "mysql")
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

func code(err error) uint16 {
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

// again: 1213 deadlock (on Galera also a lost certification, at COMMIT), 1205
// lock wait timeout, 1020 record changed since last read.
func (e *mysqlEngine) again(err error) bool {
	switch code(err) {
	case 1213, 1205, 1020:
		return true
	}
	return false
}

func (e *mysqlEngine) duplicate(err error) bool { return code(err) == 1062 }

// made: 1060 the column is there, 1061 the index is, 1091 what is dropped is not.
func (e *mysqlEngine) made(_ string, err error) bool {
	return code(err) == 1060 || code(err) == 1061 || code(err) == 1091
}

func (e *mysqlEngine) upsert(key, set []string) string {
	parts := make([]string, len(set))
	for i, name := range set {
		parts[i] = name + " = " + e.arriving(name)
	}
	return e.conflict(key) + strings.Join(parts, ", ")
}

func (e *mysqlEngine) conflict([]string) string { return " ON DUPLICATE KEY UPDATE " }

func (e *mysqlEngine) arriving(column string) string { return "VALUES(" + column + ")" }

func (e *mysqlEngine) touch(counter string) string {
	return " ON DUPLICATE KEY UPDATE " + counter + " = " + counter + " + 1"
}

func (e *mysqlEngine) lock(ctx context.Context, _ *sqlx.DB) (*sqlx.DB, func(), error) {
	db, err := e.connect(ctx, e.conf)
	if err != nil {
		return nil, nil, err
	}
	conn, err := db.Connx(ctx)
	if err != nil {
		_ = db.Close()
		return nil, nil, err
	}
	var got int
	if err := conn.GetContext(ctx, &got, "SELECT COALESCE(GET_LOCK(?, 60), 0)", e.lockName()); err != nil || got != 1 {
		_ = conn.Close()
		_ = db.Close()
		return nil, nil, fmt.Errorf("another process has been migrating for a minute: %w",
			errors.Join(err, fault.Conflict("migration_running")))
	}
	return db, func() {
		_, _ = conn.ExecContext(ctx, "DO RELEASE_LOCK(?)", e.lockName())
		_ = conn.Close()
		_ = db.Close()
	}, nil
}

func (e *mysqlEngine) lockName() string { return "callhue." + e.conf.DBName }
