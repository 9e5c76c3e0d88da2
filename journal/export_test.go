package journal

import (
	"log/slog"

	"callhue/internal/store"
)

// The verbs of the tests.
const (
	RecordAdded   Verb = "record.added"
	RecordChanged Verb = "record.changed"
	CompanyStatus Verb = "company.status"
	StatusChanged Verb = "status.changed"
	SignedIn      Verb = "user.signed_in"
	CardShown     Verb = "card.shown"
)

// NewForTest returns a journal that knows the verbs of the tests.
func NewForTest(db *store.DB, log *slog.Logger) *Journal {
	j := New(db, log)
	for _, v := range []Verb{RecordAdded, RecordChanged, CompanyStatus, StatusChanged, SignedIn, CardShown} {
		j.Register(VerbInfo{Verb: v, Sentence: "It happened."})
	}
	return j
}
