package incidents

import (
	"callhue/crm"
	"callhue/internal/store"
	"callhue/rules"
	"callhue/staff"
)

// incidentRow is an incident as it is stored. A head changes the acknowledgement alone; what the PBX or the agent adds
// later is written by the functions below.
type incidentRow struct {
	ID              int64           `db:"id"`
	CallID          int64           `db:"call_id,once"`
	At              store.Moment    `db:"at,once"`
	Source          string          `db:"source,once"`
	Direction       rules.Direction `db:"direction,once"`
	Number          string          `db:"number,once"`
	AgentID         int64           `db:"agent_id,once"`
	OwnerID         int64           `db:"owner_id,once"`
	CompanyID       int64           `db:"company_id,once"`
	CompanyName     string          `db:"company_name,once"`
	Why             rules.Why       `db:"why,once"`
	Policy          int64           `db:"policy,once"`
	TalkSeconds     int64           `db:"talk_seconds,once"`
	CardSeconds     int64           `db:"card_seconds,once"`
	Recording       string          `db:"recording_url,once"`
	Reason          string          `db:"reason,once"` // the agent's
	AcknowledgedAt  store.Moment    `db:"acknowledged_at"`
	AcknowledgedBy  int64           `db:"acknowledged_by"`
	AcknowledgedWhy string          `db:"acknowledged_why"`
	Version         int64           `db:"version"`
}

var table = store.NewTable[incidentRow]("incidents", "incident")

// incident returns the row as the API shows it, with the names of today.
func (r *incidentRow) incident(org *staff.Org) Incident {
	i := Incident{
		ID: r.ID, CallID: r.CallID, Source: r.Source, At: r.At, Direction: r.Direction, Number: r.Number,
		Agent: named(org, r.AgentID), Owner: named(org, r.OwnerID), Company: crm.Named{ID: r.CompanyID, Name: r.CompanyName},
		Why: r.Why, Policy: r.Policy, TalkSeconds: r.TalkSeconds, CardSeconds: r.CardSeconds,
		Recording: r.Recording, Reason: r.Reason, State: IncidentOpen, Version: r.Version,
	}
	if r.AcknowledgedAt != 0 {
		i.State = IncidentAcknowledged
		i.Acknowledged = &Acknowledgement{named(org, r.AcknowledgedBy), r.AcknowledgedAt, r.AcknowledgedWhy}
	}
	return i
}

// Talks returns the incidents of a call: the seconds of each agent's conversation by the agent's id.
func (*Registry) Talks(tx *store.Tx, call int64) (map[int64]int64, error) {
	rows, err := table.List(tx, store.Equal("call_id", call), store.By("id"))
	talks := make(map[int64]int64, len(rows))
	for _, r := range rows {
		talks[r.AgentID] = r.TalkSeconds
	}
	return talks, err
}

// ExtendTalk stores a conversation that lasted longer than was known when the incident was recorded. The time with the
// red card is never shorter than the conversation.
func (*Registry) ExtendTalk(tx *store.Tx, call, agent, seconds int64) error {
	_, err := tx.Exec(`UPDATE incidents SET talk_seconds = ?,
		card_seconds = CASE WHEN card_seconds < ? THEN ? ELSE card_seconds END
		WHERE call_id = ? AND agent_id = ?`, seconds, seconds, seconds, call, agent)
	return err
}

// SetRecording stores the recording of a call, which the PBX often sends after the call has ended.
func (*Registry) SetRecording(tx *store.Tx, call int64, url string) error {
	_, err := tx.Exec("UPDATE incidents SET recording_url = ? WHERE call_id = ?", url, call)
	return err
}

// SetReason stores why an agent went on with a call, where that call has become an incident already.
func (*Registry) SetReason(tx *store.Tx, call, agent int64, reason string) error {
	_, err := tx.Exec("UPDATE incidents SET reason = ? WHERE call_id = ? AND agent_id = ?", reason, call, agent)
	return err
}

// EraseRecordings removes the recordings of some calls, for the erasure of a person.
func (*Registry) EraseRecordings(tx *store.Tx, calls []int64) error {
	_, err := tx.Exec("UPDATE incidents SET recording_url = '' WHERE call_id IN (?)", calls)
	return err
}

