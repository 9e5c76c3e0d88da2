package calls

import (
	"context"
	"iter"

	"callhue/internal/web"
)

// callsAtOnce is how many calls of a file are read together.
const callsAtOnce = 200

// CallsFile returns the whole call journal as a file, the latest first, for the command line: a row for each agent of a
// call, and one row for a call that had no agent.
func (d *Tracker) CallsFile() web.CSV {
	header := []string{"id", "source", "call_id", "direction", "state", "result", "number", "line", "started_at", "answered_at", "ended_at", "duration",
		"recording_url", "note", "agent", "agent_state", "color", "why", "unanswered", "end_unknown"}
	return web.CSV{Name: "calls", Header: header, Rows: func(ctx context.Context) iter.Seq2[[]any, error] {
		return func(yield func([]any, error) bool) {
			for f, more := (filter{Limit: callsAtOnce}), true; more; {
				rows, err := listCalls(d.DB.ReadSlow(ctx), f)
				if err != nil {
					yield(nil, err)
					return
				}
				list, err := callsOf(d.DB.ReadSlow(ctx), rows, func(*cardRow) bool { return true })
				if err != nil {
					yield(nil, err)
					return
				}
				for i, c := range list {
					for _, cells := range c.cells() {
						if !yield(cells, nil) {
							return
						}
					}
					f.Before = callCursor{rows[i].StartedAt, rows[i].ID}
				}
				more = len(rows) == callsAtOnce
			}
		}
	}}
}

func (c Call) cells() (rows [][]any) {
	number := c.Number.E164
	if number == "" {
		number = c.Number.Raw
	}
	row := []any{c.ID, c.Source, c.CallID, c.Direction, c.State, c.Result, number, c.Line, c.StartedAt, c.AnsweredAt, c.EndedAt, c.Duration, c.Recording, c.Note}
	for _, a := range c.Agents {
		name := a.Name
		if a.Agent != nil {
			name = a.Agent.Login
		}
		cells := append(row[:len(row):len(row)], name, a.State, a.Verdict.Color, a.Verdict.Why)
		rows = append(rows, append(cells, a.Unanswered, c.EndUnknown))
	}
	if len(rows) == 0 {
		rows = append(rows, append(row, nil, nil, nil, nil, nil, c.EndUnknown))
	}
	return rows
}
