package store

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
)

// queue is a database whose writer is taken while writes are put in its queue, one behind the other.
type queue struct {
	t    *testing.T
	db   *DB
	free chan struct{}
	all  sync.WaitGroup

	mu      sync.Mutex
	ran     []string
	in      map[string]*sqlx.Tx // the transaction that a write ran in last
	results map[string]error
}

func newQueue(t *testing.T) *queue {
	t.Helper()
	ctx := context.Background()
	db, err := Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.turns.age = time.Hour // however slow the machine is
	if _, err := db.write.sqlx.ExecContext(ctx, "CREATE TABLE words (word TEXT UNIQUE)"); err != nil {
		t.Fatal(err)
	}
	q := &queue{t: t, db: db, free: make(chan struct{}), in: map[string]*sqlx.Tx{}, results: map[string]error{}}
	q.add(ctx, "first", func(*Tx) error { <-q.free; return nil })
	for q.waiting() < 0 {
		time.Sleep(time.Millisecond)
	}
	return q
}

// waiting returns how many writes wait, -1 while the writer is free.
func (q *queue) waiting() int {
	q.db.turns.mu.Lock()
	defer q.db.turns.mu.Unlock()
	if !q.db.turns.taken {
		return -1
	}
	return len(q.db.turns.waiting)
}

// add puts a write that adds its name behind the others, and what it does besides.
func (q *queue) add(ctx context.Context, name string, do func(tx *Tx) error) {
	q.t.Helper()
	before := q.waiting()
	q.all.Go(func() {
		err := q.db.Write(ctx, func(tx *Tx) error {
			q.mu.Lock()
			q.ran, q.in[name] = append(q.ran, name), tx.tx
			q.mu.Unlock()
			if _, err := tx.Exec("INSERT INTO words (word) VALUES (?)", name); err != nil || do == nil {
				return err
			}
			return do(tx)
		})
		q.mu.Lock()
		defer q.mu.Unlock()
		q.results[name] = err
	})
	for before >= 0 && q.waiting() == before {
		time.Sleep(time.Millisecond)
	}
}

// run lets the writes go and returns the names that are in the table afterwards.
func (q *queue) run() (words []string) {
	q.t.Helper()
	close(q.free)
	q.all.Wait()
	err := q.db.Read(context.Background()).Select(&words, "SELECT word FROM words ORDER BY rowid")
	if err != nil {
		q.t.Fatal(err)
	}
	return words
}

// TestWritesShareACommit: those that wait and may share run in their order in one transaction; one that fails is undone
// alone, and one that does not share has a transaction of its own, in its turn.
func TestWritesShareACommit(t *testing.T) {
	t.Parallel()
	q, boom := newQueue(t), errors.New("boom")
	sharing := Sharing(context.Background())
	q.add(sharing, "a", nil)
	q.add(sharing, "fails", func(*Tx) error { return boom })
	q.add(sharing, "b", nil)
	q.add(context.Background(), "plain", nil)
	q.add(sharing, "c", nil)
	gone, leave := context.WithCancel(sharing)
	q.add(gone, "gone", nil)
	leave()
	for q.waiting() == 6 {
		time.Sleep(time.Millisecond)
	}
	words := q.run()
	if want := []string{"first", "a", "b", "plain", "c"}; !slices.Equal(words, want) {
		t.Errorf("kept %v, want %v", words, want)
	}
	if want := []string{"first", "a", "fails", "b", "plain", "c"}; !slices.Equal(q.ran, want) {
		t.Errorf("ran %v, want %v", q.ran, want)
	}
	results := map[string]error{"a": nil, "fails": boom, "b": nil, "plain": nil, "gone": context.Canceled}
	for name, want := range results {
		if !errors.Is(q.results[name], want) {
			t.Errorf("%s: %v, want %v", name, q.results[name], want)
		}
	}
	if q.in["a"] != q.in["b"] || q.in["a"] != q.in["fails"] {
		t.Error("the writes that share had several transactions")
	}
	if q.in["a"] == q.in["first"] || q.in["plain"] == q.in["a"] || q.in["c"] == q.in["plain"] {
		t.Error("a write that does not share had no transaction of its own")
	}
}

// TestALostTransactionIsRunAgain: SQLite undoes a whole transaction when a statement of it is interrupted. The other
// writes in it are not acknowledged, but run again.
func TestALostTransactionIsRunAgain(t *testing.T) {
	t.Parallel()
	q, boom := newQueue(t), errors.New("interrupted")
	sharing := Sharing(context.Background())
	var after []string
	note := func(name string) func(tx *Tx) error {
		return func(tx *Tx) error { tx.After(func() { after = append(after, name) }); return nil }
	}
	q.add(sharing, "a", note("a"))
	q.add(sharing, "b", func(tx *Tx) error {
		_, err := tx.tx.Exec("ROLLBACK")
		return errors.Join(err, boom)
	})
	words := q.run()
	if want := []string{"first", "a"}; !slices.Equal(words, want) || q.results["a"] != nil {
		t.Errorf("kept %v, %v, want %v", words, q.results["a"], want)
	}
	if !errors.Is(q.results["b"], boom) || !slices.Equal(after, []string{"a"}) {
		t.Errorf("b returned %v; after the commits %v", q.results["b"], after)
	}
	if want := []string{"first", "a", "b", "a"}; !slices.Equal(q.ran, want) {
		t.Errorf("ran %v, want %v", q.ran, want)
	}
}

// TestAfterIsCalledInOrder: what follows a commit is called in the order of the writes.
func TestAfterIsCalledInOrder(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	var mu sync.Mutex
	var order, want []string
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		want = append(want, name)
		q.add(Sharing(context.Background()), name, func(tx *Tx) error {
			tx.After(func() {
				mu.Lock()
				defer mu.Unlock()
				order = append(order, name)
			})
			return nil
		})
	}
	if q.run(); !slices.Equal(order, want) {
		t.Errorf("called in the order %v, want %v", order, want)
	}
}
