package crm

import (
	"context"
	"testing"

	"callhue/internal/access"
	"callhue/internal/store"
)

func TestACompanyOfALookupSourceIsKept(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		ref := Reference{Source: "crm", ID: "310", Name: "Vektor", Owner: anna, Status: "IN_WORK",
			URL: "https://crm.example/310"}
		find := func() Company {
			t.Helper()
			found, err := FindReferences(db.Read(ctx), "crm", []string{"310", "none"})
			must(t, err)
			if len(found) != 1 {
				t.Fatalf("found %v", found)
			}
			c, err := w.FindCompany(ctx, found["310"])
			must(t, err)
			return c
		}
		must(t, w.KeepReference(ctx, ref))
		kept := find()
		if kept.Name != "Vektor" || kept.OwnerID != anna || kept.Status.Code != "IN_WORK" || len(kept.Phones) > 0 {
			t.Errorf("%+v", kept)
		}
		ref.Name, ref.Owner, ref.Status = "Vektor Ltd", vera, "WAITING"
		must(t, w.KeepReference(ctx, ref))
		now := find()
		if now.ID != kept.ID || now.Name != "Vektor Ltd" || now.OwnerID != vera || now.Status.Code != "WAITING" {
			t.Errorf("it does not follow: %+v", now)
		}
		version := find().Version
		must(t, w.KeepReference(ctx, ref))
		if find().Version != version {
			t.Error("what is as it was is written again")
		}
		w.follow()
		if lines := w.lines(CompaniesWithoutPhone); len(lines) > 0 {
			t.Errorf("a reference is no company without a phone: %v", lines)
		}
		name := "Ours now"
		_, err := w.ChangeCompany(ctx, as(adminID), kept.ID, CompanyChange{Name: &name, Version: version})
		must(t, err)
		must(t, w.KeepReference(ctx, ref))
		if now := find(); now.Name != name {
			t.Errorf("what people changed is overwritten: %+v", now)
		}
	})
}

func TestWhoStandsForACompanyIsNotForPeopleToSay(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		forged := []ExternalID{{"lookup.crm", "310", ""}}
		_, err := w.AddCompany(ctx, as(vera), NewCompany{Name: "Mine", ExternalIDs: forged})
		wantFault(t, "a new company", err, "invalid_input")
		mine, err := w.AddCompany(ctx, as(vera), NewCompany{Name: "Mine", OwnerID: vera})
		must(t, err)
		_, err = w.ChangeCompany(ctx, as(vera), mine.ID, CompanyChange{ExternalIDs: &forged, Version: mine.Version})
		wantFault(t, "a changed company", err, "invalid_input")
		must(t, w.KeepReference(ctx, Reference{Source: "crm", ID: "310", Name: "Vektor"}))
		// A record that the system itself writes over the API goes before the reference.
		theirs, err := w.AddCompany(ctx, access.System(), NewCompany{Name: "Vektor",
			ExternalIDs: []ExternalID{{"crm", "310", ""}}})
		must(t, err)
		found, err := FindReferences(db.Read(ctx), "crm", []string{"310"})
		must(t, err)
		if found["310"] != theirs.ID {
			t.Errorf("found %v, want %d", found, theirs.ID)
		}
		must(t, w.RemoveCompany(ctx, as(adminID), theirs.ID, 0))
		if found, err = FindReferences(db.Read(ctx), "crm", []string{"310"}); err != nil || found["310"] == theirs.ID {
			t.Errorf("a removed record stands for the company: %v %v", found, err)
		}
	})
}
