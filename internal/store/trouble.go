package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"time"

	"github.com/go-sql-driver/mysql"
	sqlitecode "modernc.org/sqlite/lib"

	"callhue/internal/fault"
)

// trouble is what can be wrong with a database through no fault of the statement: the key of an unavailable fault.
type trouble string

const (
	noTrouble trouble = ""
	isAway    trouble = "database_away"      // it cannot be reached, or does not answer in time
	isBusy    trouble = "database_busy"      // others hold the lock
	readOnly  trouble = "database_read_only" // it takes no writes
	isFull    trouble = "database_full"      // its disk is full
	isFailing trouble = "database_failing"   // its disk or its files are damaged
)

// retryAfter is when a caller may try again: a database comes back from one moment to the next.
const retryAfter = time.Second

func (t trouble) fault(cause error) *fault.Error {
	return fault.Unavailable(string(t), retryAfter).Because(cause)
}

// said turns the error of a database in trouble into an unavailable fault by the kind of trouble. All other errors,
// those that ask for the whole transaction again too, stay as they are.
func (db *DB) said(err error) error {
	if err == nil || errors.Is(err, ErrNone) || isFault(err) {
		return err
	}
	if t := db.engine.trouble(err); t != noTrouble {
		return t.fault(err)
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, sql.ErrTxDone), errors.Is(err, sql.ErrConnDone),
		errors.Is(err, driver.ErrBadConn):
		return isAway.fault(err)
	}
	return err
}

// said is that of the database, with what only the Tx knows: a step that took too long, and that plain reading is not
// tried again when the database asks for it.
func (tx *Tx) said(err error) error {
	if err == nil || errors.Is(err, ErrNone) || isFault(err) {
		return err
	}
	switch {
	case tx.steps.late():
		return isAway.fault(err)
	case tx.tx == nil && tx.db.engine.again(err):
		return isBusy.fault(err)
	}
	return tx.db.said(err)
}

func isFault(err error) bool {
	var own *fault.Error
	return errors.As(err, &own)
}

func (e *sqliteEngine) trouble(err error) trouble {
	switch sqliteCode(err) & 0xff {
	case sqlitecode.SQLITE_FULL:
		return isFull
	case sqlitecode.SQLITE_READONLY:
		return readOnly
	case sqlitecode.SQLITE_IOERR, sqlitecode.SQLITE_CANTOPEN, sqlitecode.SQLITE_CORRUPT, sqlitecode.SQLITE_NOTADB,
		sqlitecode.SQLITE_NOMEM:
		return isFailing
	case sqlitecode.SQLITE_INTERRUPT, sqlitecode.SQLITE_PROTOCOL:
		return isAway
	}
	return noTrouble
}

// The server's error codes by the trouble they mean.
var mysqlTroubles = map[uint16]trouble{
	1040: isAway,                                           // too many connections
	1043: isAway,                                           // bad handshake
	1045: isAway,                                           // access denied: the password was changed
	1047: isAway,                                           // a Galera node outside of its cluster
	1049: isAway,                                           // the database is not there
	1053: isAway,                                           // shutting down
	1129: isAway,                                           // too many failed connections of this host
	1158: isAway, 1159: isAway, 1160: isAway, 1161: isAway, // the network
	1203: isAway, 1226: isAway, // too many connections of this user
	1317: isAway, 1927: isAway, 1969: isAway, // an administrator or a limit ended the statement
	1290: readOnly, 1792: readOnly, 1836: readOnly,
	3: isFull, 1021: isFull, 1026: isFull, 1114: isFull,
	1030: isFailing, 1034: isFailing, 1194: isFailing, 1195: isFailing,
}

func (e *mysqlEngine) trouble(err error) trouble {
	if number := code(err); number != 0 {
		return mysqlTroubles[number]
	}
	var network *net.OpError
	switch {
	case errors.As(err, &network), errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, mysql.ErrMalformPkt),
		errors.Is(err, mysql.ErrPktSync), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return isAway
	}
	return noTrouble
}
