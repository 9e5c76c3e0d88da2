package sources

import (
	"context"
	"slices"
	"testing"
	"time"

	"callhue/internal/store"
)

// busyRuntime has one source's connection up, and saw calls.
type busyRuntime struct {
	fakeRuntime
	link *LinkStatus
	last LastCalls
}

func (b busyRuntime) LinkStatus(context.Context, Source) (*LinkStatus, error) { return b.link, nil }
func (b busyRuntime) LastCalls(context.Context, int64) (LastCalls, error)     { return b.last, nil }

func TestProblems(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := newRegistry(t, db)
		settings := map[string]string{"address": "pbx.example"}
		office := r.add(t, NewSource{Name: "office", Dialect: "ami", Secret: "x", Settings: settings})
		connected := &LinkStatus{State: LinkConnected}
		heard := func(ago time.Duration) []RequestCount {
			return []RequestCount{{Outcome: Understood, Ever: 1, LastAt: noon.Add(-ago)}}
		}
		for _, tt := range []struct {
			why     string
			runtime busyRuntime
			counts  []RequestCount
			want    []Problem
		}{
			{"an event a moment ago", busyRuntime{link: connected}, heard(time.Minute), []Problem{}},
			{"connected, and no event for twelve minutes", busyRuntime{link: connected}, heard(12 * time.Minute),
				[]Problem{{Code: ProblemSilent, Minutes: 12}}},
			{"it was added a moment ago", busyRuntime{link: connected}, nil, []Problem{}},
			{"not connected: that is shown by itself", busyRuntime{link: &LinkStatus{State: LinkFailed}},
				heard(time.Hour), []Problem{}},
			{"a source that connects to us may be silent", busyRuntime{}, heard(time.Hour), []Problem{}},
			{"agents and numbers", busyRuntime{last: LastCalls{3, 12}}, heard(0),
				[]Problem{{Code: ProblemUnknownAgents, Count: 3}, {Code: ProblemUnreadableNumbers, Count: 12}}},
		} {
			r.Attach(tt.runtime)
			v, err := r.view(ctx, office, "https://callhue.example", tt.counts)
			if err != nil || !slices.Equal(v.Problems, tt.want) || v.Problems == nil {
				t.Errorf("%s: %v %v, want %v", tt.why, v.Problems, err, tt.want)
			}
		}
	})
}
