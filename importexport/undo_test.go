package importexport

import (
	"context"
	"testing"

	"callhue/crm"
	"callhue/internal/paging"
)

// TestAnUndoTakesBackWhatNoOneHasChangedSince imports two files, changes some of their records by hand, and undoes one.
func TestAnUndoTakesBackWhatNoOneHasChangedSince(t *testing.T) {
	inWorlds(t, func(w *world) {
		ctx, admin := context.Background(), w.as("")
		w.Journal.Register(Verbs()...)
		w.service.Journal = w.Journal
		acme, vector := w.guard("Acme", w.anna, "+74950000011"), w.guard("Vector", w.anna, "+74950000012")
		first := w.take(Options{File: w.file("c.csv", "name,phone,email,owner,status\n"+
			"Acme,\"+74950000011\n+74950000021\",a@example.com,boris,WAITING\n"+ // changed
			"Vector,+74950000012,v@example.com,boris,\n"+ // changed, and its owner once more by hand
			"New,+74950000031,,anna,\n"+ // added
			"New,+74950000031,n@example.com,,\n"+ // the added one, changed by the same file
			"Renamed,+74950000032,,,\n"+ // added, and changed by hand
			"Linked,+74950000033,,,\n"+ // added, and a contact of another file belongs to it
			"Gone,+74950000034,,,\n")}) // added, and removed by hand
		w.counts("the file", first, 7, 4, 3, 0, 0)
		w.take(Options{Kind: Contacts, File: w.file("p.csv", "name,company\nPetrov,Linked\n")})
		name := "Other"
		renamed, gone := w.company("Renamed"), w.company("Gone")
		_, err := w.records.ChangeCompany(ctx, admin, renamed.ID, crm.CompanyChange{Name: &name,
			Version: renamed.Version})
		must(t, err)
		must(t, w.records.RemoveCompany(ctx, admin, gone.ID, 0))
		now, err := w.records.FindCompany(ctx, vector.ID)
		must(t, err)
		_, err = w.records.ChangeCompany(ctx, admin, vector.ID, crm.CompanyChange{OwnerID: &w.igor,
			Version: now.Version})
		must(t, err)

		list, err := w.ListImports(ctx, admin, paging.Query{})
		must(t, err)
		id := list.Items[1].ID
		if !list.Items[1].CanUndo || list.Items[1].File != "c.csv" {
			t.Fatalf("the list: %+v", list.Items)
		}
		if _, err := w.Undo(ctx, w.as("boris"), id); err == nil {
			t.Error("an agent undid the import of another user")
		}
		out, err := w.Undo(ctx, admin, id)
		must(t, err)
		if out.State != Undone || out.Undone != 2 || out.Kept != 4 {
			t.Errorf("undone: %+v", out)
		}
		kept, err := w.ListKept(ctx, admin, id, paging.Query{})
		must(t, err)
		reasons := map[int64]string{}
		for _, k := range kept.Items {
			reasons[k.ID] = k.Reason + " " + k.Fields
		}
		for why, want := range map[int64]string{vector.ID: "changed_since owner_id", renamed.ID: "changed_since ",
			w.company("Linked").ID: "linked_since ", gone.ID: "removed_since "} {
			if reasons[why] != want {
				t.Errorf("record %d: %q, want %q", why, reasons[why], want)
			}
		}
		a, err := w.records.FindCompany(ctx, acme.ID)
		must(t, err)
		if a.OwnerID != w.anna || a.Status.Code != "IN_WORK" || len(a.Phones) != 1 || len(a.Emails) != 0 {
			t.Errorf("Acme is %+v", a)
		}
		v, err := w.records.FindCompany(ctx, vector.ID)
		must(t, err)
		if v.OwnerID != w.igor || len(v.Emails) != 0 {
			t.Errorf("Vector is %+v", v)
		}
		for _, c := range w.companies() {
			if c.Name == "New" {
				t.Error("an added company stayed")
			}
		}
		if n := len(w.Entries(ImportUndone)); n != 1 {
			t.Errorf("the journal has %d undos", n)
		}
		if _, err := w.Undo(ctx, admin, id); err == nil {
			t.Error("an import was undone twice")
		}
		again := w.take(Options{File: w.file("c.csv", "name,phone\nNew,+74950000031\n")})
		w.counts("the same record once more", again, 1, 1, 0, 0, 0)
	})
}
