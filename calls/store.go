package calls

import (
	"errors"
	"fmt"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/rules"
)

// callRow is a call as it is stored.
type callRow struct {
	ID         int64  `db:"id"`
	Source     string `db:"source"`
	CallID     string `db:"call_id"`
	Direction  string `db:"direction"` // "" until an event brought it
	State      State  `db:"state"`
	Result     string `db:"result"`
	NumberRaw  string `db:"number_raw"` // "" until an event brought it
	NumberKind string `db:"number_kind"`
	NumberKey  int64  `db:"number_key"`
	Extension  string `db:"extension"`
	Line       string `db:"line"`
	StartedAt  int64  `db:"started_at"`
	AnsweredAt int64  `db:"answered_at"`
	EndedAt    int64  `db:"ended_at"`

	// The same by our clock (stamp.go), and the talk that the source reports, in ms.
	StartedSeen  int64 `db:"started_seen"`
	AnsweredSeen int64 `db:"answered_seen"`
	EndedSeen    int64 `db:"ended_seen"`
	Said         int64 `db:"said"`

	Duration    int64  `db:"duration"` // of the talk, s
	Recording   string `db:"recording_url"`
	Note        string `db:"note"`
	NoteVersion int64  `db:"note_version"`
	Final       bool   `db:"final"`
	EndUnknown  bool   `db:"end_unknown"` // the end was not seen
	Version     int64  `db:"version"`
	Also        string `db:"also"` // the other sources that report it (handle_joined.go)
}

// cardRow is one agent's part of a call, with the card as it was shown last.
type cardRow struct {
	ID         int64  `db:"id"`
	CallID     int64  `db:"call_id"`
	AgentKey   string `db:"agent_key"`
	AgentID    int64  `db:"agent_id"`
	AgentName  string `db:"agent_name"`
	State      State  `db:"state"`
	Color      string `db:"color"`
	Why        string `db:"why"`
	Policy     int64  `db:"policy"`
	ClientKind string `db:"client_kind"`
	ClientID   int64  `db:"client_id"`
	DecidedAt  int64  `db:"decided_at"`
	AnsweredAt int64  `db:"answered_at"`
	EndedAt    int64  `db:"ended_at"`
	HungUp     bool   `db:"hung_up"`
	Card       string `db:"card"`
	Version    int64  `db:"version"`
	StartedAt  int64  `db:"started_at"` // of the call: the journal is listed by it

	// What a talk would be an incident about (incident.go); RedAt is 0 for nothing.
	RedAt      int64  `db:"red_at"`
	RedCompany int64  `db:"red_company"`
	RedName    string `db:"red_name"`
	RedOwner   int64  `db:"red_owner"`
	RedWhy     string `db:"red_why"`
	RedPolicy  int64  `db:"red_policy"`
	RedAfter   int64  `db:"red_after"` // s

	// Moments by our clock (stamp.go).
	AnsweredSeen int64 `db:"answered_seen"`
	EndedSeen    int64 `db:"ended_seen"`
	RedSeen      int64 `db:"red_seen"`

	Reason     string     `db:"reason"`     // why the agent goes on on a red card
	Unanswered Unanswered `db:"unanswered"` // why it rang in vain

	takenBy string // the colleague who answered while this phone still rang; not stored
}

const (
	callColumns = `id, source, call_id, direction, state, result, number_raw, number_kind, number_key, extension, line,
		started_at, answered_at, ended_at, duration, recording_url, note, final, version, note_version,
		started_seen, answered_seen, ended_seen, said, also, end_unknown`
	cardColumns = `id, call_id, agent_key, agent_id, agent_name, state, color, why, policy, client_kind, client_id,
		decided_at, answered_at, ended_at, hung_up, card, version, started_at, red_at,
		red_company, red_name, red_owner, red_why, red_policy, red_after, reason,
		answered_seen, ended_seen, red_seen, unanswered`
)

// callBySource returns the call of a source's id, nil when it is new.
func callBySource(tx *store.Tx, source, callID string) (*callRow, error) {
	var c callRow
	err := tx.Get(&c, "SELECT "+callColumns+" FROM calls WHERE source = ? AND call_id = ?", source, callID)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	return &c, err
}

func findCall(tx *store.Tx, id int64) (*callRow, error) {
	var c callRow
	err := tx.Find("call", &c, "SELECT "+callColumns+" FROM calls WHERE id = ?", id)
	return &c, err
}

// lockCall returns the call of an event and keeps all other transactions from it until this one ends; a new call is
// added. The row is changed before it is read: that is the lock which every database has.
func lockCall(tx *store.Tx, e *Event) (call *callRow, added bool, err error) {
	call, err = lockKnownCall(tx, e)
	if err == nil && call == nil {
		_, added, err = tx.InsertOrTouch("version", `INSERT INTO calls (source, call_id, direction, state, result, number_raw, number_kind, number_key,
			extension, line, started_at, answered_at, ended_at, duration, recording_url, note, final, version,
			started_seen)
			VALUES (?, ?, '', '', '', '', '', 0, '', '', ?, 0, 0, 0, '', '', 0, 1, ?)`,
			e.Source, e.CallID, e.stamp().at, e.stamp().seen)
	}
	if err != nil {
		return nil, false, err
	}
	if call == nil {
		call, err = callBySource(tx, e.Source, e.CallID)
	}
	return call, added, err
}

