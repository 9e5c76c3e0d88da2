package crm

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

func TestAMergeKeepsTheStrictestStatusAndTheOldestOwner(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		for _, c := range []struct {
			why           string
			kept, merged  NewCompany
			late          string // whose owner came after the other company's: "kept", "merged" or ""
			owner         int64
			status        string
			ownerNoted    int
			statusNoted   int
			keptsTeam     []int64
			wantTeamAfter []int64
		}{
			{why: "protected wins over free", kept: NewCompany{OwnerID: anna},
				merged: NewCompany{OwnerID: boris, Status: "IN_WORK"}, owner: anna, status: "IN_WORK", statusNoted: 1},
			{why: "also the other way round", kept: NewCompany{OwnerID: anna, Status: "IN_WORK"},
				merged: NewCompany{OwnerID: boris}, owner: anna, status: "IN_WORK"},
			{why: "of two that are as strict, that of the one that stays",
				kept: NewCompany{OwnerID: anna, Status: "CLIENT"}, merged: NewCompany{OwnerID: anna, Status: "IN_WORK"},
				owner: anna, status: "CLIENT"},
			{why: "the owner who has been one for longer, whichever stays", kept: NewCompany{OwnerID: anna},
				merged: NewCompany{OwnerID: boris}, late: "kept", owner: boris, status: "WAITING", ownerNoted: 1},
			{why: "an owner who came by a change is as old as that change", kept: NewCompany{OwnerID: anna},
				merged: NewCompany{OwnerID: boris}, late: "merged", owner: anna, status: "WAITING"},
			{why: "nobody is younger than anybody", kept: NewCompany{}, merged: NewCompany{OwnerID: boris},
				owner: boris, status: "WAITING", ownerNoted: 1},
			{why: "helpers are those of both", kept: NewCompany{OwnerID: anna, TeamIDs: []int64{vera}},
				merged: NewCompany{OwnerID: anna, TeamIDs: []int64{boris, vera}}, owner: anna, status: "WAITING",
				wantTeamAfter: []int64{vera, boris}},
		} {
			c.kept.Name, c.merged.Name = "Kept", "Merged"
			kept, merged := w.company(c.kept), w.company(c.merged)
			if one := map[string]*Company{"kept": &kept, "merged": &merged}[c.late]; one != nil {
				for _, owner := range []int64{vera, one.OwnerID} { // away and back: a new link
					changed, err := w.SetOwner(ctx, as(adminID), one.ID, owner, "", one.Version)
					must(t, err)
					*one = changed
				}
			}
			owners, statuses := len(w.entries(OwnerChanged)), len(w.entries(CompanyStatus))
			out, err := w.MergeCompanies(ctx, as(adminID), kept.ID,
				Merge{FromIDs: []int64{merged.ID}, Version: kept.Version})
			must(t, err)
			if out.OwnerID != c.owner || out.Status.Code != c.status || out.Name != "Kept" ||
				out.Version != kept.Version+1 || !slices.Equal(out.TeamIDs, listed(c.wantTeamAfter)) {
				t.Errorf("%s: %+v, want owner %d, %s, team %v", c.why, out, c.owner, c.status, c.wantTeamAfter)
			}
			if n := len(w.entries(OwnerChanged)) - owners; n != c.ownerNoted {
				t.Errorf("%s: %d changes of owner in the journal, want %d", c.why, n, c.ownerNoted)
			}
			if n := len(w.entries(CompanyStatus)) - statuses; n != c.statusNoted {
				t.Errorf("%s: %d changes of status in the journal, want %d", c.why, n, c.statusNoted)
			}
			_, err = w.FindCompany(ctx, merged.ID)
			if wantFault(t, c.why, err, "not_found"); fault.Of(err).Args["merged_into"] != kept.ID {
				t.Errorf("%s: nobody is told where it went: %v", c.why, err)
			}
		}
	})
}

