package calls

import (
	"context"
	"time"

	"callhue/internal/store"
	"callhue/rules"
)

// Unfinished is a call that has no end yet, for a source that compares its calls with ours after it was not
// followed for a while.
type Unfinished struct {
	CallID    string // as the source calls it
	Direction rules.Direction
	Number    string // as it arrived
	Line      string
	Answered  bool
	Last      time.Time // when the call was last known to be up
	Legs      []OpenLeg
}

// OpenLeg is a telephone that rings or talks on a call.
type OpenLeg struct {
	ID       string
	Agent    string // as the source calls the agent
	Answered bool
}

// Unfinished returns the calls of a source that have no end yet. Last is the latest event of the source: a call
// that had ended before it would have ended here, too.
func (d *Tracker) Unfinished(ctx context.Context, source string) ([]Unfinished, error) {
	tx := d.DB.Read(ctx)
	rows, err := openCalls(tx, source)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	last, err := lastEvent(tx, source)
	if err != nil {
		return nil, err
	}
	list := make([]Unfinished, len(rows))
	for i, c := range rows {
		list[i] = Unfinished{
			CallID:    c.CallID,
			Direction: rules.Direction(c.Direction),
			Number:    c.NumberRaw,
			Line:      c.Line,
			Answered:  c.AnsweredAt != 0,
			Last:      store.Time(max(last-c.clockAhead(), c.StartedAt, c.AnsweredAt)),
		}
		said, err := legsOf(tx, &Event{Source: source, CallID: c.CallID})
		if err != nil {
			return nil, err
		}
		list[i].Legs = openLegs(said)
	}
	return list, nil
}

// clockAhead returns by how much our clock is ahead of the source's, in ms, as far as the call shows it.
func (c *callRow) clockAhead() int64 {
	switch {
	case c.AnsweredSeen > 0:
		return c.AnsweredSeen - c.AnsweredAt
	case c.StartedSeen > 0:
		return c.StartedSeen - c.StartedAt
	}
	return 0
}

// openLegs returns the legs of agents that have begun and not ended.
func openLegs(said []legRow) (open []OpenLeg) {
	legs, ended := map[string]*OpenLeg{}, map[string]bool{}
	var order []string
	for _, s := range said {
		if s.Agent == "" {
			continue
		}
		leg := legs[s.Leg]
		if leg == nil {
			leg = &OpenLeg{ID: s.Leg, Agent: s.Agent}
			legs[s.Leg], order = leg, append(order, s.Leg)
		}
		switch EventKind(s.Kind) {
		case Answered:
			leg.Answered = true
		case Ended:
			ended[s.Leg] = true
		}
	}
	for _, id := range order {
		if !ended[id] {
			open = append(open, *legs[id])
		}
	}
	return open
}
