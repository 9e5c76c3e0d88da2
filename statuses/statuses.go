// Package statuses is the directory of company statuses: name, order, colour,
// what a status does to the card of an agent who is foreign to the company,
// whether it is protected, and which one is the default.
//
// Package crm reads the status of a company from it and registers the count of companies
// that use an entry; supervisors and admins edit it. The directory is small: a
// whole Set is kept in memory until the journal mentions a change. It never
// looks at companies itself.
//
// Read next: set.go, change.go, http.go.
package statuses

import (
	"context"

	"callhue/internal/store"
	"callhue/journal"
	"callhue/rules"
)

// Status is an entry of the directory.
type Status struct {
	ID    int64  `json:"id" db:"id"`
	Code  string `json:"code" db:"code,once"` // at most 50 characters, never changes
	Name  string `json:"name" db:"name"`
	Sort  int    `json:"sort" db:"sort"`   // the lower, the earlier in lists
	Color string `json:"color" db:"color"` // #RRGGBB, for lists; the card has its own colours
	// on the card of an agent who is foreign to the company
	CardEffect  rules.Effect `json:"card_effect" db:"card_effect"`
	IsProtected bool         `json:"is_protected" db:"is_protected"` // guards the company's owner, phones and links
	IsDefault   store.Only   `json:"is_default" db:"default_key"`    // of a new company; exactly one entry is
	IsSystem    bool         `json:"is_system" db:"is_system,once"`  // shipped with the product, cannot be removed
	Active      bool         `json:"active" db:"active"`
	Version     int64        `json:"version" db:"version"`
	CreatedAt   store.Moment `json:"created_at" db:"created_at"`
	UpdatedAt   store.Moment `json:"updated_at" db:"updated_at"`

	// RedSince is when it became one that paints cards red; 0 where it always was. Companies that had it then came
	// under protection at that moment.
	RedSince store.Moment `json:"-" db:"red_since"`
}

// The codes of the entries that the product relies on.
const (
	Waiting = "WAITING" // "В ожидании", the default
	InWork  = "IN_WORK" // "В работе", protected, red
)

// Directory stores and serves the statuses.
type Directory struct {
	db      *store.DB
	journal *journal.Journal
	set     *journal.Snapshot[Set]
	used    func(tx *store.Tx, statusID int64) (int64, error)
}

// New returns the directory of a database; the journal keeps its memory fresh.
func New(db *store.DB, j *journal.Journal) *Directory {
	j.Register(Verbs()...)
	return &Directory{db: db, journal: j,
		set: journal.NewSnapshot(j, func(ctx context.Context) (*Set, error) { return SetIn(db.Read(ctx)) },
			StatusAdded, StatusChanged, StatusRemoved),
		used: func(*store.Tx, int64) (int64, error) { return 0, nil },
	}
}

// UsedBy registers the count of companies with a status, so that an entry in use cannot be removed. It is called
// before the server starts.
func (d *Directory) UsedBy(count func(tx *store.Tx, statusID int64) (int64, error)) { d.used = count }

// Set returns the whole directory. It holds what this process has committed, and
// what others committed up to a moment ago; no one may change it.
func (d *Directory) Set(ctx context.Context) (*Set, error) { return d.set.Get(ctx) }
