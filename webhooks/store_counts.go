package webhooks

import (
	"time"

	"callhue/internal/store"
	"callhue/webhooks/sources"
)

var countsTally = store.Tally{Table: "source_counts", Key: []string{"source_id", "hour", "outcome"},
	Sum: []string{"requests"}, Max: []string{"last_at"}}

// addCounts adds to counts of sources that are there, in the order of their keys: several processes may do it at once.
func addCounts(tx *store.Tx, keys []countKey, counts map[countKey]countDelta) error {
	rows := make([][]any, len(keys))
	for i, key := range keys {
		rows[i] = []any{key.source, key.hour, string(key.outcome), counts[key].requests, counts[key].last}
	}
	return tx.AddUp(countsTally, rows)
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
