package crm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// state is everything that the package stores about records that are there, without versions.
func (w *world) state() string {
	w.Helper()
	var all strings.Builder
	for _, query := range []string{
		"SELECT CONCAT('company ', id, ' ', name, ' ', owner_id, ' ', team_ids, ' ', status_id, ' ', status_by, ' ', " +
			"status_at, ' ', search) FROM companies WHERE deleted_at = 0 ORDER BY id",
		"SELECT CONCAT('contact ', id, ' ', name, ' ', owner_id, ' ', post, ' ', search) " +
			"FROM contacts WHERE deleted_at = 0 ORDER BY id",
		"SELECT CONCAT('lead ', id, ' ', name, ' ', owner_id, ' ', company_id, ' ', contact_id, ' ', linked_at) " +
			"FROM leads WHERE deleted_at = 0 ORDER BY id",
		"SELECT CONCAT('phone ', kind, ' ', entity_id, ' ', place, ' ', raw, ' ', extension, ' ', since) " +
			"FROM phones ORDER BY kind, entity_id, place",
		"SELECT CONCAT('email ', kind, ' ', entity_id, ' ', address) FROM emails ORDER BY kind, entity_id, place",
		"SELECT CONCAT('tie ', contact_id, ' ', company_id, ' ', place, ' ', linked_at) " +
			"FROM contact_companies ORDER BY contact_id, place",
		"SELECT CONCAT('number ', number_key, ' ', kind, ' ', entity_id, ' ', company_id, ' ', since, ' ', " +
			"is_primary) FROM numbers ORDER BY number_key, kind, entity_id, company_id",
		"SELECT CONCAT('merge ', kind, ' ', record_id, ' ', into_id) FROM merges ORDER BY kind, record_id",
		"SELECT CONCAT('external ', kind, ' ', external_id, ' ', record_id) " +
			"FROM external_ids ORDER BY kind, external_id",
	} {
		var lines []string
		must(w.T, w.db.Read(context.Background()).Select(&lines, query))
		all.WriteString(strings.Join(lines, "\n") + "\n")
	}
	return all.String()
}

func (w *world) lastMerge() int64 {
	w.Helper()
	page, err := w.ListMerges(context.Background(), MergeFilter{})
	must(w.T, err)
	if len(page.Items) == 0 {
		w.Fatal("there is no merge")
	}
	return page.Items[0].ID
}

func (w *world) mergeCompanies(into int64, from ...int64) int64 {
	w.Helper()
	ctx := context.Background()
	c, err := w.FindCompany(ctx, into)
	must(w.T, err)
	_, err = w.MergeCompanies(ctx, as(adminID), into, Merge{FromIDs: from, Version: c.Version})
	must(w.T, err)
	return w.lastMerge()
}

func (w *world) undo(merge int64) {
	w.Helper()
	_, err := w.UndoMerge(context.Background(), as(adminID), merge, "a mistake")
	must(w.T, err)
}

// compareStates reports what is in one state and not in the other.
func (w *world) compareStates(why, got, want string) {
	w.Helper()
	if got == want {
		return
	}
	has, wanted := strings.Split(got, "\n"), strings.Split(want, "\n")
	for _, line := range has {
		if !slices.Contains(wanted, line) {
			w.Errorf("%s: there is   %s", why, line)
		}
	}
	for _, line := range wanted {
		if !slices.Contains(has, line) {
			w.Errorf("%s: missing is %s", why, line)
		}
	}
}

