package crm

import (
	"context"
	"testing"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

func TestABatchTakesWhatIsRightAndRefusesTheRest(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		hers := w.company(NewCompany{Name: "Hers", OwnerID: anna, Phones: phones("+74950000001")})
		_, err := w.SetStatus(ctx, as(igor), hers.ID, "IN_WORK", "", hers.Version)
		must(t, err)

		var taken []AddResult
		held := Locks{Companies: []int64{hers.ID}, Statuses: []string{"CLIENT"}}
		must(t, w.Batch(ctx, as(boris), held, func(b *Batch) error {
			var err error
			taken, err = b.AddCompanies([]NewCompany{{Name: "One", Phones: phones("+74950000002")}, {},
				{Name: "Two", OwnerID: boris, Status: "CLIENT"}, {Name: "Three"}})
			if err != nil {
				return err
			}
			for _, in := range []struct {
				why  string
				new  NewCompany
				code string
			}{
				{"another owner of a protected company", NewCompany{OwnerID: boris}, "owner_change_forbidden"},
				{"a number on a protected company", NewCompany{Phones: phones("+74950000003")},
					"number_change_forbidden"},
				{"a status", NewCompany{Status: "CLIENT"}, "status_change_forbidden"},
				{"a name and a status: neither is changed", NewCompany{Name: "His", Status: "CLIENT"},
					"company_change_forbidden"},
				{"nothing new", NewCompany{Name: "Hers", OwnerID: anna, Phones: phones("8 495 000 00 01")}, ""},
			} {
				changed, refused, fatal := b.FillCompany(hers.ID, in.new)
				if fatal != nil {
					return fatal
				}
				wantFault(t, in.why, refused, in.code)
				if changed {
					t.Errorf("%s: it says that it changed something", in.why)
				}
			}
			return nil
		}))
		for i, key := range []string{"", "invalid_input", "status_change_forbidden", ""} {
			if got := fault.Of(taken[i].Err); (got == nil) != (key == "") || got != nil && got.Key != key ||
				(taken[i].ID == 0) != (key != "") {
				t.Errorf("record %d: %+v, want %q", i, taken[i], key)
			}
		}
		if n := len(w.entries(journal.ChangeRefused)); n != 5 {
			t.Errorf("the journal has %d refusals, want 5", n)
		}
		after, err := w.FindCompany(ctx, hers.ID)
		must(t, err)
		if after.Name != "Hers" || after.OwnerID != anna || after.Status.Code != "IN_WORK" || len(after.Phones) != 1 {
			t.Errorf("a refused change left something: %+v", after)
		}
		if plain, stored := plainIndex(t, db), storedIndex(t, db); plain != stored {
			t.Error("the index is not what phones and links say")
		}

		err = w.Batch(ctx, as(adminID), Locks{Contacts: []int64{99}},
			func(*Batch) error { t.Error("a record is gone"); return nil })
		wantFault(t, "a held record is gone", err, "stale_version")
	})
}

func TestOnlyAnAdminsBatchSetsTheAgeOfALink(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		past := time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC)
		c := w.company(NewCompany{Name: "Acme"})
		for _, by := range []int64{boris, adminID} {
			number := map[int64]string{boris: "+74950000001", adminID: "+74950000002"}[by]
			var contact AddResult
			must(t, w.Batch(ctx, as(by), Locks{Companies: []int64{c.ID}}, func(b *Batch) error {
				list, err := b.AddContacts([]NewContact{{Name: "P", CompanyIDs: []int64{c.ID}, Since: []time.Time{past},
					Phones: []Phone{{Value: number, Since: past}}}})
				if err == nil {
					contact = list[0]
				}
				return err
			}))
			must(t, contact.Err)
			if since := w.reach(number)[0].Since; (since == past.UnixMilli()) != (by == adminID) {
				t.Errorf("user %d: the link is since %v", by, time.UnixMilli(since).UTC())
			}
		}
		must(t, w.Batch(ctx, as(adminID), Locks{Companies: []int64{c.ID}}, func(b *Batch) error {
			_, refused, fatal := b.FillCompany(c.ID,
				NewCompany{Phones: []Phone{{Value: "+74950000003", Since: past}, {Value: "+74950000004"}}})
			must(t, refused)
			return fatal
		}))
		if old, young := w.reach("+74950000003")[0].Since, w.reach("+74950000004")[0].Since; old != past.UnixMilli() ||
			young <= old {
			t.Errorf("the links are since %d and %d", old, young)
		}
	})
}
