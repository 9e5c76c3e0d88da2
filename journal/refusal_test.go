package journal

import (
	"errors"
	"log/slog"
	"testing"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// TestWhatIsRefusedLeavesItsTraceAlone: the write is undone, and the journal says
// who tried.
func TestWhatIsRefusedLeavesItsTraceAlone(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		tail := New(db, slog.New(slog.DiscardHandler))
		ends := []error{
			&Refusal{fault.Forbidden("not_yours"), Entry{Actor: 7, Verb: ChangeRefused}},
			errors.New("something else"),
			nil,
		}
		for _, end := range ends {
			err := tail.Write(t.Context(), db, func(tx *store.Tx) error {
				if _, err := tail.Record(tx, Entry{Actor: 7, Verb: RecordAdded}); err != nil {
					return err
				}
				return end
			})
			if want := errors.Unwrap(end); want != nil && !errors.Is(err, want) || want == nil && !errors.Is(err, end) {
				t.Errorf("%v ends in %v", end, err)
			}
		}
		list, err := List(db.Read(t.Context()), History{Actor: 7, Limit: 10})
		if err != nil || len(list) != 2 || list[0].Verb != RecordAdded || list[1].Verb != ChangeRefused {
			t.Errorf("the journal has %+v, %v", list, err)
		}
	})
}
