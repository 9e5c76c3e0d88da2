package webhooks

import (
	"context"
	"strings"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/rules"
)

// routeTimeout is how long an incoming call may wait to be told where to ring.
const routeTimeout = 300 * time.Millisecond

// Route tells a PBX at whom an incoming call should ring. Whatever fails, there is
// an answer: without targets, and the PBX goes its usual way. The question is
// proved as that for a caller's name.
func (d *Receiver) Route(ctx context.Context, name string, q *Query, wanted NameQuestion, t func() trace) calls.Routing {
	none := calls.Routing{Targets: []calls.RouteTarget{}}
	b, err := d.book.Get(ctx)
	if err != nil {
		d.opt.Log.Error("route", "error", err)
		return none
	}
	source := b.byName[name]
	if source == nil || source.dialect == nil {
		d.meter.count("unknown", outcomeRefused, "unknown_source")
		return none
	}
	q.Source = source.Source
	c := &call{q: q, source: source, trace: t}
	if err = c.mayAsk(wanted); err == nil {
		c.heard.Asked = &NameQuery{Number: fault.OneLine(wanted.Number), Direction: rules.In}
		none, err = d.opt.Desk.Route(ctx, name, source.origin.Plan.Parse(c.heard.Asked.Number))
		c.heard.Note = "route to " + extensions(none)
	}
	if fault.Is(err, fault.KindInternal) {
		d.opt.Log.Error("route", "source", name, "error", err)
	}
	d.record(c, 200, fault.Of(err))
	return none
}

// extensions is a routing in one line for a dialplan: 101,102.
func extensions(r calls.Routing) string {
	list := make([]string, len(r.Targets))
	for i, t := range r.Targets {
		list[i] = t.Extension
	}
	return strings.Join(list, ",")
}

// routeSetting of dialects whose answer can say where to ring.
var routeSetting = routed("false")

// routed is routeSetting of a dialect where it is usual, or not.
func routed(usual string) Setting {
	return Setting{Name: "route", Kind: kindSwitch, Topic: topicCalls, Usual: usual, Label: web.Say("Входящие — сначала ответственному за клиента", "Incoming calls ring at the client's owner first")}
}

// firstNumber is the first target that a PBX can ring by a number of digits; "" when
// there is none.
func firstNumber(r calls.Routing) string {
	for _, t := range r.Targets {
		if strings.Trim(t.Extension, "0123456789") == "" {
			return t.Extension
		}
	}
	return ""
}
