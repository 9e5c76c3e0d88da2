package crmsync

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/phone"
)

// TestOnlyChangesOfTheCRMAreApplied changes a record on both sides between two syncs.
func TestOnlyChangesOfTheCRMAreApplied(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		w.fill()
		w.run()
		delta := w.company("2")
		name, mail := "Delta here", []string{"here@delta.example"}
		phones := []crm.Phone{{Value: "who knows"}, {Value: "+447700900123"}, {Value: "+74950000077"}}
		_, err := w.Records.ChangeCompany(
			ctx,
			boss,
			delta.ID,
			crm.CompanyChange{Name: &name, Emails: &mail, Phones: &phones, Version: delta.Version},
		)
		must(t, err)
		w.crm.put(crm.KindCompany, "2", "18", func(r *Record) {
			r.Phones, r.Emails = phonesOf("who knows", "+447700900124"), []string{"there@delta.example"}
		})
		w.enqueue(crm.KindCompany, "2")
		w.run()
		delta = w.company("2")
		is(t, "the name that was changed here", delta.Name, "Delta here")
		is(t, "the phones of both", values(delta.Phones), []string{"who knows", "+74950000077", "+447700900124"})
		is(t, "the e-mails of both", delta.Emails, []string{"here@delta.example", "there@delta.example"})

		w.crm.put(crm.KindCompany, "2", "18", func(r *Record) { r.Name = "Delta there" })
		w.crm.put(crm.KindLead, "5", "18", func(r *Record) {
			r.Title, r.Source, r.Stage, r.CompanyIDs, r.ContactID = "Other", "", "JUNK", []string{"1"}, ""
		})
		w.crm.put(crm.KindContact, "1", "18", func(r *Record) { r.Post = "" })
		w.catchUp() // it was not reported
		is(t, "the name", w.company("2").Name, "Delta there")
		lead := w.lead("5")
		is(t, "the lead", []string{lead.Title, lead.Source, lead.Stage}, []string{"Other", "", crm.StageFailed})
		is(
			t,
			"what the lead leads to",
			[]int64{lead.CompanyID, lead.ContactID},
			[]int64{w.ours(crm.KindCompany, "1"), 0},
		)
		is(t, "how young its link is", w.lead("5").UpdatedBy, w.user("18").ID)
	})
}

func TestConvertedLead(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		w.run()
		w.crm.put(crm.KindLead, "5", "18", func(r *Record) { r.Stage = "CONVERTED" })
		w.enqueue(crm.KindLead, "5")
		w.run()
		is(t, "its stage", w.lead("5").Stage, crm.StageConverted)
		w.crm.put(crm.KindLead, "5", "18", func(r *Record) { r.Title, r.Stage = "Again", "WORK" })
		w.enqueue(crm.KindLead, "5")
		w.run()
		is(t, "it stays as it is", w.lead("5").Title, "Request")
	})
}

// TestReportedChangesAreNotLost reports a record while it is being read, twice, and one that does not
// exist.
func TestReportedChangesAreNotLost(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		w.run()
		w.crm.put(crm.KindCompany, "2", "18", func(r *Record) { r.Name = "First" })
		reported := false
		w.crm.before = func(call string) {
			if call == "read company" && !reported {
				reported = true
				w.enqueue(crm.KindCompany, "2", "2")
			}
		}
		w.enqueue(crm.KindCompany, "2", "2", "77")
		n, err := queueLength(db.Read(context.Background()), 1)
		must(t, err)
		is(t, "rows of the queue", n, int64(2))
		done, err := w.work.readQueue(context.Background())
		must(t, err)
		n, err = queueLength(db.Read(context.Background()), 1)
		must(t, err)
		if !done || n != 2 {
			t.Errorf("%v, and %d wait: a record reported while it is read has to be read again, and so has one that "+
				"is not there yet", done, n)
		}
		w.run()
		is(t, "the name", w.company("2").Name, "First")
		is(t, "what is not there", w.ours(crm.KindCompany, "77"), int64(0))
	})
}

// TestReferencedRecordsAreImportedFirst reports a lead whose contact and companies are unknown here; the
// CRM returns one of them only later.
func TestReferencedRecordsAreImportedFirst(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		w.run()
		w.crm.users = append(w.crm.users, User{ID: "30", Name: "Newman", Email: "newman@acme.example", Active: true})
		w.crm.put(crm.KindCompany, "60", "18", func(r *Record) { r.Name = "Sigma" })
		w.crm.put(crm.KindContact, "61", "18", func(r *Record) { r.Name, r.CompanyIDs = "Nina", []string{"60", "62"} })
		w.crm.put(
			crm.KindLead,
			"63",
			"18",
			func(r *Record) { r.Title, r.ContactID, r.CompanyIDs, r.OwnerID = "Request", "61", []string{"60"}, "30" },
		)
		w.skip.Add(100)
		w.enqueue(crm.KindLead, "63")
		w.run()
		lead, nina := w.lead("63"), w.contact("61")
		is(
			t,
			"the lead's",
			[]int64{lead.ContactID, lead.CompanyID, lead.OwnerID},
			[]int64{nina.ID, w.company("60").ID, w.user("30").ID},
		)
		is(t, "the contact's companies", nina.CompanyIDs, []int64{w.company("60").ID})
		w.crm.put(crm.KindCompany, "62", "18", func(r *Record) { r.Name = "Tau" })
		w.enqueue(crm.KindCompany, "62")
		w.run()
		is(t, "with the one that came", w.contact("61").CompanyIDs, []int64{w.company("60").ID, w.company("62").ID})
	})
}

