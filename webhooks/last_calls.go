package webhooks

import (
	"context"
	"encoding/json"
	"time"

	"callhue/internal/store"
	"callhue/phone"
	"callhue/webhooks/sources"
)

// lastCallsSpan is how old a request may be that still tells how a source is doing.
const lastCallsSpan = 24 * time.Hour

// LastCalls looks at the last requests of a source for agents who are not known and numbers that cannot be read. It is
// part of sources.Runtime.
func (rc *Receiver) LastCalls(ctx context.Context, source int64) (sources.LastCalls, error) {
	live, err := rc.opt.Sources.Live(ctx, source)
	if err != nil {
		return sources.LastCalls{}, err
	}
	rows, err := logRows(rc.opt.DB.Read(ctx), source, keptRequests)
	if err != nil {
		return sources.LastCalls{}, err
	}
	strangers, unreadable := map[string]bool{}, map[string]bool{}
	for _, row := range rows {
		if rc.opt.Now().Sub(store.Time(row.At)) > lastCallsSpan {
			continue
		}
		var u Understanding
		if json.Unmarshal([]byte(row.Understood), &u) != nil {
			continue
		}
		for _, e := range u.Events {
			if e.Number != "" && live.Origin.Plan.Parse(e.Number).Kind == phone.Invalid {
				unreadable[e.Number] = true
			}
			if e.Agent != "" && u.Shown != nil && u.Shown.Agent == "" {
				strangers[e.CallID] = true
			}
		}
	}
	return sources.LastCalls{UnknownAgents: int64(len(strangers)), UnreadableNumbers: int64(len(unreadable))}, nil
}
