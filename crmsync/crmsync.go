// Package crmsync keeps a copy of another CRM's records, so that a call is coloured by the owner of the
// client there.
//
// A Portal is a connected CRM; crmsync/bitrix24 and crmsync/amocrm implement it and never change a record
// there. The Syncer first imports everything, one page per transaction (full sync), then the changes that
// the CRM reports and, by scanning, those that it did not report. It stores which of our records is linked
// to which of theirs. It is called by webhooks, which knows the sources, and writes through crm and staff
// like every other caller: a user who may not change an owner or a status here cannot do it by changing it
// in the CRM.
//
// Read next: portal.go (what a CRM is asked), record.go (what it answers), run.go and work.go (the order of
// the work), change.go and conflict.go (the three-way merge of base, theirs and ours).
package crmsync

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"callhue/crm"
	"callhue/internal/jobs"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
	"callhue/staff"
	"callhue/statuses"
)

// Parts are the dependencies of a Syncer.
type Parts struct {
	DB        *store.DB // its clock is the clock of the schedule
	Jobs      *jobs.Runner
	Journal   *journal.Journal
	Records   *crm.Records
	Roster    *staff.Roster
	Directory *statuses.Directory
	Plan      *phone.Plan // parses numbers as Records does
	Seal      *secrets.Seal
	Log       *slog.Logger
}

// Syncer copies the records of connected CRMs. It is safe for concurrent use.
type Syncer struct {
	Parts

	links *linker

	mu      sync.Mutex
	wakes   map[int64]jobs.Signal // wake the work for a source in this process
	portals map[int64]Portal      // of the sources that this process runs
}

// Source is a connected CRM.
type Source struct {
	ID     int64
	Name   string // in identities of users
	Portal Portal
	Plan   *phone.Plan   // parses its numbers; nil parses them as the installation does
	Every  time.Duration // how often to scan for changes that were not reported; 0 means 5 minutes
}

// New returns a Syncer; Run starts the work for a source.
func New(p Parts) *Syncer {
	p.Journal.Register(Verbs()...)
	s := &Syncer{Parts: p, wakes: map[int64]jobs.Signal{}, portals: map[int64]Portal{}}
	s.links = newLinker(s)
	p.Records.LinkBy(s.links)
	return s
}

// wakeOf returns the signal that wakes the work for a source in this process.
func (s *Syncer) wakeOf(source int64) jobs.Signal {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wakes[source] == nil {
		s.wakes[source] = jobs.NewSignal()
	}
	return s.wakes[source]
}

func (s *Syncer) wake(source int64) { s.wakeOf(source).Notify() }

// TheirUser returns the id that a source has for one of our users; false if it has none.
func (s *Syncer) TheirUser(ctx context.Context, source, user int64) (string, bool) {
	name, err := sourceName(s.DB.Read(ctx), source)
	if err != nil {
		return "", false
	}
	org, err := s.Roster.Org(ctx)
	if err != nil {
		return "", false
	}
	return org.NameIn(name, user)
}

// RemoveSource removes everything that is stored for a source, in the transaction that removes the source.
func (s *Syncer) RemoveSource(tx *store.Tx, source int64) error { return removeSource(tx, source) }
