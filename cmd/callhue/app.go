package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"callhue/assistants"
	"callhue/calls"
	"callhue/crm"
	"callhue/crmsync"
	"callhue/crmsync/bitrix24app"
	"callhue/crmsync/calllog"
	"callhue/importexport"
	"callhue/incidents"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/live"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/lookup"
	"callhue/outhooks"
	"callhue/permits"
	"callhue/phone"
	"callhue/policy"
	"callhue/proposals"
	"callhue/rules"
	"callhue/staff"
	"callhue/statuses"
	"callhue/webhooks"
	"callhue/webhooks/sources"
	"callhue/workforce/kpi"
)

// app is every package, joined over one database.
type app struct {
	db          *store.DB
	journal     *journal.Journal
	idempotency *journal.IdempotencyStore
	roster      *staff.Roster
	reading     *staff.ReadingBudget
	directory   *statuses.Directory
	records     *crm.Records
	importer    *importexport.Importer
	finder      *lookup.Finder
	permits     *permits.Registry
	policy      *policy.Versions
	proposals   *proposals.Registry
	incidents   *incidents.Registry
	tracker     *calls.Tracker
	live        *live.Live
	syncer      *crmsync.Syncer
	sources     *sources.Registry
	receiver    *webhooks.Receiver
	bitrix24app *bitrix24app.App
	jobs        *jobs.Runner
	dispatcher  *outhooks.Dispatcher
	ledger      *kpi.Ledger
	assistants  *assistants.Assistants
	plan        *phone.Plan
	metrics     *prometheus.Registry
	log         *slog.Logger
}

// opening is what a command may do to its database.
type opening int

const (
	existing  opening = iota // only use one that is there: a mistyped path makes no second installation
	creating                 // make a missing one
	upgrading                // make a missing one, and bring one of an older version up to this
)

// open joins the packages over the database.
func (e *env) open(may opening, n numbering) (*app, error) {
	g := e.global
	plan, err := n.plan()
	if err != nil {
		return nil, err
	}
	openDB := store.Open
	if may == existing {
		openDB = store.OpenExisting
	}
	db, err := openDB(e.ctx, g.DB)
	if err != nil {
		return nil, err
	}
	a := &app{db: db, plan: plan, log: e.logger(), metrics: prometheus.NewRegistry()}
	if err := a.build(e.ctx, g, may); err != nil {
		_ = db.Close()
		return nil, err
	}
	return a, nil
}

// withApp opens the application over an existing database, for a command that works beside a server, and closes it
// afterwards.
func (e *env) withApp(n numbering, do func(*app) error) error { return e.withAppIn(existing, n, do) }

func (e *env) withAppIn(may opening, n numbering, do func(*app) error) error {
	a, err := e.open(may, n)
	if err != nil {
		return err
	}
	defer a.close()
	return do(a)
}

func (a *app) build(ctx context.Context, g *globals, may opening) error {
	if err := a.migrate(ctx, may); err != nil {
		return err
	}
	a.metrics.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	a.journal = journal.New(a.db, a.log)
	a.idempotency = journal.NewIdempotencyStore(a.db)
	var err error
	a.jobs, err = jobs.New(jobs.Options{DB: a.db, Log: a.log, Random: rand.Reader, Metrics: a.metrics})
	if err != nil {
		return err
	}
	a.roster = staff.New(a.db, a.journal, a.plan)
	a.roster.RegisterMetrics(a.metrics)
	a.reading = staff.NewReadingBudget(a.db, a.journal, a.roster, staff.DefaultReadingLimits())
	a.directory = statuses.New(a.db, a.journal)
	if err := a.directory.Seed(ctx); err != nil {
		return err
	}
	a.records = crm.New(a.db, a.journal, a.roster, a.directory, a.plan)
	a.importer = importexport.New(a.db, a.records, a.roster, a.directory, a.plan, rand.Reader)
	a.ledger = kpi.New(a.db, a.journal, a.roster)
	a.assistants = assistants.New(a.db, a.journal, version)
	a.finder = lookup.New(a.db, a.directory, a.journal, lookup.Options{Metrics: a.metrics})
	a.permits = permits.New(a.db, a.journal, a.roster, a.records, a.log)
	a.policy = policy.New(a.db, a.journal, a.roster, a.directory, rules.Default())
	a.permits.HoursFrom(a.policy.PermitHours)
	a.incidents = incidents.New(a.db, a.journal, a.roster, a.records, a.policy)
	seal, err := a.seal(ctx, g)
	if err != nil {
		return err
	}
	a.journal.UseKey(seal.Derive("journal"))
	a.tracker = calls.New(calls.Parts{DB: a.db, Journal: a.journal, Roster: a.roster, Records: a.records,
		Finder: a.finder, Permits: a.permits, Policy: a.policy, Incidents: a.incidents, Plan: a.plan, Log: a.log,
		Metrics: a.metrics, Seal: seal})
	a.registerProposals()
	a.live = live.New(a.db, a.journal, a.roster)
	a.importer.Serve(importexport.Service{Jobs: a.jobs, Journal: a.journal, Folder: importFolder(g),
		Most: int64(g.ImportMaxMB) << 20, Log: a.log, Seal: seal, Calls: a.importTrial})
	a.syncer = crmsync.New(crmsync.Parts{DB: a.db, Jobs: a.jobs, Journal: a.journal, Records: a.records,
		Roster: a.roster, Directory: a.directory, Plan: a.plan, Seal: seal, Log: a.log})
	notifier := calllog.New(calllog.Parts{DB: a.db, Jobs: a.jobs, Journal: a.journal, Tracker: a.tracker,
		Syncer: a.syncer, Log: a.log, Metrics: a.metrics})
	a.sources, err = sources.New(sources.Options{DB: a.db, Journal: a.journal, Seal: seal, Plan: a.plan, Log: a.log,
		Random: rand.Reader})
	if err != nil {
		return err
	}
	if may == upgrading {
		if err := a.sources.SealStored(ctx); err != nil {
			return err
		}
	}
	a.receiver, err = webhooks.New(webhooks.Options{DB: a.db, Sources: a.sources, Tracker: a.tracker, Syncer: a.syncer,
		Notifier: notifier, Roster: a.roster, Directory: a.directory, AllowPrivate: g.PrivateHooks,
		Metrics: a.metrics, Log: a.log, Now: time.Now, Random: rand.Reader})
	if err != nil {
		return err
	}
	a.bitrix24app, err = bitrix24app.New(bitrix24app.Parts{Receiver: a.receiver, Tracker: a.tracker, Tickets: a.roster,
		Notifier: notifier, Permits: a.permits, Seal: seal, Log: a.log, Now: time.Now})
	if err != nil {
		return err
	}
	a.importer.RegisterErasure("calls", a.tracker)
	a.importer.RegisterErasure("source_log", a.receiver)
	a.importer.RegisterErasureAtOnce("mirror", a.syncer.PersonalData())
	a.importer.RegisterErasure("call_log", notifier)
	// The dependencies that point upward, through interfaces of calls.
	a.tracker.Dialer, a.tracker.Numbers = a.receiver, a.sources
	a.finder.Attach(a.receiver)
	a.dispatcher, err = outhooks.New(outhooks.DispatcherOptions{DB: a.db, Jobs: a.jobs, Journal: a.journal,
		Roster: a.roster, Seal: seal, AllowPrivate: g.PrivateHooks, Metrics: a.metrics, Log: a.log,
		Random: rand.Reader})
	if err != nil {
		return err
	}
	a.importer.RegisterErasure("deliveries", a.dispatcher)
	return nil
}

