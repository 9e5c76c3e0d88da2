package crmsync

import (
	"time"

	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
)

// sourceRow is the row of a source.
type sourceRow struct {
	SourceID       int64  `db:"source_id"`
	Name           string `db:"name"`
	State          string `db:"state"`
	TokenVersion   int64  `db:"grant_version"`
	RefusedToken   int64  `db:"refused_grant"` // the version that the CRM no longer accepts; -1 for none
	Mapping        string `db:"mapping"`
	MappingVersion int64  `db:"mapping_version"`
	Portal         string `db:"known"`
	FullSync       string `db:"whole"`
	Requested      int64  `db:"wanted"` // number of full syncs that were requested
	Counts         string `db:"counts"`
	ErrorCode      string `db:"error_code"`
	ErrorText      string `db:"error_text"`
	ErrorAt        int64  `db:"error_at"`
	Tries          int    `db:"tries"`
	RetryAt        int64  `db:"retry_at"`
	StaffAt        int64  `db:"staff_at"`
	CaughtUpAt     int64  `db:"caught_up_at"`
}

const sourceColumns = `source_id, name, state, grant_version, refused_grant, mapping, mapping_version,
	known, whole, wanted, counts, error_code, error_text, error_at, tries, retry_at, staff_at, caught_up_at`

// ensureSource adds the row of a source if it has none.
func ensureSource(tx *store.Tx, source int64, name string) error {
	n, err := tx.Exec("UPDATE mirrors SET name = ? WHERE source_id = ?", name, source)
	if err != nil || n > 0 {
		return err
	}
	_, _, err = tx.InsertNew(
		`INSERT INTO mirrors (source_id, name, state, granted, grant_version, refused_grant, mapping, mapping_version,
		known, whole, wanted, counts, error_code, error_text, error_at, tries, retry_at, staff_at, caught_up_at)
		VALUES (?, ?, ?, '', 0, -1, '{}', 0, '{}', '{}', 0, '{}', '', '', 0, 0, 0, 0, 0)`,
		source,
		name,
		stateConnecting,
	)
	return err
}

func findSource(tx *store.Tx, source int64) (row sourceRow, err error) {
	err = tx.Find("source", &row, "SELECT "+sourceColumns+" FROM mirrors WHERE source_id = ?", source)
	return row, err
}

func sourceName(tx *store.Tx, source int64) (name string, err error) {
	err = tx.Find("source", &name, "SELECT name FROM mirrors WHERE source_id = ?", source)
	return name, err
}

// saveSource writes the columns of the lease holder. Fault: lease_lost if the source was removed.
func saveSource(tx *store.Tx, row sourceRow) error {
	n, err := tx.Exec(
		`UPDATE mirrors SET state = ?, refused_grant = ?, known = ?, whole = ?, counts = ?,
			error_code = ?, error_text = ?, error_at = ?, tries = ?, retry_at = ?, staff_at = ?, caught_up_at = ?
			WHERE source_id = ?`,
		row.State,
		row.RefusedToken,
		row.Portal,
		row.FullSync,
		row.Counts,
		row.ErrorCode,
		row.ErrorText,
		row.ErrorAt,
		row.Tries,
		row.RetryAt,
		row.StaffAt,
		row.CaughtUpAt,
		row.SourceID,
	)
	if err == nil && n == 0 {
		return fault.Conflict(jobs.LeaseLost)
	}
	return err
}

// putMapping replaces the mapping of a version. Fault: stale_version.
func putMapping(tx *store.Tx, source int64, mapping string, version int64) error {
	return store.Changed(
		tx.Exec(
			"UPDATE mirrors SET mapping = ?, mapping_version = mapping_version + 1 "+
				"WHERE source_id = ? AND mapping_version = ?",
			mapping,
			source,
			version,
		),
	)
}

// requestFullSync requests the full sync of a number and retries at once, also with a token that the CRM
// refused: it may work again without a new one, for example after the tariff was paid.
func requestFullSync(tx *store.Tx, source, number int64) error {
	_, err := tx.Exec(
		"UPDATE mirrors SET wanted = ?, retry_at = 0, refused_grant = -1 WHERE source_id = ?",
		number,
		source,
	)
	return err
}

// ---- tokens

