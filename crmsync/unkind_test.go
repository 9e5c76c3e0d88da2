package crmsync

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/rules"
	"callhue/statuses"
)

// sync returns the status of the source.
func (w *world) sync() Sync {
	w.Helper()
	s, err := w.Sync(context.Background(), w.source.ID)
	must(w.T, err)
	return s
}

func (w *world) notes() (codes []string) {
	for _, n := range w.sync().Notes {
		codes = append(codes, string(n.Code)+" "+n.Text)
	}
	return codes
}

func (w *world) unreadable() (list []string) {
	for _, u := range w.sync().Unreadable.Records {
		list = append(list, u.Kind+" "+u.ID+": "+u.Code+" "+u.Text)
	}
	return list
}

// TestAbsenceIsNotEmptiness has the CRM leave out the parts of records that make a card red: the card stays red, and
// each is a difference. When they come again, nothing is left of it.
func TestAbsenceIsNotEmptiness(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, number string
		kind         crm.Kind
		unknown      Unknown
		change       func(*Record)
	}{
		{"phones of the company", "+74950000011", crm.KindCompany, UnknownPhones,
			func(r *Record) { r.Phones = nil }},
		{"owner of the company", "+74950000011", crm.KindCompany, UnknownOwner,
			func(r *Record) { r.OwnerID = "" }},
		{"companies of the contact", "+74950000012", crm.KindContact, UnknownCompanies,
			func(r *Record) { r.CompanyIDs = nil }},
		{"some companies of the contact", "+74950000012", crm.KindContact, UnknownCompanies,
			func(r *Record) { r.CompanyIDs = []string{"2"} }},
		{"phones of the contact", "+74950000012", crm.KindContact, UnknownPhones,
			func(r *Record) { r.Phones = nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			store.Test(t, func(t *testing.T, db *store.DB) {
				w := newWorld(t, db)
				w.fill()
				w.run()
				is(t, "the card before", w.color("18", c.number), rules.Red)
				w.crm.put(c.kind, "1", "3", func(r *Record) { c.change(r); r.Unknown = c.unknown })
				w.enqueue(c.kind, "1")
				w.run()
				is(t, "the card of what is unknown", w.color("18", c.number), rules.Red)
				is(t, "differences", w.conflicts(), []string{c.kind.String() + " 1 invalid not_shown"})
				w.catchUp()
				is(t, "the card after a scan", w.color("18", c.number), rules.Red)
				acme, sidorov := w.was()
				w.crm.put(c.kind, "1", "17", func(r *Record) {
					if r.Unknown = 0; c.kind == crm.KindCompany {
						acme(r)
					} else {
						sidorov(r)
					}
				})
				w.enqueue(c.kind, "1")
				w.run()
				is(t, "differences when all is known again", len(w.conflicts()), 0)
				is(t, "the card at the end", w.color("18", c.number), rules.Red)
			})
		})
	}
}

// TestUnknownOwnersAreNamed assigns a company to users of the CRM who are no users here: one that it does not return,
// and one of its extranet. The owner here stays; neither becomes a user.
func TestUnknownOwnersAreNamed(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.crm.users = append(w.crm.users, User{ID: "70", Name: "Partner", Email: "p@partner.example", Active: true,
			Extension: "170", Outside: true})
		w.fill()
		w.crm.put(crm.KindCompany, "8", "17", func(r *Record) { r.Name, r.OwnerID = "Partner's", "70" })
		w.run()
		org, err := w.Roster.Org(context.Background())
		must(t, err)
		is(t, "users", len(org.Users()), 4)
		is(t, "a user of the extranet", w.userList(),
			"17 made Ivanov, 18 made Petrov, 3 made Igor, 70 outside , 9 made Rita")
		is(t, "whose is his company", w.company("8").OwnerID, int64(0))
		is(t, "differences", w.conflicts(), []string{"company 8 owner owner_outside"})

		w.crm.put(crm.KindCompany, "1", "3", func(r *Record) { r.OwnerID = "77" })
		w.enqueue(crm.KindCompany, "1")
		w.run()
		is(t, "the card of a company whose owner is unknown", w.color("18", "+74950000011"), rules.Red)
		list, err := w.Conflicts(context.Background(), 1, 0, 10)
		must(t, err)
		var got []string
		for _, c := range list {
			got = append(got, fmt.Sprintf("%s %s %q, here %q", c.TheirID, c.Code, c.Theirs, c.Ours))
		}
		is(t, "as they are shown", got, []string{`1 owner_unknown "#77", here "Ivanov"`,
			`8 owner_outside "Partner (#70)", here ""`})
		err = w.Accept(context.Background(), boss, 1, list[0].ID)
		is(t, "to accept an owner who is no user here", fault.Of(err).Key, "nothing_to_accept")

		asked := w.crm.asked["staff"]
		w.crm.put(crm.KindCompany, "8", "17", func(r *Record) { r.Name = "Partner's too" })
		w.skip.Add(100)
		w.enqueue(crm.KindCompany, "8")
		w.run()
		is(t, "readings of the staff for an owner who is known to be outside", w.crm.asked["staff"]-asked, 0)

		w.crm.users = append(w.crm.users, User{ID: "77", Name: "Found", Email: "found@acme.example", Active: true})
		w.skip.Add(4000)
		w.enqueue(crm.KindCompany, "1")
		w.catchUp()
		w.catchUp()
		is(t, "the owner who is known now", w.company("1").OwnerID, w.user("77").ID)
		is(t, "differences at the end", w.conflicts(), []string{"company 8 owner owner_outside"})
	})
}