// lockKnownCall is lockCall for a call that the event's source leads; nil when there is none.
func lockKnownCall(tx *store.Tx, e *Event) (*callRow, error) {
	found, err := tx.Exec("UPDATE calls SET version = version + 1 WHERE source = ? AND call_id = ?", e.Source, e.CallID)
	if err != nil || found == 0 {
		return nil, err
	}
	return callBySource(tx, e.Source, e.CallID)
}

// renameCall frees the id that the source gave to an old call, which stays in the call journal.
func renameCall(tx *store.Tx, c *callRow) error {
	_, err := tx.Exec("UPDATE calls SET call_id = ? WHERE id = ?", fmt.Sprintf("%s #%d", cut(c.CallID, maxCallID-25), c.ID), c.ID)
	return err
}

// lockCallByID is lockCall for a call that is known.
func lockCallByID(tx *store.Tx, id int64) (*callRow, error) {
	found, err := tx.Exec("UPDATE calls SET version = version + 1 WHERE id = ?", id)
	if err != nil {
		return nil, err
	}
	if found == 0 {
		return nil, fault.Missing("call")
	}
	return findCall(tx, id)
}

func saveCall(tx *store.Tx, c *callRow) error {
	_, err := tx.Exec(`UPDATE calls SET direction = ?, state = ?, result = ?, number_raw = ?, number_kind = ?, number_key = ?, extension = ?,
		line = ?, started_at = ?, answered_at = ?, ended_at = ?, duration = ?, recording_url = ?, note = ?, final = ?,
		started_seen = ?, answered_seen = ?, ended_seen = ?, said = ?, end_unknown = ? WHERE id = ?`,
		c.Direction, c.State, c.Result, c.NumberRaw, c.NumberKind, c.NumberKey, c.Extension,
		c.Line, c.StartedAt, c.AnsweredAt, c.EndedAt, c.Duration, c.Recording, c.Note, c.Final,
		c.StartedSeen, c.AnsweredSeen, c.EndedSeen, c.Said, c.EndUnknown, c.ID)
	return err
}

// saveStart writes on the cards of a call that it began earlier than was known.
func saveStart(tx *store.Tx, c *callRow) error {
	_, err := tx.Exec("UPDATE cards SET started_at = ? WHERE call_id = ?", c.StartedAt, c.ID)
	return err
}

// addEvent stores an event and reports whether it is new.
func addEvent(tx *store.Tx, e *Event) (fresh bool, err error) {
	_, fresh, err = tx.InsertNew("INSERT INTO call_events (source, call_id, leg, agent, kind, at) VALUES (?, ?, ?, ?, ?, ?)",
		e.Source, e.CallID, e.Leg, e.Agent, string(e.Kind), store.Millis(tx.Now()))
	return fresh, err
}

// removeLaterEvents lets the events after an agent's ringing come again.
func removeLaterEvents(tx *store.Tx, e *Event) error {
	_, err := tx.Exec("DELETE FROM call_events WHERE source = ? AND call_id = ? AND leg = ? AND agent = ? AND kind <> ?",
		e.Source, e.CallID, e.Leg, e.Agent, string(e.Kind))
	return err
}

// legRow is an event of a leg.
type legRow struct {
	Leg   string `db:"leg"`
	Agent string `db:"agent"`
	Kind  string `db:"kind"`
}

// legsOf returns the events of the legs of a call.
func legsOf(tx *store.Tx, e *Event) (rows []legRow, err error) {
	err = tx.Select(&rows, "SELECT leg, agent, kind FROM call_events WHERE source = ? AND call_id = ? AND leg <> ''", e.Source, e.CallID)
	return rows, err
}

func cardsOf(tx *store.Tx, call int64) (cards []*cardRow, err error) {
	err = tx.Select(&cards, "SELECT "+cardColumns+" FROM cards WHERE call_id = ? ORDER BY id", call)
	return cards, err
}

func cardsOfAll(tx *store.Tx, calls []int64) (cards []*cardRow, err error) {
	err = tx.Select(&cards, "SELECT "+cardColumns+" FROM cards WHERE call_id IN (?) ORDER BY id", calls)
	return cards, err
}

