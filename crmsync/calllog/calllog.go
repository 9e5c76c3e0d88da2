// Package calllog logs our calls in connected CRMs, and has the callers of unknown numbers imported from
// them.
//
// A CRM shows a call of our PBXs to its users and logs it. What it was sent of a call is a row; step.go
// compares that with the state of the call and returns the next step. Nothing is queued, so a restart loses
// nothing, and no call waits: calls are only read. Of several processes one serves a CRM, under a lease.
//
// Read next: step.go for what is sent when, sender.go for the work of a process, send.go for one step. webhooks
// knows which CRMs are connected; crmsync/bitrix24 and crmsync/amocrm are their clients.
package calllog

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/calls"
	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
)

// Tracker is the part of calls that is used here: *calls.Tracker.
type Tracker interface {
	Progress(ctx context.Context, ids []int64) ([]calls.Progress, error)
	Knows(ctx context.Context, n phone.Number) (bool, error)
}

// Syncer is the part of crmsync that is used here: *crmsync.Syncer.
type Syncer interface {
	ImportByNumber(ctx context.Context, source int64, n phone.Number) error
	TheirUser(ctx context.Context, source, user int64) (string, bool)
}

// Parts are the dependencies of a Notifier.
type Parts struct {
	DB      *store.DB // its clock is the clock of the schedule
	Jobs    *jobs.Runner
	Journal *journal.Journal
	Tracker Tracker
	Syncer  Syncer
	Log     *slog.Logger
	Metrics prometheus.Registerer
}

// Notifier logs calls in connected CRMs.
type Notifier struct {
	Parts
	meter *meter
	grace time.Duration // for a step in progress when the process stops
}

// Source is a connected CRM.
type Source struct {
	ID   int64
	Name string
	// Phone receives the calls; nil if the CRM is only searched for numbers.
	Phone crmsync.Telephony
	// Own reports whether a call must not be sent to the CRM: it belongs to the CRM's own telephony, or is
	// a test.
	Own func(ctx context.Context, p *calls.Progress) (bool, error)
	// Refused records a step that the CRM did not accept, such as "register call 7".
	Refused func(what string, f *fault.Error)
}

// New returns a Notifier; Run starts the work for a CRM.
func New(p Parts) *Notifier {
	n := &Notifier{Parts: p, meter: newMeter(p.Metrics), grace: stopGrace}
	p.Jobs.Tick(jobs.Tick{Name: "call_log.forget", Next: jobs.Every(time.Hour), Run: n.removeOld})
	return n
}

// Run logs calls in a CRM until the context ends, while no other process does.
func (n *Notifier) Run(ctx context.Context, s Source) { newSender(n, s).run(ctx) }

// CallOf returns our call that a CRM knows by an id; 0 for none.
func (n *Notifier) CallOf(ctx context.Context, crmID string) (int64, error) {
	if crmID == "" {
		return 0, nil
	}
	return callByTheirID(n.DB.Read(ctx), crmID)
}

// echoes is how long after a call was sent the CRM may report it before we know its id there.
const echoes = time.Minute

// IsEcho reports whether a call reported by a CRM is one that we sent to it. crmID is the CRM's id of it; rings reports
// whether it begins just now.
func (n *Notifier) IsEcho(ctx context.Context, crmID string, number phone.Number, rings bool) (bool, error) {
	// In this order: a call that is being sent now has been sent a moment later.
	if rings && number.Kind == phone.External {
		being, err := isRegistering(n.DB.Read(ctx), number.Key(), n.DB.Clock().Add(-echoes))
		if err != nil || being {
			return being, err
		}
	}
	told, err := n.CallOf(ctx, crmID)
	return told != 0, err
}

// RemoveSource removes the log of a CRM, in the transaction that removes its source.
func (n *Notifier) RemoveSource(tx *store.Tx, source int64) error { return removeLoggedOf(tx, source) }
