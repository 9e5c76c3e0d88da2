package journal

import (
	"context"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
)

// IdempotencyStore remembers what was said to writes with an Idempotency-Key; it is
// web's Once.
type IdempotencyStore struct{ db *store.DB }

// NewIdempotencyStore gives the answers of a database.
func NewIdempotencyStore(db *store.DB) *IdempotencyStore { return &IdempotencyStore{db} }

const (
	keepAnswers = 24 * time.Hour
	keepPending = time.Minute // longer than a request may take: its process died
)

// What stands in the place of a status before there is an answer.
const (
	running = 0
	done    = 1 // something was written, and its answer is not known (yet)
)

type answerRow struct {
	ID      int64  `db:"id"`
	Request string `db:"request"`
	At      int64  `db:"at"`
	Status  int    `db:"status"` // of HTTP; or running, done
	Body    string `db:"body"`
}

// Begin implements web.Once. It locks the row of the key and no other: requests
// with other keys do not wait. A key whose time is over is taken as a new one.
func (a *IdempotencyStore) Begin(ctx context.Context, user int64, key, request string) (said *web.Answer, err error) {
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		said = nil
		now := tx.Now()
		_, fresh, err := tx.InsertNew("INSERT INTO answers (user_id, repeat_key, request, at, status, body) VALUES (?, ?, ?, ?, 0, '')",
			user, key, request, store.Millis(now))
		if err != nil || fresh {
			return err
		}
		over, err := tx.Exec(`UPDATE answers SET request = ?, at = ?, status = 0, body = ''
			WHERE user_id = ? AND repeat_key = ? AND (at < ? OR (status = 0 AND at < ?))`,
			request, store.Millis(now), user, key, store.Millis(now.Add(-keepAnswers)), store.Millis(now.Add(-keepPending)))
		if err != nil || over > 0 {
			return err
		}
		var row answerRow
		err = tx.Get(&row, "SELECT id, request, at, status, body FROM answers WHERE user_id = ? AND repeat_key = ?", user, key)
		switch {
		case err != nil:
			return err
		case row.Request != request:
			return fault.Conflict("key_reused")
		case row.Status == running, row.Status == done && store.Time(row.At).After(now.Add(-keepPending)):
			return fault.Conflict("key_in_use")
		case row.Status == done:
			return fault.Conflict("key_done")
		}
		said = &web.Answer{Status: row.Status, Body: row.Body}
		return nil
	})
	return said, err
}

// Within implements web.Once.
func (a *IdempotencyStore) Within(ctx context.Context, user int64, key string) context.Context {
	return store.Along(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("UPDATE answers SET status = ? WHERE user_id = ? AND repeat_key = ? AND status = ?", done, user, key, running)
		return err
	})
}

// Finish implements web.Once.
func (a *IdempotencyStore) Finish(ctx context.Context, user int64, key string, said *web.Answer) error {
	return a.db.Write(ctx, func(tx *store.Tx) error {
		if said == nil {
			_, err := tx.Exec("DELETE FROM answers WHERE user_id = ? AND repeat_key = ? AND status IN (?, ?)", user, key, running, done)
			return err
		}
		_, err := tx.Exec("UPDATE answers SET status = ?, body = ? WHERE user_id = ? AND repeat_key = ?", said.Status, said.Body, user, key)
		return err
	})
}

// Sweep removes answers whose time is over; call it now and then.
func (a *IdempotencyStore) Sweep(ctx context.Context) error {
	return a.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("DELETE FROM answers WHERE at < ?", store.Millis(tx.Now().Add(-keepAnswers)))
		return err
	})
}
