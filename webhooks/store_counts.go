package webhooks

import (
	"time"

	"callhue/internal/store"
	"callhue/webhooks/sources"
)

// addCount adds to a count, unless the source is gone. Several processes may do it at once, all in the order of keys.
func addCount(tx *store.Tx, key countKey, n countDelta) error {
	found, err := raiseCount(tx, key, n)
	if err != nil || found > 0 {
		return err
	}
	// The first request is counted by the row, whether it is new or another process was faster; the rest below.
	if _, _, err = tx.InsertOrTouch("requests", `INSERT INTO source_counts (source_id, hour, outcome, requests, last_at)
		SELECT id, ?, ?, 1, 0 FROM sources WHERE id = ?`, key.hour, string(key.outcome), key.source); err != nil {
		return err
	}
	n.requests--
	_, err = raiseCount(tx, key, n)
	return err
}

func raiseCount(tx *store.Tx, key countKey, n countDelta) (found int64, err error) {
	return tx.Exec(`UPDATE source_counts SET requests = requests + ?,
			last_at = CASE WHEN last_at < ? THEN ? ELSE last_at END
		WHERE source_id = ? AND hour = ? AND outcome = ?`, n.requests, n.last, n.last, key.source, key.hour,
		string(key.outcome))
}

// deleteOldCounts deletes the hours that began before.
func deleteOldCounts(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec("DELETE FROM source_counts WHERE hour > 0 AND hour < ?", store.Millis(before))
	return err
}

// countsSince returns the counts of all sources by their ids, most frequent first. An hour belongs to a span when it
// ends in it.
func countsSince(tx *store.Tx, day, week time.Time) (map[int64][]sources.RequestCount, error) {
	var rows []struct {
		Source  int64           `db:"source_id"`
		Outcome sources.Outcome `db:"outcome"`
		Day     int64           `db:"of_day"`
		Week    int64           `db:"of_week"`
		Ever    int64           `db:"ever"`
		Last    int64           `db:"last"`
	}
	err := tx.Select(&rows, `SELECT source_id, outcome, SUM(CASE WHEN hour > ? THEN requests ELSE 0 END) AS of_day,
			SUM(CASE WHEN hour > ? THEN requests ELSE 0 END) AS of_week,
			SUM(CASE WHEN hour = 0 THEN requests ELSE 0 END) AS ever, MAX(last_at) AS last
		FROM source_counts GROUP BY source_id, outcome ORDER BY source_id, ever DESC, outcome`,
		store.Millis(day.Add(-time.Hour)), store.Millis(week.Add(-time.Hour)))
	counts := map[int64][]sources.RequestCount{}
	for _, r := range rows {
		count := sources.RequestCount{Outcome: r.Outcome, Day: r.Day, Week: r.Week, Ever: r.Ever, LastAt: store.Time(r.Last)}
		counts[r.Source] = append(counts[r.Source], count)
	}
	return counts, err
}

func deleteCounts(tx *store.Tx, source int64) error {
	_, err := tx.Exec("DELETE FROM source_counts WHERE source_id = ?", source)
	return err
}