func TestRecordsMergedOrRemovedHere(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		w.fill()
		w.crm.put(
			crm.KindCompany,
			"3",
			"17",
			func(r *Record) { r.Name, r.Phones = "Acme too", phonesOf("+74950000033") },
		)
		w.crm.put(crm.KindCompany, "4", "17", func(r *Record) { r.Name = "Gone" })
		w.run()
		acme, too, gone := w.company("1"), w.company("3"), w.company("4")
		_, err := w.Records.MergeCompanies(
			ctx,
			boss,
			acme.ID,
			crm.Merge{FromIDs: []int64{too.ID}, Version: acme.Version},
		)
		must(t, err)
		must(t, w.Records.RemoveCompany(ctx, boss, gone.ID, 0))
		w.crm.put(
			crm.KindCompany,
			"3",
			"3",
			func(r *Record) { r.Phones = append(r.Phones, phonesOf("+74950000034")...) },
		)
		w.crm.put(crm.KindCompany, "4", "3", func(r *Record) { r.Name = "Gone again" })
		w.enqueue(crm.KindCompany, "3", "4")
		w.run()
		is(t, "where the merged one leads", w.ours(crm.KindCompany, "3"), acme.ID)
		if !slices.Contains(values(w.company("1").Phones), "+74950000034") {
			t.Errorf("its new phone is not on the one that stayed: %v", values(w.company("1").Phones))
		}
		is(t, "the removed one", w.ours(crm.KindCompany, "4"), int64(0))
		_, err = w.RequestFullSync(ctx, 1)
		must(t, err)
		w.run()
		is(t, "the removed one after one more import", w.ours(crm.KindCompany, "4"), int64(0))
		w.crm.remove(crm.KindCompany, "3")
		w.enqueue(crm.KindCompany, "3")
		w.run()
		is(t, "the one that stayed when one of both is gone", w.company("1").ID, acme.ID)
	})
}

// TestUnreportedDeletions deletes records in the CRM without an event.
func TestUnreportedDeletions(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		for n := range 60 {
			w.crm.put(crm.KindLead, strconv.Itoa(100+n), "18", func(r *Record) { r.Title = "Lead" })
		}
		w.run()
		w.crm.remove(crm.KindCompany, "2")
		w.crm.remove(crm.KindLead, "100")
		w.catchUp()
		is(t, "the company", w.ours(crm.KindCompany, "2"), int64(0))
		is(t, "the lead", w.ours(crm.KindLead, "100"), int64(0))
		for n := range 59 { // the connection has lost rights
			w.crm.remove(crm.KindLead, strconv.Itoa(101+n))
		}
		w.catchUp()
		if got := w.conflicts(); len(got) != 59 || got[0] != "lead 101 removal too_many_removed" {
			t.Errorf("differences: %v", got)
		}
		w.crm.put(crm.KindLead, "101", "18", func(r *Record) { r.Title = "Back" })
		w.catchUp()
		is(t, "one that is back", w.lead("101").Title, "Back")
		is(t, "differences", len(w.conflicts()), 58)
	})
}

// TestNumbersAreParsedByTheSourcesPlan connects a British CRM to a Russian installation.
func TestNumbersAreParsedByTheSourcesPlan(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		plan, err := phone.NewPlan("GB", "")
		must(t, err)
		w.source.Plan, w.work.source.Plan = plan, plan
		w.crm.put(crm.KindCompany, "1", "17", func(r *Record) { r.Name, r.Phones = "Acme", phonesOf("07700 900123") })
		w.run()
		is(t, "the phone", values(w.company("1").Phones), []string{"+447700900123"})
		w.catchUp()
		is(t, "changes", w.work.counts.of(crm.KindCompany).Changed, int64(0))
	})
}