// TestWithheldValuesOfUsersStay reads users without the right to their extensions and without their state.
func TestWithheldValuesOfUsersStay(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.run()
		for n := range w.crm.users {
			w.crm.users[n].Extension, w.crm.users[n].Active = "", false
			w.crm.users[n].Withheld = Withheld{Extension: true, Active: true}
		}
		w.crm.users = append(w.crm.users, User{ID: "50", Name: "New", Withheld: Withheld{true, true}})
		w.skip.Add(4000)
		w.catchUp()
		is(t, "the extension", w.user("17").Extension, "101")
		is(t, "an active user", w.user("17").Active, true)
		is(t, "a new user", w.user("50").Active, true)
	})
}

// TestOddRecordsAreSetAside has the CRM return records that cannot be understood: the others come, and the odd ones are
// named until they can be read.
func TestOddRecordsAreSetAside(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		w.crm.odd[Ref{crm.KindCompany, "2"}] = "a number as its name"
		w.run()
		is(t, "what was set aside", w.unreadable(), []string{"company 2: crm_answer a number as its name"})
		is(t, "the company behind it", w.ours(crm.KindCompany, "1") != 0, true)
		is(t, "the company itself", w.ours(crm.KindCompany, "2"), int64(0))
		delete(w.crm.odd, Ref{crm.KindCompany, "2"})
		w.enqueue(crm.KindCompany, "2")
		w.run()
		is(t, "the company once it can be read", w.ours(crm.KindCompany, "2") != 0, true)
		is(t, "what is set aside then", len(w.unreadable()), 0)

		w.crm.odd[Ref{crm.KindCompany, "1"}] = "phones of another shape"
		for range 3 {
			w.catchUp()
		}
		is(t, "the card of a known record that cannot be read", w.color("18", "+74950000011"), rules.Red)
		is(t, "what was set aside by scans", w.unreadable(), []string{"company 1: crm_answer phones of another shape"})
	})
}

// TestEventsBeforeTheirRecords sends the event of a new record before the CRM returns it: it is read again after 5 and
// 30 seconds, then given up with a note until the next scan.
func TestEventsBeforeTheirRecords(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.run()
		reads := func() int { return w.crm.asked["read contact"] }
		before := reads()
		w.enqueue(crm.KindContact, "5")
		w.run()
		is(t, "readings at once", reads()-before, 1)
		w.crm.put(crm.KindContact, "5", "17", func(r *Record) { r.Name, r.OwnerID = "Late", "17" })
		w.skip.Add(6)
		w.run()
		is(t, "the record after five seconds", w.contact("5").Name, "Late")
		is(t, "the queue", w.sync().Queue, int64(0))

		before = reads()
		w.enqueue(crm.KindContact, "6")
		w.run()
		for range 4 {
			w.skip.Add(40)
			w.run()
		}
		is(t, "readings of a record that never comes", reads()-before, 3)
		is(t, "what is noted", w.unreadable(), []string{"contact 6: never_returned "})
		w.crm.put(crm.KindContact, "6", "17", func(r *Record) { r.Name, r.OwnerID = "Very late", "17" })
		w.catchUp()
		is(t, "the record after a scan", w.contact("6").Name, "Very late")
		is(t, "what is noted then", len(w.unreadable()), 0)

		before = reads()
		must(t, w.Enqueue(context.Background(), 1, []Change{
			{Ref: Ref{crm.KindContact, "900"}, Removed: true}, {Ref: Ref{crm.KindContact, "901"}, Guess: true},
		}))
		for range 4 {
			w.skip.Add(40)
			w.run()
		}
		is(t, "readings of a removal of what is not here, and of a guess", reads()-before, 1)
		is(t, "notes of them", len(w.unreadable()), 0)
	})
}

// TestAPortalThatIgnoresDates returns all records to every scan: it is noted, and scanned more rarely.
func TestAPortalThatIgnoresDates(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		w.run()
		for ref, r := range w.crm.records {
			r.ChangedAt = r.ChangedAt.Add(-72 * time.Hour)
			w.crm.records[ref] = r
		}
		w.crm.undated = true
		w.catchUp()
		is(t, "notes", w.notes(), []string{"date_filter_ignored "})
		pages := w.crm.asked["page company"]
		w.skip.Add(400)
		w.run()
		is(t, "pages after the usual time", w.crm.asked["page company"]-pages, 0)
		w.crm.undated = false
		w.skip.Add(4000)
		w.run()
		is(t, "notes when dates count", len(w.notes()), 0)
		is(t, "differences", len(w.conflicts()), 0)
	})
}

