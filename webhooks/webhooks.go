// Package webhooks is how calls reach us: it receives the requests of PBXs and CRMs, and opens connections to those
// that send none.
//
// A request at /hooks/{source} is authenticated and parsed by the dialect of its source (package dialects), its events
// are handled by calls, and the dialect words the reply (hook.go). Phones ask at /cid, /lookup and /route who calls
// and where to ring. The last requests of every source are kept with what was understood or why they were refused
// (log.go), and all of them are counted (counts.go). No reply waits for anything but the card.
//
// The connections that we open, to PBXs (pbx_link.go) and to CRMs, are links (link.go); connectors.go lists which
// dialect has which. Systems that are asked whose a number is stand in lookup_source.go. Calls are placed over a link
// or over the PBX's HTTP API (dial.go). Which sources there are is kept by package sources.
//
// Read next: hook.go, then dialects/dialect.go.
package webhooks

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/calls"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/phone"
	"callhue/rules"
	"callhue/staff"
	"callhue/statuses"
	"callhue/webhooks/sources"
	"callhue/webhooks/threecx"
)

// Tracker is what the receiver needs of calls: *calls.Tracker.
type Tracker interface {
	Handle(ctx context.Context, origin calls.Origin, e calls.Event) (calls.Card, error)
	Receive(ctx context.Context, origin calls.Origin, e calls.Event, within time.Duration) (calls.Card, error)
	Postpone(origin calls.Origin, e calls.Event)
	Check(ctx context.Context, q calls.Question) (calls.Card, error)
	Relate(ctx context.Context, user *access.User, card *calls.Card) error
	CallerName(card calls.Card, max int, ascii bool) string
	AgentOf(ctx context.Context, source, identity string) (*staff.User, error)
	HolderOf(ctx context.Context, source, identity string) (*staff.User, error)
	PhoneHolder(ctx context.Context, n phone.Number) (*staff.User, error)
	Unfinished(ctx context.Context, source string) ([]calls.Unfinished, error)
	Route(ctx context.Context, source string, n phone.Number) (calls.Routing, error)
	DirectionOf(ctx context.Context, source, callID string) (rules.Direction, error)
}

// Options are what a Receiver is built from.
type Options struct {
	DB      *store.DB
	Sources *sources.Registry
	Tracker Tracker
	// Syncer syncs the records of connected CRMs; without it no CRM can be connected.
	Syncer Syncer
	// Notifier logs our calls in the CRMs; required with Syncer.
	Notifier Notifier
	// Roster and Directory know the owners and statuses of lookup sources; without them such a source always fails.
	Roster    *staff.Roster
	Directory *statuses.Directory
	// AllowPrivate lets requests to PBXs go to private and loopback addresses, where a PBX of one's own often is.
	AllowPrivate bool
	Rate         int // requests a second of one source before 429; 0 is 500
	Metrics      prometheus.Registerer
	Log          *slog.Logger
	Now          func() time.Time
	Random       io.Reader
}

// Receiver receives the requests of all sources and keeps the connections to them.
type Receiver struct {
	opt        Options
	connectors map[string]connector // by dialect
	log        *requestLog
	metrics    *requestMetrics
	refusals   refusals
	limits     *web.Limiter // of requests that a source has proved to be its own, by its name
	forged     *web.Limiter // of refused requests that are logged, by source and address
	installs   *web.Limiter // of applications, by the source's name
	testCalls  testCalls
	links      links
	memory     callMemory
	lookups    lookupSources
	client     *http.Client // for requests to PBXs and CRMs
	timeouts   timeouts
}

// timeouts is how long answers may take. Tests allow more where a slow machine must not look like a slow database.
type timeouts struct {
	callerName, route time.Duration // for our answer to a PBX
	event             time.Duration // the same, to an event
	originate         time.Duration // for an Asterisk's answer to a call that it should place
	originateFailure  time.Duration // within it a call that cannot be placed fails
	threecxLinger     time.Duration // for someone to join a call of a 3CX that all have left
}

// defaultRate is how many requests a second one source may make.
const defaultRate = 500

// installsPerMinute is how often a minute one source may be installed: each time its CRM is asked to confirm it.
const installsPerMinute = 6

// How many requests without a right secret are logged of one address at one source. Further ones are checked and
// refused as before, and only counted: those of an attacker must not push the others out of the log.
const (
	forgedPerMinute = 60
	forgedAtOnce    = 20
)

// eventTimeout is how long the answer to an event may take, unless AnswerWithin sets another time.
const eventTimeout = 30 * time.Second

// AnswerWithin sets how long the answer to a PBX may take. It comes before the first request.
func (rc *Receiver) AnswerWithin(d time.Duration) {
	rc.timeouts.event = d
	rc.timeouts.callerName = min(rc.timeouts.callerName, d)
	rc.timeouts.route = min(rc.timeouts.route, d)
}

// New returns the receiver of a database and attaches it to the sources. Run must run beside it.
func New(opt Options) (*Receiver, error) {
	if opt.Sources == nil {
		return nil, fault.Invalid("sources", "required")
	}
	if opt.Syncer != nil && opt.Notifier == nil {
		return nil, fault.Invalid("notifier", "required")
	}
	if opt.Rate == 0 {
		opt.Rate = defaultRate
	}
	rc := &Receiver{
		opt:        opt,
		connectors: connectors(),
		log:        newRequestLog(opt.DB),
		metrics:    newRequestMetrics(opt.Metrics),
		refusals:   refusals{log: opt.Log, now: opt.Now},
		limits:     web.NewLimiter(opt.Rate*60, opt.Rate, opt.Now),
		forged:     web.NewLimiter(forgedPerMinute, forgedAtOnce, opt.Now),
		installs:   web.NewLimiter(installsPerMinute, installsPerMinute, opt.Now),
		client:     web.NewClient(opt.AllowPrivate),
		timeouts: timeouts{
			callerName:       callerNameTimeout,
			event:            eventTimeout,
			route:            routeTimeout,
			originate:        amiAnswer,
			originateFailure: amiFailure,
			threecxLinger:    threecx.Linger,
		},
	}
	opt.Sources.Attach(rc)
	opt.Sources.Journal.Listen(rc.forgetChanged)
	return rc, nil
}

// Run writes the request log and ends test calls until the context ends; what is pending then is still written.
func (rc *Receiver) Run(ctx context.Context) error {
	write := func(ctx context.Context) error {
		rc.endTestCalls(ctx, rc.opt.Now().After)
		return rc.log.flush(ctx)
	}
	_ = jobs.Loop{Name: "writing the request log", Every: flushEvery, Log: rc.opt.Log, Do: write}.Run(ctx)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	rc.endTestCalls(last, func(time.Time) bool { return true })
	return rc.log.flush(last)
}

// flushEvery is how soon a request is in the log.
const flushEvery = 500 * time.Millisecond

// Sweep deletes counts that are no longer shown. It is due every hour.
func (rc *Receiver) Sweep(ctx context.Context) error { return rc.log.counts.sweep(ctx) }

// RemoveSource deletes what is kept for a source, in the transaction that removes it. It is part of sources.Runtime.
func (rc *Receiver) RemoveSource(tx *store.Tx, source int64) error {
	for _, remove := range []func(*store.Tx, int64) error{deleteLog, deleteConsents, deleteCounts} {
		if err := remove(tx, source); err != nil {
			return err
		}
	}
	if rc.opt.Syncer == nil {
		return nil
	}
	if err := rc.opt.Syncer.RemoveSource(tx, source); err != nil {
		return err
	}
	return rc.opt.Notifier.RemoveSource(tx, source)
}
