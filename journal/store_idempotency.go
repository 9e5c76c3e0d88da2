package journal

import (
	"context"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
)

// IdempotencyStore keeps the answers to writes with an Idempotency-Key. It implements
// web.IdempotencyStore.
type IdempotencyStore struct{ db *store.DB }

// NewIdempotencyStore returns the store in a database.
func NewIdempotencyStore(db *store.DB) *IdempotencyStore { return &IdempotencyStore{db} }

const (
	keepAnswers = 24 * time.Hour
	keepPending = time.Minute // longer than a request may run: its process died
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
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		before, err = reserve(tx, user, key, request)
		return err
	})
	if err != nil || before != nil {
		return before, nil, err
	}
	return nil, &reservation{db: s.db, user: user, key: key}, nil
}

// reserve adds the row of a key, or returns the answer that it holds.
func reserve(tx *store.Tx, user int64, key, request string) (*web.Answer, error) {
	now := tx.Now()
	_, fresh, err := tx.InsertNew(`INSERT INTO answers (user_id, repeat_key, request, at, status, body)
		VALUES (?, ?, ?, ?, 0, '')`, user, key, request, store.Millis(now))
	if err != nil || fresh {
		return nil, err
	}
	expired, err := tx.Exec(`UPDATE answers SET request = ?, at = ?, status = 0, body = ''
		WHERE user_id = ? AND repeat_key = ? AND (at < ? OR (status = 0 AND at < ?))`,
		request, store.Millis(now), user, key,
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
	db     *store.DB
	user   int64
	key    string
	stored *web.Answer // by a committed write
}

// Within implements web.Reservation.
func (r *reservation) Within(ctx context.Context, render func(value any) *web.Answer) context.Context {
	return store.Along(ctx, func(tx *store.Tx) error {
		if value, ok := tx.Answered(); ok {
			if answer := render(value); answer != nil {
				tx.After(func() { r.stored = answer })
				return r.store(tx, *answer)
			}
		}
		_, err := tx.Exec("UPDATE answers SET status = ? WHERE user_id = ? AND repeat_key = ? AND status = ?",
			done, r.user, r.key, running)
		return err
	})
}

// Finish implements web.Reservation.
func (r *reservation) Finish(ctx context.Context, answer *web.Answer) error {
	if r.stored != nil && (answer == nil || *answer == *r.stored) {
		return nil
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		if answer != nil {
			return r.store(tx, *answer)
		}
		_, err := tx.Exec("DELETE FROM answers WHERE user_id = ? AND repeat_key = ? AND status IN (?, ?)",
			r.user, r.key, running, done)
		return err
	})
}

func (r *reservation) store(tx *store.Tx, answer web.Answer) error {
	_, err := tx.Exec("UPDATE answers SET status = ?, body = ? WHERE user_id = ? AND repeat_key = ?",
		answer.Status, answer.Body, r.user, r.key)
	return err
}

// Sweep removes expired answers.
func (s *IdempotencyStore) Sweep(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("DELETE FROM answers WHERE at < ?", store.Millis(tx.Now().Add(-keepAnswers)))
		return err
	})
}
