// Package sources keeps the configured sources: which PBX or CRM is connected, in which dialect, with which secret and
// settings.
//
// A Source is what people see of one; a Live source has its secrets and settings opened and is what the receiver works
// with. The Registry reads all of them into memory and rereads them when the journal says that one has changed. Secrets
// are sealed at rest and are shown once, when they are generated.
//
// What a source may hold is decided by its dialect (package dialects). How a source is doing, its request counts and
// connections, is known to the package above, which attaches itself as the Runtime.
//
// Read next: source.go for adding and changing, live.go for what the receiver gets, view.go for what the API shows.
package sources

import (
	"context"
	"io"
	"log/slog"

	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/lookup/external"
	"callhue/phone"
	"callhue/webhooks/dialects"
)

// Options are what a Registry is built from.
type Options struct {
	DB      *store.DB
	Journal *journal.Journal
	Seal    *secrets.Seal
	// Plan reads the numbers of a source that names no country of its own.
	Plan   *phone.Plan
	Log    *slog.Logger
	Random io.Reader // secrets are made from it
}

// Registry holds the sources of a database.
type Registry struct {
	Options
	dialects map[string]*dialects.Dialect
	snapshot *journal.Snapshot[Snapshot]
	runtime  Runtime
}

// Runtime is what the package above knows of sources at work; webhooks.Receiver is one.
type Runtime interface {
	// Counts returns how many requests came to what, by the id of the source, most frequent first.
	Counts(ctx context.Context) (map[int64][]RequestCount, error)
	// LinkStatus returns the state of our connection to the other side; nil for a source without one.
	LinkStatus(ctx context.Context, s Source) (*LinkStatus, error)
	// LastCalls returns what the last requests of a source told of calls.
	LastCalls(ctx context.Context, source int64) (LastCalls, error)
	// LookupStats returns how a lookup source has done; nil for other sources.
	LookupStats(ctx context.Context, s Source) (*external.Stats, error)
	// HasSynced reports whether records of the CRM behind a source are linked to ours already.
	HasSynced(ctx context.Context, source int64) (bool, error)
	// RemoveSource deletes what is kept for a source, in the transaction that removes it.
	RemoveSource(tx *store.Tx, source int64) error
}

// New returns the registry of a database. The journal keeps its memory fresh; Attach must follow before it is used.
func New(opt Options) (*Registry, error) {
	if opt.Seal == nil {
		return nil, fault.Invalid("seal", "required")
	}
	if opt.Plan == nil {
		return nil, fault.Invalid("plan", "required")
	}
	opt.Journal.Register(Verbs()...)
	r := &Registry{Options: opt, dialects: dialects.ByName()}
	r.snapshot = journal.NewSnapshot(opt.Journal, r.readSnapshot, SourceAdded, SourceChanged, SourceRemoved)
	return r, nil
}

// Attach connects the registry to what knows its sources at work.
func (r *Registry) Attach(runtime Runtime) { r.runtime = runtime }
