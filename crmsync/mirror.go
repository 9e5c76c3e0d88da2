// Package crmsync keeps a copy of another CRM's records here, so that a call is
// coloured by whose client that CRM says it is.
//
// A Portal is a connected CRM, asked in its own language by mirror/bitrix24 and
// mirror/amocrm; none of what it is asked changes a record there. The Mirror brings
// everything in once, a page in one transaction, then what the CRM tells of and
// what it forgot to tell, and remembers which of our records is which of theirs.
// It is called by webhooks, which knows the sources, and writes through crm and
// staff as everybody does: who may not change an owner or a status here does not
// get around it by changing it there.
//
// Read next: portal.go (what a CRM is asked), record.go (what it answers),
// attend.go (who works when).
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

// Parts are what a mirror is built from.
type Parts struct {
	DB        *store.DB // its clock is the clock of the schedule
	Jobs      *jobs.Runner
	Journal   *journal.Journal
	Records   *crm.Records
	Roster    *staff.Roster
	Directory *statuses.Directory
	Plan      *phone.Plan // reads numbers as the Book does
	Seal      *secrets.Seal
	Log       *slog.Logger
}

// Syncer is the room's one struct.
type Syncer struct {
	Parts

	mu      sync.Mutex
	wakes   map[int64]jobs.Signal // whoever attends to a source in this process
	portals map[int64]Portal      // of the sources that this process attends to
}

// Source is a connected CRM.
type Source struct {
	ID     int64
	Name   string // in identities of users
	Portal Portal
	Plan   *phone.Plan   // reads its numbers; nil reads them as the installation does
	Every  time.Duration // how often to look for changes that nobody told of; 0 is 5 minutes
}

// New gives the mirror of a database. Attend works.
func New(p Parts) *Syncer {
	p.Journal.Register(Verbs()...)
	return &Syncer{Parts: p, wakes: map[int64]jobs.Signal{}, portals: map[int64]Portal{}}
}

// wakeOf returns the signal that wakes the work for a source in this process.
func (m *Syncer) wakeOf(source int64) jobs.Signal {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.wakes[source] == nil {
		m.wakes[source] = jobs.NewSignal()
	}
	return m.wakes[source]
}

func (m *Syncer) wake(source int64) { m.wakeOf(source).Notify() }

// TheirUser gives what a source calls a user of ours; false when it does not know
// him.
func (m *Syncer) TheirUser(ctx context.Context, source, user int64) (string, bool) {
	name, err := nameOf(m.DB.Read(ctx), source)
	if err != nil {
		return "", false
	}
	org, err := m.Roster.Org(ctx)
	if err != nil {
		return "", false
	}
	return org.NameIn(name, user)
}

// Forget takes away everything that is kept for a source, with the source.
func (m *Syncer) RemoveSource(tx *store.Tx, source int64) error { return forgetSource(tx, source) }
