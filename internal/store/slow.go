package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"callhue/internal/budget"
	"callhue/internal/fault"
)

// Reading that may take long (searches, lists, reports, exports) has connections of its own, and few of its statements
// run at once: what looks a caller up never waits for one, and keeps its share of the processors.

const (
	// slowWait is how long one Tx of ReadSlow waits for turns, all its statements together.
	slowWait = 5 * time.Second

	// slowLimit is how long a statement of ReadSlow may run, also when its context has no end.
	slowLimit = 25 * time.Second

	// What runs in this process rests after a statement of more than slowShort, twice as long as it took and slowRest
	// at most: two of three moments belong to calls, however many search.
	slowShort = 10 * time.Millisecond
	slowRest  = time.Second
)

// slowPool has the connections of ReadSlow. Each statement takes a turn; turns are served in order.
type slowPool struct {
	*sqlx.DB
	turns   chan struct{}
	process int          // this program's, for tags
	tags    atomic.Int64 // how many there were
}

// newSlowPool returns a pool in which that many statements may run at once.
func newSlowPool(db *sqlx.DB, turns int) *slowPool {
	// A statement that runs inside of an Each shares its turn and needs a connection of its own.
	db.SetMaxOpenConns(2 * turns)
	db.SetMaxIdleConns(2 * turns)
	db.SetConnMaxLifetime(10 * time.Minute)
	return &slowPool{DB: db, turns: make(chan struct{}, turns), process: os.Getpid()}
}

// tag returns a comment that no other statement carries.
func (p *slowPool) tag() string { return fmt.Sprintf("/* slow %d-%d */", p.process, p.tags.Add(1)) }

// turn is what a Tx of ReadSlow keeps of its turns. Like the Tx it is for one goroutine.
type turn struct {
	pool   *slowPool
	waited time.Duration
	depth  int       // of statements that run inside of each other
	began  time.Time // of the outermost one
	rests  bool      // the database runs in this process
}

// ReadSlow returns reading for what may take long, on connections of its own. A statement is stopped, in the database
// too, when ctx ends. A Tx that has waited 5 s for its turns, or whose statement runs for 25 s, answers the fault
// database_reading_busy.
func (db *DB) ReadSlow(ctx context.Context) *Tx {
	return &Tx{ctx: ctx, db: db, now: db.now(), turn: &turn{pool: db.slow, rests: !db.engine.staysWhenLeft()}}
}

// slowly calls f with a connection of the slow pool and the query, which then can be stopped.
func (tx *Tx) slowly(query string, f func(ctx context.Context, conn *sqlx.Conn, query string) error) (err error) {
	tx.db.trace(query)
	if err := tx.turn.begin(tx.ctx); err != nil {
		return err
	}
	defer tx.turn.end()
	ctx, cancel := context.WithTimeout(tx.ctx, slowLimit)
	defer cancel()
	ctx, stalled := tx.db.watch(ctx)
	defer func() {
		if stalled() && err != nil {
			err = isAway.fault(err)
		}
	}()
	conn, err := tx.turn.pool.Connx(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if tx.db.engine.staysWhenLeft() {
		tag := tx.turn.pool.tag()
		query = tag + " " + query
		stop := context.AfterFunc(ctx, func() { tx.db.engine.stop(tx.db.write.sqlx, tag) })
		defer stop()
	}
	err = f(ctx, conn, query)
	if errors.Is(err, context.DeadlineExceeded) && tx.ctx.Err() == nil || tx.db.engine.tooLong(err) {
		return tooBusy().Because(err)
	}
	return err
}

// aliveWithin is how long a server may take for its sign of life.
const aliveWithin = 100 * time.Millisecond

// watch returns a context that ends when the server shows no sign of life: a statement may run long because it does
// much, but not because the server stands still. stalled ends the watching, and reports whether that has happened.
// Without a budget nothing is watched.
func (db *DB) watch(ctx context.Context) (watched context.Context, stalled func() bool) {
	step := budget.Of(ctx)
	if step == 0 || !db.engine.staysWhenLeft() {
		return ctx, func() bool { return false }
	}
	watched, end := context.WithCancelCause(ctx)
	stop := make(chan struct{})
	go func() {
		tick := time.NewTicker(step)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-watched.Done():
				return
			case <-tick.C:
			}
			sign, cancel := context.WithTimeout(watched, aliveWithin)
			err := db.Ping(sign)
			cancel()
			if err != nil && watched.Err() == nil {
				end(errStalled)
				return
			}
		}
	}()
	return watched, func() bool {
		close(stop)
		late := errors.Is(context.Cause(watched), errStalled)
		end(nil)
		return late
	}
}

var errStalled = errors.New("store: the server does not answer")

func tooBusy() *fault.Error { return fault.Unavailable("database_reading_busy", 2*time.Second) }

// begin takes a turn, unless a statement around this one has it already.
func (t *turn) begin(ctx context.Context) error {
	if t.depth == 0 {
		if err := t.take(ctx); err != nil {
			return err
		}
		t.began = time.Now()
	}
	t.depth++
	return nil
}

func (t *turn) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case t.pool.turns <- struct{}{}:
		return nil
	default:
	}
	began := time.Now()
	limit := time.NewTimer(slowWait - t.waited)
	defer limit.Stop()
	select {
	case t.pool.turns <- struct{}{}:
		t.waited += time.Since(began)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-limit.C:
		t.waited = slowWait
		return tooBusy()
	}
}

// end returns the turn after the outermost statement and a rest.
func (t *turn) end() {
	if t.depth--; t.depth > 0 {
		return
	}
	free := func() { <-t.pool.turns }
	if took := time.Since(t.began); t.rests && took > slowShort {
		time.AfterFunc(min(2*took, slowRest), free)
		return
	}
	free()
}
