package webhooks

import (
	"time"

	"callhue/internal/store"
)

// countMore adds to a count, unless the source is gone. Several processes may do it
// at once.
func countMore(tx *store.Tx, of tallied, n tallyMark) error {
	_, fresh, err := tx.InsertNew(`INSERT INTO source_counts (source_id, hour, outcome, requests, last_at)
		SELECT id, ?, ?, ?, ? FROM sources WHERE id = ?`, of.hour, string(of.outcome), n.requests, n.last, of.source)
	if err != nil || fresh {
		return err
	}
	_, err = tx.Exec(`UPDATE source_counts SET requests = requests + ?, last_at = CASE WHEN last_at < ? THEN ? ELSE last_at END
		WHERE source_id = ? AND hour = ? AND outcome = ?`, n.requests, n.last, n.last, of.source, of.hour, string(of.outcome))
	return err
}

// dropCounts forgets the hours that began before.
func dropCounts(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec("DELETE FROM source_counts WHERE hour > 0 AND hour < ?", store.Millis(before))
	return err
}

// countsSince gives the counts of all sources by their ids, most frequent first. An
// hour belongs to a span when it ends in it.
func countsSince(tx *store.Tx, day, week time.Time) (map[int64][]Count, error) {
	var rows []struct {
		Source  int64   `db:"source_id"`
		Outcome outcome `db:"outcome"`
		Day     int64   `db:"of_day"`
		Week    int64   `db:"of_week"`
		Ever    int64   `db:"ever"`
		Last    int64   `db:"last"`
	}
	err := tx.Select(&rows, `SELECT source_id, outcome, SUM(CASE WHEN hour > ? THEN requests ELSE 0 END) AS of_day,
			SUM(CASE WHEN hour > ? THEN requests ELSE 0 END) AS of_week, SUM(CASE WHEN hour = 0 THEN requests ELSE 0 END) AS ever, MAX(last_at) AS last
		FROM source_counts GROUP BY source_id, outcome ORDER BY source_id, ever DESC, outcome`,
		store.Millis(day.Add(-time.Hour)), store.Millis(week.Add(-time.Hour)))
	counts := map[int64][]Count{}
	for _, r := range rows {
		counts[r.Source] = append(counts[r.Source], Count{r.Outcome, r.Day, r.Week, r.Ever, store.Time(r.Last)})
	}
	return counts, err
}

func deleteCounts(tx *store.Tx, source int64) error {
	_, err := tx.Exec("DELETE FROM source_counts WHERE source_id = ?", source)
	return err
}
