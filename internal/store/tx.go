package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"callhue/internal/budget"
	"callhue/internal/fault"
)

// sqlOpen is database/sql's OpenDB; only this package imports that one.
func sqlOpen(c driver.Connector) *sql.DB { return sql.OpenDB(c) }

// ErrNone is the error of Get when no row fits; packages turn it into
// fault.Missing with their own noun.
var ErrNone = sql.ErrNoRows

// Tx runs the SQL of a package. All its statements are prepared once and
// use `?` for arguments.
type Tx struct {
	ctx   context.Context
	db    *DB
	pool  *pool
	tx    *sqlx.Tx // nil for plain reading
	now   time.Time
	after []func()
	fresh []string    // statements that the pool has not prepared yet
	known map[any]any // what Memo has loaded; nil for plain reading
	turn  *turn       // of ReadSlow; nil otherwise
	steps *stepTimer

	// In a transaction that writes share: closed when the write before, and this one, have called after.
	prior <-chan struct{}
	over  chan struct{}

	answer   any // see Answer
	answered bool
}

// Write runs fn in a transaction and commits it. When the database asks for it
// (deadlock, lock wait, busy, a lost certification on Galera) the whole of fn
// is run again on a new transaction, so fn must have no effects of its own:
// what has to happen after the commit goes through Tx.After.
//
// Faults of a database in trouble are unavailable: database_busy when others keep the lock for the budget of the
// context or for maxLockWait, and those of trouble.go.
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	patience := cmp.Or(budget.Of(ctx), maxLockWait)
	began := time.Now()
	for try := 1; ; try++ {
		tx, err := db.once(ctx, fn)
		if err == nil {
			tx.committed()
			return nil
		}
		if !db.engine.again(err) && !errors.Is(err, errGroupLost) {
			return err
		}
		if time.Since(began) >= patience {
			return isBusy.fault(err)
		}
		select {
		case <-ctx.Done():
			return isBusy.fault(err)
		case <-time.After(retryPause(try)):
		}
	}
}

// maxLockWait is how long a write without a budget waits for a lock that another program holds.
const maxLockWait = 30 * time.Second

// retryPause returns how long to wait after a try: random, for those that met would meet again, and longer each time.
func retryPause(try int) time.Duration {
	longest := min(time.Duration(try)*10*time.Millisecond, 200*time.Millisecond)
	return rand.N(longest) + time.Millisecond
}

// begin begins a transaction.
func (db *DB) begin(ctx context.Context, steps *stepTimer) (*sqlx.Tx, error) {
	steps.begin()
	defer steps.done()
	return db.write.sqlx.BeginTxx(ctx, nil)
}

// alongKey finds in a context what Along put there.
type alongKey struct{}

// Along returns a context whose transactions all call also just before they commit: a
// write and the note that it was done stand or fall together. also may run again, as
// the transaction may.
func Along(ctx context.Context, also func(tx *Tx) error) context.Context {
	return context.WithValue(ctx, alongKey{}, also)
}

// Apart returns a context whose transactions are free of Along, for what is kept of a
// write that failed.
func Apart(ctx context.Context) context.Context {
	return context.WithValue(ctx, alongKey{}, nil)
}

func (db *DB) once(ctx context.Context, fn func(tx *Tx) error) (*Tx, error) {
	ctx, steps := timeSteps(ctx)
	defer steps.close()
	tx := &Tx{ctx: ctx, db: db, pool: db.write, steps: steps, known: map[any]any{}}
	if db.turns != nil {
		return tx, db.onceTogether(ctx, tx, fn)
	}
	begun, err := db.begin(ctx, steps)
	if err != nil {
		return nil, tx.said(err)
	}
	tx.tx, tx.now = begun, db.now()
	defer func() {
		_ = begun.Rollback() // after a commit this does nothing
		for _, query := range tx.fresh {
			_, _ = db.write.prepare(ctx, query) // for the next one; a fault shows there
		}
	}()
	if err := tx.run(fn); err != nil {
		return nil, err
	}
	steps.begin()
	defer steps.done()
	return tx, tx.said(begun.Commit())
}

// run runs a write and what goes along with it.
func (tx *Tx) run(fn func(tx *Tx) error) error {
	if err := fn(tx); err != nil {
		return err
	}
	if also, ok := tx.ctx.Value(alongKey{}).(func(*Tx) error); ok {
		return also(tx)
	}
	return nil
}

// committed calls what After has registered, after that of the writes before this one in the same transaction.
func (tx *Tx) committed() {
	if tx.prior != nil {
		<-tx.prior
	}
	if tx.over != nil {
		defer close(tx.over)
	}
	for _, f := range tx.after {
		f()
	}
}

