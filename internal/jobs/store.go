package jobs

import (
	"errors"
	"time"

	"callhue/internal/store"
)

type leaseRow struct {
	Holder string `db:"holder"`
	Until  int64  `db:"until_at"`
}

func leaseByName(tx *store.Tx, name string) (row leaseRow, found bool, err error) {
	err = tx.Get(&row, "SELECT holder, until_at FROM leases WHERE name = ?", name)
	if errors.Is(err, store.ErrNone) {
		return row, false, nil
	}
	return row, err == nil, err
}

// insertLease adds a lease, unless another process did.
func insertLease(tx *store.Tx, name, holder string, until time.Time) (bool, error) {
	_, fresh, err := tx.InsertNew("INSERT INTO leases (name, holder, until_at, turn) VALUES (?, ?, ?, 0)",
		name, holder, store.Millis(until))
	return fresh, err
}

// takeOverLease changes the holder of a lease that has run out.
func takeOverLease(tx *store.Tx, name, holder string, until time.Time) (bool, error) {
	rows, err := tx.Exec("UPDATE leases SET holder = ?, until_at = ? WHERE name = ? AND until_at < ?",
		holder, store.Millis(until), name, store.Millis(tx.Now()))
	return rows == 1, err
}

func extendLease(tx *store.Tx, name, holder string, until time.Time) (bool, error) {
	rows, err := tx.Exec("UPDATE leases SET until_at = ? WHERE name = ? AND holder = ?",
		store.Millis(until), name, holder)
	return rows == 1, err
}

func guardLease(tx *store.Tx, name, holder string) (bool, error) {
	rows, err := tx.Exec("UPDATE leases SET turn = turn + 1 WHERE name = ? AND holder = ?", name, holder)
	return rows == 1, err
}

func removeLease(tx *store.Tx, name, holder string) error {
	_, err := tx.Exec("DELETE FROM leases WHERE name = ? AND holder = ?", name, holder)
	return err
}

func removeOldLeases(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec("DELETE FROM leases WHERE until_at < ?", store.Millis(before))
	return err
}

// The states of a job.
const (
	stateWaiting = "waiting"
	stateDead    = "dead"
)

type jobRow struct {
	ID        int64  `db:"id"`
	Kind      string `db:"kind"`
	Key       string `db:"job_key"`
	DueAt     int64  `db:"due_at"`
	Attempts  int    `db:"attempts"`
	Claim     string `db:"claim"`
	Payload   string `db:"payload"`
	CreatedAt int64  `db:"created_at"`
	RanAt     int64  `db:"ran_at"`
}

const jobColumns = "id, kind, job_key, due_at, attempts, claim, payload, created_at, ran_at"

const insertInto = `INSERT INTO jobs
	(kind, job_key, slot, state, due_at, attempts, claim, payload, error, created_at, ran_at)`

// insertJob adds a job that shares its key with others.
func insertJob(tx *store.Tx, kind, key string, slot int64, payload string, due time.Time) error {
	_, err := tx.Insert(insertInto+" VALUES (?, ?, ?, 'waiting', ?, 0, '', ?, '', ?, 0)",
		kind, key, slot, store.Millis(due), payload, store.Millis(tx.Now()))
	return err
}

// setJob adds or replaces the one job of a key. A run of the old one loses its claim.
func setJob(tx *store.Tx, kind, key, payload string, due time.Time) error {
	return tx.Upsert("jobs", []store.Column{
		{Name: "kind", Value: kind},
		{Name: "job_key", Value: key},
		{Name: "slot", Value: 0},
	}, []store.Column{
		{Name: "state", Value: stateWaiting},
		{Name: "due_at", Value: store.Millis(due)},
		{Name: "attempts", Value: 0},
		{Name: "claim", Value: ""},
		{Name: "payload", Value: payload},
		{Name: "error", Value: ""},
		{Name: "created_at", Value: store.Millis(tx.Now())},
		{Name: "ran_at", Value: 0},
	})
}

// ensureTick adds the row of a tick unless it exists, and moves its next run forward
// when the tick has become more frequent.
func ensureTick(tx *store.Tx, kind string, due time.Time) error {
	_, fresh, err := tx.InsertNew(insertInto+" VALUES (?, '', 0, 'waiting', ?, 0, '', '', '', ?, 0)",
		kind, store.Millis(due), store.Millis(tx.Now()))
	if err != nil || fresh {
		return err
	}
	_, err = tx.Exec("UPDATE jobs SET due_at = ? WHERE kind = ? AND claim = '' AND due_at > ?",
		store.Millis(due), kind, store.Millis(due))
	return err
}

func removeJobs(tx *store.Tx, kind, key string) (int64, error) {
	return tx.Exec("DELETE FROM jobs WHERE kind = ? AND job_key = ?", kind, key)
}

// dueJob is a job that is due, or will be soon.
type dueJob struct {
	ID    int64  `db:"id"`
	Key   string `db:"job_key"`
	DueAt int64  `db:"due_at"`
}

