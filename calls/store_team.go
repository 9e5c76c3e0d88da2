package calls

import "callhue/internal/store"

// agentSum is what the cards of an agent come to.
type agentSum struct {
	Agent    int64 `db:"agent_id"`
	Calls    int64 `db:"calls"`
	Outgoing int64 `db:"outgoing"`
	Answered int64 `db:"answered"`
	Talk     int64 `db:"talk"` // ms
	Red      int64 `db:"red"`
	Talking  int64 `db:"talking"`
}

// sumOfAgents sums up the calls of some agents that began in a time; until is exclusive.
func sumOfAgents(tx *store.Tx, agents []int64, from, until int64) (rows []agentSum, err error) {
	err = tx.Select(&rows, `SELECT k.agent_id, COUNT(*) AS calls,
			SUM(CASE WHEN c.direction = 'out' THEN 1 ELSE 0 END) AS outgoing,
			SUM(CASE WHEN k.answered_at > 0 THEN 1 ELSE 0 END) AS answered,
			SUM(CASE WHEN k.answered_at > 0 AND k.ended_at > k.answered_at THEN k.ended_at - k.answered_at
				ELSE 0 END) AS talk,
			SUM(CASE WHEN k.color = 'red' THEN 1 ELSE 0 END) AS red,
			SUM(CASE WHEN k.state = 'talking' THEN 1 ELSE 0 END) AS talking
		FROM calls c JOIN cards k ON k.call_id = c.id
		WHERE c.started_at >= ? AND c.started_at < ? AND k.agent_id IN (?) GROUP BY k.agent_id`, from, until, agents)
	return rows, err
}
