package calls

import (
	"context"
	"time"

	"callhue/internal/fault"
	"callhue/journal"
	"callhue/lookup"
	"callhue/rules"
	"callhue/staff"
)

// Receive is Handle for a source that waits for its answer: it answers within that time, whatever the database does.
// An event that cannot be stored in time is refused as unavailable: the source may send it again. Meanwhile its agent
// sees a grey card, and the event is kept in memory and handled as soon as the database answers (kept.go); as it is not
// stored, it is never acknowledged.
func (d *Tracker) Receive(ctx context.Context, origin Origin, e Event, within time.Duration) (Card, error) {
	if e.received.IsZero() {
		e.received = d.DB.Clock().UTC()
	}
	type result struct {
		card Card
		err  error
	}
	done := make(chan result, 1)
	// The work goes on for a moment when the time is over: a driver may not notice it, and what is committed then is
	// not lost.
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), within+workOn)
	go func() {
		defer cancel()
		card, err := d.handleInTurn(work, origin, e, within/2)
		done <- result{card, err}
	}()
	over := time.NewTimer(within)
	defer over.Stop()
	var got result
	select {
	case got = <-done:
	case <-over.C:
		got.err = fault.Unavailable("database_away", time.Second)
	}
	if fault.Is(got.err, fault.KindUnavailable) {
		d.Postpone(origin, e)
	}
	return got.card, got.err
}

// handleInTurn is Handle for no more events at once than the database has use for. Those that show a card go first; one
// that would wait too long is unavailable "overloaded".
func (d *Tracker) handleInTurn(ctx context.Context, origin Origin, e Event, wait time.Duration) (Card, error) {
	leave, err := d.turns.Enter(e.Kind == Ringing || e.Kind == Answered, wait)
	if err != nil {
		return Card{}, err
	}
	defer leave()
	return d.Handle(ctx, origin, e)
}

// workOn is how much longer the handling of an event may go on after its source was refused.
const workOn = 2 * time.Second

// eventsAtOnce is how many events are handled at once: enough to share commits, too few to keep lookups from the
// processors.
const eventsAtOnce = 64

// Postpone shows the agent of an event that cannot be stored now a grey card, and keeps the event for later.
func (d *Tracker) Postpone(origin Origin, e Event) {
	if e.received.IsZero() {
		e.received = d.DB.Clock().UTC()
	}
	if d.kept.add(keptEvent{origin, e}) {
		d.Log.Warn("an event waits for the database", "source", origin.Name, "kept", d.kept.len())
	}
	d.announceGrey(origin, e)
}

// announceGrey shows the agent of an event a grey card, made from memory alone. The card has the call id 0: its call is
// not stored. An agent who is not known by what is in memory sees none.
func (d *Tracker) announceGrey(origin Origin, e Event) {
	e.Source = origin.Name
	if e.Agent == "" || e.tidy(e.received) != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // memory does not wait
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return
	}
	agent := org.ByIdentity(origin.Name, e.Agent)
	if agent == nil {
		return
	}
	card := d.greyCard(org, agent, origin, &e)
	verb := CardShown
	if card.Call.State == StateEnded {
		verb = CardClosed
	}
	d.Journal.Announce(journal.Entry{
		At:      e.received,
		Actor:   agent.ID,
		Team:    agent.DepartmentID,
		Verb:    verb,
		Subject: journal.Ref{Kind: "call"},
		Details: journal.Details(card),
	})
}

// greyCard returns the card of an event whose number cannot be checked.
func (d *Tracker) greyCard(org *staff.Org, agent *staff.User, origin Origin, e *Event) Card {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	active, err := d.Policy.Active(ctx)
	if err != nil {
		active = d.Policy.Shipped()
	}
	direction := e.Direction
	if direction == "" {
		direction = rules.Out
	}
	b := cardBuilder{
		org:    org,
		policy: active,
		match:  &lookup.Match{},
		q:      Question{Number: origin.Plan.Parse(e.Number), Agent: agent, Called: e.Agent, Direction: direction},
		now:    d.DB.Clock().UTC().Truncate(time.Millisecond),
	}
	scene := b.scene()
	scene.Failed = true
	b.verdict = rules.Judge(scene, *active)
	card := b.card()
	card.Verdict.Shade = d.shade(active, card.Verdict.Color)
	at := e.At.UTC()
	card.Call = &CallPart{
		Source:    e.Source,
		CallID:    e.CallID,
		Direction: direction,
		State:     State("").next(e.Kind),
		StartedAt: at,
	}
	switch card.Call.State {
	case StateTalking:
		card.Call.AnsweredAt = &at
	case StateEnded:
		card.Call.EndedAt = &at
	}
	return card
}
