// Package calls follows each call from ringing to its end, and makes the card that each agent on it sees.
//
// Sources report events (Tracker.Handle); people and programs check a number before they dial (Tracker.Check). The
// package finds the records of the number (lookup), the agent's relation to the owner (staff), lets rules decide, and
// writes call, card and journal entry in one transaction. Every verdict is kept as it was shown. A conversation on a
// red card becomes an incident (incidents). The package never dials, drops or routes a call by itself, and never
// changes a client.
//
// Read next: event.go, card.go, card_judge.go, handle.go, call_states.go.
package calls

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/crm"
	"callhue/incidents"
	"callhue/internal/jobs"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/lookup"
	"callhue/permits"
	"callhue/phone"
	"callhue/policy"
	"callhue/rules"
	"callhue/staff"
)

// Parts are the packages and settings that a Tracker works with. All are required but Metrics, Dialer and
// Numbers.
type Parts struct {
	DB        *store.DB
	Journal   *journal.Journal
	Roster    *staff.Roster
	Records   *crm.Records
	Finder    *lookup.Finder
	Permits   *permits.Registry
	Policy    *policy.Versions
	Incidents *incidents.Registry
	Plan      *phone.Plan // reads the numbers that people type
	Log       *slog.Logger
	Metrics   prometheus.Registerer
	Dialer    Dialer        // nil: click-to-call is off
	Numbers   NumberReader  // nil: Plan alone reads what people type
	Seal      *secrets.Seal // seals the passes of pages in frames
}

// Tracker handles the events of calls and makes cards.
type Tracker struct {
	Parts
	verdicts      map[rules.Color]prometheus.Counter
	events        *prometheus.CounterVec
	permitChanges *permitChanges
	staleCards    *staleCards
	references    *references
	kept          *keptEvents
	turns         *web.Gate    // of events
	singles       *web.Limiter // checks of one number, per user
	batches       *web.Limiter // checks of lists, per user
}

// The checks that a user may make in a minute: enough for a working day, too few to copy who owns which client. A list
// of numbers counts as one batch.
const (
	checksPerMinute  = 60
	batchesPerMinute = 6
)

// New returns the tracker of a database and registers the verbs of this package.
func New(parts Parts) *Tracker {
	parts.Journal.Register(Verbs()...)
	d := &Tracker{Parts: parts, verdicts: map[rules.Color]prometheus.Counter{}, permitChanges: newPermitChanges(), staleCards: &staleCards{journal: parts.Journal},
		references: newReferences(),
		kept:       &keptEvents{},
		turns:      web.NewGate(eventsAtOnce, time.Now),
		singles:    web.NewLimiter(checksPerMinute, checksPerMinute, parts.DB.Clock),
		batches:    web.NewLimiter(batchesPerMinute, batchesPerMinute, parts.DB.Clock),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callhue_call_events_total", Help: "Events heard of calls, by kind; repeated ones apart.",
		}, []string{"kind"}),
	}
	parts.Journal.Listen(d.permitChanges.handle)
	parts.Journal.Listen(d.staleCards.handle)
	verdicts := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "callhue_verdicts_total", Help: "Verdicts given, by colour.",
	}, []string{"color"})
	for _, color := range colors {
		d.verdicts[color] = verdicts.WithLabelValues(string(color))
	}
	if parts.Metrics != nil {
		parts.Metrics.MustRegister(verdicts, d.events)
	}
	return d
}

// AgentOf returns the user that a source calls by a name, nil when no user has it. Extensions and logins count.
func (d *Tracker) AgentOf(ctx context.Context, source, name string) (*staff.User, error) {
	org, err := d.Roster.Org(ctx)
	if err != nil || name == "" {
		return nil, err
	}
	return org.ByIdentity(source, name), nil
}

// HolderOf returns the user, a dismissed one too, whose identity in a source is exactly this name; nil when no user has
// it. Extensions and logins do not count.
func (d *Tracker) HolderOf(ctx context.Context, source, name string) (*staff.User, error) {
	org, err := d.Roster.Org(ctx)
	if err != nil || name == "" {
		return nil, err
	}
	return org.Holder(source, name), nil
}

// PhoneHolder returns the user whose own phone has a number; nil when no user has it, or more than one.
func (d *Tracker) PhoneHolder(ctx context.Context, n phone.Number) (*staff.User, error) {
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return nil, err
	}
	if holders := org.ByPhone(n.Key()); len(holders) == 1 {
		return holders[0], nil
	}
	return nil, nil
}

// Run does the work that no event asks for, until the context ends: it evaluates cards again that are grey, depend on
// another permit or show a client who has changed.
func (d *Tracker) Run(ctx context.Context) error {
	return jobs.RunAll(ctx,
		jobs.Loop{Name: "handling events that waited", Every: keptEvery, Log: d.Log, Do: d.handleKept},
		jobs.Loop{Name: "evaluating grey cards", Every: reevaluateEvery, Log: d.Log, Do: d.reevaluateGrey},
		jobs.Loop{Name: "evaluating cards after permits", Every: reevaluateEvery, Wake: d.permitChanges.wake, Log: d.Log, Do: d.reevaluatePermitted},
		jobs.Loop{Name: "evaluating cards of changed clients", Every: staleEvery, Log: d.Log, Do: d.reevaluateStale},
		jobs.Loop{Name: "keeping companies of lookup sources", Every: reevaluateEvery, Wake: d.references.wake,
			Log: d.Log, Do: d.keepReferences},
	)
}

// Sweep closes calls whose end never came and removes calls that the policy no longer keeps. It is due every minute.
func (d *Tracker) Sweep(ctx context.Context) error {
	return errors.Join(d.closeUnfinished(ctx), d.removeOld(ctx))
}
