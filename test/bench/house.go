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

// house is every room, joined as in cmd/callhue, listening on loopback.
type house struct {
	db        *store.DB
	roster    *staff.Roster
	directory *statuses.Directory
	desk      *calls.Tracker
	sources   *sources.Registry
	receiver  *webhooks.Receiver
	server    *web.Server
	address   string

	token   string // of a machine: it has no limit of checks
	secret  string // of the source that asks for caller names
	sellers []int64
	stop    func()
}

// The names by which requests know what openHouse made.
const (
	sourceName     = "bench"
	firstExtension = 101   // of the sellers
	someSeller     = "125" // one of them
)

// openHouse opens a database and serves it. most is lookup's: 0 for the usual
// memory, negative for none.
func openHouse(ctx context.Context, url string, most int) (*house, error) {
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	metrics := prometheus.NewRegistry()
	tail := journal.New(db, log)
	h := &house{db: db, roster: staff.New(db, tail, plan), directory: statuses.New(db, tail)}
	book := crm.New(db, tail, h.roster, h.directory, plan)
	finder := lookup.New(db, h.directory, tail, lookup.Options{Most: most, Metrics: metrics})
	rule := policy.New(db, tail, h.roster, h.directory, rules.Default())
	h.desk = calls.New(calls.Parts{DB: db, Journal: tail, Roster: h.roster, Records: book, Finder: finder, Permits: permits.New(db, tail, h.roster, book, log),
		Policy: rule, Incidents: incidents.New(db, tail, h.roster, book, rule), Plan: plan, Log: log, Metrics: metrics})
	seal, err := secrets.NewSeal(make([]byte, 32), rand.Reader)
	if err != nil {
		return nil, err
	}
	if h.sources, err = sources.New(sources.Options{DB: db, Journal: tail, Seal: seal, Plan: plan, Log: log, Random: rand.Reader}); err != nil {
		return nil, err
	}
	if h.receiver, err = webhooks.New(webhooks.Options{DB: db, Sources: h.sources, Tracker: h.desk, Metrics: metrics, Log: log,
		Now: time.Now, Random: rand.Reader}); err != nil {
		return nil, err
	}
	h.server, err = web.New(web.Options{Who: h.roster.Who, Idempotency: journal.NewIdempotencyStore(db), Ready: db.Ping, Log: log, Metrics: metrics, Now: time.Now},
		h.roster.Routes(), h.directory.Routes(), book.Routes(), h.desk.Routes(), h.sources.Routes(), h.receiver.Routes(), tail.Routes())
	if err != nil {
		return nil, err
	}
	if err := h.directory.Seed(ctx); err != nil {
		return nil, err
	}
	return h, h.serve(ctx, tail)
}

func (h *house) serve(ctx context.Context, tail *journal.Journal) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h.address = listener.Addr().String()
	ctx, end := context.WithCancel(ctx)
	done := make(chan error, 4)
	for _, run := range []func(context.Context) error{tail.Run, h.desk.Run, h.receiver.Run,
		func(ctx context.Context) error { return h.server.ServeOn(ctx, listener) }} {
		go func() { done <- run(ctx) }()
	}
	h.stop = func() {
		end()
		for range cap(done) {
			<-done
		}
	}
	for tail.Alive() > time.Second { // memory is trusted once the journal is followed
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

func (h *house) close() {
	h.stop()
	_ = h.db.Close()
}

// Agents own the records, in teams with a head each.
const (
	sellers  = 50
	teamSize = 10
)

// people adds who works here, a token of a machine, and a source.
func (h *house) people(ctx context.Context) error {
	machine, err := h.roster.AddUser(ctx, 0, staff.NewUser{Login: "machine", Name: "Machine", Roles: access.Roles{access.Service}, Language: "en"})
	if err != nil {
		return err
	}
	if err := h.hire(ctx); err != nil {
		return err
	}
	if _, h.token, err = h.roster.AddToken(ctx, 0, machine.ID, "bench"); err != nil {
		return err
	}
	_, h.secret, err = h.sources.Add(ctx, 0, sources.NewSource{Name: sourceName, Dialect: "freepbx"})
	return err
}

// hire adds the sellers, each team with its first one as the head.
func (h *house) hire(ctx context.Context) error {
	var team int64
	for i := range sellers {
		if i%teamSize == 0 {
			d, err := h.roster.AddDepartment(ctx, 0, staff.NewDepartment{Name: fmt.Sprintf("Team %d", i/teamSize+1)})
			if err != nil {
				return err
			}
			team = d.ID
		}
		extension := strconv.Itoa(firstExtension + i)
		u, err := h.roster.AddUser(ctx, 0, staff.NewUser{Login: "seller" + extension, Name: "Петров " + extension, Roles: access.Roles{access.Agent},
			DepartmentID: team, Extension: extension, Language: "ru"})
		if err != nil {
			return err
		}
		if i%teamSize == 0 {
			d, err := h.roster.FindDepartment(ctx, team)
			if err != nil {
				return err
			}
			if _, err := h.roster.ChangeDepartment(ctx, 0, team, staff.DepartmentChange{Version: d.Version, HeadID: &u.ID}); err != nil {
				return err
			}
		}
		h.sellers = append(h.sellers, u.ID)
	}
	return nil
}

// size is what the database takes on disk, in bytes.
func (h *house) size() (total int64, err error) {
	file, lite := strings.CutPrefix(h.db.URL, "sqlite:")
	if !lite {
		err = h.db.Read(context.Background()).Get(&total,
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
