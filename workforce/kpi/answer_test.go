package kpi

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/store"
	"callhue/internal/web"
)

// TestAWriteStoresItsAnswer: what a repeated request gets after a crash is what the first one would have got.
func TestAWriteStoresItsAnswer(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		s := newShop(t, db)
		var stored any
		ctx := store.Along(t.Context(), func(tx *store.Tx) error {
			stored, _ = tx.Answered()
			return nil
		})
		same := func(what string, got any, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(what, err)
			}
			if diff := cmp.Diff(stored, got, cmp.AllowUnexported(Decimal{})); diff != "" {
				t.Errorf("%s: stored (-) and answered (+) differ:\n%s", what, diff)
			}
		}
		p, err := s.ledger.AddProfile(ctx, s.root, sellers())
		same("a profile is added", p, err)
		p, err = s.ledger.Assign(ctx, s.root, p.ID, s.anna, nil)
		same("and assigned", p, err)
		if len(p.Holders) != 1 {
			t.Errorf("its users: %+v", p.Holders)
		}
		sheet, err := s.ledger.EnterFact(ctx, s.igor, feb, s.anna, "revenue", dec("50000"), 0)
		same("a fact is entered", sheet, err)
		sheets, err := s.ledger.Calculate(ctx, s.igor, feb, nil)
		same("a month is calculated", web.List[Sheet]{Items: sheets}, err)
		now, err := s.ledger.Sheets(t.Context(), s.igor, feb)
		if diff := cmp.Diff(now, sheets, cmp.AllowUnexported(Decimal{})); err != nil || diff != "" {
			t.Errorf("the answer is not the month as it is: %v\n%s", err, diff)
		}
	})
}