func TestAnUndoneMergeLeavesEverythingAsItWas(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		old := w.company(NewCompany{Name: "Old", OwnerID: anna, Phones: phones("+74950000011 доб. 12", "who knows"),
			Emails: []string{"A@example.com"}, Status: "IN_WORK", TeamIDs: []int64{vera}})
		kept := w.company(NewCompany{Name: "Kept", OwnerID: boris, Phones: phones("8 495 000 00 11", "+74950000012"),
			Emails: []string{"a@example.com", "b@example.com"}})
		third := w.company(NewCompany{Name: "Third", Phones: phones("+74950000013")})
		w.contact(NewContact{Name: "Both", CompanyIDs: []int64{old.ID, kept.ID}, Phones: phones("+74950000014")})
		w.contact(NewContact{Name: "All", CompanyIDs: []int64{third.ID, kept.ID, old.ID}})
		w.contact(NewContact{Name: "One", CompanyIDs: []int64{third.ID}, Phones: phones("+74950000015")})
		w.lead(NewLead{Title: "Request", CompanyID: old.ID, Phones: phones("+74950000016")})
		exec(t, db, "INSERT INTO external_ids (kind, system_name, external_id, record_id, url) "+
			"VALUES (1, 'crm', 'X', ?, '')", old.ID)
		before := w.state()
		merge := w.mergeCompanies(kept.ID, old.ID, third.ID)
		if w.state() == before {
			t.Fatal("nothing was merged")
		}
		info, err := w.UndoMerge(context.Background(), as(adminID), merge, "a mistake")
		must(t, err)
		w.compareStates("after the undo", w.state(), before)
		if info.Into.Name != "Kept" || len(info.From) != 2 || info.UndoneBy.ID != adminID {
			t.Errorf("the undo answered %+v", info)
		}
		entries := w.entries(MergeUndone)
		if len(entries) != 2 || entries[0].Client != (journal.Ref{Kind: "company", ID: kept.ID}) {
			t.Errorf("the journal has %+v", entries)
		}
		if plain, stored := plainIndex(t, db), storedIndex(t, db); plain != stored {
			t.Errorf("the index holds\n%s\nand must hold\n%s", stored, plain)
		}
	})
}

func TestAnUndoneMergeOfContactsLeavesEverythingAsItWas(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		acme, delta := w.company(NewCompany{Name: "Acme"}), w.company(NewCompany{Name: "Delta"})
		gone := w.contact(NewContact{Name: "Old", OwnerID: anna, CompanyIDs: []int64{acme.ID, delta.ID}, Post: "Buyer",
			Phones: phones("+74950000011")})
		kept := w.contact(NewContact{Name: "Kept", OwnerID: boris, CompanyIDs: []int64{delta.ID},
			Phones: phones("+74950000011", "+74950000012")})
		w.lead(NewLead{Title: "Request", ContactID: gone.ID, Phones: phones("+74950000016")})
		before := w.state()
		_, err := w.MergeContacts(ctx, as(adminID), kept.ID, Merge{FromIDs: []int64{gone.ID}, Version: kept.Version,
			Fields: MergeFields{Name: gone.ID, Owner: kept.ID}})
		must(t, err)
		now, err := w.FindContact(ctx, kept.ID)
		must(t, err)
		if now.Name != "Old" || now.OwnerID != boris || now.Post != "Buyer" || len(now.CompanyIDs) != 2 {
			t.Errorf("the merged contact is %+v", now)
		}
		w.undo(w.lastMerge())
		w.compareStates("after the undo", w.state(), before)
		if plain, stored := plainIndex(t, db), storedIndex(t, db); plain != stored {
			t.Errorf("the index holds\n%s\nand must hold\n%s", stored, plain)
		}
	})
}

