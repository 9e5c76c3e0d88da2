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
	"callhue/rules"
)

// Trial is a test call: it shows a real card to a real agent and ends by itself.
type Trial struct {
	Number    string          `json:"number"`
	Agent     string          `json:"agent"`               // as the source calls him, or his extension or login
	Direction rules.Direction `json:"direction,omitempty"` // out unless told otherwise
}

// trialPrefix begins the names of test calls.
const trialPrefix = "test-"

// trialTime is how long a test call rings.
const trialTime = 8 * time.Second

// testCalls are those that still ring; Run ends them.
type testCalls struct {
	mu    sync.Mutex
	rings []ringing
}

type ringing struct {
	end    time.Time
	source *liveSource
	event  calls.Event
}

// Test rings at an agent as if the source had said so, and gives his card. It
// goes the way of a webhook from where that is understood, and is in the
// source's log.
func (d *Receiver) Test(ctx context.Context, id int64, trial Trial) (calls.Card, error) {
	source, err := d.byID(ctx, id)
	if err != nil {
		return calls.Card{}, err
	}
	var wrong *fault.Error
	if trial.Number == "" {
		wrong = wrong.And("number", "required")
	}
	if trial.Agent == "" {
		wrong = wrong.And("agent", "required")
	}
	switch trial.Direction {
	case "":
		trial.Direction = rules.Out
	case rules.In, rules.Out:
	default:
		wrong = wrong.And("direction", "unknown_value")
	}
	if err := wrong.OrNil(); err != nil {
		return calls.Card{}, err
	}
	random := make([]byte, 12)
	if _, err := io.ReadFull(d.opt.Random, random); err != nil {
		return calls.Card{}, err
	}
	now := d.opt.Now()
	event := calls.Event{Source: source.Name, CallID: trialPrefix + base64.RawURLEncoding.EncodeToString(random), Kind: calls.Ringing,
		Direction: trial.Direction, Number: fault.OneLine(trial.Number), Agent: fault.OneLine(trial.Agent), At: now, Duration: -1}
	c := &call{q: &Query{Source: source.Source, At: now}, source: source,
		trace: func() trace { return trace{method: "TEST", path: "test call"} }, heard: Parsed{Events: []calls.Event{event}}}
	card, err := d.opt.Desk.Handle(ctx, source.origin, event)
	if err == nil {
		c.shown = shownOf(&card)
	}
	d.record(c, http.StatusOK, fault.Of(err))
	if err != nil {
		return calls.Card{}, err
	}
	event.Kind, event.At, event.Result = calls.Ended, time.Time{}, calls.ResultCancelled
	d.tests.mu.Lock()
	defer d.tests.mu.Unlock()
	d.tests.rings = append(d.tests.rings, ringing{now.Add(trialTime), source, event})
	return card, nil
}

// endTests ends the test calls whose time is over.
func (d *Receiver) endTests(ctx context.Context, over func(end time.Time) bool) {
	d.tests.mu.Lock()
	var due, rest []ringing
	for _, r := range d.tests.rings {
		if over(r.end) {
			due = append(due, r)
		} else {
			rest = append(rest, r)
		}
	}
	d.tests.rings = rest
	d.tests.mu.Unlock()
	for _, r := range due {
		if _, err := d.opt.Desk.Handle(ctx, r.source.origin, r.event); err != nil {
			d.opt.Log.Error("test call not ended", "source", r.source.Name, "error", err)
		}
	}
}