func addCard(tx *store.Tx, c *cardRow) (err error) {
	c.Version = 1
	c.ID, err = tx.Insert(`INSERT INTO cards (call_id, agent_key, agent_id, agent_name, state, color, why, policy, client_kind, client_id,
		decided_at, answered_at, ended_at, hung_up, card, version, started_at, red_at,
		red_company, red_name, red_owner, red_why, red_policy, red_after,
		answered_seen, ended_seen, red_seen, unanswered)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.CallID, c.AgentKey, c.AgentID, c.AgentName, c.State, c.Color, c.Why, c.Policy, c.ClientKind, c.ClientID,
		c.DecidedAt, c.AnsweredAt, c.EndedAt, c.HungUp, c.Card, c.StartedAt, c.RedAt,
		c.RedCompany, c.RedName, c.RedOwner, c.RedWhy, c.RedPolicy, c.RedAfter,
		c.AnsweredSeen, c.EndedSeen, c.RedSeen, c.Unanswered)
	return err
}

func saveCard(tx *store.Tx, c *cardRow) error {
	_, err := tx.Exec(`UPDATE cards SET agent_key = ?, agent_id = ?, agent_name = ?, state = ?, color = ?, why = ?, policy = ?, client_kind = ?,
		client_id = ?, decided_at = ?, answered_at = ?, ended_at = ?, hung_up = ?, card = ?, version = version + 1, started_at = ?,
		red_at = ?, red_company = ?, red_name = ?, red_owner = ?, red_why = ?, red_policy = ?, red_after = ?,
		answered_seen = ?, ended_seen = ?, red_seen = ?, unanswered = ? WHERE id = ?`,
		c.AgentKey, c.AgentID, c.AgentName, c.State, c.Color, c.Why, c.Policy, c.ClientKind,
		c.ClientID, c.DecidedAt, c.AnsweredAt, c.EndedAt, c.HungUp, c.Card, c.StartedAt,
		c.RedAt, c.RedCompany, c.RedName, c.RedOwner, c.RedWhy, c.RedPolicy, c.RedAfter,
		c.AnsweredSeen, c.EndedSeen, c.RedSeen, c.Unanswered, c.ID)
	return err
}

// liveCards returns the cards that an agent sees now.
func liveCards(tx *store.Tx, agent int64) (cards []*cardRow, err error) {
	err = tx.Select(&cards, "SELECT "+cardColumns+" FROM cards WHERE agent_id = ? AND ended_at = 0 ORDER BY id DESC LIMIT 50", agent)
	return cards, err
}

// openCards returns the cards that any agent sees now, the newest first.
func openCards(tx *store.Tx, most int) (cards []*cardRow, err error) {
	err = tx.Select(&cards, "SELECT "+cardColumns+` FROM cards
		WHERE call_id IN (SELECT id FROM calls WHERE ended_at = 0) AND ended_at = 0 AND agent_id <> 0 ORDER BY id DESC LIMIT ?`, most)
	return cards, err
}

// greyCards returns live cards whose check was not done.
func greyCards(tx *store.Tx) (cards []*cardRow, err error) {
	err = tx.Select(&cards, "SELECT "+cardColumns+" FROM cards WHERE color = ? AND ended_at = 0 ORDER BY id LIMIT 100", string(rules.Grey))
	return cards, err
}

// unfinishedCalls returns calls that began before a time and have no end.
func unfinishedCalls(tx *store.Tx, before time.Time) (ids []int64, err error) {
	err = tx.Select(&ids, "SELECT id FROM calls WHERE ended_at = 0 AND started_at < ? ORDER BY id LIMIT 100", store.Millis(before))
	return ids, err
}

// openCalls returns the calls of a source that have no end.
func openCalls(tx *store.Tx, source string) (rows []*callRow, err error) {
	err = tx.Select(&rows, "SELECT "+callColumns+` FROM calls
		WHERE source = ? AND ended_at = 0 ORDER BY id LIMIT 5000`, source)
	return rows, err
}

// lastEvent returns when the last event of a source was stored, in ms; 0 when there is none.
func lastEvent(tx *store.Tx, source string) (at int64, err error) {
	err = tx.Get(&at, "SELECT COALESCE(MAX(at), 0) FROM call_events WHERE source = ?", source)
	return at, err
}

// endedBefore returns calls that began before a time and are over, the oldest first.
func endedBefore(tx *store.Tx, before time.Time, most int) (ids []int64, err error) {
	err = tx.Select(&ids, "SELECT id FROM calls WHERE started_at < ? AND ended_at <> 0 ORDER BY started_at, id LIMIT ?", store.Millis(before), most)
	return ids, err
}

// removeCalls removes calls with their cards.
func removeCalls(tx *store.Tx, ids []int64) error {
	if _, err := tx.Exec("DELETE FROM cards WHERE call_id IN (?)", ids); err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE FROM call_aliases WHERE lead_id IN (?)", ids); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM calls WHERE id IN (?)", ids)
	return err
}

// removeEvents removes events that are too old to be repeated.
func removeEvents(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec("DELETE FROM call_events WHERE at < ?", store.Millis(before))
	return err
}

// saveUnanswered writes why a telephone rang in vain; the card itself does not show it.
func saveUnanswered(tx *store.Tx, c *cardRow) error {
	_, err := tx.Exec("UPDATE cards SET unanswered = ? WHERE id = ?", c.Unanswered, c.ID)
	return err
}

func saveReason(tx *store.Tx, c *cardRow) error {
	_, err := tx.Exec("UPDATE cards SET reason = ? WHERE id = ?", c.Reason, c.ID)
	return err
}

func saveNote(tx *store.Tx, c *callRow) error {
	_, err := tx.Exec("UPDATE calls SET note = ?, note_version = ? WHERE id = ?", c.Note, c.NoteVersion, c.ID)
	return err
}
