package webhooks

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"sync"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/text"
	"callhue/rules"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

// NewTestCall is the input for a test call, which shows a real card to a real agent and ends by itself.
type NewTestCall struct {
	Number    string          `json:"number"`
	Agent     string          `json:"agent"`               // as the source names them, or their extension or login
	Direction rules.Direction `json:"direction,omitempty"` // "" is out
	Duration  time.Duration   `json:"-"`                   // how long it rings: 8 s for 0 or less
}

// testCallPrefix begins the ids of test calls.
const testCallPrefix = "test-"

// testCallDuration is how long a test call rings when nothing else is said.
const testCallDuration = 8 * time.Second

// testCalls are those that still ring; Run ends them.
type testCalls struct {
	mu      sync.Mutex
	ringing []ringingTest
}

type ringingTest struct {
	end    time.Time
	source *sources.Live
	event  calls.Event // that ends it
}

// Test rings at an agent as if the source had sent it, and returns the card. It goes the way of a webhook from where
// that is parsed, and is in the source's log. Faults: not_found, invalid fields, and those of calls.Handle.
func (rc *Receiver) Test(ctx context.Context, source int64, in NewTestCall) (calls.Card, error) {
	live, err := rc.opt.Sources.Live(ctx, source)
	if err != nil {
		return calls.Card{}, err
	}
	if err := in.check(); err != nil {
		return calls.Card{}, err
	}
	if in.Direction == "" {
		in.Direction = rules.Out
	}
	id, err := rc.randomID(testCallPrefix)
	if err != nil {
		return calls.Card{}, err
	}
	now := rc.opt.Now()
	event := calls.Event{
		Source:    live.Name,
		CallID:    id,
		Kind:      calls.Ringing,
		Direction: in.Direction,
		Number:    text.OneLine(in.Number),
		Agent:     text.OneLine(in.Agent),
		At:        now,
		Duration:  -1,
	}
	card, err := rc.opt.Tracker.Handle(ctx, live.Origin, event)
	sent := &inbound{
		req:    &dialects.Request{Source: live.Name, At: now},
		source: live,
		head:   func() requestHead { return requestHead{method: "TEST", path: "test call"} },
		parsed: dialects.Parsed{Events: []calls.Event{event}},
	}
	if err == nil {
		sent.shown = shownCard(&card)
	}
	rc.logRequest(sent, http.StatusOK, fault.Of(err))
	if err != nil {
		return calls.Card{}, err
	}
	event.Kind, event.At, event.Result = calls.Ended, time.Time{}, calls.ResultCancelled
	rc.testCalls.add(ringingTest{now.Add(in.duration()), live, event})
	return card, nil
}

func (in NewTestCall) check() error {
	var wrong *fault.Error
	if in.Number == "" {
		wrong = wrong.And("number", "required")
	}
	if in.Agent == "" {
		wrong = wrong.And("agent", "required")
	}
	switch in.Direction {
	case "", rules.In, rules.Out:
	default:
		wrong = wrong.And("direction", "unknown_value")
	}
	return wrong.OrNil()
}

func (in NewTestCall) duration() time.Duration {
	if in.Duration <= 0 {
		return testCallDuration
	}
	return in.Duration
}

// randomID returns an id for a call that we make.
func (rc *Receiver) randomID(prefix string) (string, error) {
	random := make([]byte, 12)
	if _, err := io.ReadFull(rc.opt.Random, random); err != nil {
		return "", err
	}
	return prefix + base64.RawURLEncoding.EncodeToString(random), nil
}

func (t *testCalls) add(call ringingTest) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ringing = append(t.ringing, call)
}

// takeOver removes and returns the test calls that are over.
func (t *testCalls) takeOver(over func(end time.Time) bool) (ended []ringingTest) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var rest []ringingTest
	for _, call := range t.ringing {
		if over(call.end) {
			ended = append(ended, call)
		} else {
			rest = append(rest, call)
		}
	}
	t.ringing = rest
	return ended
}

// endTestCalls ends the test calls that are over.
func (rc *Receiver) endTestCalls(ctx context.Context, over func(end time.Time) bool) {
	for _, call := range rc.testCalls.takeOver(over) {
		if _, err := rc.opt.Tracker.Handle(ctx, call.source.Origin, call.event); err != nil {
			rc.opt.Log.Error("test call not ended", "source", call.source.Name, "error", err)
		}
	}
}
