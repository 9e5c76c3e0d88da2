package calls

import (
	"callhue/crm"
	"callhue/internal/store"
	"callhue/rules"
	"callhue/staff"
)

// incidentRow is an incident as it is stored.
type incidentRow struct {
	ID              int64  `db:"id"`
	CallID          int64  `db:"call_id"`
	At              int64  `db:"at"`
	Source          string `db:"source"`
	Direction       string `db:"direction"`
	Number          string `db:"number"`
	AgentID         int64  `db:"agent_id"`
	OwnerID         int64  `db:"owner_id"`
	CompanyID       int64  `db:"company_id"`
	CompanyName     string `db:"company_name"`
	Why             string `db:"why"`
	Policy          int64  `db:"policy"`
	TalkSeconds     int64  `db:"talk_seconds"`
	CardSeconds     int64  `db:"card_seconds"`
	Recording       string `db:"recording_url"`
	Reason          string `db:"reason"` // the agent's
	AcknowledgedAt  int64  `db:"acknowledged_at"`
	AcknowledgedBy  int64  `db:"acknowledged_by"`
	AcknowledgedWhy string `db:"acknowledged_why"`
	Version         int64  `db:"version"`
}

const incidentColumns = `id, call_id, at, source, direction, number, agent_id, owner_id, company_id, company_name, why, policy,
	talk_seconds, card_seconds, recording_url, reason, acknowledged_at, acknowledged_by, acknowledged_why, version`

// incident is the row as the API shows it.
func (r *incidentRow) incident(org *staff.Org) Incident {
	i := Incident{ID: r.ID, CallID: r.CallID, Source: r.Source, At: store.Time(r.At), Direction: rules.Direction(r.Direction), Number: r.Number,
		Agent: named(org, r.AgentID), Owner: named(org, r.OwnerID), Company: crm.Named{ID: r.CompanyID, Name: r.CompanyName}, Why: rules.Why(r.Why),
		Policy: r.Policy, TalkSeconds: r.TalkSeconds, CardSeconds: r.CardSeconds, Recording: r.Recording, Reason: r.Reason, State: IncidentOpen, Version: r.Version}
	if r.AcknowledgedAt != 0 {
		i.State = IncidentAcknowledged
		i.Acknowledged = &Acknowledgement{named(org, r.AcknowledgedBy), store.Time(r.AcknowledgedAt), r.AcknowledgedWhy}
	}
	return i
}

func named(org *staff.Org, user int64) crm.Named {
	if p := ownerOf(org, user); p != nil {
		return crm.Named{ID: p.ID, Name: p.Name}
	}
	return crm.Named{}
}

func addIncident(tx *store.Tx, r *incidentRow) (int64, error) {
	return tx.Insert(`INSERT INTO incidents (call_id, at, source, direction, number, agent_id, owner_id, company_id, company_name, why, policy,
		talk_seconds, card_seconds, recording_url, reason, acknowledged_at, acknowledged_by, acknowledged_why, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '', 1)`,
		r.CallID, r.At, r.Source, r.Direction, r.Number, r.AgentID, r.OwnerID, r.CompanyID, r.CompanyName, r.Why, r.Policy,
		r.TalkSeconds, r.CardSeconds, r.Recording, r.Reason)
}

// talksOfCall gives the incidents of a call: the seconds of each agent's talk.
func talksOfCall(tx *store.Tx, call int64) (map[int64]int64, error) {
	var rows []struct {
		Agent int64 `db:"agent_id"`
		Talk  int64 `db:"talk_seconds"`
	}
	err := tx.Select(&rows, "SELECT agent_id, talk_seconds FROM incidents WHERE call_id = ?", call)
	talks := make(map[int64]int64, len(rows))
	for _, r := range rows {
		talks[r.Agent] = r.Talk
	}
	return talks, err
}

// saveTalk takes a longer talk that was told late. card_seconds is never shorter.
func saveTalk(tx *store.Tx, call, agent, talk int64) error {
	_, err := tx.Exec(`UPDATE incidents SET talk_seconds = ?, card_seconds = CASE WHEN card_seconds < ? THEN ? ELSE card_seconds END
		WHERE call_id = ? AND agent_id = ?`, talk, talk, talk, call, agent)
	return err
}

