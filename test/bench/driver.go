package main

import (
	"database/sql"

	"github.com/go-sql-driver/mysql"

	"callhue/crm"
)

// rawDriver is the yardstick of MariaDB: the query of every call, prepared once,
// by database/sql and the driver alone.
type rawDriver struct {
	db      *sql.DB
	query   *sql.Stmt
	columns int
}

func newRawDriver(dsn string, connections int) (*rawDriver, error) {
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return nil, err
	}
	d := &rawDriver{db: db}
	d.db.SetMaxOpenConns(connections)
	d.db.SetMaxIdleConns(connections)
	if d.query, err = d.db.Prepare(crm.ReachSQL(1)); err != nil {
		return nil, err
	}
	rows, err := d.query.Query(number(0), number(0))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	d.columns = len(names)
	return d, err
}

func (d *rawDriver) close() { _ = d.db.Close() }

// dropDatabase takes away the database that a DSN names.
func dropDatabase(dsn string) {
	conf, err := mysql.ParseDSN(dsn)
	if err != nil {
		return
	}
	if db, err := sql.Open("mysql", dsn); err == nil {
		_, _ = db.Exec("DROP DATABASE " + conf.DBName)
		_ = db.Close()
	}
}

// serverStatus returns a counter of SHOW GLOBAL STATUS.
func serverStatus(dsn, name string) (n int64, err error) {
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	var shown string
	err = db.QueryRow("SHOW GLOBAL STATUS LIKE '"+name+"'").Scan(&shown, &n)
	return n, err
}

// rawAsker reads all columns of all rows, as bytes: cheaper than any use of them.
type rawAsker struct {
	*rawDriver
	into []any
}

func (d *rawDriver) asker() *rawAsker {
	a := &rawAsker{d, make([]any, d.columns)}
	for i := range a.into {
		a.into[i] = new(sql.RawBytes)
	}
	return a
}

func (a *rawAsker) close() {}

func (a *rawAsker) ask(place int) error {
	rows, err := a.query.Query(number(place), number(place))
	if err != nil {
		return err
	}
	defer rows.Close()
	found := 0
	for rows.Next() {
		if err := rows.Scan(a.into...); err != nil {
			return err
		}
		found++
	}
	if err := rows.Err(); err != nil || found > 0 {
		return err
	}
	return sql.ErrNoRows
}
