package sources

import (
	"context"
	"time"
)

// Problem is one thing that is wrong with a source that works otherwise, for the line on its page.
type Problem struct {
	Code    ProblemCode `json:"code"`
	Count   int64       `json:"count,omitempty"`   // of calls or numbers in the last requests
	Minutes int64       `json:"minutes,omitempty"` // without an event
}

// ProblemCode names a problem.
type ProblemCode string

// The problems.
const (
	ProblemSilent            ProblemCode = "no_events"          // connected, and nothing arrives
	ProblemUnknownAgents     ProblemCode = "unknown_agents"     // calls of agents who are no known user
	ProblemUnreadableNumbers ProblemCode = "unreadable_numbers" // a number rule may be missing
)

// Values lists the problems, for the API reference.
func (ProblemCode) Values() []string {
	return []string{string(ProblemSilent), string(ProblemUnknownAgents), string(ProblemUnreadableNumbers)}
}

// silentAfter is how long a connected source may send nothing before its page mentions it.
const silentAfter = 10 * time.Minute

// problems returns what is wrong with a source.
func (r *Registry) problems(ctx context.Context, v SourceView) ([]Problem, error) {
	found := []Problem{}
	if v.Link != nil && v.Link.State == LinkConnected && r.dialects[v.Dialect].ReportsCalls() {
		heard := v.CreatedAt.Time()
		if v.HeardAt != nil {
			heard = *v.HeardAt
		}
		if silent := r.DB.Clock().Sub(heard); silent >= silentAfter {
			found = append(found, Problem{Code: ProblemSilent, Minutes: int64(silent / time.Minute)})
		}
	}
	seen, err := r.runtime.LastCalls(ctx, v.ID)
	if err != nil {
		return found, err
	}
	if seen.UnknownAgents > 0 {
		found = append(found, Problem{Code: ProblemUnknownAgents, Count: seen.UnknownAgents})
	}
	if seen.UnreadableNumbers > 0 {
		found = append(found, Problem{Code: ProblemUnreadableNumbers, Count: seen.UnreadableNumbers})
	}
	return found, nil
}

// LastCalls is what the last requests of a source told of calls.
type LastCalls struct {
	UnknownAgents     int64 // calls of agents who are no known user
	UnreadableNumbers int64 // numbers that are none, as they are read now
}
