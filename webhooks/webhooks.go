// Package webhooks is the machines' door: PBXs and CRMs tell it what happens,
// and it tells calls in the words of the house.
//
// A Source is one connected PBX or CRM with its dialect and secret. A Dialect is
// its wire language: one file that proves a request, understands it and words
// the answer, and does no I/O. The Door does the rest for all of them: it finds
// the source, bounds its rate, hears the calls, keeps the last requests with
// what was understood or why they were refused, and counts. It decides nothing
// about a client, and no answer waits for anything but the card.
//
// Some sources are connections that we open (link.go): Asterisk, and CRMs, which mirror
// keeps here and telling tells of our calls (crm_link.go). The pages that a portal shows
// of us are the business of tabs (portal.go).
//
// Read next: dialect.go and generic.go, then hook.go; source.go for who may
// speak, log.go for what an administrator reads. Those who are told what happened
// are the business of deliveries.
package webhooks

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/phone"
	"callhue/staff"
)

// Tracker is what this room needs of calls: *calls.Tracker.
type Tracker interface {
	Handle(ctx context.Context, origin calls.Origin, e calls.Event) (calls.Card, error)
	Check(ctx context.Context, q calls.Question) (calls.Card, error)
	Relate(ctx context.Context, card *calls.Card) error
	CallerName(card calls.Card, ascii bool) string
	AgentOf(ctx context.Context, source, identity string) (*staff.User, error)
	HolderOf(ctx context.Context, source, identity string) (*staff.User, error)
	Route(ctx context.Context, source string, n phone.Number) (calls.Routing, error)
}

// Options are what a door is built from.
type Options struct {
	DB      *store.DB
	Journal *journal.Journal
	Desk    Tracker
	// Syncer follows connected CRMs; without it there are none.
	Syncer Syncer
	// Notifier logs calls in them; required with Syncer.
	Notifier Notifier
	Seal     *secrets.Seal
	// Plan reads the numbers of a source that names no country of its own.
	Plan *phone.Plan
	// AllowPrivate lets orders to dial go to private and loopback addresses, where
	// a PBX of one's own often is.
	AllowPrivate bool
	Rate         int // requests a second of one source before 429; 0 is 500
	Metrics      prometheus.Registerer
	Log          *slog.Logger
	Now          func() time.Time
	Random       io.Reader
}

// Receiver is the room's one struct.
type Receiver struct {
	opt      Options
	dialects map[string]*Dialect
	book     *journal.Snapshot[book]
	log      *requestLog
	meter    *meter
	limits   *web.Limiter // by the source's name
	tests    testCalls
	links    links
	installs *web.Limiter // of applications, by the source's name
	client   *http.Client // for orders to PBXs
	patience timeouts
}

// timeouts is how long answers may take. Tests have more of it where a slow machine
// must not look like a slow database.
type timeouts struct {
	name, route   time.Duration // what PBXs ask us
	order, atOnce time.Duration // what we ask a PBX; atOnce: whether it fails at once
}

// defaultRate is how many requests a second one source may make.
const defaultRate = 500

// installsPerMinute is how often a minute one source may be installed: each time its
// CRM is asked whether that is so.
const installsPerMinute = 6

// New gives the door of a database; the journal keeps its memory of the sources
// fresh. Run must run beside it.
func New(opt Options) (*Receiver, error) {
	opt.Journal.Register(Verbs()...)
	if opt.Seal == nil || opt.Plan == nil {
		return nil, fault.Invalid("seal", "required")
	}
	if opt.Syncer != nil && opt.Notifier == nil {
		return nil, fault.Invalid("herald", "required")
	}
	if opt.Rate == 0 {
		opt.Rate = defaultRate
	}
	d := &Receiver{opt: opt, dialects: map[string]*Dialect{}, log: newRequestLog(opt.DB),
		patience: timeouts{name: nameTimeout, route: routeTimeout, order: amiAnswer, atOnce: amiAtOnce},
		meter:    newMeter(opt.Metrics), limits: web.NewLimiter(opt.Rate*60, opt.Rate, opt.Now),
		installs: web.NewLimiter(installsPerMinute, installsPerMinute, opt.Now),
		client:   web.NewClient(opt.AllowPrivate)}
	for _, dialect := range Dialects() {
		d.dialects[dialect.Name] = &dialect
	}
	d.book = journal.NewSnapshot(opt.Journal, d.readBook, SourceAdded, SourceChanged, SourceRemoved)
	return d, nil
}

// Run writes the log of requests and ends test calls, until the context ends;
// what is pending then is still written.
func (d *Receiver) Run(ctx context.Context) error {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			d.endTests(last, func(time.Time) bool { return true })
			return d.log.flush(last)
		case <-tick.C:
			now := d.opt.Now()
			d.endTests(ctx, now.After)
			if err := d.log.flush(ctx); err != nil && ctx.Err() == nil {
				d.opt.Log.Error("log of webhooks not written", "error", err)
			}
		}
	}
}
