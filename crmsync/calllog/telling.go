// Package calllog tells connected CRMs of our calls, and has them asked who an
// unknown number is.
//
// A CRM shows a call of our PBXs to its users and writes it down. What it was told of
// a call is a row; deed.go compares that with how the call stands and gives the next
// thing to tell. Nothing is queued, so nothing is lost by a restart, and no call waits:
// they are only read. Of several processes one tells a CRM, by a lease.
//
// Read next: deed.go for what is told when, teller.go for who does it, tell_call.go for
// how. Which CRMs there are is the business of webhooks, how they are spoken to that of
// mirror/bitrix24 and mirror/amocrm.
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

// Tracker is what this room needs of calls: *calls.Tracker.
type Tracker interface {
	Progress(ctx context.Context, ids []int64) ([]calls.Progress, error)
	Knows(ctx context.Context, n phone.Number) (bool, error)
}

// Syncer is what this room needs of mirror: *crmsync.Syncer.
type Syncer interface {
	ImportByNumber(ctx context.Context, source int64, n phone.Number) error
	TheirUser(ctx context.Context, source, user int64) (string, bool)
}

// Parts are what a herald is built from.
type Parts struct {
	DB      *store.DB // its clock is the clock of the telling
	Jobs    *jobs.Runner
	Journal *journal.Journal
	Tracker Tracker
	Syncer  Syncer
	Log     *slog.Logger
	Metrics prometheus.Registerer
}

// Notifier is the room's one struct.
type Notifier struct {
	Parts
	meter *meter
	grace time.Duration // for what is being told when we have to stop
}

// Source is a connected CRM.
type Source struct {
	ID   int64
	Name string
	// Phone is told of calls; nil when the CRM shall only be asked for numbers.
	Phone crmsync.Telephony
	// Own says whether a call is none to tell the CRM of: it is of the CRM's own
	// telephony, or only a test.
	Own func(ctx context.Context, p *calls.Progress) (bool, error)
	// Refused writes down what the CRM did not take, such as "register call 7".
	Refused func(what string, f *fault.Error)
}

// New gives the herald of a database. Attend works.
func New(p Parts) *Notifier {
	h := &Notifier{Parts: p, meter: newMeter(p.Metrics), grace: tellerGrace}
	p.Jobs.Tick(jobs.Tick{Name: "call_log.forget", Next: jobs.Every(time.Hour), Run: h.forgetOld})
	return h
}

// Attend tells a CRM of calls until the context ends, whenever no other process does.
func (h *Notifier) Run(ctx context.Context, s Source) { newTeller(h, s).run(ctx) }

// CallOf gives our call that a CRM knows by this id; 0 for none.
func (h *Notifier) CallOf(ctx context.Context, theirs string) (int64, error) {
	if theirs == "" {
		return 0, nil
	}
	return toldAs(h.DB.Read(ctx), theirs)
}

// echoes is for how long after a call was told the CRM may tell us of it before it
// has told us its id.
const echoes = time.Minute

// IsEcho says whether a call that a CRM tells us of is one that it was told of: it is
// another source's, and known. theirs is the CRM's id of it, n its number; rings says
// that it begins just now.
func (h *Notifier) IsEcho(ctx context.Context, theirs string, n phone.Number, rings bool) (bool, error) {
	// In this order: a call that is being told just now is, a moment later, one that was.
	if rings && n.Kind == phone.External {
		being, err := beingTold(h.DB.Read(ctx), n.Key(), h.DB.Clock().Add(-echoes))
		if err != nil || being {
			return being, err
		}
	}
	told, err := h.CallOf(ctx, theirs)
	return told != 0, err
}

// Forget takes away what a CRM was told, with its source.
func (h *Notifier) RemoveSource(tx *store.Tx, source int64) error { return forgetTold(tx, source) }
