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
	GrantVersion   int64  `db:"grant_version"`
	RefusedGrant   int64  `db:"refused_grant"` // the version that the CRM takes no more; -1 for none
	Mapping        string `db:"mapping"`
	MappingVersion int64  `db:"mapping_version"`
	Known          string `db:"known"`
	Whole          string `db:"whole"`
	Wanted         int64  `db:"wanted"` // how many whole imports were asked for
	Counts         string `db:"counts"`
	ErrorCode      string `db:"error_code"`
	ErrorText      string `db:"error_text"`
	ErrorAt        int64  `db:"error_at"`
	Tries          int    `db:"tries"`
	RetryAt        int64  `db:"retry_at"`
	StaffAt        int64  `db:"staff_at"`
	CaughtUpAt     int64  `db:"caught_up_at"`
}

const sourceColumns = `source_id, name, state, grant_version, refused_grant, mapping, mapping_version, known, whole, wanted,
	counts, error_code, error_text, error_at, tries, retry_at, staff_at, caught_up_at`

// beginMirror makes the row of a source, if it has none.
func beginMirror(tx *store.Tx, source int64, name string) error {
	n, err := tx.Exec("UPDATE mirrors SET name = ? WHERE source_id = ?", name, source)
	if err != nil || n > 0 {
		return err
	}
	_, _, err = tx.InsertNew(`INSERT INTO mirrors (source_id, name, state, granted, grant_version, refused_grant, mapping, mapping_version,
		known, whole, wanted, counts, error_code, error_text, error_at, tries, retry_at, staff_at, caught_up_at)
		VALUES (?, ?, ?, '', 0, -1, '{}', 0, '{}', '{}', 0, '{}', '', '', 0, 0, 0, 0, 0)`, source, name, stateConnecting)
	return err
}

func sourceOf(tx *store.Tx, source int64) (row sourceRow, err error) {
	err = tx.Find("source", &row, "SELECT "+sourceColumns+" FROM mirrors WHERE source_id = ?", source)
	return row, err
}

func nameOf(tx *store.Tx, source int64) (name string, err error) {
	err = tx.Find("source", &name, "SELECT name FROM mirrors WHERE source_id = ?", source)
	return name, err
}

// saveSource writes what the holder of the lease may write, and fails with the conflict
// lease_lost when the source was removed.
func saveSource(tx *store.Tx, row sourceRow) error {
	n, err := tx.Exec(`UPDATE mirrors SET state = ?, refused_grant = ?, known = ?, whole = ?, counts = ?, error_code = ?, error_text = ?, error_at = ?,
		tries = ?, retry_at = ?, staff_at = ?, caught_up_at = ? WHERE source_id = ?`, row.State, row.RefusedGrant, row.Known, row.Whole,
		row.Counts, row.ErrorCode, row.ErrorText, row.ErrorAt, row.Tries, row.RetryAt, row.StaffAt, row.CaughtUpAt, row.SourceID)
	if err == nil && n == 0 {
		return fault.Conflict(jobs.LeaseLost)
	}
	return err
}

// putMapping stores a mapping in the place of the one of a version.
func putMapping(tx *store.Tx, source int64, mapping string, version int64) error {
	return store.Changed(tx.Exec("UPDATE mirrors SET mapping = ?, mapping_version = mapping_version + 1 WHERE source_id = ? AND mapping_version = ?", mapping, source, version))
}

// wantWhole asks for the whole import of a number, at once: also of a CRM that has
// not let us in. It may again, without a new grant: its tariff was paid, say.
func wantWhole(tx *store.Tx, source, number int64) error {
	_, err := tx.Exec("UPDATE mirrors SET wanted = ?, retry_at = 0, refused_grant = -1 WHERE source_id = ?", number, source)
	return err
}

// ---- grants

func grantOf(tx *store.Tx, source int64) (sealed string, version int64, err error) {
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

// putGrant stores a grant in the place of the one of a version; stale_version when
// that is not the present one.
func putGrant(tx *store.Tx, source int64, sealed string, version int64) error {
	return store.Changed(tx.Exec("UPDATE mirrors SET granted = ?, grant_version = grant_version + 1 WHERE source_id = ? AND grant_version = ?", sealed, source, version))
}

// ---- the queue of changes

// changeRow is a record that has to be read again.
type changeRow struct {
	Kind    int64  `db:"kind"`
	TheirID string `db:"their_id"`
	Told    int64  `db:"told"`
	Tries   int    `db:"tries"`
}

// putChange puts a record into the queue; one that is there already is told of once
// more.
func putChange(tx *store.Tx, source int64, r Ref, due int64) error {
	again := func() (int64, error) {
		return tx.Exec("UPDATE mirror_changes SET told = told + 1, tries = 0, due_at = ? WHERE source_id = ? AND kind = ? AND their_id = ?", due, source, int64(r.Kind), r.ID)
	}
	n, err := again()
	if err != nil || n > 0 {
		return err
	}
	_, fresh, err := tx.InsertNew("INSERT INTO mirror_changes (source_id, kind, their_id, told, tries, due_at) VALUES (?, ?, ?, 1, 0, ?)", source, int64(r.Kind), r.ID, due)
	if err == nil && !fresh { // somebody else has just told of it
		_, err = again()
	}
	return err
}

// dueChanges gives some records whose time has come, those that wait longest first.
func dueChanges(tx *store.Tx, source int64, limit int) (rows []changeRow, err error) {
	err = tx.Select(&rows, "SELECT kind, their_id, told, tries FROM mirror_changes WHERE source_id = ? AND due_at <= ? ORDER BY due_at LIMIT ?",
		source, store.Millis(tx.Now()), limit)
	return rows, err
}

// dropChange takes a record out of the queue, unless it was told of since.
func dropChange(tx *store.Tx, source int64, c changeRow) error {
	_, err := tx.Exec("DELETE FROM mirror_changes WHERE source_id = ? AND kind = ? AND their_id = ? AND told = ?", source, c.Kind, c.TheirID, c.Told)
	return err
}

// delayChange has a record wait, unless it was told of since.
func delayChange(tx *store.Tx, source int64, c changeRow, due time.Time) error {
	_, err := tx.Exec("UPDATE mirror_changes SET tries = tries + 1, due_at = ? WHERE source_id = ? AND kind = ? AND their_id = ? AND told = ?",
		store.Millis(due), source, c.Kind, c.TheirID, c.Told)
	return err
}

func queued(tx *store.Tx, source int64) (n int64, err error) {
	err = tx.Get(&n, "SELECT COUNT(*) FROM mirror_changes WHERE source_id = ?", source)
	return n, err
}

// waiting counts those of some records that nobody has tried to read yet.
func waiting(tx *store.Tx, source int64, refs []Ref) (left int64, err error) {
	for _, r := range refs {
		var n int64
		if err := tx.Get(&n, "SELECT COUNT(*) FROM mirror_changes WHERE source_id = ? AND kind = ? AND their_id = ? AND tries = 0", source, int64(r.Kind), r.ID); err != nil {
			return 0, err
		}
		left += n
	}
	return left, nil
}

// ---- all of a source

func forgetSource(tx *store.Tx, source int64) error {
	for _, table := range []string{"mirror_differences", "mirror_wants", "mirror_changes", "mirror_links", "mirrors"} {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE source_id = ?", source); err != nil {
			return err
		}
	}
	return nil
}
