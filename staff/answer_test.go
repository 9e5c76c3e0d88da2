package staff

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/store"
)

// TestAWriteStoresItsAnswer: what a repeated request gets after a crash is what the first one would have got, and that
// is the user or department as it is from then on.
func TestAWriteStoresItsAnswer(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		anna := add(t, r, "anna", phonesOf("+74950000021"))
		var stored any
		ctx := store.Along(t.Context(), func(tx *store.Tx) error {
			stored, _ = tx.Answered()
			return nil
		})
		changed := must[*User](t)(r.Change(ctx, system, anna.ID,
			UserChange{Version: anna.Version, Name: ptr("Anna B"), Extensions: &[]string{"105", "106"}}))
		if stored != any(changed) || changed.Extension != "105" {
			t.Errorf("changed %+v, stored %+v", changed, stored)
		}
		if diff := cmp.Diff(must[*User](t)(r.Find(t.Context(), anna.ID)), changed); diff != "" {
			t.Error(diff)
		}
		sales := must[*Department](t)(r.AddDepartment(ctx, system, NewDepartment{Name: "Sales"}))
		if stored != any(sales) {
			t.Errorf("added %+v, stored %+v", sales, stored)
		}
		renamed := must[*Department](t)(r.ChangeDepartment(ctx, system, sales.ID,
			DepartmentChange{Version: 1, Name: ptr("Sales A")}))
		if stored != any(renamed) {
			t.Errorf("changed %+v, stored %+v", renamed, stored)
		}
		if diff := cmp.Diff(must[*Department](t)(r.FindDepartment(t.Context(), sales.ID)), renamed); diff != "" {
			t.Error(diff)
		}
	})
}