// EraseNumbers masks the numbers of some calls, for the erasure of a person.
func (*Registry) EraseNumbers(tx *store.Tx, calls []int64) error {
	_, err := tx.Exec("UPDATE incidents SET number = ? WHERE call_id IN (?)", crm.Masked, calls)
	return err
}

// EraseTexts masks what was written about some calls and mentions a person, for the erasure of that person.
func (*Registry) EraseTexts(tx *store.Tx, calls []int64, who crm.DataSubject) error {
	var rows []struct {
		ID           int64  `db:"id"`
		Reason       string `db:"reason"`
		Acknowledged string `db:"acknowledged_why"`
	}
	err := tx.Select(&rows, "SELECT id, reason, acknowledged_why FROM incidents WHERE call_id IN (?)", calls)
	if err != nil {
		return err
	}
	for _, row := range rows {
		changed := false
		for _, written := range []*string{&row.Reason, &row.Acknowledged} {
			if who.Mentions(*written) {
				*written, changed = crm.Masked, true
			}
		}
		if !changed {
			continue
		}
		_, err := tx.Exec("UPDATE incidents SET reason = ?, acknowledged_why = ? WHERE id = ?",
			row.Reason, row.Acknowledged, row.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// condition returns the filter as the database reads it.
func (f *filter) condition() store.Where {
	where := store.Given("agent_id", f.agent).And(store.Given("owner_id", f.owner))
	where = where.And(store.Or(f.scope.Where().Of("agent_id"), f.scope.Where().Of("owner_id")))
	if f.companies != nil {
		where = where.And(store.In("company_id", f.companies))
	}
	if f.users != nil {
		where = where.And(store.Or(store.In("agent_id", f.users), store.In("owner_id", f.users)))
	}
	switch f.state {
	case IncidentOpen:
		where = where.And(store.Equal("acknowledged_at", 0))
	case IncidentAcknowledged:
		where = where.And(store.NotEqual("acknowledged_at", 0))
	}
	if f.from != 0 {
		where = where.And(store.AtLeast("at", f.from))
	}
	if f.until != 0 {
		where = where.And(store.Below("at", f.until))
	}
	return where
}

// latestFirst is the order of every list of incidents.
func latestFirst() store.Order { return store.By("at").Descending() }

// incidentSum is a line of the report before it has a name.
type incidentSum struct {
	Key  int64  `db:"k"`
	Name string `db:"name"`
	N    int64  `db:"n"`
	Talk int64  `db:"talk"` // seconds
	Open int64  `db:"open_ones"`
}

const sums = `COUNT(*) AS n, SUM(talk_seconds) AS talk,
	SUM(CASE WHEN acknowledged_at = 0 THEN 1 ELSE 0 END) AS open_ones`

// sumBy counts incidents by one of their columns, the highest count first, behind a cursor.
func sumBy(tx *store.Tx, f filter, column string, after sumCursor, limit int) (list []*incidentSum, err error) {
	where, args := f.condition().Clause()
	query := "SELECT " + column + " AS k, MAX(company_name) AS name, " + sums + " FROM incidents" + where +
		" GROUP BY " + column
	if after.Count != 0 {
		query += " HAVING COUNT(*) < ? OR (COUNT(*) = ? AND " + column + " > ?)"
		args = append(args, after.Count, after.Count, after.Key)
	}
	err = tx.Select(&list, query+" ORDER BY n DESC, k LIMIT ?", append(args, limit)...)
	return list, err
}

// sumByQuarter counts incidents by quarter of an hour, in the order of time. The key is the first millisecond of the
// quarter: every time zone of the world is off UTC by a number of quarters, so that they add up to days of any zone.
func sumByQuarter(tx *store.Tx, f filter) (list []*incidentSum, err error) {
	where, args := f.condition().Clause()
	err = tx.Select(&list, "SELECT at - at % 900000 AS k, '' AS name, "+sums+" FROM incidents"+where+
		" GROUP BY k ORDER BY k", args...)
	return list, err
}
