package crm

import (
	"testing"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
	"callhue/statuses"
)

// What the tests of package crm_test share with those of this one: they may
// enter rooms that stand above it.

// World is the world of the tests.
type World struct{ *world }

// NewWorld makes it.
func NewWorld(t *testing.T, db *store.DB) World { return World{newWorld(t, db)} }

// The people of the world.
const (
	Anna, Boris, Igor, Vera, Oleg, Rita, AdminID = anna, boris, igor, vera, oleg, rita, adminID
)

// As is a signed-in user.
func As(id int64) *access.User { return as(id) }

// Phones are phones as people type them.
func Phones(values ...string) []Phone { return phones(values...) }

// Packages returns the packages below.
func (w World) Packages() (*journal.Journal, *staff.Roster, *statuses.Directory) {
	return w.journal, w.roster, w.directory
}

// Key is the number as it is looked up.
func (w World) Key(number string) int64 { return w.plan.Parse(number).Key() }

// Dump is everything that the package stores, except the journal.
func (w World) Dump() string { return dump(w.T, w.db) }

// Exec changes the database past the Records.
func (w World) Exec(query string, args ...any) { exec(w.T, w.db, query, args...) }

// Move changes the organisation.
func (w World) Move(query string, args ...any) { move(w.T, w.db, query, args...) }

// Refusals returns the entries of refused changes, the latest first.
func (w World) Refusals() []journal.Entry { return w.entries(journal.ChangeRefused) }

// CheckIndex compares the index of numbers with the phones and links.
func (w World) CheckIndex() {
	w.Helper()
	if want, got := plainIndex(w.T, w.db), storedIndex(w.T, w.db); want != got {
		w.Errorf("the index holds\n%s\nand must hold\n%s", got, want)
	}
}
