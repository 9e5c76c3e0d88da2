package webhooks

import (
	"context"
	"errors"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/web"
)

// call is a request at one of the doors on its way, with what its log line needs.
type call struct {
	q      *Query
	source *liveSource
	trace  func() trace // within the request: its memory is used again
	heard  Parsed
	shown  *Shown
}

// Hook takes a webhook of the source of this name: who, may he, what does he
// say, hear it, answer. Faults are what web answers a refusal with.
func (d *Receiver) Hook(ctx context.Context, name string, q *Query, t func() trace) (Reply, error) {
	b, err := d.book.Get(ctx)
	if err != nil {
		return Reply{}, err
	}
	source := b.byName[name]
	if source == nil || source.dialect == nil {
		d.meter.count("unknown", outcomeRefused, "unknown_source")
		return Reply{}, fault.Missing("source")
	}
	q.Source = source.Source
	c := &call{q: q, source: source, trace: t}
	reply, err := d.take(ctx, c)
	return d.finish(c, reply, err)
}

func (d *Receiver) take(ctx context.Context, c *call) (Reply, error) {
	dialect, q := c.source.dialect, c.q
	switch {
	case !c.source.Active:
		return Reply{}, fault.Forbidden("source_inactive")
	case dialect.prove == nil:
		return Reply{}, fault.Missing("webhooks_of_dialect")
	}
	if wait, ok := d.limits.Allow(c.source.Name); !ok {
		return Reply{}, fault.Busy("too_many_requests", wait)
	}
	if err := q.read(); err != nil {
		return Reply{}, err
	}
	if dialect.granted && d.opt.Syncer != nil {
		grant, err := d.opt.Syncer.TokenStore(c.source.ID, c.source.Name).Token(ctx)
		if err != nil {
			return Reply{}, err
		}
		q.Grant = grant
	}
	if err := dialect.prove(q, c.source.secrets.At(q.At)); err != nil {
		return Reply{}, err
	}
	heard, err := dialect.understand(q)
	if err != nil {
		return Reply{}, err
	}
	c.heard = heard
	if err := d.enqueueChanges(ctx, c); err != nil {
		return Reply{}, err
	}
	return d.tell(ctx, c)
}

// read finds the fields: of the body, or of the URL where there is no body.
func (q *Query) read() (err error) {
	if encoding := q.Header("Content-Encoding"); encoding != "" && encoding != "identity" {
		return fault.Invalid("Content-Encoding", "unknown_value") // nobody sends it, and a small bomb unpacks to a large one
	}
	if len(q.Body) > 0 {
		q.Form, err = readForm(q.Header("Content-Type"), q.Body)
		return err
	}
	q.Form = &Form{values: make(map[string]string, len(q.URL)), lists: map[string]int{}}
	for name, values := range q.URL {
		for _, value := range values {
			if err := q.Form.set(name, barePlus(value)); err != nil {
				return err
			}
		}
	}
	return nil
}

