package crmsync

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/staff"
	"callhue/statuses"
)

// fill has the CRM hold something of every kind.
func (w *world) fill() {
	long := time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC)
	w.crm.put(crm.KindCompany, "1", "17", func(r *Record) {
		r.Name, r.OwnerID, r.Status, r.Phones, r.Emails, r.CreatedAt = "Acme", "17", "10", phonesOf(
			"8 (495) 000-00-11",
		), []string{
			"info@acme.example",
		}, long
	})
	w.crm.put(crm.KindCompany, "2", "18", func(r *Record) {
		r.Name, r.OwnerID, r.Status, r.Phones, r.CreatedAt = "Delta", "18", "30", phonesOf(
			"+44 7700 900123",
			"who knows",
		), long
	})
	w.crm.put(crm.KindContact, "1", "17", func(r *Record) {
		r.Name, r.Post, r.OwnerID, r.CompanyIDs, r.Phones, r.CreatedAt = "Sidorov", "CTO", "17", []string{
			"2",
			"1",
		}, phonesOf(
			"+74950000012",
		), long.AddDate(
			1,
			0,
			0,
		)
	})
	w.crm.put(crm.KindLead, "5", "18", func(r *Record) {
		r.Title, r.OwnerID, r.ContactID, r.CompanyIDs, r.Stage, r.Source, r.Phones = "Request", "18", "1", []string{
			"2",
		}, "WORK", "WEB", phonesOf(
			"+74950000013",
		)
	})
	w.crm.put(crm.KindLead, "6", "18", func(r *Record) { r.Title, r.Stage = "Done", "CONVERTED" })
}

func TestFullSyncImportsEverything(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		w.run()
		ivanov, petrov := w.user("17"), w.user("18")
		if ivanov == nil || petrov == nil || ivanov.Login != "ivanov@acme.example" || ivanov.Extension != "101" {
			t.Fatalf("users: %+v, %+v", ivanov, petrov)
		}
		acme, delta, person, lead := w.company("1"), w.company("2"), w.contact("1"), w.lead("5")
		is(t, "the company's name", acme.Name, "Acme")
		is(t, "its owner", acme.OwnerID, ivanov.ID)
		is(t, "its status", acme.Status.Code, statuses.InWork)
		is(t, "its phones", values(acme.Phones), []string{"8 (495) 000-00-11"})
		is(t, "its e-mails", acme.Emails, []string{"info@acme.example"})
		is(t, "how old its number is", acme.Phones[0].Since.Year(), 2020)
		reached, err := crm.Reach(db.Read(context.Background()), w.Plan.Parse("+74950000012").Key())
		must(t, err)
		for _, r := range reached[w.Plan.Parse("+74950000012").Key()] {
			is(t, "how old the contact's number is", store.Time(r.Since).Year(), 2021)
		}
		is(t, "a status that is not mapped", delta.Status.Code, statuses.Waiting)
		is(t, "phones that cannot be read", values(delta.Phones), []string{"+44 7700 900123", "who knows"})
		is(t, "the contact's companies", person.CompanyIDs, []int64{delta.ID, acme.ID})
		is(t, "his post", person.Post, "CTO")
		is(t, "the lead", []string{lead.Title, lead.Stage, lead.Source}, []string{"Request", crm.StageInProcess, "WEB"})
		is(
			t,
			"what the lead leads to",
			[]int64{lead.CompanyID, lead.ContactID, lead.OwnerID},
			[]int64{delta.ID, person.ID, petrov.ID},
		)
		is(t, "a lead that is converted there", w.ours(crm.KindLead, "6"), int64(0))
		org, err := w.Roster.Org(context.Background())
		must(t, err)
		igor := w.user("3")
		if !org.IsHeadOf(igor.ID, ivanov.ID) || !org.IsHeadOf(w.user("9").ID, igor.ID) {
			t.Error("heads are not heads here")
		}
		is(t, "differences", w.conflicts(), []string(nil))
		sync, err := w.Sync(context.Background(), 1)
		must(t, err)
		if sync.State != stateFollowing || sync.Import.FinishedAt == nil || sync.Portal.Name != "Acme" ||
			sync.CaughtUpAt == nil ||
			sync.Queue != 0 {
			t.Errorf("it stands so: %+v", sync)
		}
		is(t, "the companies' count", sync.Counts[1], Count{"company", 2, 2, 0})
	})
}

// TestInterruptedFullSyncContinues ends the process after every single step while the CRM changes.
func TestInterruptedFullSyncContinues(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		for n := range 10 {
			id := strconv.Itoa(100 + n)
			w.crm.put(crm.KindCompany, id, "17", func(r *Record) { r.Name, r.OwnerID = "Company "+id, "17" })
		}
		moved := false
		w.crm.before = func(call string) {
			if call == "page company" && !moved { // one record is removed and one added while the pages are read
				moved = true
				w.crm.remove(crm.KindCompany, "100")
				w.crm.put(crm.KindCompany, "200", "17", func(r *Record) { r.Name = "Late" })
			}
		}
		for n := 0; ; n++ {
			w.startWork()
			w.work.connectedAt = w.DB.Clock()
			if n == 0 {
				w.work.connectedAt = time.Time{}
			}
			more, err := w.work.step(context.Background())
			must(t, err)
			if !more && w.state().State == stateFollowing {
				break
			}
			if n > 500 {
				t.Fatal("it does not end")
			}
			w.work.scanDue = false
			if w.state().State == stateFollowing {
				break
			}
		}
		w.startWork()
		w.run()
		is(t, "the one that came", w.company("200").Name, "Late")
		is(t, "the one that went", w.ours(crm.KindCompany, "100"), int64(0))
		var n int64
		must(t, db.Read(context.Background()).Get(&n, "SELECT COUNT(*) FROM companies WHERE deleted_at = 0"))
		is(t, "companies", n, int64(12))
	})
}