// migrate makes the tables of a database, or brings them up to this version, as far as the command may.
func (a *app) migrate(ctx context.Context, may opening) error {
	if may == upgrading {
		return a.db.Migrate(ctx)
	}
	steps, err := a.db.Steps(ctx)
	switch {
	case err != nil:
		return err
	case len(steps) > 0 && steps[0].Applied:
		return a.db.Migrated(ctx)
	case may == existing:
		return fault.Conflict("no_database")
	}
	return a.db.Migrate(ctx)
}

func (a *app) close() { _ = a.db.Close() }

// routes returns the route tables of all packages.
func (a *app) routes() [][]web.Route {
	return [][]web.Route{
		a.roster.Routes(),
		a.directory.Routes(),
		a.records.Routes(),
		a.importer.Routes(),
		a.permits.Routes(),
		a.tracker.Routes(),
		a.incidents.Routes(),
		a.policy.Routes(),
		a.proposals.Routes(),
		a.live.Routes(),
		a.sources.Routes(),
		a.receiver.Routes(),
		a.bitrix24app.Routes(),
		a.syncer.Routes(),
		a.dispatcher.Routes(),
		a.ledger.Routes(),
		a.journal.Routes(),
		a.assistants.Routes(),
	}
}

func (e *env) logger() *slog.Logger {
	if e.global.LogJSON {
		return slog.New(slog.NewJSONHandler(e.err, nil))
	}
	return slog.New(slog.NewTextHandler(e.err, nil))
}

// seal reads the key that seals the secrets of sources, and makes it on the first start. It is a file of its own so that
// a copy of the database alone discloses no secret. No key is made for a database that already has sealed secrets: another
// key sealed them, and the other servers have it.
func (a *app) seal(ctx context.Context, g *globals) (*secrets.Seal, error) {
	file := g.Key
	if file == "" {
		var err error
		if file, err = keyFile(g.DB); err != nil {
			return nil, err
		}
	}
	key, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		sealed, err := sources.AnySealed(ctx, a.db)
		if err != nil {
			return nil, err
		}
		if sealed {
			return nil, fault.Conflict("key_file_is_missing").With("file", file)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, 32)
		_, _ = rand.Read(key) // it never fails
		if err = os.MkdirAll(filepath.Dir(file), 0o700); err == nil {
			err = writeNew(file, key)
		}
		if errors.Is(err, fs.ErrExist) { // another process was faster
			key, err = os.ReadFile(file)
		}
	}
	if err != nil {
		return nil, fault.Invalid("key", "not_readable").Because(err)
	}
	return secrets.NewSeal(key, rand.Reader)
}

// writeNew writes a file that was not there, whole or not at all.
func writeNew(file string, content []byte) error {
	draft, err := os.CreateTemp(filepath.Dir(file), ".key-*")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	if _, err = draft.Write(content); err == nil {
		err = draft.Sync()
	}
	if closed := draft.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Link(draft.Name(), file)
}

func keyFile(db string) (string, error) {
	if file, lite := strings.CutPrefix(db, "sqlite:"); lite {
		return strings.TrimPrefix(file, "//") + ".key", nil
	}
	folder, err := os.UserConfigDir()
	if err != nil {
		return "", fault.Invalid("key", "required").Because(err)
	}
	return filepath.Join(folder, "callhue", "key"), nil
}
