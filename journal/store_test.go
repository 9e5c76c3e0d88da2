package journal

import (
	"context"
	"strings"
	"testing"

	"callhue/internal/store"
)

// A poll runs five times a second: its query must not read the journal from
// the beginning.
func TestReaderReadsOnlyTheEndOfTheJournal(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		if db.Engine() != "sqlite" {
			t.Skip("EXPLAIN of a small table says nothing here")
		}
		steps := 0
		err := db.Read(context.Background()).Each("EXPLAIN QUERY PLAN "+idsSinceSQL, []any{1, 1},
			func(scan func(dest ...any) error) error {
				var id, parent, unused int
				var detail string
				err := scan(&id, &parent, &unused, &detail)
				if steps++; strings.HasPrefix(detail, "SCAN") {
					t.Error(detail)
				}
				return err
			})
		if err != nil || steps == 0 {
			t.Fatalf("%d steps, %v", steps, err)
		}
	})
}