func TestExistingRecordsAreMatched(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		here, err := w.Records.AddCompany(
			ctx,
			boss,
			crm.NewCompany{Name: "ACME", Phones: []crm.Phone{{Value: "+74950000011"}, {Value: "+74950000099"}}},
		)
		must(t, err)
		other, err := w.Records.AddCompany(ctx, boss, crm.NewCompany{Name: "Delta"})
		must(t, err)
		w.fill()
		w.crm.put(crm.KindCompany, "3", "17", func(r *Record) { r.Name, r.Phones = "Acme", phonesOf("+74950000011") })
		w.run()
		is(t, "the one with name and number", w.ours(crm.KindCompany, "1"), here.ID)
		if w.ours(crm.KindCompany, "2") == other.ID || w.ours(crm.KindCompany, "3") == here.ID {
			t.Error("a name alone, or a record that is linked, is taken for the same")
		}
		acme := w.company("1")
		is(t, "its phones", values(acme.Phones), []string{"+74950000011", "+74950000099"})
		is(t, "its name", acme.Name, "ACME")
		is(t, "its owner", acme.OwnerID, w.user("17").ID)
		is(t, "its status", acme.Status.Code, statuses.Waiting) // Ivanov may not choose another
		is(t, "differences", w.conflicts(), []string{"company 1 status status_change_forbidden"})
	})
}

// TestFullSyncSurvivesKills ends the process at any moment, in the middle of any write, until the full sync
// has finished: nothing is lost, added or counted twice.
func TestFullSyncSurvivesKills(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		const n = 40
		for i := range n {
			id := strconv.Itoa(i + 1)
			w.crm.put(
				crm.KindCompany,
				id,
				"17",
				func(r *Record) { r.Name, r.OwnerID, r.Status = "Company "+id, "17", "10" },
			)
			w.crm.put(crm.KindContact, id, "17", func(r *Record) { r.Name, r.CompanyIDs = "Contact "+id, []string{id} })
		}
		chance := rand.New(rand.NewPCG(1, 2))
		kills := 0
		for w.state().State != stateFollowing {
			ctx, kill := context.WithTimeout(
				context.Background(),
				time.Duration(500+chance.IntN(4000+100*kills))*time.Microsecond,
			) // longer each time, so that a slow machine finishes too
			w.startWork()
			for more := true; more && ctx.Err() == nil; {
				var err error
				if more, err = w.work.step(ctx); err != nil && ctx.Err() == nil {
					t.Fatal(err)
				}
			}
			kill()
			if kills++; kills > 3000 {
				t.Fatal("it gets nowhere")
			}
			w.skip.Add(400) // retry what failed when the process was killed
		}
		w.startWork()
		w.run()
		for what, query := range map[string]string{
			"companies": "SELECT COUNT(*) FROM companies", "contacts": "SELECT COUNT(*) " +
				"FROM contacts", "links to companies": "SELECT COUNT(*) FROM contact_companies",
			"companies in the journal": "SELECT COUNT(*) FROM journal " +
				"WHERE verb = 'record.added' AND subject_kind = 'company'",
			"linked companies": "SELECT COUNT(DISTINCT our_id) FROM mirror_links WHERE kind = 1",
		} {
			var got int64
			must(t, db.Read(context.Background()).Get(&got, query))
			is(t, what, got, int64(n))
		}
		is(t, "companies counted", w.work.counts.of(crm.KindCompany).Added, int64(n))
		org, err := w.Roster.Org(context.Background())
		must(t, err)
		is(t, "users", len(org.Users()), 4)
		is(t, "departments", len(org.Departments()), 2)
		t.Logf("killed %d times", kills)
	})
}

// TestOneContactFromAFileAndFromTheCRM has a contact whose name is turned round in the CRM: it is one, with its owner
// here, and what the CRM says of the owner of a protected client is a conflict.
func TestOneContactFromAFileAndFromTheCRM(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx := context.Background()
		petrov := w.add(staff.NewUser{Login: "petrov@acme.example", Name: "Petrov", Roles: access.Roles{access.Agent}})
		acme, err := w.Records.AddCompany(ctx, boss, crm.NewCompany{Name: "Acme", OwnerID: petrov.ID,
			Status: statuses.InWork, Phones: []crm.Phone{{Value: "+7 495 000-00-12", Kind: "work"}}})
		must(t, err)
		anna, err := w.Records.AddContact(ctx, boss, crm.NewContact{Name: "Анна Белкина", OwnerID: petrov.ID,
			CompanyIDs: []int64{acme.ID}, Phones: []crm.Phone{{Value: "+7 495 000-00-11", Kind: "work"}}})
		must(t, err)
		w.crm.put(crm.KindCompany, "1", "17", func(r *Record) {
			r.Name, r.OwnerID, r.Phones = "ACME", "17", phonesOf("8 (495) 000-00-12")
		})
		w.crm.put(crm.KindContact, "1", "17", func(r *Record) {
			r.Name, r.OwnerID, r.Phones, r.CompanyIDs = "Белкина Анна", "17", phonesOf("84950000011"), []string{"1"}
		})
		w.run()
		is(t, "the contact", w.ours(crm.KindContact, "1"), anna.ID)
		is(t, "the company", w.ours(crm.KindCompany, "1"), acme.ID)
		is(t, "the owner of the protected company", w.company("1").OwnerID, petrov.ID)
		got := w.conflicts()
		is(t, "the owner is a conflict", slices.Contains(got, "company 1 owner owner_change_forbidden"), true)
	})
}