// TestRecordsThatComeBackUnderAnotherID restores a company from the CRM's bin, where it was removed and kept here: it
// is the same one.
func TestRecordsThatComeBackUnderAnotherID(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		w.run()
		acme := w.ours(crm.KindCompany, "1")
		w.crm.remove(crm.KindCompany, "1")
		w.enqueue(crm.KindCompany, "1")
		w.run()
		is(t, "the card of what was removed there", w.color("18", "+74950000011"), rules.Red)
		w.crm.put(crm.KindCompany, "91", "18", func(r *Record) {
			r.Name, r.OwnerID, r.Status, r.Phones = "Acme", "18", "20", phonesOf("84950000011")
		})
		w.enqueue(crm.KindCompany, "91")
		w.run()
		is(t, "the company", w.ours(crm.KindCompany, "91"), acme)
		is(t, "the card", w.color("18", "+74950000011"), rules.Red)
		is(t, "the owner", w.company("91").OwnerID, w.user("17").ID)
		refused := slices.Contains(w.conflicts(), "company 91 owner owner_change_forbidden")
		is(t, "the owner is a conflict", refused, true)
		list, err := w.Conflicts(context.Background(), 1, 0, 10)
		must(t, err)
		for _, c := range list {
			if c.What == "removal" {
				must(t, w.Accept(context.Background(), boss, 1, c.ID))
			}
		}
		is(t, "the company after its removal was accepted", w.ours(crm.KindCompany, "91"), acme)
		is(t, "its card", w.color("18", "+74950000011"), rules.Red)
		is(t, "the old id", w.ours(crm.KindCompany, "1"), int64(0))
	})
}

// TestAMappingIsSavedWhileTheCRMIsBusy chooses the field of the status before the CRM has named its fields, and one
// that it does not have.
func TestAMappingIsSavedWhileTheCRMIsBusy(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx := context.Background()
		w.crm.mu.Lock()
		w.crm.fail = func(call string) error {
			if call == "fields" || call == "about" {
				return Busy(time.Minute)
			}
			return nil
		}
		w.crm.mu.Unlock()
		_, err := w.work.step(ctx)
		must(t, err)
		is(t, "the status", w.sync().Error.Code, "crm_busy")
		save := func(field string) error {
			m, err := w.MappingOf(ctx, 1)
			must(t, err)
			_, err = w.ChangeMapping(ctx, 0, 1, MappingChange{Version: m.Version, StatusField: &field,
				Statuses: &map[string]string{"10": statuses.InWork}})
			return err
		}
		must(t, save("UG"))
		w.crm.failAll(nil)
		w.skip.Add(100)
		w.run()
		is(t, "notes", w.notes(), []string{"status_field_missing UG"})
		is(t, "a field that is not there, once the fields are known", isFault(save("UX"), "invalid_input"), true)
		must(t, save("UF"))
		w.skip.Add(4000)
		w.run()
		is(t, "notes at the end", len(w.notes()), 0)
	})
}

// TestAMovedPortalIsNamed has the CRM name another address of itself.
func TestAMovedPortalIsNamed(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.crm.moved = "https://acme2.example"
		w.run()
		is(t, "notes", w.notes(), []string{"portal_moved https://acme2.example"})
		w.crm.moved = ""
		w.skip.Add(4000)
		w.run()
		is(t, "notes when it is back", len(w.notes()), 0)
		w.crm.failAll(Moved("https://acme3.example"))
		w.skip.Add(4000)
		_, err := w.work.step(context.Background())
		must(t, err)
		got := w.sync()
		is(t, "a CRM that sends us elsewhere", got.Error.Code+" "+got.Error.Text, "crm_moved https://acme3.example")
		is(t, "its state", got.State, SyncState(stateFailed))
		is(t, "its notes", w.notes(), []string{"portal_moved https://acme3.example"})
	})
}

// TestTwoNumbersOnTwoLines has several numbers in one value of a field: each is a phone of its own.
func TestTwoNumbersOnTwoLines(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.crm.put(crm.KindCompany, "1", "17", func(r *Record) {
			r.Name, r.OwnerID, r.Status = "Acme", "17", "10"
			r.Phones = phonesOf("+7 495 000-00-11\n8 (495) 000-00-12", "8 495 000-00-13; 8 495 000-00-14")
		})
		w.run()
		is(t, "phones", values(w.company("1").Phones), []string{
			"+7 495 000-00-11", "8 (495) 000-00-12", "8 495 000-00-13", "8 495 000-00-14"})
		for _, number := range []string{"+74950000011", "+74950000012", "+74950000013", "+74950000014"} {
			is(t, "the card of "+number, w.color("18", number), rules.Red)
		}
	})
}

// TestACRMWithoutOrder is noted as long as its lists are in no order.
func TestACRMWithoutOrder(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		w.crm.mixed = true
		w.run()
		is(t, "notes", w.notes(), []string{"order_ignored "})
		w.crm.mixed = false
		w.catchUp()
		is(t, "notes when lists are in order", len(w.notes()), 0)
	})
}
