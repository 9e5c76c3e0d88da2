// Package external asks a customer's own system whose a number is: their tables by a query that they write, or their
// endpoint by the template of a request. Nothing is copied; our rules work on their data as they are at the moment of
// the call.
//
// A Source is one such system. It keeps what was found for as long as the customer calls it fresh (cache.go), asks for
// a number once however many want it, never more than a few numbers at a time (ask.go), and stops asking for a while
// when the system fails again and again (breaker.go). What it gets are rows of texts (row.go), which become a
// lookup.Match with the users and statuses of this installation (match.go). When it does not know, it returns an
// error, and the card is grey: a failure never looks like an unknown number.
//
// store.go asks a database, endpoint.go an endpoint; trial.go shows an administrator what comes and what becomes of it.
// Read next: ask.go.
package external

import (
	"context"
	"log/slog"
	"time"

	"callhue/lookup"
	"callhue/lookup/query"
	"callhue/phone"
	"callhue/staff"
	"callhue/statuses"
)

// Config is what a source is built from.
type Config struct {
	Name     string // of the source; its identities name owners
	Priority int    // before our own records when negative, else behind them; never 0
	Plan     *phone.Plan
	Form     string            // of query.Forms: what :number and {number} are
	Statuses map[string]string // a status there, folded -> code of a status here
	Budget   time.Duration     // how long a lookup waits
	Fresh    time.Duration     // how long an answer counts as it is

	Roster    *staff.Roster
	Directory *statuses.Directory
	Known     Known // nil: no record here stands for one there
	Now       func() time.Time
	Log       *slog.Logger
}

// Known returns the ids of our own records of companies of a source, by their ids there; those without one are left
// out.
type Known func(ctx context.Context, source string, ids []string) (map[string]int64, error)

// Asker asks a system.
type Asker interface {
	// Ask returns the rows for a number; none for a number that the system does not know. What came is noted in watch,
	// which is nil but for a trial. Errors are faults of this package.
	Ask(ctx context.Context, spell query.Spellings, watch *Watch) ([]Row, error)
	// Close ends the connections.
	Close() error
}

// Source is one system that is asked.
type Source struct {
	cfg     Config
	asker   Asker
	cache   *cache
	breaker breaker
	flights flights
	names   nameIndex
	stats   stats
}

// New returns the source of a system.
func New(cfg Config, asker Asker) *Source {
	return &Source{
		cfg:     cfg,
		asker:   asker,
		cache:   newCache(cfg.Fresh, cfg.Now),
		breaker: breaker{now: cfg.Now},
		flights: newFlights(),
		stats:   stats{now: cfg.Now},
	}
}

// Priority is the place of the source's records among those of others.
func (s *Source) Priority() int { return s.cfg.Priority }

// Close ends the connections.
func (s *Source) Close() error { return s.asker.Close() }

// Forget drops what was found so far: the system has reported that clients changed.
func (s *Source) Forget() { s.cache.forget() }

// Find returns what a number reaches in the system. It is a part of lookup.Source.
func (s *Source) Find(ctx context.Context, key int64) (*lookup.Match, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Budget)
	defer cancel()
	rows, err := s.rows(ctx, key)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return &lookup.Match{}, nil
	}
	m, _, err := s.matchOf(ctx, rows)
	return m, err
}