// TestAMergeHasEverythingOfAll merges two companies into one that share a
// contact and a number, and reads everything back.
func TestAMergeHasEverythingOfAll(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		old := w.company(NewCompany{Name: "Old", OwnerID: anna, Phones: phones("+74950000011", "who knows"),
			Emails: []string{"A@example.com"}})
		kept := w.company(NewCompany{Name: "Kept", OwnerID: anna, Phones: phones("8 495 000 00 11", "+74950000012"),
			Emails: []string{"a@example.com", "b@example.com"}})
		third := w.company(NewCompany{Name: "Third", Phones: phones("+74950000013", "who knows")})
		both := w.contact(NewContact{Name: "Both", CompanyIDs: []int64{old.ID, kept.ID},
			Phones: phones("+74950000014")})
		one := w.contact(NewContact{Name: "One", CompanyIDs: []int64{third.ID}, Phones: phones("+74950000015")})
		lead := w.lead(NewLead{Title: "Request", CompanyID: old.ID, Phones: phones("+74950000016")})
		done := w.lead(NewLead{Title: "Done", CompanyID: old.ID})
		_, err := w.Convert(ctx, as(adminID), done.ID, ConvertInput{Into: old.ID})
		must(t, err)
		since := map[string]int64{}
		for _, number := range []string{"+74950000011", "+74950000014", "+74950000015", "+74950000016"} {
			since[number] = w.reach(number)[0].Since
		}

		out, err := w.MergeCompanies(ctx, as(adminID), kept.ID,
			Merge{FromIDs: []int64{third.ID, old.ID}, Reason: "the same", Version: kept.Version})
		must(t, err)
		var values []string
		for _, p := range out.Phones {
			values = append(values, p.Value)
		}
		if want := []string{"8 495 000 00 11", "+74950000012", "+74950000013", "who knows"}; !slices.Equal(values,
			want) {
			t.Errorf("the phones are %q, want %q", values, want)
		}
		if want := []string{"a@example.com", "b@example.com"}; !slices.Equal(out.Emails, want) {
			t.Errorf("the e-mails are %q, want %q", out.Emails, want)
		}
		for number, at := range since {
			found := w.reach(number)
			if len(found) != 1 || found[0].CompanyID != kept.ID || found[0].Since != at {
				t.Errorf("%s reaches %+v, want the company that stayed since %d", number, found, at)
			}
		}
		for id, want := range map[int64][]int64{both.ID: {kept.ID}, one.ID: {kept.ID}} {
			if c, err := w.FindContact(ctx, id); err != nil || !slices.Equal(c.CompanyIDs, want) {
				t.Errorf("contact %d is of %v, %v; want %v", id, c.CompanyIDs, err, want)
			}
		}
		for _, id := range []int64{lead.ID, done.ID} {
			if l, err := w.FindLead(ctx, id); err != nil || l.CompanyID != kept.ID {
				t.Errorf("lead %d is of %d, %v; want %d", id, l.CompanyID, err, kept.ID)
			}
		}
		if plain, stored := plainIndex(t, db), storedIndex(t, db); plain != stored {
			t.Errorf("the index holds\n%s\nand must hold\n%s", stored, plain)
		}
		entries := w.entries(RecordMerged)
		if len(entries) != 2 || entries[0].Client != (journal.Ref{Kind: "company", ID: kept.ID}) ||
			entries[0].Subject.ID != old.ID || entries[1].Subject.ID != third.ID {
			t.Errorf("the journal says %+v", entries)
		}

		// What was merged before follows when the company that stayed is merged too.
		last := w.company(NewCompany{Name: "Last"})
		_, err = w.MergeCompanies(ctx, as(adminID), last.ID, Merge{FromIDs: []int64{kept.ID}, Version: last.Version})
		must(t, err)
		_, err = w.FindCompany(ctx, old.ID)
		if fault.Of(err).Args["merged_into"] != last.ID {
			t.Errorf("the first one went into %v, want %d", fault.Of(err).Args["merged_into"], last.ID)
		}
		if past, err := w.FindMerged(ctx, KindCompany, last.ID); err != nil ||
			!slices.Equal(past, []int64{old.ID, kept.ID, third.ID}) {
			t.Errorf("the last one absorbed %v, %v", past, err)
		}
	})
}

