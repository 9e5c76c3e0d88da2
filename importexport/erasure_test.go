package importexport

import (
	"context"
	"errors"
	"strings"
	"testing"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
)

// dying is a source of personal data whose process dies before it has erased a row.
type dying struct{ died bool }

func (d *dying) FindData(context.Context, crm.DataSubject) (any, error) { return nil, nil }

func (d *dying) FindRows(*store.Tx, crm.DataSubject) ([]int64, []journal.Ref, error) {
	return []int64{1}, nil, nil
}

func (d *dying) EraseRows(*store.Tx, crm.DataSubject, []int64) error {
	if !d.died {
		d.died = true
		return errors.New("killed")
	}
	return nil
}

// TestAnErasureGoesOnAfterACrash: the records go at once, the rest when the erasure is resumed.
func TestAnErasureGoesOnAfterACrash(t *testing.T) {
	inWorlds(t, func(w *world) {
		w.RegisterErasure("dying", &dying{})
		lead, err := w.Records.AddLead(t.Context(), access.System(), crm.NewLead{Title: "Quixotry",
			OwnerID: w.anna, Phones: []crm.Phone{{Value: "+7 495 000-00-71"}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Erase(t.Context(), access.System(), crm.KindLead, lead.ID, "letter 17"); err == nil {
			t.Fatal("the source did not fail")
		}
		named := func() bool {
			entries, err := journal.List(w.db.Read(t.Context()), journal.History{Limit: 50})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if strings.Contains(string(e.Details), "Quixotry") {
					return true
				}
			}
			return false
		}
		under, err := erasuresTable.Count(w.db.Read(t.Context()), store.Where{})
		if err != nil || under != 1 || !named() {
			t.Fatalf("%d erasures are under way, %v", under, err)
		}
		for range 2 { // the second time it is finished
			if err := w.resumeErasure(t.Context(), &jobs.Job{Key: "1"}); err != nil {
				t.Fatal(err)
			}
		}
		under, err = erasuresTable.Count(w.db.Read(t.Context()), store.Where{})
		if err != nil || under != 0 || named() {
			t.Errorf("%d erasures are under way, %v; the journal names the person: %v", under, err, named())
		}
	})
}
