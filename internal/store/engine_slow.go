package store

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
)

// Slow reading of MySQL, MariaDB and TiDB.

// openSlow limits the statements of a session in the server as well: nothing runs on there for a process that is gone.
func (e *mysqlEngine) openSlow(ctx context.Context, read *sqlx.DB) (slow *sqlx.DB, turns int, err error) {
	conf := e.serving()
	limits := []struct{ variable, value string }{
		{"max_statement_time", fmt.Sprint(int(slowLimit.Seconds()))},      // MariaDB
		{"max_execution_time", fmt.Sprint(int(slowLimit.Milliseconds()))}, // MySQL and TiDB
	}
	for _, limit := range limits {
		var known string
		if read.GetContext(ctx, &known, "SELECT @@"+limit.variable) == nil {
			conf.Params[limit.variable] = limit.value
			break
		}
	}
	connector, err := mysql.NewConnector(conf)
	if err != nil {
		return nil, 0, err
	}
	return sqlx.NewDb(sqlOpen(connector), "mysql"), max(2, runtime.GOMAXPROCS(0)), nil
}

// staysWhenLeft is true: the server notices a dropped connection when it writes to it.
func (e *mysqlEngine) staysWhenLeft() bool { return true }

// stop finds the statement among those of our own user, which needs no privilege. It may have ended by itself.
func (e *mysqlEngine) stop(db *sqlx.DB, tag string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var ids []int64
	_ = db.SelectContext(ctx, &ids, "SELECT id FROM information_schema.processlist "+
		"WHERE info LIKE CONCAT(?, '%') AND id <> CONNECTION_ID()", tag)
	for _, id := range ids {
		_, _ = db.ExecContext(ctx, fmt.Sprintf("KILL QUERY %d", id))
	}
}

// tooLong: 1969 (MariaDB) and 3024 (MySQL) the time is over, 1317 it was stopped.
func (e *mysqlEngine) tooLong(err error) bool {
	switch code(err) {
	case 1969, 3024, 1317:
		return true
	}
	return false
}
