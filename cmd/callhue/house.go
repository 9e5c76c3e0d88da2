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
	"callhue/rules"
	"callhue/staff"
	"callhue/statuses"
	"callhue/webhooks"
	"callhue/webhooks/sources"
	"callhue/workforce/kpi"
)

// house is every room, joined.
type house struct {
	db        *store.DB
	journal   *journal.Journal
	answers   *journal.IdempotencyStore
	roster    *staff.Roster
	directory *statuses.Directory
	book      *crm.Records
	clerk     *importexport.Importer
	finder    *lookup.Finder
	board     *permits.Registry
	policy    *policy.Versions
	incidents *incidents.Registry
	desk      *calls.Tracker
	live      *live.Live
	mirror    *crmsync.Syncer
	sources   *sources.Registry
	receiver  *webhooks.Receiver
	window    *bitrix24app.App
	jobs      *jobs.Runner
	courier   *outhooks.Dispatcher
	ledger    *kpi.Ledger
	plan      *phone.Plan
	metrics   *prometheus.Registry
	log       *slog.Logger
}

// open joins the rooms over the database. A new database gets its tables; one of
// an older version only when upgrade says so.
func (e *env) open(upgrade bool, n numbering) (*house, error) {
	g := e.global
	plan, err := n.plan()
	if err != nil {
		return nil, err
	}
	db, err := store.Open(e.ctx, g.DB)
	if err != nil {
		return nil, err
	}
	h := &house{db: db, plan: plan, log: e.logger(), metrics: prometheus.NewRegistry()}
	if err := h.furnish(e.ctx, g, upgrade); err != nil {
		_ = db.Close()
		return nil, err
	}
	return h, nil
}

func (h *house) furnish(ctx context.Context, g *globals, upgrade bool) error {
	if err := h.migrate(ctx, upgrade); err != nil {
		return err
	}
	h.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	h.journal = journal.New(h.db, h.log)
	h.answers = journal.NewIdempotencyStore(h.db)
	var err error
	h.jobs, err = jobs.New(jobs.Options{DB: h.db, Log: h.log, Random: rand.Reader, Metrics: h.metrics})
	if err != nil {
		return err
	}
	h.roster = staff.New(h.db, h.journal, h.plan)
	h.directory = statuses.New(h.db, h.journal)
	if err := h.directory.Seed(ctx); err != nil {
		return err
	}
	h.book = crm.New(h.db, h.journal, h.roster, h.directory, h.plan)
	h.clerk = importexport.New(h.db, h.book, h.roster, h.directory, h.plan, rand.Reader)
	h.ledger = kpi.New(h.db, h.journal, h.roster)
	h.finder = lookup.New(h.db, h.directory, h.journal, lookup.Options{Metrics: h.metrics})
	h.board = permits.New(h.db, h.journal, h.roster, h.book, h.log)
	h.policy = policy.New(h.db, h.journal, h.roster, h.directory, rules.Default())
	h.board.HoursFrom(h.policy.PermitHours)
	h.incidents = incidents.New(h.db, h.journal, h.roster, h.book, h.policy)
	h.desk = calls.New(calls.Parts{DB: h.db, Journal: h.journal, Roster: h.roster, Records: h.book, Finder: h.finder, Permits: h.board,
		Policy: h.policy, Incidents: h.incidents, Plan: h.plan, Log: h.log, Metrics: h.metrics})
	h.live = live.New(h.journal, h.roster)
	seal, err := h.seal(ctx, g)
	if err != nil {
		return err
	}
	h.mirror = crmsync.New(crmsync.Parts{DB: h.db, Jobs: h.jobs, Journal: h.journal, Records: h.book, Roster: h.roster, Directory: h.directory, Plan: h.plan,
		Seal: seal, Log: h.log})
	herald := calllog.New(calllog.Parts{DB: h.db, Jobs: h.jobs, Journal: h.journal, Tracker: h.desk, Syncer: h.mirror, Log: h.log, Metrics: h.metrics})
	h.sources, err = sources.New(sources.Options{DB: h.db, Journal: h.journal, Seal: seal, Plan: h.plan, Log: h.log, Random: rand.Reader})
	if err != nil {
		return err
	}
	h.receiver, err = webhooks.New(webhooks.Options{DB: h.db, Sources: h.sources, Tracker: h.desk, Syncer: h.mirror, Notifier: herald,
		AllowPrivate: g.PrivateHooks, Metrics: h.metrics, Log: h.log, Now: time.Now, Random: rand.Reader})
	if err != nil {
		return err
	}
	h.window, err = bitrix24app.New(bitrix24app.Parts{Receiver: h.receiver, Tracker: h.desk, Tickets: h.roster, Notifier: herald, Permits: h.board, Seal: seal, Log: h.log, Now: time.Now})
	if err != nil {
		return err
	}
	h.clerk.RegisterErasure("calls", h.desk)
	h.clerk.RegisterErasure("source_log", h.receiver)
	h.clerk.RegisterErasure("mirror", h.mirror.PersonalData())
	h.desk.Dialer = h.receiver // the one arrow that runs upward, and it is an interface of calls
	h.courier, err = outhooks.New(outhooks.DispatcherOptions{DB: h.db, Jobs: h.jobs, Journal: h.journal, Roster: h.roster, Seal: seal, AllowPrivate: g.PrivateHooks,
		Metrics: h.metrics, Log: h.log, Random: rand.Reader})
	return err
}

// migrate makes the tables of a new database, and upgrades an older one if it
// may.
func (h *house) migrate(ctx context.Context, upgrade bool) error {
	if !upgrade {
		steps, err := h.db.Steps(ctx)
		if err != nil {
			return err
		}
		if len(steps) > 0 && steps[0].Applied {
			return h.db.Migrated(ctx)
		}
	}
	return h.db.Migrate(ctx)
}

func (h *house) close() { _ = h.db.Close() }

// routes are the tables of all rooms.
func (h *house) routes() [][]web.Route {
	return [][]web.Route{
		h.roster.Routes(),
		h.directory.Routes(),
		h.book.Routes(),
		h.clerk.Routes(),
		h.board.Routes(),
		h.desk.Routes(),
		h.incidents.Routes(),
		h.policy.Routes(),
		h.live.Routes(),
		h.sources.Routes(),
		h.receiver.Routes(),
		h.window.Routes(),
		h.mirror.Routes(),
		h.courier.Routes(),
		h.ledger.Routes(),
		h.journal.Routes(),
	}
}

func (e *env) logger() *slog.Logger {
	if e.global.LogJSON {
		return slog.New(slog.NewJSONHandler(e.err, nil))
	}
	return slog.New(slog.NewTextHandler(e.err, nil))
}

// seal reads the key that seals the secrets of sources, and makes it on the
// first start. It is a file of its own so that a copy of the database alone
// gives no secret away. A key is not made for a database that has sealed secrets
// already: they are another key's, and the other servers have it.
func (h *house) seal(ctx context.Context, g *globals) (*secrets.Seal, error) {
	file := g.Key
	if file == "" {
		var err error
		if file, err = keyFile(g.DB); err != nil {
			return nil, err
		}
	}
	key, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		sealed, err := sources.AnySealed(ctx, h.db)
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