// tell has calls hear the events, or answer the question, and words the reply.
func (d *Receiver) tell(ctx context.Context, c *call) (Reply, error) {
	var told Result
	for _, e := range c.heard.Events {
		e.Source = c.source.Name
		if echo, err := d.isEcho(ctx, c.source, e); err != nil || echo {
			c.heard.Note = "a call of ours that this CRM was told of"
			if err != nil {
				return Reply{}, err
			}
			continue
		}
		agent, err := d.agent(ctx, c.source, e.Agent, c.heard.Aliases[e.Agent])
		if err != nil {
			return Reply{}, err
		}
		e.Agent = agent
		card, err := d.opt.Desk.Handle(ctx, c.source.origin, e)
		if errors.Is(err, calls.ErrOtherLine) {
			c.heard.Ignored = "line " + e.Line
			continue
		}
		if err != nil {
			return Reply{}, err
		}
		told.Card = &card
	}
	if asked := c.heard.Asked; asked != nil {
		card, err := d.ask(ctx, c.source, *asked, false)
		if err != nil {
			return Reply{}, err
		}
		told.Card = &card
	}
	c.shown = shownOf(told.Card)
	if told.Card != nil && c.source.dialect.relates && c.q.URL.Get("related") == "1" {
		if err := d.opt.Desk.Relate(ctx, told.Card); err != nil {
			return Reply{}, err
		}
	}
	told.Route = func() calls.Routing {
		if told.Card == nil {
			return calls.Routing{}
		}
		number := c.source.origin.Plan.Parse(told.Card.Number.Raw)
		r, err := d.opt.Desk.Route(ctx, c.source.Name, number)
		if err != nil {
			d.opt.Log.Warn("route", "source", c.source.Name, "error", err)
		}
		return r
	}
	told.Name = func(max int, ascii bool) string {
		if told.Card == nil {
			return ""
		}
		return phoneLine(d.opt.Desk.CallerName(*told.Card, ascii), max)
	}
	switch {
	case c.heard.Reply != nil:
		return *c.heard.Reply, nil
	case c.source.dialect.answer == nil:
		return replyJSON(struct{}{}), nil
	}
	return c.source.dialect.answer(c.q, c.heard, told), nil
}

// agent gives the name by which the agent is known: the first one, unless only
// one of the aliases is known. The ids of a CRM's users are digits like extensions,
// which count in every source: one that nobody is known by is told apart from them.
func (d *Receiver) agent(ctx context.Context, of *liveSource, name string, aliases []string) (string, error) {
	source := of.Name
	if name != "" && of.dialect.strict {
		user, err := d.opt.Desk.HolderOf(ctx, source, name)
		if err == nil && (user == nil || !user.Active) {
			name = "#" + name
		}
		return name, err
	}
	if name == "" || len(aliases) == 0 {
		return name, nil
	}
	for _, candidate := range append([]string{name}, aliases...) {
		user, err := d.opt.Desk.AgentOf(ctx, source, candidate)
		if err != nil {
			return "", err
		}
		if user != nil {
			return candidate, nil
		}
	}
	return name, nil
}

// ask checks a number without a call, and without words where only a name is
// wanted.
func (d *Receiver) ask(ctx context.Context, s *liveSource, asked NameQuery, wordless bool) (calls.Card, error) {
	q := calls.Question{Number: s.origin.Plan.Parse(asked.Number), Called: asked.Agent, Direction: asked.Direction,
		Language: s.Settings["language"], Wordless: wordless}
	if asked.Agent != "" {
		user, err := d.opt.Desk.AgentOf(ctx, s.Name, asked.Agent)
		if err != nil {
			return calls.Card{}, err
		}
		q.Agent = user
	}
	return d.opt.Desk.Check(ctx, q)
}

// finish writes down what became of the request, and lets the dialect word a
// refusal.
func (d *Receiver) finish(c *call, reply Reply, err error) (Reply, error) {
	if errors.Is(err, context.DeadlineExceeded) {
		err = fault.Busy("timeout", time.Second).Because(err)
	}
	f := fault.Of(err)
	if f == nil {
		d.record(c, reply.Status, nil)
		return reply, nil
	}
	status := web.Status(f)
	if c.source.dialect.refuse != nil {
		if worded := c.source.dialect.refuse(status); worded.Status != 0 {
			reply, err, status = worded, nil, worded.Status
		}
	}
	d.record(c, status, f)
	return reply, err
}

// record counts a request and gives it to the log.
func (d *Receiver) record(c *call, status int, f *fault.Error) {
	d.count(c, f)
	d.log.add(c.source, c.line(status, f))
}

func (d *Receiver) count(c *call, f *fault.Error) {
	reason, o := "", outcomeOf(f, c.heard)
	if f != nil {
		reason = reasonOf(f)
	}
	d.meter.count(c.source.Dialect, o, reason)
	d.log.tally.add(c.source.ID, o, c.q.At)
}
