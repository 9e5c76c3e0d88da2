package statuses

import (
	"testing"

	"callhue/internal/store"
)

// TestAWriteStoresItsAnswer: what a repeated request gets after a crash is what the first one would have got.
func TestAWriteStoresItsAnswer(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		d := seeded(t, db)
		var stored any
		ctx := store.Along(t.Context(), func(tx *store.Tx) error {
			stored, _ = tx.Answered()
			return nil
		})
		added, err := d.Add(ctx, admin, NewStatus{Code: "ON_TRIAL", Name: "On trial"})
		if err != nil || stored != any(added) || added.ID == 0 || added.Version != 1 {
			t.Fatalf("added %+v, stored %+v, %v", added, stored, err)
		}
		name := "On hold"
		changed, err := d.Change(ctx, admin, added.Code, StatusChange{Version: 1, Name: &name})
		if err != nil || stored != any(changed) || changed.Version != 2 || changed.Name != name {
			t.Fatalf("changed %+v, stored %+v, %v", changed, stored, err)
		}
		if found, err := d.Find(t.Context(), added.Code); err != nil || *found != *changed {
			t.Errorf("found %+v, %v; the answer was %+v", found, err, changed)
		}
		same, err := d.Change(ctx, admin, added.Code, StatusChange{Version: 2, Name: &name})
		if err != nil || stored != any(same) || same.Version != 2 {
			t.Errorf("changed to the same: %+v, stored %+v, %v", same, stored, err)
		}
	})
}
