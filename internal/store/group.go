package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
)

// SQLite has one writer, and a durable commit waits for the disk. Writes that allow it (Sharing) therefore share a
// commit: one runs after the other, each in a savepoint of the same transaction, and all of them return after the one
// commit. A write that fails undoes its own savepoint only. Writes take turns in the order in which they came, whether
// they share or not.

const (
	// groupAge is how old a transaction may be when another write joins it.
	groupAge = 20 * time.Millisecond
	// groupSize is how many writes share a commit.
	groupSize = 32
)

// sharingKey finds in a context what Sharing put there.
type sharingKey struct{}

// Sharing returns a context whose writes may share their commit with others: they are short, and wait for that commit
// before they return. It changes nothing on other databases than SQLite, which share commits by themselves.
func Sharing(ctx context.Context) context.Context { return context.WithValue(ctx, sharingKey{}, true) }

// errGroupLost is the error of the writes of a transaction that SQLite undid as a whole because of one of them. They
// are run again.
var errGroupLost = errors.New("store: another write has ended the transaction")

// group is a transaction that writes share.
type group struct {
	tx    *sqlx.Tx
	alone bool // its write does not share
	began time.Time
	size  int           // writes that have succeeded
	last  chan struct{} // Tx.over of the last one
	done  chan struct{}
	err   error // of the commit; to be read after done
}

// grows reports whether one more write may join a transaction that is younger than age.
func (g *group) grows(age time.Duration) bool {
	return !g.alone && g.size < groupSize && time.Since(g.began) < age
}

// commit ends the transaction and lets its writes return.
func (g *group) commit() {
	if g.err = g.tx.Commit(); g.err != nil {
		_ = g.tx.Rollback()
	}
	close(g.done)
}

// lose ends a transaction that cannot go on.
func (g *group) lose() {
	_ = g.tx.Rollback()
	g.err = errGroupLost
	close(g.done)
}

// turns hands the connection that writes from one write to the next.
type turns struct {
	age time.Duration // of a transaction that one more write may join

	mu      sync.Mutex
	taken   bool
	waiting []*writeTurn // in the order of their arrival
}

// writeTurn is a write that waits. It is handed the transaction that it may join, or nil.
type writeTurn struct {
	shares bool
	handed chan *group
}

// take waits for the turn of a write and returns the transaction that it may join, nil for none.
func (t *turns) take(ctx context.Context, shares bool) (*group, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t.mu.Lock()
	if !t.taken {
		t.taken = true
		t.mu.Unlock()
		return nil, nil
	}
	mine := &writeTurn{shares, make(chan *group, 1)}
	t.waiting = append(t.waiting, mine)
	t.mu.Unlock()
	select {
	case g := <-mine.handed:
		return g, nil
	case <-ctx.Done():
	}
	if !t.leave(mine) {
		t.pass(<-mine.handed) // it was this write's turn already
	}
	return nil, ctx.Err()
}

// leave removes a write from those that wait, and reports whether it was still there.
func (t *turns) leave(mine *writeTurn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, w := range t.waiting {
		if w == mine {
			t.waiting = append(t.waiting[:i:i], t.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// pass ends a turn. A transaction goes to the next write if that one may join it, and is committed otherwise.
func (t *turns) pass(g *group) {
	for {
		t.mu.Lock()
		joins := g != nil && len(t.waiting) > 0 && t.waiting[0].shares && g.grows(t.age)
		if g != nil && !joins {
			t.mu.Unlock()
			g.commit()
			g = nil
			continue
		}
		if len(t.waiting) == 0 {
			t.taken = false
			t.mu.Unlock()
			return
		}
		next := t.waiting[0]
		t.waiting = t.waiting[1:]
		t.mu.Unlock()
		next.handed <- g
		return
	}
}

// onceTogether is once on a database with one writer. That writes come one after the other takes no budget.
func (db *DB) onceTogether(ctx context.Context, tx *Tx, fn func(tx *Tx) error) error {
	shares, _ := ctx.Value(sharingKey{}).(bool)
	g, err := db.turns.take(ctx, shares)
	if err != nil {
		return tx.said(err)
	}
	if g == nil {
		// Not with the write's own context: its end would end the transaction of others.
		begun, err := db.write.sqlx.BeginTxx(context.WithoutCancel(ctx), nil)
		if err != nil {
			db.turns.pass(nil)
			return tx.said(err)
		}
		g = &group{tx: begun, alone: !shares, began: time.Now(), done: make(chan struct{})}
	}
	if err := db.join(ctx, g, tx, fn); err != nil {
		return err
	}
	<-g.done
	for _, query := range tx.fresh {
		_, _ = db.write.prepare(ctx, query) // for the next one; a fault shows there
	}
	if errors.Is(g.err, errGroupLost) {
		return g.err
	}
	return tx.said(g.err)
}

// join runs a write in a transaction and passes it on. What a failed write has done is undone.
func (db *DB) join(ctx context.Context, g *group, tx *Tx, fn func(tx *Tx) error) (err error) {
	succeeded, savepoint := false, g.size > 0
	defer func() { // also when fn panics
		switch {
		case succeeded:
			g.size++
			db.turns.pass(g)
		case g.size == 0:
			g.lose()
			db.turns.pass(nil)
		case savepoint && !undoMember(g.tx):
			g.lose()
			db.turns.pass(nil)
		default:
			db.turns.pass(g)
		}
	}()
	if savepoint {
		if _, err := g.tx.ExecContext(context.WithoutCancel(ctx), "SAVEPOINT member"); err != nil {
			return tx.said(err)
		}
	}
	tx.tx, tx.now = g.tx, db.now()
	if err := tx.run(fn); err != nil {
		return err
	}
	if savepoint {
		if _, err := g.tx.ExecContext(context.WithoutCancel(ctx), "RELEASE SAVEPOINT member"); err != nil {
			return tx.said(err)
		}
	}
	tx.prior, tx.over = g.last, make(chan struct{})
	g.last, succeeded = tx.over, true
	return nil
}

// undoMember undoes the savepoint of a write. It reports false when SQLite has already undone the whole transaction.
func undoMember(tx *sqlx.Tx) bool {
	ctx := context.Background()
	_, err := tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT member")
	if err == nil {
		_, err = tx.ExecContext(ctx, "RELEASE SAVEPOINT member")
	}
	return err == nil
}