// TestAMergeKeepsExtensions merges two companies that have people behind one reception.
func TestAMergeKeepsExtensions(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		kept := w.company(NewCompany{Name: "A", Phones: phones("+7 495 000-00-11 доб. 12", "+7 495 000-00-12")})
		gone := w.company(NewCompany{Name: "B", Phones: phones("8 495 000 00 11 доб. 34", "84950000011 ext. 12",
			"+7 495 000-00-12")})
		out, err := w.MergeCompanies(ctx, as(adminID), kept.ID, Merge{FromIDs: []int64{gone.ID}, Version: kept.Version})
		must(t, err)
		var values []string
		for _, p := range out.Phones {
			values = append(values, p.Value)
		}
		want := []string{"+7 495 000-00-11 доб. 12", "+7 495 000-00-12", "8 495 000 00 11 доб. 34"}
		if !slices.Equal(values, want) {
			t.Errorf("the phones are %q, want %q", values, want)
		}
		if plain, stored := plainIndex(t, db), storedIndex(t, db); plain != stored {
			t.Errorf("the index holds\n%s\nand must hold\n%s", stored, plain)
		}
	})
}

func TestMergedContactsAreOne(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		acme, delta := w.company(NewCompany{Name: "Acme"}), w.company(NewCompany{Name: "Delta"})
		old := w.contact(NewContact{Name: "P. Petrov", Post: "CTO", OwnerID: boris,
			CompanyIDs: []int64{acme.ID, delta.ID}, Phones: phones("+74950000011"), Emails: []string{"p@example.com"}})
		kept := w.contact(NewContact{Name: "Petrov", OwnerID: anna, CompanyIDs: []int64{delta.ID},
			Phones: phones("+74950000012", "+74950000011")})
		lead := w.lead(NewLead{Title: "Request", ContactID: old.ID})
		first := w.reach("+74950000011")[0].Since

		out, err := w.MergeContacts(ctx, as(vera), kept.ID, Merge{FromIDs: []int64{old.ID}, Version: kept.Version})
		must(t, err)
		if out.OwnerID != boris || out.Post != "CTO" || out.Name != "Petrov" ||
			!slices.Equal(out.CompanyIDs, []int64{delta.ID, acme.ID}) || len(out.Phones) != 2 || len(out.Emails) != 1 {
			t.Errorf("what stayed is %+v", out)
		}
		if l, err := w.FindLead(ctx, lead.ID); err != nil || l.ContactID != kept.ID {
			t.Errorf("the lead is of %d, %v", l.ContactID, err)
		}
		if found := w.reach("+74950000011"); len(found) != 2 || found[0].Since != first || found[1].Since != first {
			t.Errorf("the number reaches %+v, want both companies since %d", found, first)
		}
		if plain, stored := plainIndex(t, db), storedIndex(t, db); plain != stored {
			t.Errorf("the index holds\n%s\nand must hold\n%s", stored, plain)
		}
		_, err = w.FindContact(ctx, old.ID)
		if wantFault(t, "the merged one", err, "not_found"); fault.Of(err).Args["merged_into"] != kept.ID {
			t.Errorf("nobody is told where it went: %v", err)
		}
	})
}