// Read returns plain reading: each statement sees what is committed.
func (db *DB) Read(ctx context.Context) *Tx {
	return &Tx{ctx: ctx, db: db, pool: db.read, now: db.now()}
}

func (db *DB) now() time.Time { return db.Clock().UTC().Truncate(time.Millisecond) }

// Now is the one clock of the transaction: UTC, whole milliseconds, the same
// at every call.
func (tx *Tx) Now() time.Time { return tx.now }

// moment is Now as columns hold it.
func (tx *Tx) moment() int64 { return Millis(tx.now) }

// Context is the context that the transaction was opened with.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Writes reports whether this is a transaction, not plain reading.
func (tx *Tx) Writes() bool { return tx.tx != nil }

// After has f called once the transaction is committed, before Write returns.
func (tx *Tx) After(f func()) { tx.after = append(tx.after, f) }

// Answer registers what the caller will answer once this transaction is committed, nil
// for an answer without a body. An Idempotency-Key stores it in the same transaction.
func (tx *Tx) Answer(value any) { tx.answer, tx.answered = value, true }

// Answered returns what Answer has registered; ok is false when nothing was.
func (tx *Tx) Answered() (value any, ok bool) { return tx.answer, tx.answered }

// Memo returns what load loads, once in each transaction; plain reading loads every
// time. key is a value of a type of the caller's own, as for context.WithValue.
func Memo[T any](tx *Tx, key any, load func() (T, error)) (T, error) {
	if known, ok := tx.known[key]; ok {
		return known.(T), nil
	}
	loaded, err := load()
	if err == nil && tx.known != nil {
		tx.known[key] = loaded
	}
	return loaded, err
}

// stmt returns the prepared statement. A transaction holds its connection, and
// SQLite has but one that writes: what the pool does not know yet is prepared on
// the transaction itself and taken over by the pool afterwards.
func (tx *Tx) stmt(ctx context.Context, query string) (*sqlx.Stmt, error) {
	tx.db.trace(query)
	if tx.tx == nil {
		return tx.pool.prepare(ctx, query)
	}
	if stmt := tx.pool.known(query); stmt != nil {
		return tx.tx.StmtxContext(ctx, stmt), nil
	}
	tx.fresh = append(tx.fresh, query)
	return tx.tx.PreparexContext(ctx, query)
}