// TestWhatChangedSinceAMergeStays edits the record that stayed, and what was linked to the merged one, before the undo.
func TestWhatChangedSinceAMergeStays(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		admin := as(adminID)
		gone := w.company(NewCompany{Name: "Gone", OwnerID: anna, Status: "IN_WORK", Phones: phones("+74950000011")})
		kept := w.company(NewCompany{Name: "Kept", OwnerID: boris, Phones: phones("+74950000012", "+74950000013")})
		moved := w.contact(NewContact{Name: "Moved", CompanyIDs: []int64{gone.ID}, Phones: phones("+74950000014")})
		left := w.contact(NewContact{Name: "Left", CompanyIDs: []int64{gone.ID}, Phones: phones("+74950000015")})
		merge := w.mergeCompanies(kept.ID, gone.ID)
		c, err := w.FindCompany(ctx, kept.ID)
		must(t, err)
		c, err = w.ChangeCompany(ctx, admin, kept.ID, CompanyChange{Name: new("Renamed"), OwnerID: new(int64(vera)),
			Phones: new(phones("+74950000011", "+74950000012", "+74950000019")), Version: c.Version})
		must(t, err)
		_, err = w.ChangeContact(ctx, admin, left.ID, ContactChange{CompanyIDs: &[]int64{}, Version: 2})
		must(t, err)
		w.undo(merge)
		c, err = w.FindCompany(ctx, kept.ID)
		must(t, err)
		var values []string
		for _, p := range c.Phones {
			values = append(values, p.Value)
		}
		if want := []string{"+74950000012", "+74950000019"}; !slices.Equal(values, want) {
			t.Errorf("the phones are %q, want %q: what was added stays, what was taken off stays off", values, want)
		}
		if c.Name != "Renamed" || c.OwnerID != vera || c.Status.Code != "WAITING" {
			t.Errorf("the record that stayed is %+v", c)
		}
		back, err := w.FindCompany(ctx, gone.ID)
		must(t, err)
		if back.OwnerID != anna || back.Status.Code != "IN_WORK" || len(back.Phones) != 1 {
			t.Errorf("the merged one is %+v", back)
		}
		for id, want := range map[int64][]int64{moved.ID: {gone.ID}, left.ID: {}} {
			if one, err := w.FindContact(ctx, id); err != nil || !slices.Equal(one.CompanyIDs, want) {
				t.Errorf("contact %d is of %v, %v, want %v", id, one.CompanyIDs, err, want)
			}
		}
		if plain, stored := plainIndex(t, db), storedIndex(t, db); plain != stored {
			t.Errorf("the index holds\n%s\nand must hold\n%s", stored, plain)
		}
	})
}

func TestWhatCannotBeUndone(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		one, two := w.company(NewCompany{Name: "One"}), w.company(NewCompany{Name: "Two"})
		three := w.company(NewCompany{Name: "Three"})
		wanted := func(why, key string, merge int64) {
			t.Helper()
			before := dump(t, db)
			_, err := w.UndoMerge(ctx, as(adminID), merge, "")
			wantFault(t, why, err, key)
			if dump(t, db) != before {
				t.Errorf("%s: refused, and yet something changed", why)
			}
		}
		first := w.mergeCompanies(two.ID, one.ID)
		second := w.mergeCompanies(three.ID, two.ID)
		wanted("no such merge", "not_found", 99)
		wanted("merged again", "merged_again", first)
		w.undo(second)
		wanted("twice", "already_undone", second)
		w.undo(first)
		if _, err := w.FindCompany(ctx, one.ID); err != nil {
			t.Errorf("the first one is not back: %v", err)
		}
		again := w.mergeCompanies(two.ID, one.ID)
		must(t, w.RemoveCompany(ctx, as(adminID), two.ID, 0))
		wanted("removed", "record_gone", again)
		late := w.mergeCompanies(three.ID, w.company(NewCompany{Name: "Four"}).ID)
		clock := db.Clock
		db.Clock = func() time.Time { return clock().Add(31 * 24 * time.Hour) }
		wanted("too late", "undo_expired", late)
		must(t, w.Sweep(ctx))
		wanted("forgotten", "not_found", late)
	})
}

// TestAnErasedPersonCannotComeBack erases a contact that was merged.
func TestAnErasedPersonCannotComeBack(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		gone := w.contact(NewContact{Name: "Petrov", Phones: phones("+74950000011")})
		kept := w.contact(NewContact{Name: "Petrov P", Phones: phones("+74950000012")})
		_, err := w.MergeContacts(ctx, as(adminID), kept.ID, Merge{FromIDs: []int64{gone.ID}, Version: 1})
		must(t, err)
		merge := w.lastMerge()
		_, err = w.Erase(ctx, as(adminID), "asked", func(tx *store.Tx) (DataSubject, error) {
			return FindSubject(tx, KindContact, kept.ID)
		}, func(*store.Tx, DataSubject) error { return nil })
		must(t, err)
		var snapshots []string
		must(t, db.Read(ctx).Select(&snapshots, "SELECT snapshot FROM merge_operations"))
		if len(snapshots) != 0 {
			t.Errorf("of the person remains %q", snapshots)
		}
		_, err = w.UndoMerge(ctx, as(adminID), merge, "")
		wantFault(t, "an undo", err, "not_found")
	})
}

