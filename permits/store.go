package permits

import (
	"callhue/internal/store"
	"callhue/staff"
)

// permitRow is a permit as it is stored. It is changed by endPermit alone.
type permitRow struct {
	ID        int64        `db:"id"`
	AgentID   int64        `db:"agent_id"`
	CompanyID int64        `db:"company_id"`
	OwnerID   int64        `db:"owner_id"`
	From      store.Moment `db:"from_at"`
	Until     store.Moment `db:"till_at"`
	ByID      int64        `db:"by_id"`
	Reason    string       `db:"reason"`
	AskID     int64        `db:"ask_id"`
	EndedAt   store.Moment `db:"ended_at"` // 0 while it runs
	EndedBy   int64        `db:"ended_by"`
	EndReason Ending       `db:"ended_why"`
}

// askRow is a request as it is stored.
type askRow struct {
	ID        int64        `db:"id"`
	Kind      AskKind      `db:"kind,once"`
	State     AskState     `db:"state"`
	OpenKey   *string      `db:"open_key"` // nil once it is decided
	CompanyID int64        `db:"company_id,once"`
	OwnerID   int64        `db:"owner_id"` // when it was made, then when it was decided
	AgentID   int64        `db:"agent_id,once"`
	CallID    int64        `db:"call_id,once"`
	Reason    string       `db:"reason,once"`
	Answer    string       `db:"answer"`
	PermitID  int64        `db:"permit_id"`
	AskedAt   store.Moment `db:"asked_at,once"`
	DecidedAt store.Moment `db:"decided_at"`
	DecidedBy int64        `db:"decided_by"`
}

var (
	permits = store.NewTable[permitRow]("permits", "permit")
	asks    = store.NewTable[askRow]("asks", "ask").Unique("company_id", "ask_open_already")
)

// oldestFirst is the order in which rows are worked through, newestFirst that of lists.
func oldestFirst() store.Order { return store.By("id") }

func newestFirst() store.Order { return store.By("id").Descending() }

// running holds for permits that no one has ended yet, some of which may have run out a moment ago.
func running() store.Where { return store.Equal("ended_at", 0) }

// open holds for requests that wait for a decision.
func open() store.Where { return store.Equal("state", AskOpen) }

func ofCompany(id int64) store.Where { return store.Equal("company_id", id) }

// runningOf returns the permits of an agent for a company that no one has ended yet.
func runningOf(tx *store.Tx, agent, company int64) ([]*permitRow, error) {
	return permits.List(tx, running().And(ofCompany(company), store.Equal("agent_id", agent)), oldestFirst())
}

// endPermit ends a permit; false means that it has ended already.
func endPermit(tx *store.Tx, r *permitRow) (bool, error) {
	found, err := tx.Exec("UPDATE permits SET ended_at = ?, ended_by = ?, ended_why = ? WHERE id = ? AND ended_at = 0",
		r.EndedAt, r.EndedBy, r.EndReason, r.ID)
	return found > 0, err
}

// askByKey returns the open request of a key; nil when there is none.
func askByKey(tx *store.Tx, key string) (*askRow, error) {
	return asks.First(tx, store.Equal("open_key", key))
}

// inForce holds for permits that count at a moment: they run, and their company still has the owner of when they were
// granted.
func inForce(now store.Moment) store.Where {
	return running().And(store.Condition(`from_at <= ? AND till_at > ? AND EXISTS (SELECT 1 FROM companies
		WHERE companies.id = permits.company_id AND companies.owner_id = permits.owner_id
			AND companies.deleted_at = 0)`,
		now, now))
}

// permits returns the condition of the permits that the reader sees.
func (r reader) permits() store.Where {
	if r.admin {
		return store.Where{}
	}
	seen := []store.Where{store.Condition("agent_id = ? OR by_id = ?", r.id, r.id)}
	for _, s := range r.seats {
		seen = append(seen, store.Condition(
			`agent_id IN (SELECT id FROM users WHERE department_id IN (?) AND id NOT IN (?))
			OR owner_id IN (SELECT id FROM users WHERE department_id IN (?) AND id NOT IN (?))`,
			s.Teams, s.But, s.Teams, s.But))
	}
	return store.Or(seen...)
}

// decidable returns the condition of the requests that the reader may decide, or could have: askRow.mayDecide in SQL.
// The owner that a request is about is the company's present one while it is open.
func (r reader) decidable() store.Where {
	others := store.NotEqual("agent_id", r.id)
	if r.admin {
		return others
	}
	var seats []store.Where
	for _, s := range r.seats {
		seats = append(seats, decidableFrom(s))
	}
	return others.And(store.Or(seats...))
}

// decidableFrom is decidable for one head's departments.
func decidableFrom(s staff.Seat) store.Where {
	decided := store.NotEqual("state", AskOpen).And(store.Condition(
		"owner_id IN (SELECT id FROM users WHERE department_id IN (?) AND id NOT IN (?))", s.Teams, s.But))
	owned := open().And(store.Condition(`company_id IN (SELECT companies.id FROM companies
		JOIN users ON users.id = companies.owner_id
		WHERE users.department_id IN (?) AND users.id NOT IN (?))`, s.Teams, s.But))
	ownerless := store.Condition(`agent_id IN (SELECT id FROM users WHERE department_id IN (?) AND id NOT IN (?))
		AND NOT EXISTS (SELECT 1 FROM companies LEFT JOIN statuses ON statuses.id = companies.status_id
			WHERE companies.id = asks.company_id
				AND (asks.state = 'open' AND companies.owner_id <> 0 OR statuses.is_protected = 1))
		AND (state = 'open' OR owner_id = 0)`, s.Teams, s.But)
	return store.Or(decided, owned, ownerless)
}

// asks returns the condition of the requests that the reader sees.
func (r reader) asks() store.Where {
	own := store.Equal("agent_id", r.id)
	switch {
	case r.admin:
		return store.Where{}
	case len(r.seats) == 0:
		return own
	}
	return store.Or(own, r.decidable())
}

// condition returns the filter as the database reads it.
func (f PermitFilter) condition(now store.Moment) store.Where {
	where := store.Given("agent_id", f.AgentID).And(store.Given("company_id", f.CompanyID))
	if f.Active {
		where = where.And(inForce(now))
	}
	return where
}

// condition returns the filter as the database reads it; user is the one who asks.
func (f AskFilter) condition(user int64) store.Where {
	where := store.Given("state", f.State).And(store.Given("kind", f.Kind), store.Given("company_id", f.CompanyID))
	if f.Decided {
		where = where.And(store.NotEqual("state", AskOpen))
	}
	if f.Mine {
		where = where.And(store.Equal("agent_id", user))
	}
	return where
}
