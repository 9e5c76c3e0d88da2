package journal

import (
	"time"

	"callhue/internal/store"
)

// Total is how often a user did something, and the sum of the amounts.
type Total struct {
	Actor  int64 `db:"actor_id"`
	Verb   Verb  `db:"verb"`
	Count  int64 `db:"n"`
	Amount int64 `db:"total"`
}

// Totals counts the entries of these verbs by actor from a time on and before
// another one. Who did none of them is missing.
func Totals(tx *store.Tx, verbs []string, from, till time.Time) (totals []Total, err error) {
	err = tx.Select(&totals, `SELECT actor_id, verb, COUNT(*) AS n, COALESCE(SUM(amount), 0) AS total FROM journal
		WHERE verb IN (?) AND at >= ? AND at < ? AND actor_id <> 0 GROUP BY actor_id, verb`, verbs, store.Millis(from), store.Millis(till))
	return totals, err
}
