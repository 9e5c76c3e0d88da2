package calls

import (
	"context"
	"time"

	"callhue/internal/store"
	"callhue/phone"
	"callhue/rules"
)

// Progress is the state of a call with all of its agents, for packages that report calls to others.
type Progress struct {
	ID        int64
	Source    string
	CallID    string // as the source calls it
	Direction rules.Direction
	Number    phone.Number
	Line      string
	State     State
	StartedAt time.Time
	EndedAt   time.Time // zero until then
	Answered  bool      // by any agent
	Talked    time.Duration
	Result    Result // "" until it ended
	Recording string
	Agents    []Part // the known ones, in the order in which the call rang
}

// Part is one agent's part of a call.
type Part struct {
	User     int64
	State    State
	Answered bool
}

// Progress returns how calls stand now; calls that were removed are missing.
func (d *Tracker) Progress(ctx context.Context, ids []int64) ([]Progress, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	tx := d.DB.Read(ctx)
	rows, err := callsByID(tx, ids)
	if err != nil {
		return nil, err
	}
	cards, err := cardsOfAll(tx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Progress, len(rows))
	for i, c := range rows {
		list[i] = Progress{ID: c.ID, Source: c.Source, CallID: c.CallID, Direction: c.direction(), Number: c.number(), Line: c.Line, State: c.State,
			StartedAt: store.Time(c.StartedAt), Answered: c.AnsweredAt != 0, Talked: time.Duration(c.Duration) * time.Second, Result: Result(c.Result), Recording: c.Recording}
		if c.EndedAt != 0 {
			list[i].EndedAt = store.Time(c.EndedAt)
		}
		for _, card := range cards {
			if card.CallID == c.ID && card.AgentID != 0 {
				list[i].Agents = append(list[i].Agents, Part{card.AgentID, card.State, card.AnsweredAt != 0})
			}
		}
	}
	return list, nil
}

// Knows reports whether any record has a number.
func (d *Tracker) Knows(ctx context.Context, n phone.Number) (bool, error) {
	policy, err := d.Policy.Active(ctx)
	if err != nil {
		return false, err
	}
	match, err := d.match(ctx, n, policy)
	return err == nil && !match.Empty(), err
}