// TestMergesUndoneBackwardsLeaveNothing merges at random and undoes everything, the last merge first.
func TestMergesUndoneBackwardsLeaveNothing(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		random := rand.New(rand.NewPCG(3, 4))
		typed := func() (list []Phone) {
			for i := range random.IntN(3) {
				list = append(list, phones(fmt.Sprintf("+749500000%d%d доб. %d", i, random.IntN(5), random.IntN(3)))...)
			}
			return list
		}
		for round := range 5 {
			var companies, contacts []int64
			for range 5 {
				c := w.company(NewCompany{Name: fmt.Sprint("C", round), Phones: typed(),
					OwnerID: []int64{0, anna, boris}[random.IntN(3)],
					Status:  []string{"WAITING", "IN_WORK"}[random.IntN(2)]})
				companies = append(companies, c.ID)
			}
			for range 5 {
				of := []int64{companies[random.IntN(5)], companies[random.IntN(5)]}
				contacts = append(contacts, w.contact(NewContact{Name: "P", Phones: typed(), CompanyIDs: of}).ID)
				w.lead(NewLead{Name: "L", Phones: typed(), CompanyID: of[0], ContactID: contacts[0]})
			}
			var states []string
			var merges []int64
			for range 6 {
				state := w.state()
				into, from := random.IntN(5), random.IntN(5)
				var err error
				if c, found := w.FindCompany(ctx, companies[into]); found == nil && random.IntN(2) == 0 {
					_, err = w.MergeCompanies(ctx, as(adminID), c.ID,
						Merge{FromIDs: []int64{companies[from]}, Version: c.Version})
				} else if c, found := w.FindContact(ctx, contacts[into]); found == nil {
					_, err = w.MergeContacts(ctx, as(adminID), c.ID,
						Merge{FromIDs: []int64{contacts[from]}, Version: c.Version})
				} else {
					continue
				}
				if err == nil {
					states, merges = append(states, state), append(merges, w.lastMerge())
				}
			}
			for i := len(merges) - 1; i >= 0; i-- {
				w.undo(merges[i])
				w.compareStates(fmt.Sprintf("round %d, undo %d of %d", round, i, len(merges)), w.state(), states[i])
			}
		}
		if plain, stored := plainIndex(t, db), storedIndex(t, db); plain != stored {
			t.Errorf("the index holds\n%s\nand must hold\n%s", stored, plain)
		}
	})
}

// TestMergesUndosAndEditsAtOnce lets several users merge, undo and edit the same companies: numbers are never lost.
func TestMergesUndosAndEditsAtOnce(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		var ids []int64
		for i := range 4 {
			c := w.company(NewCompany{Name: "Acme", OwnerID: anna, Phones: phones(fmt.Sprint("+7495000000", i))})
			w.contact(NewContact{Name: "Petrov", CompanyIDs: []int64{c.ID},
				Phones: phones(fmt.Sprint("+7495000001", i))})
			ids = append(ids, c.ID)
		}
		late := regexp.MustCompile("stale_version|not_found|already_undone|merged_again|record_gone|" +
			"invalid_input|database_busy")
		fair := func(err error) {
			if err != nil && !late.MatchString(fault.Of(err).Key) {
				t.Errorf("%v", err)
			}
		}
		var all sync.WaitGroup
		for worker := range 6 {
			all.Go(func() {
				for i := range 6 {
					c, err := w.FindCompany(ctx, ids[(worker+i)%4])
					if err == nil && worker%3 < 2 {
						_, err = w.MergeCompanies(ctx, as(adminID), c.ID,
							Merge{FromIDs: []int64{ids[(worker*5+i*3+1)%4]}, Version: c.Version})
					} else if err == nil {
						_, err = w.ChangeCompany(ctx, as(adminID), c.ID, CompanyChange{Name: new(fmt.Sprint("Acme", i)),
							Version: c.Version})
					}
					fair(err)
					page, err := w.ListMerges(ctx, MergeFilter{})
					fair(err)
					if len(page.Items) > 0 {
						_, err = w.UndoMerge(ctx, as(adminID), page.Items[0].ID, "")
						fair(err)
					}
				}
			})
		}
		all.Wait()
		for i := range 4 {
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
		w.follow()
		w.checkQuality("after the rush")
	})
}
