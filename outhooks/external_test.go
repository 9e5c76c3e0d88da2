package outhooks

import (
	"context"
	"testing"

	"callhue/crm"
	"callhue/internal/store"
)

func TestADeliveryNamesTheClientInOtherSystems(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, p := context.Background(), newPost(t, db)
		to := newReceiver(t)
		h, _, err := p.courier.AddHook(ctx, p.admin, NewHookOut{Name: "erp", URL: to.URL})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Write(ctx, func(tx *store.Tx) error {
			err := crm.AddExternalIDs(tx, crm.KindCompany, crm.ImportSystem, map[string]int64{"=f00": 310})
			if err != nil {
				return err
			}
			return crm.AddExternalIDs(tx, crm.KindCompany, "erp", map[string]int64{"A-1": 310})
		}); err != nil {
			t.Fatal(err)
		}
		p.happens(crm.CompanyStatus, 310)
		p.happens(crm.CompanyStatus, 311)
		p.round(h)
		for _, m := range to.got {
			want := 0
			if m.Client.ID == 310 {
				want = 1
			}
			if len(m.ExternalIDs) != want || want == 1 && m.ExternalIDs[0].ID != "A-1" {
				t.Errorf("of company %d: %v", m.Client.ID, m.ExternalIDs)
			}
		}
		if len(to.got) != 2 {
			t.Errorf("%d deliveries", len(to.got))
		}
	})
}