func TestWhatCannotBeMerged(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		acme, delta := w.company(NewCompany{Name: "Acme"}), w.company(NewCompany{Name: "Delta"})
		var many []int64
		for i := range int64(maxMerge + 1) {
			many = append(many, 1000+i)
		}
		for _, c := range []struct {
			why  string
			into int64
			in   Merge
			key  string
		}{
			{"nothing", acme.ID, Merge{Version: 1}, "invalid_input"},
			{"itself", acme.ID, Merge{FromIDs: []int64{acme.ID}, Version: 1}, "invalid_input"},
			{"what is not there", acme.ID, Merge{FromIDs: []int64{99}, Version: 1}, "invalid_input"},
			{"into what is not there", 99, Merge{FromIDs: []int64{acme.ID}, Version: 1}, "not_found"},
			{"too many", acme.ID, Merge{FromIDs: many, Version: 1}, "invalid_input"},
			{"an old version", acme.ID, Merge{FromIDs: []int64{delta.ID}, Version: 7}, "stale_version"},
			{"no version", acme.ID, Merge{FromIDs: []int64{delta.ID}}, "invalid_input"},
		} {
			before := dump(t, db)
			_, err := w.MergeCompanies(ctx, as(adminID), c.into, c.in)
			wantFault(t, c.why, err, c.key)
			if dump(t, db) != before {
				t.Errorf("%s: refused, and yet something changed", c.why)
			}
		}
		full := NewCompany{Name: "Full"}
		for i := range maxPhones {
			full.Phones = append(full.Phones, Phone{Value: "+7495000" + fmt.Sprintf("%02d", i) + "11"})
		}
		packed, one := w.company(full), w.company(NewCompany{Name: "One", Phones: phones("+447700900123")})
		_, err := w.MergeCompanies(ctx, as(adminID), packed.ID, Merge{FromIDs: []int64{one.ID}, Version: 1})
		wantFault(t, "more phones than a record may have", err, "invalid_input")
	})
}

// TestMergesAtOnceLoseNothing merges the same few companies into each other from
// all sides: each number stays somewhere, and the index is right.
func TestMergesAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		var ids []int64
		for i := range 6 {
			c := w.company(NewCompany{Name: "Acme", OwnerID: anna, Phones: phones(fmt.Sprint("+7495000000", i))})
			w.contact(NewContact{Name: "Petrov", CompanyIDs: []int64{c.ID},
				Phones: phones(fmt.Sprint("+7495000001", i))})
			ids = append(ids, c.ID)
		}
		var all sync.WaitGroup
		var merged atomic.Int64
		for worker := range 8 {
			all.Go(func() {
				for i := range 6 {
					into, from := ids[(worker+i)%6], ids[(worker*5+i*3+1)%6]
					c, err := w.FindCompany(ctx, into)
					if err == nil && into != from {
						_, err = w.MergeCompanies(ctx, as(adminID), into,
							Merge{FromIDs: []int64{from}, Version: c.Version})
					}
					switch {
					case err == nil && into != from:
						merged.Add(1)
					case err != nil && !fault.Is(err, fault.KindConflict) && !fault.Is(err, fault.KindMissing) &&
						!fault.Is(err, fault.KindInvalid):
						t.Errorf("worker %d: %v", worker, err)
					}
				}
			})
		}
		all.Wait()
		var left int64
		must(t, db.Read(ctx).Get(&left, "SELECT COUNT(*) FROM companies WHERE deleted_at = 0"))
		if left != 6-merged.Load() || merged.Load() == 0 {
			t.Errorf("%d companies are left after %d merges of 6", left, merged.Load())
		}
		for i := range 6 {
			for _, number := range []string{fmt.Sprint("+7495000000", i), fmt.Sprint("+7495000001", i)} {
				found := w.reach(number)
				if len(found) != 1 {
					t.Errorf("%s reaches %+v, want one company", number, found)
					continue
				}
				if _, err := w.FindCompany(ctx, found[0].CompanyID); err != nil {
					t.Errorf("%s reaches a company that is gone: %v", number, err)
				}
			}
		}
		if plain, stored := plainIndex(t, db), storedIndex(t, db); plain != stored {
			t.Errorf("the index holds\n%s\nand must hold\n%s", stored, plain)
		}
	})
}
