package webhooks

import (
	"context"
	"strings"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/text"
	"callhue/rules"
	"callhue/webhooks/dialects"
)

// routeTimeout is how long an incoming call may wait for where to ring.
const routeTimeout = 300 * time.Millisecond

// Route answers a PBX where an incoming call should ring. On any failure the answer has no targets, and the PBX goes
// its usual way. The question is authenticated like that for a caller's name.
func (rc *Receiver) Route(ctx context.Context, name string, req *dialects.Request, question NameQuestion,
	head func() requestHead) calls.Routing {
	routing := calls.Routing{Targets: []calls.RouteTarget{}}
	in, err := rc.accept(ctx, name, req, head)
	if err != nil {
		rc.logUnlessMissing("route", name, err)
		return routing
	}
	if err = in.mayAsk(question); err == nil {
		in.parsed.Query = &dialects.NameQuery{Number: text.OneLine(question.Number), Direction: rules.In}
		routing, err = rc.opt.Tracker.Route(ctx, name, in.source.Origin.Plan.Parse(in.parsed.Query.Number))
		in.parsed.Note = "route to " + extensions(routing)
	}
	if fault.Is(err, fault.KindInternal) {
		rc.opt.Log.Error("route", "source", name, "error", err)
	}
	rc.logRequest(in, 200, fault.Of(err))
	return routing
}

// extensions returns a routing in one line for a dialplan, such as 101,102.
func extensions(routing calls.Routing) string {
	list := make([]string, len(routing.Targets))
	for i, target := range routing.Targets {
		list[i] = target.Extension
	}
	return strings.Join(list, ",")
}
