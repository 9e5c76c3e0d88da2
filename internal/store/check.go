package store

import (
	"context"

	"github.com/jmoiron/sqlx"
	sqlitecode "modernc.org/sqlite/lib"
)

// CheckPages has the database check its own pages, tables and indexes, and returns what it finds wrong, at most a
// hundred things; nothing when all is well. It reads everything, on a connection of its own.
func (db *DB) CheckPages(ctx context.Context) (wrong []string, err error) {
	if lite, ok := db.engine.(*sqliteEngine); ok {
		return lite.checkPages(ctx)
	}
	var tables []string
	err = db.Read(ctx).Select(&tables, "SELECT table_name FROM information_schema.tables "+
		"WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name")
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		var rows []struct {
			Table string `db:"Table"`
			Op    string `db:"Op"`
			Kind  string `db:"Msg_type"`
			Text  string `db:"Msg_text"`
		}
		if err := db.read.sqlx.SelectContext(ctx, &rows, "CHECK TABLE `"+table+"`"); err != nil {
			return wrong, db.said(err)
		}
		for _, r := range rows {
			if r.Kind == "error" || r.Kind == "status" && r.Text != "OK" {
				wrong = append(wrong, r.Table+": "+r.Text)
			}
		}
	}
	return wrong, nil
}

// checkPages: a page that cannot be read at all is an error of SQLite, and a finding too.
func (e *sqliteEngine) checkPages(ctx context.Context) (wrong []string, err error) {
	conn, err := sqlx.ConnectContext(ctx, "sqlite", e.dsn(startWait)+"&_pragma=query_only(1)")
	if err != nil {
		return foundBy(err)
	}
	defer conn.Close()
	if err := conn.SelectContext(ctx, &wrong, "PRAGMA integrity_check(100)"); err != nil {
		return foundBy(err)
	}
	if len(wrong) == 1 && wrong[0] == "ok" {
		return nil, nil
	}
	return wrong, nil
}

// foundBy returns an error that says that the file is damaged as a finding.
func foundBy(err error) ([]string, error) {
	if isDamage(err) {
		return []string{err.Error()}, nil
	}
	return nil, err
}

// isDamage reports whether SQLite says that the file is malformed, or no database at all.
func isDamage(err error) bool {
	code := sqliteCode(err) & 0xff
	return code == sqlitecode.SQLITE_CORRUPT || code == sqlitecode.SQLITE_NOTADB
}
