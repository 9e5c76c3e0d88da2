package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/calls"
	"callhue/crm"
	"callhue/incidents"
	"callhue/internal/access"
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
	"callhue/statuses"
	"callhue/webhooks"
	"callhue/webhooks/sources"
)

// app is the packages that answer calls, joined as in cmd/callhue and listening on loopback.
type app struct {
	db        *store.DB
	roster    *staff.Roster
	directory *statuses.Directory
	tracker   *calls.Tracker
	sources   *sources.Registry
	receiver  *webhooks.Receiver
	server    *web.Server
	address   string

	token   string // of a machine: it has no limit of checks
	secret  string // of the source that asks for caller names
	sellers []int64
	stop    func()
}

// The names by which requests know what openApp made.
const (
	sourceName     = "bench"
	firstExtension = 101   // of the sellers
	someSeller     = "125" // one of them
)

// openApp opens a database and serves it. most is the size of lookup's cache: 0 for the default, negative for none.
func openApp(ctx context.Context, url string, most int) (*app, error) {
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		return nil, err
	}
	db, j, err := openJournal(ctx, url)
	if err != nil {
		return nil, err
	}
	log, metrics := warnings(), prometheus.NewRegistry()
	a := &app{db: db, roster: staff.New(db, j, plan), directory: statuses.New(db, j)}
	records := crm.New(db, j, a.roster, a.directory, plan)
	finder := lookup.New(db, a.directory, j, lookup.Options{Most: most, Metrics: metrics})
	rule := policy.New(db, j, a.roster, a.directory, rules.Default())
	a.tracker = calls.New(calls.Parts{DB: db, Journal: j, Roster: a.roster, Records: records, Finder: finder,
		Permits: permits.New(db, j, a.roster, records, log), Policy: rule, Incidents: incidents.New(db, j, a.roster,
			records, rule), Plan: plan, Log: log, Metrics: metrics})
	seal, err := secrets.NewSeal(make([]byte, 32), rand.Reader)
	if err != nil {
		return nil, err
	}
	if a.sources, err = sources.New(sources.Options{DB: db, Journal: j, Seal: seal, Plan: plan,
		Log: log, Random: rand.Reader}); err != nil {
		return nil, err
	}
	if a.receiver, err = webhooks.New(webhooks.Options{DB: db, Sources: a.sources, Tracker: a.tracker, Metrics: metrics,
		Log: log, Now: time.Now, Random: rand.Reader}); err != nil {
		return nil, err
	}
	a.server, err = web.New(web.Options{Who: a.roster.Authenticate,
		Idempotency: journal.NewIdempotencyStore(db), Ready: db.Ping,
		Log: log, Metrics: metrics, Now: time.Now}, a.roster.Routes(), a.directory.Routes(), records.Routes(),
		a.tracker.Routes(), a.sources.Routes(), a.receiver.Routes(), j.Routes())
	if err != nil {
		return nil, err
	}
	if err := a.directory.Seed(ctx); err != nil {
		return nil, err
	}
	return a, a.serve(ctx, j)
}

// openJournal opens a database and its journal.
func openJournal(ctx context.Context, url string) (*store.DB, *journal.Journal, error) {
	db, err := store.Open(ctx, url)
	if err != nil {
		return nil, nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, journal.New(db, warnings()), nil
}

func warnings() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func (a *app) serve(ctx context.Context, j *journal.Journal) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	a.address = listener.Addr().String()
	ctx, end := context.WithCancel(ctx)
	done := make(chan error, 4)
	for _, run := range []func(context.Context) error{j.Run, a.tracker.Run, a.receiver.Run,
		func(ctx context.Context) error { return a.server.ServeOn(ctx, listener) }} {
		go func() { done <- run(ctx) }()
	}
	a.stop = func() {
		end()
		for range cap(done) {
			<-done
		}
	}
	for j.SinceRead() > time.Second { // memory is trusted once the journal is followed
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

func (a *app) close() {
	a.stop()
	_ = a.db.Close()
}

// Agents own the records, in teams with a head each.
const (
	sellers  = 50
	teamSize = 10
)

// people adds the users, a token of a machine, and a source.
func (a *app) people(ctx context.Context) error {
	machine, err := a.roster.AddUser(ctx, access.System(), staff.NewUser{Login: "machine", Name: "Machine",
		Roles: access.Roles{access.Service}, Language: "en"})
	if err != nil {
		return err
	}
	if err := a.hire(ctx); err != nil {
		return err
	}
	_, a.token, err = a.roster.AddToken(ctx, access.System(), machine.ID, staff.NewToken{Name: "bench"})
	if err != nil {
		return err
	}
	_, a.secret, err = a.sources.Add(ctx, access.System(), sources.NewSource{Name: sourceName, Dialect: "freepbx"})
	return err
}

// hire adds the sellers, each team with its first one as the head.
func (a *app) hire(ctx context.Context) error {
	var team int64
	for i := range sellers {
		if i%teamSize == 0 {
			d, err := a.roster.AddDepartment(ctx, access.System(),
				staff.NewDepartment{Name: fmt.Sprintf("Team %d", i/teamSize+1)})
			if err != nil {
				return err
			}
			team = d.ID
		}
		extension := strconv.Itoa(firstExtension + i)
		u, err := a.roster.AddUser(ctx, access.System(),
			staff.NewUser{Login: "seller" + extension, Name: "Петров " + extension,
				Roles: access.Roles{access.Agent}, DepartmentID: team, Extension: extension, Language: "ru"})
		if err != nil {
			return err
		}
		if i%teamSize == 0 {
			d, err := a.roster.FindDepartment(ctx, team)
			if err != nil {
				return err
			}
			if _, err := a.roster.ChangeDepartment(ctx, access.System(), team,
				staff.DepartmentChange{Version: d.Version, HeadID: &u.ID}); err != nil {
				return err
			}
		}
		a.sellers = append(a.sellers, u.ID)
	}
	return nil
}

// size is what the database takes on disk, in bytes.
func (a *app) size() (total int64, err error) {
	file, lite := strings.CutPrefix(a.db.URL, "sqlite:")
	if !lite {
		err = a.db.Read(context.Background()).Get(&total,
			"SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()")
		return total, err
	}
	for _, part := range []string{"", "-wal"} {
		if info, err := os.Stat(file + part); err == nil {
			total += info.Size()
		}
	}
	return total, nil
}
