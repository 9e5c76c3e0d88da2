package journal

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync/atomic"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
)

// IdempotencyStore keeps the answers to writes with an Idempotency-Key. It implements
// web.IdempotencyStore.
type IdempotencyStore struct {
	db      *store.DB
	process string // no other process is called like this
	begun   atomic.Int64
}

// NewIdempotencyStore returns the store in a database.
func NewIdempotencyStore(db *store.DB) *IdempotencyStore {
	return &IdempotencyStore{db: db, process: rand.Text()}
}

const (
	keepAnswers = 24 * time.Hour
	// A running request shows that it lives every signOfLife. Without one for keepPending its process has died.
	signOfLife  = time.Second
	keepPending = 3 * time.Second
)

// Values of the status column before there is an answer.
const (
	running = 0
	done    = 1 // something was written, and its answer is not known yet
)

type answerRow struct {
	ID      int64  `db:"id"`
	Request string `db:"request"`
	At      int64  `db:"at"`
	Status  int    `db:"status"` // HTTP status, running or done
	Body    string `db:"body"`
}

// Begin implements web.IdempotencyStore. It locks the row of the key and no other, so
// requests with other keys do not wait. An expired key is reserved again.
func (s *IdempotencyStore) Begin(ctx context.Context, user int64, key, request string) (
	before *web.Answer, reserved web.Reservation, err error) {
	holder := fmt.Sprintf("%s-%d", s.process, s.begun.Add(1))
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		before, err = reserve(tx, user, key, request, holder)
		return err
	})
	if err != nil || before != nil {
		return before, nil, err
	}
	r := &reservation{db: s.db, user: user, key: key, holder: holder, finished: make(chan struct{})}
	go r.live()
	return nil, r, nil
}

// reserve adds the row of a key, or returns the answer that it holds.
func reserve(tx *store.Tx, user int64, key, request, holder string) (*web.Answer, error) {
	now := tx.Now()
	_, fresh, err := tx.InsertNew(`INSERT INTO answers (user_id, repeat_key, request, at, status, body, holder)
		VALUES (?, ?, ?, ?, 0, '', ?)`, user, key, request, store.Millis(now), holder)
	if err != nil || fresh {
		return nil, err
	}
	expired, err := tx.Exec(`UPDATE answers SET request = ?, at = ?, status = 0, body = '', holder = ?
		WHERE user_id = ? AND repeat_key = ? AND (at < ? OR (status = 0 AND at < ?))`,
		request, store.Millis(now), holder, user, key,
		store.Millis(now.Add(-keepAnswers)), store.Millis(now.Add(-keepPending)))
	if err != nil || expired > 0 {
		return nil, err
	}
	var row answerRow
	err = tx.Get(&row, "SELECT id, request, at, status, body FROM answers WHERE user_id = ? AND repeat_key = ?", user,
		key)
	switch {
	case err != nil:
		return nil, err
	case row.Request != request:
		return nil, fault.Conflict("key_reused")
	case row.Status == running, row.Status == done && store.Time(row.At).After(now.Add(-keepPending)):
		return nil, fault.Conflict("key_in_use")
	case row.Status == done:
		return nil, fault.Conflict("key_done")
	}
	return &web.Answer{Status: row.Status, Body: row.Body}, nil
}

// reservation is a key whose request runs in this process.
type reservation struct {
	db       *store.DB
	user     int64
	key      string
	holder   string
	stored   *web.Answer // by a committed write
	finished chan struct{}
}

// live keeps the key from other requests for as long as this one runs.
func (r *reservation) live() {
	tick := time.NewTicker(signOfLife)
	defer tick.Stop()
	for {
		select {
		case <-r.finished:
			return
		case <-tick.C:
			r.showLife()
		}
	}
}

// showLife writes one sign of life. A database that is away misses it; the next one may come in time.
func (r *reservation) showLife() {
	ctx, cancel := context.WithTimeout(context.Background(), keepPending)
	defer cancel()
	_ = r.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE answers SET at = ?
			WHERE user_id = ? AND repeat_key = ? AND holder = ? AND status = ?`,
			store.Millis(tx.Now()), r.user, r.key, r.holder, running)
		return err
	})
}

// Within implements web.Reservation. A write of a request that has lost its key to a repeat ends with the fault
// key_in_use.
func (r *reservation) Within(ctx context.Context, render func(value any) *web.Answer) context.Context {
	return store.Along(ctx, func(tx *store.Tx) error {
		if value, ok := tx.Answered(); ok {
			if answer := render(value); answer != nil {
				tx.After(func() { r.stored = answer })
				return r.store(tx, *answer)
			}
		}
		return r.mine(tx.Exec(`UPDATE answers SET status = CASE WHEN status = ? THEN ? ELSE status END
			WHERE user_id = ? AND repeat_key = ? AND holder = ?`, running, done, r.user, r.key, r.holder))
	})
}

// Finish implements web.Reservation.
func (r *reservation) Finish(ctx context.Context, answer *web.Answer) error {
	close(r.finished)
	if r.stored != nil && (answer == nil || *answer == *r.stored) {
		return nil
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		if answer != nil {
			return r.store(tx, *answer)
		}
		_, err := tx.Exec(`DELETE FROM answers
			WHERE user_id = ? AND repeat_key = ? AND holder = ? AND status IN (?, ?)`,
			r.user, r.key, r.holder, running, done)
		return err
	})
}

func (r *reservation) store(tx *store.Tx, answer web.Answer) error {
	return r.mine(tx.Exec("UPDATE answers SET status = ?, body = ? WHERE user_id = ? AND repeat_key = ? AND holder = ?",
		answer.Status, answer.Body, r.user, r.key, r.holder))
}

// mine is the fault key_in_use when no row was found: another request has the key now.
func (r *reservation) mine(found int64, err error) error {
	if err == nil && found == 0 {
		return fault.Conflict("key_in_use")
	}
	return err
}

// Sweep removes expired answers.
func (s *IdempotencyStore) Sweep(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("DELETE FROM answers WHERE at < ?", store.Millis(tx.Now().Add(-keepAnswers)))
		return err
	})
}

// FindAnswers returns the ids of the stored answers whose body is to be forgotten.
func FindAnswers(tx *store.Tx, forget func(body string) bool) (ids []int64, err error) {
	query := "SELECT id, body FROM answers WHERE status <> 0 AND body <> ''"
	err = tx.Each(query, nil, func(scan func(...any) error) error {
		var id int64
		var body string
		if err := scan(&id, &body); err != nil {
			return err
		}
		if forget(body) {
			ids = append(ids, id)
		}
		return nil
	})
	return ids, err
}

// RemoveAnswers removes stored answers: a repeat of their requests is handled as a new one.
func RemoveAnswers(tx *store.Tx, ids []int64) error {
	_, err := tx.Exec("DELETE FROM answers WHERE id IN (?)", ids)
	return err
}
