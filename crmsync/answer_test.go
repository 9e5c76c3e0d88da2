package crmsync

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/store"
)

// TestAWriteStoresItsAnswer: what a repeated request gets after a crash is what the first one would have got, and that
// is the mapping or the status as it is from then on.
func TestAWriteStoresItsAnswer(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		w.run()
		var stored any
		ctx := store.Along(t.Context(), func(tx *store.Tx) error {
			stored, _ = tx.Answered()
			return nil
		})
		same := func(what string, answered, now any) {
			t.Helper()
			if diff := cmp.Diff(stored, answered); diff != "" {
				t.Errorf("%s: stored (-) and answered (+) differ:\n%s", what, diff)
			}
			if diff := cmp.Diff(now, answered); diff != "" {
				t.Errorf("%s: as it is (-) and answered (+) differ:\n%s", what, diff)
			}
		}
		before, err := w.MappingOf(ctx, 1)
		must(t, err)
		owners := OwnersMode(ownersCRM)
		changed, err := w.ChangeMapping(ctx, 0, 1, MappingChange{Version: before.Version, Owners: &owners})
		must(t, err)
		mapping, err := w.MappingOf(t.Context(), 1)
		must(t, err)
		same("a mapping is changed", changed, mapping)
		if changed.Version != before.Version+1 {
			t.Errorf("version %d after %d", changed.Version, before.Version)
		}
		requested, err := w.RequestFullSync(ctx, 1)
		must(t, err)
		status, err := w.Sync(t.Context(), 1)
		must(t, err)
		same("a full sync is requested", requested, status)
	})
}