// TestTwoNumbersInOneField checks that the second number is recognised too.
func TestTwoNumbersInOneField(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		reached := func(number string) int {
			key := w.Plan.Parse(number).Key()
			found, err := crm.Reach(db.Read(context.Background()), key)
			must(t, err)
			return len(found[key])
		}
		w.crm.put(crm.KindCompany, "1", "17", func(r *Record) {
			r.Name, r.Phones = "Acme", phonesOf("8 495 000-00-11, 8 495 000-00-12 (Petrov)", "none, yet")
		})
		w.crm.put(
			crm.KindCompany,
			"2",
			"17",
			func(r *Record) { r.Name, r.Phones = "Delta", phonesOf("+74950000012/+74950000013") },
		)
		w.run()
		is(
			t,
			"the phones",
			values(w.company("1").Phones),
			[]string{"8 495 000-00-11", "8 495 000-00-12 (Petrov)", "none, yet"},
		)
		is(
			t,
			"the clients of the numbers",
			[]int64{int64(reached("84950000011")), int64(reached("84950000012")), int64(reached("84950000013"))},
			[]int64{1, 2, 1},
		)
		w.crm.put(crm.KindCompany, "1", "17", func(r *Record) { r.Phones = phonesOf("8 495 000-00-11") })
		w.enqueue(crm.KindCompany, "1")
		w.run()
		is(t, "the phones that are left", values(w.company("1").Phones), []string{"8 495 000-00-11"})
		is(t, "the client of the second number", reached("84950000012"), 1)
	})
}

// TestImportByNumber looks up an unknown number while no process works for the source, and while one does.
func TestImportByNumber(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		w.run()
		ctx, stop := context.WithTimeout(context.Background(), time.Minute)
		defer stop()
		n := w.Plan.Parse("+74950000055")
		must(t, w.ImportByNumber(ctx, 1, n)) // this process does not run the source
		w.crm.put(
			crm.KindContact,
			"70",
			"18",
			func(r *Record) { r.Name, r.Phones = "Caller", phonesOf("+74950000055") },
		)
		w.crm.found = []Ref{{crm.KindContact, "70"}, {4, "1"}}
		defer w.registerPortal(w.source)()
		ended := make(chan error)
		go func() { ended <- w.ImportByNumber(ctx, 1, n) }()
		for {
			select {
			case err := <-ended:
				must(t, err)
				is(t, "the caller", w.contact("70").Name, "Caller")
				return
			default:
				w.run()
			}
		}
	})
}

func TestJournalOfAnImport(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		w.fill()
		w.run()
		list, err := journal.List(db.Read(ctx), journal.History{Verb: SyncImported, Limit: 10})
		must(t, err)
		is(t, "entries", len(list), 1)
		must(t, db.Write(ctx, func(tx *store.Tx) error { return w.RemoveSource(tx, 1) }))
		for _, table := range []string{
			"mirrors", "mirror_links", "mirror_changes", "mirror_wants", "mirror_differences",
		} {
			var n int64
			must(t, db.Read(ctx).Get(&n, "SELECT COUNT(*) FROM "+table))
			is(t, table, n, int64(0))
		}
		sync, err := w.Sync(ctx, 1)
		must(t, err)
		is(t, "a source that is gone", sync.State, SyncState(stateOff))
	})
}

// TestErasedPersonIsNotImportedAgain erases a contact that stays in the CRM.
func TestErasedPersonIsNotImportedAgain(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		w.fill()
		w.run()
		w.crm.put(crm.KindContact, "1", "18", func(r *Record) { r.Phones, r.Post = nil, "Poached" })
		w.enqueue(crm.KindContact, "1")
		w.run()
		id := w.ours(crm.KindContact, "1")
		find := func(tx *store.Tx) (crm.DataSubject, error) { return crm.FindSubject(tx, crm.KindContact, id) }
		who, err := find(db.Read(ctx))
		must(t, err)
		kept, err := w.PersonalData().FindData(ctx, who)
		must(t, err)
		if list := kept.([]StoredRecord); len(list) != 2 || list[0].TheirID != "1" ||
			!strings.Contains(string(list[0].Seen), "Sidorov") {
			t.Errorf("kept is %+v", kept)
		}
		n := int64(0)
		_, err = w.Records.Erase(
			ctx,
			boss,
			"he asked for it",
			find,
			func(tx *store.Tx, gone crm.DataSubject) error {
				rows, _, err := w.PersonalData().FindRows(tx, gone)
				n = int64(len(rows))
				if err == nil {
					err = w.PersonalData().EraseRows(tx, gone, rows)
				}
				return err
			},
		)
		must(t, err)
		is(t, "links, his lead's too", n, int64(2))
		w.enqueue(crm.KindContact, "1")
		w.catchUp()
		_, err = w.RequestFullSync(ctx, 1)
		must(t, err)
		w.run()
		is(t, "the contact", w.ours(crm.KindContact, "1"), int64(0))
		var left int64
		must(
			t,
			db.Read(ctx).
				Get(
					&left,
					"SELECT (SELECT COUNT(*) FROM mirror_links "+
						"WHERE seen LIKE '%Sidorov%') + (SELECT COUNT(*) FROM mirror_differences WHERE kind = 2)",
				),
		)
		is(t, "what is left of him", left, int64(0))
	})
}
