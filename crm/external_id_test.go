package crm

import (
	"context"
	"testing"

	"callhue/internal/store"
	"callhue/journal"

	"github.com/google/go-cmp/cmp"
)

func TestExternalIDs(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		erp := []ExternalID{{"erp", "A-1", "https://crm.example/a/1"}, {"shop", "77", ""}}
		acme := w.company(NewCompany{Name: "Acme", OwnerID: anna, Status: "IN_WORK",
			ExternalIDs: []ExternalID{{" ERP ", "A-1", "https://crm.example/a/1"}, {"shop", "77", ""}}})
		if d := cmp.Diff(erp, acme.ExternalIDs); d != "" {
			t.Errorf("a new company: %s", d)
		}
		_, err := w.AddCompany(ctx, as(adminID), NewCompany{Name: "Other", ExternalIDs: erp[:1]})
		wantFault(t, "an id belongs to one record of a kind", err, "external_id_taken")
		w.contact(NewContact{Name: "Person", ExternalIDs: erp[:1]}) // ids of other kinds are other ids
		for why, e := range map[string]ExternalID{
			"no system": {"", "1", ""}, "no id": {"erp", " ", ""}, "a system of strange signs": {"e/rp", "1", ""},
			"a script": {"erp", "1", "javascript:alert(1)"}, "a password": {"erp", "1", "https://a:b@crm.example/"},
		} {
			_, err := w.AddLead(ctx, as(anna), NewLead{Name: "x", ExternalIDs: []ExternalID{e}})
			wantFault(t, why, err, "invalid_input")
		}

		list := erp[:1]
		_, err = w.ChangeCompany(ctx, as(vera), acme.ID, CompanyChange{ExternalIDs: &list, Version: acme.Version})
		wantFault(t, "a peer of the owner changes nothing of a protected company", err, "company_change_forbidden")
		same, err := w.ChangeCompany(ctx, as(vera), acme.ID, CompanyChange{ExternalIDs: &erp, Version: acme.Version})
		must(t, err)
		if same.Version != acme.Version {
			t.Error("the same ids are no change")
		}
		changed, err := w.ChangeCompany(ctx, as(anna), acme.ID,
			CompanyChange{ExternalIDs: &list, Version: acme.Version})
		must(t, err)
		if d := cmp.Diff(list, changed.ExternalIDs); d != "" {
			t.Errorf("after the change: %s", d)
		}

		other := w.company(NewCompany{Name: "Acme Ltd", ExternalIDs: erp[1:]})
		kept, err := w.MergeCompanies(ctx, as(adminID), other.ID,
			Merge{FromIDs: []int64{acme.ID}, Version: other.Version})
		must(t, err)
		if d := cmp.Diff(erp, kept.ExternalIDs); d != "" {
			t.Errorf("after a merge: %s", d)
		}
		must(t, w.RemoveCompany(ctx, as(adminID), kept.ID, 0))
		again := w.company(NewCompany{Name: "Acme", ExternalIDs: erp[:1]})
		if d := cmp.Diff(erp[:1], again.ExternalIDs); d != "" {
			t.Errorf("ids of a removed company are free: %s", d)
		}
	})
}

func TestErasureRemovesExternalIDs(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		p := w.contact(NewContact{Name: "Person", ExternalIDs: []ExternalID{{"erp", "person-7", ""}}})
		_, err := w.Erase(ctx, as(adminID), "asked for it",
			func(tx *store.Tx) (DataSubject, error) { return FindSubject(tx, KindContact, p.ID) },
			func(*store.Tx, DataSubject) error { return nil })
		must(t, err)
		found, err := FindByExternalIDs(db.Read(ctx), KindContact, "erp", []string{"person-7"})
		must(t, err)
		if len(found) > 0 {
			t.Error("the external id is still there")
		}
	})
}

func TestExternalIDsOfImportsStay(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		lead := w.lead(NewLead{Name: "Person"})
		must(t, db.Write(ctx, func(tx *store.Tx) error {
			return AddExternalIDs(tx, KindLead, ImportSystem, map[string]int64{"7": lead.ID, "=0f0f": lead.ID})
		}))
		list := []ExternalID{{"erp", "1", ""}}
		changed, err := w.ChangeLead(ctx, as(anna), lead.ID, LeadChange{ExternalIDs: &list, Version: lead.Version})
		must(t, err)
		if d := cmp.Diff([]ExternalID{{"erp", "1", ""}, {"import", "7", ""}}, changed.ExternalIDs); d != "" {
			t.Errorf("codes of files stay, and only those that people gave are shown: %s", d)
		}
		entry := w.entries(RecordChanged)
		if len(entry) != 1 || entry[0].Subject != (journal.Ref{Kind: "lead", ID: lead.ID}) {
			t.Errorf("the journal has %v", entry)
		}
	})
}