func saveRecording(tx *store.Tx, call int64, url string) error {
	_, err := tx.Exec("UPDATE incidents SET recording_url = ? WHERE call_id = ?", url, call)
	return err
}

func findIncident(tx *store.Tx, id int64) (*incidentRow, error) {
	var r incidentRow
	err := tx.Find("incident", &r, "SELECT "+incidentColumns+" FROM incidents WHERE id = ?", id)
	return &r, err
}

// saveAcknowledgement closes an open incident whose version is still the one
// before the row's.
func saveAcknowledgement(tx *store.Tx, r *incidentRow) (int64, error) {
	return tx.Exec(`UPDATE incidents SET acknowledged_at = ?, acknowledged_by = ?, acknowledged_why = ?, version = ?
		WHERE id = ? AND version = ? AND acknowledged_at = 0`,
		r.AcknowledgedAt, r.AcknowledgedBy, r.AcknowledgedWhy, r.Version, r.ID, r.Version-1)
}

// conditions of the filter.
func (f *incidentWhere) conditions() (w conditions) {
	s := f.sight
	w.add(!s.all, "(agent_id = ? OR owner_id = ? OR agent_id IN (?) OR owner_id IN (?))", s.self, s.self, s.heads, s.heads)
	w.add(f.agent != 0, "agent_id = ?", f.agent)
	w.add(f.owner != 0, "owner_id = ?", f.owner)
	w.add(f.company != nil, "company_id IN (?)", f.company)
	w.add(f.department != nil, "(agent_id IN (?) OR owner_id IN (?))", f.department, f.department)
	w.add(f.state == IncidentOpen, "acknowledged_at = 0")
	w.add(f.state == IncidentAcknowledged, "acknowledged_at <> 0")
	w.add(f.from != 0, "at >= ?", f.from)
	w.add(f.till != 0, "at < ?", f.till)
	return w
}

// listIncidents gives incidents, the latest first.
func listIncidents(tx *store.Tx, w incidentWhere, before incidentCursor, limit int) (rows []*incidentRow, err error) {
	c := w.conditions()
	c.add(before.ID != 0, "at <= ? AND (at < ? OR id < ?)", before.At, before.At, before.ID)
	err = tx.Select(&rows, "SELECT "+incidentColumns+" FROM incidents WHERE "+c.text()+" ORDER BY at DESC, id DESC LIMIT ?", append(c.args, limit)...)
	return rows, err
}

// incidentSum is a line of the report before it has a name.
type incidentSum struct {
	Key  int64  `db:"k"`
	Name string `db:"name"`
	N    int64  `db:"n"`
	Talk int64  `db:"talk"`
	Open int64  `db:"open_ones"`
}

const incidentSums = "COUNT(*) AS n, SUM(talk_seconds) AS talk, SUM(CASE WHEN acknowledged_at = 0 THEN 1 ELSE 0 END) AS open_ones"

// sumIncidents counts incidents by a column of theirs, the most first.
func sumIncidents(tx *store.Tx, w incidentWhere, column string, before sumCursor, limit int) (sums []*incidentSum, err error) {
	c := w.conditions()
	query, args := "SELECT "+column+" AS k, MAX(company_name) AS name, "+incidentSums+" FROM incidents WHERE "+c.text()+" GROUP BY "+column, c.args
	if before.Count != 0 {
		query += " HAVING COUNT(*) < ? OR (COUNT(*) = ? AND " + column + " > ?)"
		args = append(args, before.Count, before.Count, before.Key)
	}
	err = tx.Select(&sums, query+" ORDER BY n DESC, k LIMIT ?", append(args, limit)...)
	return sums, err
}

// sumIncidentsByQuarter counts incidents by the quarter of an hour in which they
// were, in its order; the key is its first millisecond.
func sumIncidentsByQuarter(tx *store.Tx, w incidentWhere) (sums []*incidentSum, err error) {
	c := w.conditions()
	// 900 000 ms; every zone of the world is off UTC by a number of quarters.
	err = tx.Select(&sums, "SELECT at - at % 900000 AS k, '' AS name, "+incidentSums+" FROM incidents WHERE "+c.text()+" GROUP BY k ORDER BY k", c.args...)
	return sums, err
}
