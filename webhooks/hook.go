package webhooks

import (
	"cmp"
	"context"
	"errors"
	"time"

	"callhue/calls"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

// inbound is a request on its way, or an event of a link, with what its log entry needs.
type inbound struct {
	req    *dialects.Request
	source *sources.Live
	head   func() requestHead // valid within the request only: its memory is used again
	parsed dialects.Parsed
	shown  *ShownCard
}

// accept finds the source that a request is addressed to. An unknown one is counted and fault.Missing.
func (rc *Receiver) accept(ctx context.Context, name string, req *dialects.Request,
	head func() requestHead) (*inbound, error) {
	all, err := rc.opt.Sources.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	source := all.ByName[name]
	if source == nil || source.Dialect == nil {
		rc.metrics.count("unknown", sources.Refused, "unknown_source")
		return nil, fault.Missing("source")
	}
	req.Source, req.Settings = source.Name, source.Settings
	req.Prepared = source.Prepared
	req.Memory = &sourceMemory{rc: rc, ctx: ctx, source: source.Source}
	return &inbound{req: req, source: source, head: head}, nil
}

// Hook authenticates, parses and handles one webhook of the named source, and returns the reply that its dialect
// words. Errors are faults: not_found, source_inactive, too_many_requests, unauthorised with the reason, invalid
// fields, and those of calls.Handle.
func (rc *Receiver) Hook(ctx context.Context, name string, req *dialects.Request,
	head func() requestHead) (dialects.Reply, error) {
	in, err := rc.accept(ctx, name, req, head)
	if err != nil {
		return dialects.Reply{}, err
	}
	reply, err := rc.process(ctx, in)
	return rc.finish(in, reply, err)
}

func (rc *Receiver) process(ctx context.Context, in *inbound) (dialects.Reply, error) {
	if err := rc.authenticate(ctx, in); err != nil {
		return dialects.Reply{}, err
	}
	parsed, err := in.source.Dialect.Read(in.req)
	if err != nil {
		return dialects.Reply{}, err
	}
	in.parsed = parsed
	if err := rc.syncCRM(ctx, in); err != nil {
		return dialects.Reply{}, err
	}
	if err := rc.reportChange(ctx, in); err != nil {
		return dialects.Reply{}, err
	}
	return rc.handle(ctx, in)
}

// authenticate reads the request's fields and checks that it comes from its source.
func (rc *Receiver) authenticate(ctx context.Context, in *inbound) error {
	source, dialect := in.source, in.source.Dialect
	switch {
	case !source.Active:
		return fault.Forbidden("source_inactive")
	case dialect.Authenticate == nil:
		return fault.Missing("webhooks_of_dialect")
	}
	if len(in.req.Body) > cmp.Or(dialect.MaxBody, web.MaxBody) {
		return &fault.Error{Kind: fault.KindInvalid, Key: "body_too_large"}
	}
	if dialect.ReadsBody == nil || !dialect.ReadsBody(source.Settings) {
		if err := in.req.ReadForm(dialect.Fields); err != nil {
			return err
		}
	}
	if dialect.UsesToken && rc.opt.Syncer != nil {
		token, err := rc.opt.Syncer.TokenStore(source.ID, source.Name).Token(ctx)
		if err != nil {
			return err
		}
		in.req.Token = token
	}
	if err := dialect.Authenticate(in.req, source.Secrets.At(in.req.At)); err != nil {
		return err
	}
	// Only what has proved to come from the source counts against its limit.
	if wait, ok := rc.limits.Allow(source.Name); !ok {
		return fault.Busy("too_many_requests", wait)
	}
	return nil
}

// agentOf returns the agent of a card, as if they had signed in; no one where the agent is unknown.
func agentOf(card *calls.Card) *access.User {
	if card.Agent == nil {
		return &access.User{}
	}
	return &access.User{ID: card.Agent.ID}
}

// handle has calls handle the events, or answers the question, and words the reply.
func (rc *Receiver) handle(ctx context.Context, in *inbound) (dialects.Reply, error) {
	var card *calls.Card
	for _, e := range in.parsed.Events {
		handled, err := rc.handleEvent(ctx, in, e)
		if err != nil {
			return dialects.Reply{}, err
		}
		if handled != nil {
			card = handled
		}
	}
	if query := in.parsed.Query; query != nil {
		checked, err := rc.check(ctx, in.source, *query, false)
		if err != nil {
			return dialects.Reply{}, err
		}
		card = &checked
	}
	in.shown = shownCard(card)
	if card != nil && in.source.Dialect.WithRelated && in.req.Query.Get("related") == "1" {
		if err := rc.opt.Tracker.Relate(ctx, agentOf(card), card); err != nil {
			return dialects.Reply{}, err
		}
	}
	switch {
	case in.parsed.Reply != nil:
		return *in.parsed.Reply, nil
	case in.source.Dialect.Reply == nil:
		return dialects.JSONReply(struct{}{}), nil
	}
	return in.source.Dialect.Reply(in.req, in.parsed, rc.result(ctx, in.source, card)), nil
}

// handleEvent has calls handle one event. The card is nil for an event that is none of ours: of a line that is left
// out, or of a call that we logged in this CRM ourselves.
func (rc *Receiver) handleEvent(ctx context.Context, in *inbound, e calls.Event) (*calls.Card, error) {
	e.Source = in.source.Name
	began := time.Now()
	echo, err := rc.isEcho(ctx, in.source, e)
	if err != nil {
		rc.postpone(in, e, err)
		return nil, err
	}
	if echo {
		in.parsed.Note = "a call of ours that was logged in this CRM"
		return nil, nil
	}
	if e.Agent, err = rc.agentName(ctx, in.source, e.Agent, in.parsed.Aliases[e.Agent]); err != nil {
		return nil, err
	}
	within := rc.timeouts.event - time.Since(began)
	card, err := rc.opt.Tracker.Receive(ctx, in.source.Origin, e, within)
	if errors.Is(err, calls.ErrOtherLine) {
		in.parsed.Ignored = "line " + e.Line
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &card, nil
}

// postpone keeps an event that the database did not let us look at.
func (rc *Receiver) postpone(in *inbound, e calls.Event, err error) {
	if fault.Is(err, fault.KindUnavailable) {
		rc.opt.Tracker.Postpone(in.source.Origin, e)
	}
}

// result offers a dialect what it may need for its reply.
func (rc *Receiver) result(ctx context.Context, source *sources.Live, card *calls.Card) dialects.Result {
	return dialects.Result{
		Card: card,
		Route: func() calls.Routing {
			if card == nil {
				return calls.Routing{}
			}
			routing, err := rc.opt.Tracker.Route(ctx, source.Name, source.Origin.Plan.Parse(card.Number.Raw))
			if err != nil {
				rc.opt.Log.Warn("route", "source", source.Name, "error", err)
			}
			return routing
		},
		CallerName: func(max int, ascii bool) string {
			if card == nil {
				return ""
			}
			return displayLine(rc.opt.Tracker.CallerName(*card, max, ascii), max)
		},
	}
}

// agentName returns the name by which an agent is known: the first one, unless only one of the aliases is known. Ids
// of a CRM's users look like extensions, which count in every source: an id that no active user has is marked with #.
func (rc *Receiver) agentName(ctx context.Context, source *sources.Live, name string, aliases []string) (string, error) {
	if name != "" && source.Dialect.OwnUserIDs {
		user, err := rc.opt.Tracker.HolderOf(ctx, source.Name, name)
		if err == nil && (user == nil || !user.Active) {
			name = "#" + name
		}
		return name, err
	}
	if name == "" || len(aliases) == 0 {
		return name, nil
	}
	for _, candidate := range append([]string{name}, aliases...) {
		user, err := rc.opt.Tracker.AgentOf(ctx, source.Name, candidate)
		if err != nil {
			return "", err
		}
		if user != nil {
			return candidate, nil
		}
	}
	return name, nil
}

// check returns the card for a number without a call, and without its texts where only the name is wanted.
func (rc *Receiver) check(ctx context.Context, source *sources.Live, query dialects.NameQuery,
	wordless bool) (calls.Card, error) {
	q := calls.Question{
		Number:    source.Origin.Plan.Parse(query.Number),
		Called:    query.Agent,
		Direction: query.Direction,
		Language:  source.Settings["language"],
		Wordless:  wordless,
	}
	if query.Agent != "" {
		user, err := rc.opt.Tracker.AgentOf(ctx, source.Name, query.Agent)
		if err != nil {
			return calls.Card{}, err
		}
		q.Agent = user
	}
	return rc.opt.Tracker.Check(ctx, q)
}

// finish logs and counts what became of a request, and lets its dialect word a refusal.
func (rc *Receiver) finish(in *inbound, reply dialects.Reply, err error) (dialects.Reply, error) {
	f := fault.Of(err)
	if f == nil {
		rc.logRequest(in, reply.Status, nil)
		return reply, nil
	}
	rc.refusals.add(in.source.Name, f)
	status := web.Status(f)
	if in.source.Dialect.Refusal != nil && f.Kind != fault.KindUnavailable {
		if worded := in.source.Dialect.Refusal(status); worded.Status != 0 {
			reply, err, status = worded, nil, worded.Status
		}
	}
	rc.logRequest(in, status, f)
	return reply, err
}

// logRequest counts a request and adds it to the source's log.
func (rc *Receiver) logRequest(in *inbound, status int, f *fault.Error) {
	rc.countRequest(in, f)
	if f != nil && f.Kind == fault.KindUnauthorised {
		if _, ok := rc.forged.Allow(in.source.Name + " " + in.head().address); !ok {
			return
		}
	}
	rc.log.add(in.source, in.logEntry(status, f))
}

func (rc *Receiver) countRequest(in *inbound, f *fault.Error) {
	outcome := outcomeOf(f, in.parsed)
	rc.metrics.count(in.source.Source.Dialect, outcome, reasonLabel(f))
	rc.log.counts.add(in.source.ID, outcome, in.req.At)
}
