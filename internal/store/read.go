package store

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"slices"

	"github.com/jmoiron/sqlx"

	"callhue/internal/fault"
)

// Get reads one row into dest; ErrNone when there is none.
func (tx *Tx) Get(dest any, query string, args ...any) error {
	if tx.turn != nil {
		return tx.said(tx.slowly(query, func(ctx context.Context, conn *sqlx.Conn, query string) error {
			return conn.GetContext(ctx, dest, query, args...)
		}))
	}
	tx.steps.begin()
	defer tx.steps.done()
	ctx, cancel := tx.within()
	defer cancel()
	stmt, err := tx.stmt(ctx, query)
	if err == nil {
		err = stmt.GetContext(ctx, dest, args...)
	}
	return tx.said(err)
}

// Find is Get that answers fault.Missing(what) when there is no row.
func (tx *Tx) Find(what string, dest any, query string, args ...any) error {
	err := tx.Get(dest, query, args...)
	if errors.Is(err, ErrNone) {
		return fault.Missing(what)
	}
	return err
}

// Select reads all rows into the slice that dest points to. A slice among the
// arguments stands for `IN (?)`; an empty one matches nothing.
func (tx *Tx) Select(dest any, query string, args ...any) error {
	if tx.turn != nil {
		return tx.said(tx.selectSlowly(dest, query, args))
	}
	tx.steps.begin()
	defer tx.steps.done()
	ctx, cancel := tx.within()
	defer cancel()
	rows, err := tx.query(ctx, query, args)
	if err == nil {
		err = readAll(rows, dest)
	}
	return tx.said(err)
}

// selectSlowly is Select for a Tx of ReadSlow.
func (tx *Tx) selectSlowly(dest any, query string, args []any) error {
	if hasSlice(args) {
		var err error
		if query, args, err = expand(query, args); err != nil {
			return err
		}
	}
	return tx.slowly(query, func(ctx context.Context, conn *sqlx.Conn, query string) error {
		rows, err := conn.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		return readAll(rows, dest)
	})
}

// query starts a statement whose rows are to be read.
func (tx *Tx) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	if !hasSlice(args) {
		stmt, err := tx.stmt(ctx, query)
		if err != nil {
			return nil, err
		}
		return stmt.QueryContext(ctx, args...)
	}
	query, args, err := expand(query, args)
	if err != nil {
		return nil, err
	}
	tx.db.trace(query)
	if tx.tx != nil {
		return tx.tx.QueryContext(ctx, query, args...)
	}
	return tx.pool.sqlx.QueryContext(ctx, query, args...)
}

// readAll reads the rows into the slice that dest points to, and closes them. It does
// what sqlx.Select does, without sqlx.Rows: each call of one of its promoted methods
// leaves an entry on the race detector's own stack (go.dev/issue/81478), which the
// detector reads as a whole at every go statement. That was half of the test run.
func readAll(rows *sql.Rows, dest any) error {
	defer rows.Close()
	list := reflect.ValueOf(dest).Elem()
	row := list.Type().Elem()
	if isRecord(row) {
		return sqlx.StructScan(rows, dest)
	}
	list.SetLen(0)
	for rows.Next() {
		value := reflect.New(row)
		if err := rows.Scan(value.Interface()); err != nil {
			return err
		}
		list.Set(reflect.Append(list, value.Elem()))
	}
	return rows.Err()
}

// isRecord reports whether rows of the type, or of what it points to, have columns by
// name; all other types are one column.
func isRecord(row reflect.Type) bool {
	if row.Kind() == reflect.Pointer {
		row = row.Elem()
	}
	return row.Kind() == reflect.Struct && !reflect.PointerTo(row).Implements(reflect.TypeFor[sql.Scanner]())
}

// Each calls f for every row with a function that scans it; the rows are not
// gathered in memory.
func (tx *Tx) Each(query string, args []any, f func(scan func(dest ...any) error) error) error {
	if tx.turn != nil {
		return tx.said(tx.slowly(query, func(ctx context.Context, conn *sqlx.Conn, query string) error {
			rows, err := conn.QueryContext(ctx, query, args...)
			if err != nil {
				return err
			}
			return scanEach(rows, f)
		}))
	}
	stmt, err := tx.stmt(tx.ctx, query)
	if err != nil {
		return tx.said(err)
	}
	rows, err := stmt.QueryContext(tx.ctx, args...)
	if err != nil {
		return tx.said(err)
	}
	return tx.said(scanEach(rows, f))
}

func scanEach(rows *sql.Rows, f func(scan func(dest ...any) error) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func hasSlice(args []any) bool {
	for _, a := range args {
		switch a.(type) {
		case []int64, []string, anyOf:
			return true
		}
	}
	return false
}

func expand(query string, args []any) (string, []any, error) {
	args = slices.Clone(args)
	for i, a := range args {
		switch list := a.(type) {
		case []int64:
			if len(list) == 0 {
				args[i] = []any{nil}
			}
		case []string:
			if len(list) == 0 {
				args[i] = []any{nil}
			}
		case anyOf:
			if len(list) == 0 {
				args[i] = []any{nil}
			}
		}
	}
	return sqlx.In(query, args...)
}