// dueJobs returns up to limit jobs of some kinds that are due before a moment, the
// earliest first.
func dueJobs(tx *store.Tx, kinds []string, before time.Time, limit int) (list []dueJob, err error) {
	which, arg := "IN (?)", any(kinds)
	if len(kinds) == 1 { // a statement that stays prepared
		which, arg = "= ?", kinds[0]
	}
	err = tx.Select(&list, "SELECT id, job_key, due_at FROM jobs WHERE state = 'waiting' AND kind "+which+
		" AND due_at <= ? ORDER BY due_at, id LIMIT ?", arg, store.Millis(before), limit)
	return list, err
}

// dueHeads is dueJobs for a kind in order: only jobs that no other job of their key
// precedes or accompanies. One process at a time asks for them.
func dueHeads(tx *store.Tx, kind string, before time.Time, limit int) (list []dueJob, err error) {
	err = tx.Select(&list, `SELECT id, job_key, due_at FROM jobs WHERE state = 'waiting' AND kind = ? AND due_at <= ?
		AND NOT EXISTS (SELECT 1 FROM jobs other
			WHERE other.kind = jobs.kind AND other.job_key = jobs.job_key AND other.state = 'waiting'
			AND (other.id < jobs.id OR other.id > jobs.id AND other.claim <> '' AND other.due_at > ?))
		ORDER BY due_at, id LIMIT ?`, kind, store.Millis(before), store.Millis(tx.Now()), limit)
	return list, err
}

// claimJobs claims those of some jobs that are still due, and returns them.
func claimJobs(tx *store.Tx, ids []int64, claim string, until time.Time) (rows []jobRow, err error) {
	n, err := tx.Exec(`UPDATE jobs SET claim = ?, due_at = ?, attempts = attempts + 1
		WHERE id IN (?) AND state = 'waiting' AND due_at <= ?`, claim, store.Millis(until), ids, store.Millis(tx.Now()))
	if err != nil || n == 0 {
		return nil, err
	}
	err = tx.Select(&rows, "SELECT "+jobColumns+" FROM jobs WHERE id IN (?) AND claim = ? ORDER BY id", ids, claim)
	return rows, err
}

// extendClaims moves the end of claims and returns those of the jobs that are still
// claimed.
func extendClaims(tx *store.Tx, ids []int64, claims []string, until time.Time) (held []int64, err error) {
	n, err := tx.Exec("UPDATE jobs SET due_at = ? WHERE id IN (?) AND claim IN (?)", store.Millis(until), ids, claims)
	if err != nil || n == int64(len(ids)) {
		return ids, err
	}
	err = tx.Select(&held, "SELECT id FROM jobs WHERE id IN (?) AND claim IN (?)", ids, claims)
	return held, err
}

// removeClaimed removes a job that is done. It reports false when the claim was lost.
func removeClaimed(tx *store.Tx, id int64, claim string) (bool, error) {
	rows, err := tx.Exec("DELETE FROM jobs WHERE id = ? AND claim = ?", id, claim)
	return rows == 1, err
}

// postpone ends a claim: the job is due at another moment, after so many attempts.
func postpone(tx *store.Tx, id int64, claim string, due time.Time, attempts int, code string) (bool, error) {
	rows, err := tx.Exec("UPDATE jobs SET claim = '', due_at = ?, attempts = ?, error = ? WHERE id = ? AND claim = ?",
		store.Millis(due), attempts, code, id, claim)
	return rows == 1, err
}

// tickDone ends the run of a tick.
func tickDone(tx *store.Tx, id int64, claim string, due time.Time) (bool, error) {
	rows, err := tx.Exec(`UPDATE jobs SET claim = '', due_at = ?, attempts = 0, error = '', ran_at = ?
		WHERE id = ? AND claim = ?`, store.Millis(due), store.Millis(tx.Now()), id, claim)
	return rows == 1, err
}

// bury marks a job dead. due_at keeps when that was.
func bury(tx *store.Tx, id int64, claim, code string) (bool, error) {
	rows, err := tx.Exec("UPDATE jobs SET state = 'dead', claim = '', due_at = ?, error = ? WHERE id = ? AND claim = ?",
		store.Millis(tx.Now()), code, id, claim)
	return rows == 1, err
}

// reviveJobs lets the dead jobs of a kind begin their attempts again.
func reviveJobs(tx *store.Tx, kind string) (int64, error) {
	return tx.Exec(`UPDATE jobs SET state = 'waiting', due_at = ?, attempts = 0, error = ''
		WHERE state = 'dead' AND kind = ?`, store.Millis(tx.Now()), kind)
}

func removeDeadJobs(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec("DELETE FROM jobs WHERE state = 'dead' AND due_at < ?", store.Millis(before))
	return err
}

type jobCount struct {
	Kind  string `db:"kind"`
	State string `db:"state"`
	Count int64  `db:"n"`
}

func countJobs(tx *store.Tx) (counts []jobCount, err error) {
	err = tx.Select(&counts, "SELECT kind, state, COUNT(*) AS n FROM jobs GROUP BY state, kind")
	return counts, err
}
