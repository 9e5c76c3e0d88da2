package external

import (
	"slices"
	"sync"
	"time"
)

// Stats is how a source has done since this process was started.
type Stats struct {
	State     State      `json:"state"`
	Until     *time.Time `json:"resting_until"` // null unless it is resting
	Asked     int64      `json:"asked"`
	Failed    int64      `json:"failed"`    // of the questions, or before one could be asked
	Cached    int64      `json:"cached"`    // lookups that were answered without asking
	MedianMS  float64    `json:"median_ms"` // of the last questions
	SlowMS    float64    `json:"p95_ms"`    // 95 of 100 were faster
	LastError string     `json:"last_error"`
	LastAt    *time.Time `json:"last_error_at"`
}

// State is whether a source can be asked.
type State string

// The states.
const (
	StateReady   State = "ready"   // the last question was answered, or none was asked
	StateFailing State = "failing" // the last question failed
	StateResting State = "resting" // it has failed again and again, and is not asked for a while
)

// Values lists the states, for the API reference.
func (State) Values() []string {
	return []string{string(StateReady), string(StateFailing), string(StateResting)}
}

// stats counts.
type stats struct {
	now func() time.Time

	mu      sync.Mutex
	current Stats
	failing bool
	last    [128]time.Duration
	n       int // of last, ever
}

func (s *stats) hit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.Cached++
}

func (s *stats) asked(took time.Duration, err error) {
	s.mu.Lock()
	s.current.Asked++
	s.last[s.n%len(s.last)] = took
	s.n++
	s.failing = err != nil
	s.mu.Unlock()
	if err != nil {
		s.fail(err)
	}
}

func (s *stats) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now().UTC()
	s.current.Failed++
	s.current.LastError, s.current.LastAt = CodeOf(err), &now
}

// Stats returns how the source is doing.
func (s *Source) Stats() Stats {
	until := s.breaker.resting()
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	now := s.stats.current
	now.State = StateReady
	switch {
	case !until.IsZero():
		now.State, now.Until = StateResting, &until
	case s.stats.failing:
		now.State = StateFailing
	}
	last := slices.Sorted(slices.Values(s.stats.last[:min(s.stats.n, len(s.stats.last))]))
	if n := len(last); n > 0 {
		now.MedianMS, now.SlowMS = milliseconds(last[n/2]), milliseconds(last[n*95/100])
	}
	return now
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
