package permits

import (
	"errors"

	"callhue/internal/store"
)

type permitRow struct {
	ID        int64  `db:"id"`
	AgentID   int64  `db:"agent_id"`
	CompanyID int64  `db:"company_id"`
	OwnerID   int64  `db:"owner_id"`
	FromAt    int64  `db:"from_at"`
	TillAt    int64  `db:"till_at"`
	ByID      int64  `db:"by_id"`
	Reason    string `db:"reason"`
	AskID     int64  `db:"ask_id"`
	EndedAt   int64  `db:"ended_at"` // 0 while it runs
	EndedBy   int64  `db:"ended_by"`
	EndedWhy  string `db:"ended_why"`
}

type askRow struct {
	ID        int64   `db:"id"`
	Kind      string  `db:"kind"`
	State     string  `db:"state"`
	OpenKey   *string `db:"open_key"`
	CompanyID int64   `db:"company_id"`
	OwnerID   int64   `db:"owner_id"` // when it was made, then when it was decided
	AgentID   int64   `db:"agent_id"`
	CallID    int64   `db:"call_id"`
	Reason    string  `db:"reason"`
	Answer    string  `db:"answer"`
	PermitID  int64   `db:"permit_id"`
	AskedAt   int64   `db:"asked_at"`
	DecidedAt int64   `db:"decided_at"`
	DecidedBy int64   `db:"decided_by"`
}

const (
	permitColumns = "id, agent_id, company_id, owner_id, from_at, till_at, by_id, reason, ask_id, ended_at, ended_by, ended_why"
	askColumns    = "id, kind, state, open_key, company_id, owner_id, agent_id, call_id, reason, answer, permit_id, asked_at, decided_at, decided_by"
)

// ---- permits

func insertPermit(tx *store.Tx, r *permitRow) (int64, error) {
	return tx.Insert(`INSERT INTO permits (agent_id, company_id, owner_id, from_at, till_at, by_id, reason, ask_id, ended_at, ended_by, ended_why)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '')`, r.AgentID, r.CompanyID, r.OwnerID, r.FromAt, r.TillAt, r.ByID, r.Reason, r.AskID)
}

func permitByID(tx *store.Tx, id int64) (*permitRow, error) {
	var r permitRow
	err := tx.Find("permit", &r, "SELECT "+permitColumns+" FROM permits WHERE id = ?", id)
	return &r, err
}

// allRunning returns the permits that no one has ended yet, some of which may have
// run out a moment ago.
func allRunning(tx *store.Tx) (rows []*permitRow, err error) {
	err = tx.Select(&rows, "SELECT "+permitColumns+" FROM permits WHERE ended_at = 0 ORDER BY id")
	return rows, err
}

// runningOf is allRunning for one agent and company.
func runningOf(tx *store.Tx, agent, company int64) (rows []*permitRow, err error) {
	err = tx.Select(&rows, "SELECT "+permitColumns+" FROM permits WHERE company_id = ? AND agent_id = ? AND ended_at = 0 ORDER BY id", company, agent)
	return rows, err
}

// runningFor is allRunning for one company.
func runningFor(tx *store.Tx, company int64) (rows []*permitRow, err error) {
	err = tx.Select(&rows, "SELECT "+permitColumns+" FROM permits WHERE company_id = ? AND ended_at = 0 ORDER BY id", company)
	return rows, err
}

// endPermit ends a permit; false says that someone else has.
func endPermit(tx *store.Tx, r *permitRow) (bool, error) {
	n, err := tx.Exec("UPDATE permits SET ended_at = ?, ended_by = ?, ended_why = ? WHERE id = ? AND ended_at = 0", r.EndedAt, r.EndedBy, r.EndedWhy, r.ID)
	return n > 0, err
}

// ---- asks

func insertAsk(tx *store.Tx, r *askRow) (id int64, fresh bool, err error) {
	return tx.InsertNew(`INSERT INTO asks (kind, state, open_key, company_id, owner_id, agent_id, call_id, reason, answer, permit_id, asked_at, decided_at, decided_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', 0, ?, 0, 0)`, r.Kind, r.State, r.OpenKey, r.CompanyID, r.OwnerID, r.AgentID, r.CallID, r.Reason, r.AskedAt)
}

func askByID(tx *store.Tx, id int64) (*askRow, error) {
	var r askRow
	err := tx.Find("ask", &r, "SELECT "+askColumns+" FROM asks WHERE id = ?", id)
	return &r, err
}

// askByKey returns the open ask of a key; nil if there is none.
func askByKey(tx *store.Tx, key string) (*askRow, error) {
	var r askRow
	err := tx.Get(&r, "SELECT "+askColumns+" FROM asks WHERE open_key = ?", key)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	return &r, err
}

func allOpen(tx *store.Tx) (rows []*askRow, err error) {
	err = tx.Select(&rows, "SELECT "+askColumns+" FROM asks WHERE state = ? ORDER BY id", string(AskOpen))
	return rows, err
}

func openFor(tx *store.Tx, company int64) (rows []*askRow, err error) {
	err = tx.Select(&rows, "SELECT "+askColumns+" FROM asks WHERE company_id = ? AND state = ? ORDER BY id", company, string(AskOpen))
	return rows, err
}

func settleAsk(tx *store.Tx, r *askRow) error {
	_, err := tx.Exec("UPDATE asks SET state = ?, open_key = NULL, owner_id = ?, answer = ?, permit_id = ?, decided_at = ?, decided_by = ? WHERE id = ?",
		r.State, r.OwnerID, r.Answer, r.PermitID, r.DecidedAt, r.DecidedBy, r.ID)
	return err
}

// ---- lists: the newest first, from below an id

// choice is what a list is narrowed by; zero fields do not narrow.
type choice struct {
	where string
	args  []any
}

func (c *choice) and(on bool, condition string, args ...any) {
	if on {
		c.where, c.args = c.where+" AND "+condition, append(c.args, args...)
	}
}

// permitsBelowIn returns a way to read permits part by part, and where each part
// ended.
func permitsBelowIn(tx *store.Tx, c choice) func(id int64, limit int) ([]*permitRow, int64, error) {
	return func(id int64, limit int) (rows []*permitRow, last int64, err error) {
		err = tx.Select(&rows, "SELECT "+permitColumns+" FROM permits WHERE id < ?"+c.where+" ORDER BY id DESC LIMIT ?", append(append([]any{id}, c.args...), limit)...)
		if len(rows) > 0 {
			last = rows[len(rows)-1].ID
		}
		return rows, last, err
	}
}

// asksBelowIn is permitsBelowIn for asks.
func asksBelowIn(tx *store.Tx, c choice) func(id int64, limit int) ([]*askRow, int64, error) {
	return func(id int64, limit int) (rows []*askRow, last int64, err error) {
		err = tx.Select(&rows, "SELECT "+askColumns+" FROM asks WHERE id < ?"+c.where+" ORDER BY id DESC LIMIT ?", append(append([]any{id}, c.args...), limit)...)
		if len(rows) > 0 {
			last = rows[len(rows)-1].ID
		}
		return rows, last, err
	}
}
