// Package calls is a call's life: ringing, talking, ended; and the card that
// each agent on it sees.
//
// Machines tell it events (Desk.Hear), people ask it before they dial
// (Desk.Check). It finds out who the number is (lookup), what the agent is to
// the owner (staff), lets rules decide, and writes call, card and journal in
// one transaction. It keeps every verdict as it was shown. It never dials,
// drops or routes a call by itself, and it never changes a client.
//
// Read next: event.go, card.go, judge.go, hear.go, states.go.
package calls

import (
	"context"
	"errors"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/crm"
	"callhue/incidents"
	"callhue/internal/jobs"
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

// Parts are the rooms and settings that a Desk works with; all are required,
// but for Metrics and Dialer.
type Parts struct {
	DB        *store.DB
	Journal   *journal.Journal
	Roster    *staff.Roster
	Records   *crm.Records
	Finder    *lookup.Finder
	Permits   *permits.Registry
	Policy    *policy.Versions
	Incidents *incidents.Registry
	Plan      *phone.Plan // how numbers are read that people type
	Log       *slog.Logger
	Metrics   prometheus.Registerer
	Dialer    Dialer // without it nobody can be called from here
}

// Tracker hears calls and shows cards.
type Tracker struct {
	Parts
	verdicts      map[rules.Color]prometheus.Counter
	events        *prometheus.CounterVec
	permitChanges *permitChanges
	staleCards    *staleCards
	singles       *web.Limiter // checks of one number, per user
	batches       *web.Limiter // checks of lists, per user
}

// checks a user may make in a minute: enough for a working day, too few to
// scrape who owns whom. A list of numbers counts as one of the second kind.
const (
	checksPerMinute  = 60
	batchesPerMinute = 6
)

// New makes the desk.
func New(parts Parts) *Tracker {
	parts.Journal.Register(Verbs()...)
	d := &Tracker{Parts: parts, verdicts: map[rules.Color]prometheus.Counter{}, permitChanges: newPermitChanges(), staleCards: &staleCards{journal: parts.Journal},
		singles: web.NewLimiter(checksPerMinute, checksPerMinute, parts.DB.Clock),
		batches: web.NewLimiter(batchesPerMinute, batchesPerMinute, parts.DB.Clock),
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

// AgentOf finds the user whom a source calls by this name; nil when nobody is
// called so.
func (d *Tracker) AgentOf(ctx context.Context, source, name string) (*staff.User, error) {
	org, err := d.Roster.Org(ctx)
	if err != nil || name == "" {
		return nil, err
	}
	return org.ByIdentity(source, name), nil
}

// HolderOf finds the user, a dismissed one too, who has exactly this name in a
// source: neither an extension nor a login counts. nil when nobody has it.
func (d *Tracker) HolderOf(ctx context.Context, source, name string) (*staff.User, error) {
	org, err := d.Roster.Org(ctx)
	if err != nil || name == "" {
		return nil, err
	}
	return org.Holder(source, name), nil
}

// Run does the work that no event asks for, until the context ends: it evaluates cards
// again that are grey, depend on another permit or show a client who has changed.
func (d *Tracker) Run(ctx context.Context) error {
	return jobs.RunAll(ctx,
		jobs.Loop{Name: "evaluating grey cards", Every: reevaluateEvery, Log: d.Log, Do: d.reevaluateGrey},
		jobs.Loop{Name: "evaluating cards after permits", Every: reevaluateEvery, Wake: d.permitChanges.wake, Log: d.Log, Do: d.reevaluatePermitted},
		jobs.Loop{Name: "evaluating cards of changed clients", Every: staleEvery, Log: d.Log, Do: d.reevaluateStale},
	)
}

// Sweep closes calls whose end never came and removes those that the policy does not
// keep any longer. It is due every minute.
func (d *Tracker) Sweep(ctx context.Context) error {
	return errors.Join(d.closeUnfinished(ctx), d.removeOld(ctx))
}
