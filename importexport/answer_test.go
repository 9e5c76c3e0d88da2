package importexport

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/store"
)

// TestAnErasureStoresItsAnswer: what a repeated request gets after a crash is what the first one would have got.
func TestAnErasureStoresItsAnswer(t *testing.T) {
	inWorlds(t, func(w *world) {
		lead, err := w.Records.AddLead(t.Context(), access.System(), crm.NewLead{Title: "A request",
			OwnerID: w.anna, Phones: []crm.Phone{{Value: "+7 495 000-00-71"}}})
		if err != nil {
			t.Fatal(err)
		}
		var stored any
		ctx := store.Along(t.Context(), func(tx *store.Tx) error {
			stored, _ = tx.Answered()
			return nil
		})
		erased, err := w.Erase(ctx, access.System(), crm.KindLead, lead.ID, "letter 17")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(stored, any(erased)); diff != "" || len(erased.Records) != 1 {
			t.Errorf("%+v; stored (-) and answered (+) differ:\n%s", erased, diff)
		}
	})
}