// Exec changes rows and returns how many it found. A slice among the arguments
// stands for `IN (?)`.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	res, err := tx.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Insert adds one row and returns its auto-increment id.
func (tx *Tx) Insert(query string, args ...any) (int64, error) {
	res, err := tx.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

func (tx *Tx) exec(query string, args ...any) (sql.Result, error) {
	if tx.tx == nil {
		return nil, errors.New("store: writing on a Tx of Read")
	}
	tx.steps.begin()
	defer tx.steps.done()
	if hasSlice(args) {
		query, args, err := expand(query, args)
		if err != nil {
			return nil, err
		}
		tx.db.trace(query)
		res, err := tx.tx.ExecContext(tx.ctx, query, args...)
		return res, tx.said(err)
	}
	stmt, err := tx.stmt(tx.ctx, query)
	if err != nil {
		return nil, tx.said(err)
	}
	res, err := stmt.ExecContext(tx.ctx, args...)
	return res, tx.said(err)
}

// InsertNew is Insert that answers false instead of an error when a unique key
// already holds such a row.
func (tx *Tx) InsertNew(query string, args ...any) (id int64, fresh bool, err error) {
	id, err = tx.Insert(query, args...)
	if err != nil && tx.db.engine.duplicate(err) {
		return 0, false, nil
	}
	return id, err == nil, err
}

// InsertOrTouch is InsertNew that locks the row which holds the unique key already, and adds 1 to a counter of it. A
// plain INSERT only shares its lock on that row with others: two of them that go on to change it wait for each other.
func (tx *Tx) InsertOrTouch(counter, query string, args ...any) (id int64, fresh bool, err error) {
	tail := tx.db.engine.touch(counter)
	if tail == "" {
		return tx.InsertNew(query, args...)
	}
	res, err := tx.exec(query+tail, args...)
	if err != nil {
		return 0, false, err
	}
	const added = 1 // 2 is a row that was changed
	if rows, err := res.RowsAffected(); err != nil || rows != added {
		return 0, false, err
	}
	id, err = res.LastInsertId()
	return id, true, err
}

// InsertAll adds many rows of a table, several with each statement. columns is
// the list that stands in the statement; every row has as many values.
func (tx *Tx) InsertAll(table, columns string, rows [][]any) error {
	return tx.insertAll(table, columns, "", rows)
}

func (tx *Tx) insertAll(table, columns, tail string, rows [][]any) error {
	var args []any
	for len(rows) > 0 {
		width := len(rows[0])
		// Powers of two: a few statements to prepare, whatever the counts are.
		n := 1
		for 2*n <= len(rows) && 2*n*width <= tx.db.engine.parameters() {
			n *= 2
		}
		args = args[:0]
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		rows = rows[n:]
		group := "(?" + strings.Repeat(", ?", width-1) + ")"
		if _, err := tx.exec("INSERT INTO "+table+" ("+columns+") VALUES "+
			group+strings.Repeat(", "+group, n-1)+tail, args...); err != nil {
			return err
		}
	}
	return nil
}

// Tally names the columns of a table of counts: the key, what is added up, and what keeps its greatest value.
type Tally struct {
	Table string
	Key   []string
	Sum   []string
	Max   []string
}

// AddUp adds counts to those of a table, many with each statement; every row has the values of Key, Sum and Max. Rows
// that others may add to at the same time come in the order of their keys.
func (tx *Tx) AddUp(to Tally, rows [][]any) error {
	columns := slices.Concat(to.Key, to.Sum, to.Max)
	var set []string
	for _, name := range to.Sum {
		set = append(set, name+" = "+to.Table+"."+name+" + "+tx.db.engine.arriving(name))
	}
	for _, name := range to.Max {
		was, now := to.Table+"."+name, tx.db.engine.arriving(name)
		set = append(set, name+" = CASE WHEN "+was+" < "+now+" THEN "+now+" ELSE "+was+" END")
	}
	tail := tx.db.engine.conflict(to.Key) + strings.Join(set, ", ")
	return tx.insertAll(to.Table, strings.Join(columns, ", "), tail, rows)
}

// TakeTurn makes this transaction wait for the one before it with the turn of
// the same name, until that one has ended. It comes before every SELECT: on MySQL
// what was read before could be old. It writes a row of the table (name, turn),
// because locks that write nothing do not hold across the nodes of a cluster.
func (tx *Tx) TakeTurn(table, name string) error {
	next := "UPDATE " + table + " SET turn = turn + 1 WHERE name = ?"
	found, err := tx.Exec(next, name)
	if err != nil || found > 0 {
		return err
	}
	_, _, err = tx.InsertOrTouch("turn", "INSERT INTO "+table+" (name, turn) VALUES (?, 1)", name)
	return err
}

// Duplicate reports whether an error is a unique key's refusal.
func (tx *Tx) Duplicate(err error) bool { return err != nil && tx.db.engine.duplicate(err) }

// Try runs a part of the transaction by itself: when f fails, what the part had
// written is undone and the transaction goes on. An error that asks for the whole
// transaction again (see Write) must still be handed on.
func (tx *Tx) Try(f func() error) error {
	if tx.tx == nil {
		return errors.New("store: a part of a Tx of Read")
	}
	if _, err := tx.tx.ExecContext(tx.ctx, "SAVEPOINT part"); err != nil {
		return tx.said(err)
	}
	after := len(tx.after)
	err := f()
	end := "RELEASE SAVEPOINT part"
	if err != nil {
		tx.after = tx.after[:after]
		end = "ROLLBACK TO SAVEPOINT part"
	}
	// A deadlock has ended the whole transaction, this savepoint with it.
	if _, failed := tx.tx.ExecContext(tx.ctx, end); err == nil {
		err = tx.said(failed)
	}
	return err
}

// Column is one value of an Upsert.
type Column struct {
	Name  string
	Value any
}

// Upsert adds the row of key and set, or changes set where the unique key
// already exists.
func (tx *Tx) Upsert(table string, key, set []Column) error {
	var names, marks, keys, sets []string
	var args []any
	for i, c := range append(append([]Column{}, key...), set...) {
		names, marks, args = append(names, c.Name), append(marks, "?"), append(args, c.Value)
		if i < len(key) {
			keys = append(keys, c.Name)
		} else {
			sets = append(sets, c.Name)
		}
	}
	_, err := tx.exec("INSERT INTO "+table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(marks, ", ")+")"+
		tx.db.engine.upsert(keys, sets), args...)
	return err
}

// Changed turns the row count of a guarded UPDATE (… AND version = ?) into a
// fault: none found means that another write was faster.
func Changed(rows int64, err error) error {
	if err == nil && rows == 0 {
		return fault.Stale()
	}
	return err
}