func findToken(tx *store.Tx, source int64) (sealed string, version int64, err error) {
	var rows []struct {
		Granted string `db:"granted"`
		Version int64  `db:"grant_version"`
	}
	err = tx.Select(&rows, "SELECT granted, grant_version FROM mirrors WHERE source_id = ?", source)
	if err != nil || len(rows) == 0 {
		return "", 0, err
	}
	return rows[0].Granted, rows[0].Version, nil
}

// putToken replaces the token of a version. Fault: stale_version.
func putToken(tx *store.Tx, source int64, sealed string, version int64) error {
	return store.Changed(
		tx.Exec(
			"UPDATE mirrors SET granted = ?, grant_version = grant_version + 1 "+
				"WHERE source_id = ? AND grant_version = ?",
			sealed,
			source,
			version,
		),
	)
}

// ---- the queue of changes

// queuedRow is a record that has to be read again.
type queuedRow struct {
	Kind     int64  `db:"kind"`
	TheirID  string `db:"their_id"`
	Reported int64  `db:"told"`
	Tries    int    `db:"tries"`
}

// enqueue adds a record to the queue as if it had been tried so often, or counts one more report of a queued one.
func enqueue(tx *store.Tx, source int64, r Ref, tries int, due int64) error {
	n, err := enqueueAgain(tx, source, r, tries, due)
	if err != nil || n > 0 {
		return err
	}
	_, fresh, err := tx.InsertNew(
		"INSERT INTO mirror_changes (source_id, kind, their_id, told, tries, due_at) VALUES (?, ?, ?, 1, ?, ?)",
		source,
		int64(r.Kind),
		r.ID,
		tries,
		due,
	)
	if err == nil && !fresh { // another process has just queued it
		_, err = enqueueAgain(tx, source, r, tries, due)
	}
	return err
}

// enqueueAgain counts one more report of a queued record; n is 0 if it is not queued.
func enqueueAgain(tx *store.Tx, source int64, r Ref, tries int, due int64) (n int64, err error) {
	return tx.Exec(
		"UPDATE mirror_changes SET told = told + 1, tries = ?, due_at = ? "+
			"WHERE source_id = ? AND kind = ? AND their_id = ?",
		tries,
		due,
		source,
		int64(r.Kind),
		r.ID,
	)
}

// dueRecords returns some records that are due, those that wait longest first.
func dueRecords(tx *store.Tx, source int64, limit int) (rows []queuedRow, err error) {
	err = tx.Select(
		&rows,
		"SELECT kind, their_id, told, tries FROM mirror_changes "+
			"WHERE source_id = ? AND due_at <= ? ORDER BY due_at LIMIT ?",
		source,
		store.Millis(tx.Now()),
		limit,
	)
	return rows, err
}

// dequeue removes a record from the queue, unless it was reported again meanwhile.
func dequeue(tx *store.Tx, source int64, c queuedRow) error {
	_, err := tx.Exec(
		"DELETE FROM mirror_changes WHERE source_id = ? AND kind = ? AND their_id = ? AND told = ?",
		source,
		c.Kind,
		c.TheirID,
		c.Reported,
	)
	return err
}

// postpone delays a record, unless it was reported again meanwhile.
func postpone(tx *store.Tx, source int64, c queuedRow, due time.Time) error {
	_, err := tx.Exec(
		"UPDATE mirror_changes SET tries = tries + 1, due_at = ? "+
			"WHERE source_id = ? AND kind = ? AND their_id = ? AND told = ?",
		store.Millis(due),
		source,
		c.Kind,
		c.TheirID,
		c.Reported,
	)
	return err
}

func queueLength(tx *store.Tx, source int64) (n int64, err error) {
	err = tx.Get(&n, "SELECT COUNT(*) FROM mirror_changes WHERE source_id = ?", source)
	return n, err
}

// countUntried returns how many of some records were not tried yet.
func countUntried(tx *store.Tx, source int64, refs []Ref) (total int64, err error) {
	for _, r := range refs {
		var n int64
		err := tx.Get(
			&n, "SELECT COUNT(*) FROM mirror_changes WHERE source_id = ? AND kind = ? AND their_id = ? AND tries = 0",
			source, int64(r.Kind), r.ID,
		)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// ---- removal of a source

func removeSource(tx *store.Tx, source int64) error {
	for _, table := range []string{"mirror_differences", "mirror_wants", "mirror_changes", "mirror_links", "mirrors"} {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE source_id = ?", source); err != nil {
			return err
		}
	}
	return nil
}
