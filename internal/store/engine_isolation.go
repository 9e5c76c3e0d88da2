package store

import (
	"context"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
)

// readCommitted returns the same configuration for sessions of READ COMMITTED. InnoDB's own default, REPEATABLE READ,
// locks the gap in which an UPDATE has found no row: two first calls of two sources then wait for each other, although
// neither touches a row of the other. Galera and TiDB know this level too. The server keeps its default where it
// writes a binary log of statements, because it refuses every write of READ COMMITTED there.
func readCommitted(ctx context.Context, db *sqlx.DB, conf *mysql.Config) *mysql.Config {
	var binlog struct {
		On     bool   `db:"is_on"`
		Format string `db:"format"`
	}
	// TiDB and servers that do not let this user ask keep no such log.
	err := db.GetContext(ctx, &binlog, "SELECT @@log_bin AS is_on, @@binlog_format AS format")
	if err == nil && binlog.On && strings.EqualFold(binlog.Format, "STATEMENT") {
		return conf
	}
	for _, variable := range []string{"transaction_isolation", "tx_isolation"} { // MySQL and TiDB; MariaDB before 11.1
		var level string
		if db.GetContext(ctx, &level, "SELECT @@"+variable) != nil {
			continue
		}
		conf = conf.Clone()
		if conf.Params == nil {
			conf.Params = map[string]string{}
		}
		conf.Params[variable] = "'READ-COMMITTED'"
		return conf
	}
	return conf
}
