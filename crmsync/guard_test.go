package crmsync

import (
	"context"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/lookup"
	"callhue/rules"
	"callhue/statuses"
)

// color is what a user of theirs sees here who dials a number.
func (w *world) color(their, dialled string) rules.Color {
	w.Helper()
	ctx := context.Background()
	n := w.Plan.Parse(dialled)
	match, err := lookup.New(w.DB, w.Directory, w.Journal, lookup.Options{Budget: time.Minute}).Find(ctx, n.Key(), 0)
	must(w.T, err)
	org, err := w.Roster.Org(ctx)
	must(w.T, err)
	scene := rules.Scene{Direction: rules.Out, AgentKnown: true, Number: rules.External}
	for _, m := range match.Companies {
		scene.Companies = append(
			scene.Companies,
			rules.Company{ID: m.ID, Relation: org.Relation(w.user(their).ID, m.Owner, m.Team, w.DB.Clock()),
				Unassigned: m.Owner == 0, Status: m.Status.State, Effect: m.Status.Effect, Links: m.Links},
		)
	}
	for _, m := range match.Contacts {
		scene.Contacts = append(
			scene.Contacts,
			rules.Contact{
				ID:        m.ID,
				Relation:  org.Relation(w.user(their).ID, m.Owner, nil, w.DB.Clock()),
				Companies: m.Companies,
			},
		)
	}
	return rules.Judge(scene, rules.Default()).Color
}

// TestRightsHoldForChangesInTheCRM makes, in the CRM, every change that would remove a red card: first as a
// poacher, then as the head of the owner.
func TestRightsHoldForChangesInTheCRM(t *testing.T) {
	t.Parallel()
	const acme, sidorov = "+74950000011", "+74950000012"
	for _, c := range []struct {
		name   string
		kind   crm.Kind
		number string
		change func(*Record)
		gone   bool   // the record is deleted in the CRM
		part   string // of the conflict
		code   string
		quiet  bool // the card stays red after the head made the change
	}{
		{
			"another owner", crm.KindCompany, acme, func(r *Record) { r.OwnerID = "18" }, false, "owner",
			"owner_change_forbidden", false,
		},
		{
			"no owner", crm.KindCompany, acme, func(r *Record) { r.OwnerID = "" }, false, "owner",
			"owner_change_forbidden", false,
		},
		{
			"another status", crm.KindCompany, acme, func(r *Record) { r.Status = "20" }, false, "status",
			"status_change_forbidden", false,
		},
		{
			"a phone taken off the company", crm.KindCompany, acme, func(r *Record) { r.Phones = nil }, false, "take",
			"number_removal_forbidden", false,
		},
		{"another phone in its place", crm.KindCompany, acme, func(r *Record) {
			r.Phones = phonesOf("+74950000098")
		}, false, "take", "number_removal_forbidden", false},
		{
			"a phone taken off the contact", crm.KindContact, sidorov, func(r *Record) { r.Phones = nil }, false,
			"take", "number_removal_forbidden", false,
		},
		{"the contact unlinked", crm.KindContact, sidorov, func(r *Record) {
			r.CompanyIDs = []string{"2"}
		}, false, "unlink", "", false},
		{"the company removed", crm.KindCompany, acme, nil, true, "removal", "removal_forbidden", true},
		{"the contact removed", crm.KindContact, sidorov, nil, true, "removal", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			store.Test(t, func(t *testing.T, db *store.DB) {
				w := newWorld(t, db)
				w.fill()
				w.run()
				if w.color("18", c.number) != rules.Red {
					t.Fatalf("the card is %v before anything was done", w.color("18", c.number))
				}
				before := w.refusals()
				do := func(by string) {
					if c.gone {
						w.crm.remove(c.kind, "1")
					} else {
						w.crm.put(c.kind, "1", by, c.change)
					}
					w.enqueue(c.kind, "1")
					w.run()
				}
				for _, by := range []string{"18", "", "777"} { // the poacher, a machine, an unknown user
					do(by)
					if w.color("18", c.number) != rules.Red {
						t.Fatalf("user %q has laundered the card", by)
					}
					if !c.gone { // undo it for the next author
						acme, sidorov := w.was()
						if c.kind == crm.KindCompany {
							w.crm.put(crm.KindCompany, "1", "17", acme)
						} else {
							w.crm.put(crm.KindContact, "1", "17", sidorov)
						}
						w.enqueue(c.kind, "1")
						w.run()
						is(t, "what was put back differs in nothing", len(w.conflicts()), 0)
						do(by)
					}
					if got := w.conflicts(); len(got) == 0 ||
						c.code != "" && got[0] != c.kind.String()+" 1 "+c.part+" "+c.code &&
							got[len(got)-1] != c.kind.String()+" 1 "+c.part+" "+c.code {
						t.Errorf("user %q: conflicts are %v, want %s %s", by, got, c.part, c.code)
					}
				}
				if w.refusals() <= before {
					t.Error("the journal tells of no refusal")
				}
				w.catchUp()
				if w.color("18", c.number) != rules.Red {
					t.Error("catching up launders the card")
				}
				if c.quiet {
					return
				}
				acme, sidorov := w.was()
				if c.kind == crm.KindCompany {
					w.crm.put(crm.KindCompany, "1", "17", acme)
				} else {
					w.crm.put(crm.KindContact, "1", "17", sidorov)
				}
				w.enqueue(c.kind, "1")
				w.run()
				do("3")
				if w.color("18", c.number) == rules.Red {
					t.Errorf("what the head does there is not done here: %v", w.conflicts())
				}
			})
		})
	}
}

// was returns the changes that make Acme and Sidorov what fill made them.
func (w *world) was() (acme, sidorov func(*Record)) {
	return func(r *Record) { r.OwnerID, r.Status, r.Phones = "17", "10", phonesOf("8 (495) 000-00-11") },
		func(r *Record) { r.CompanyIDs, r.Phones = []string{"2", "1"}, phonesOf("+74950000012") }
}

// TestNewRecordsDoNotBypassRights adds records in the CRM that look like another owner's client.
func TestNewRecordsDoNotBypassRights(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		w.run()
		w.crm.put(crm.KindCompany, "50", "18", func(r *Record) { // their own, with the number and a false age
			r.Name, r.OwnerID, r.Status, r.Phones = "Acme 2", "18", "10", phonesOf("+74950000011")
			r.CreatedAt = r.CreatedAt.AddDate(-30, 0, 0)
		})
		w.crm.put(crm.KindCompany, "51", "18", func(r *Record) { // a copy, imported for the first time
			r.Name, r.OwnerID, r.Status, r.Phones = "ACME", "18", "20", phonesOf("+74950000011")
		})
		w.enqueue(crm.KindCompany, "50", "51")
		w.run()
		if w.color("18", "+74950000011") != rules.Red {
			t.Error("a company of his own launders the card")
		}
		is(t, "the status that he chose", w.company("50").Status.Code, statuses.Waiting)
		is(t, "differences", w.conflicts(), []string{"company 50 status status_change_forbidden"})
		is(t, "Acme's owner", w.company("1").OwnerID, w.user("17").ID)
	})
}

func TestMasterCRMChangesEverything(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.saveMapping(func(m *mapping) { m.Owners = ownersCRM })
		w.fill()
		w.run()
		w.crm.put(
			crm.KindCompany,
			"1",
			"18",
			func(r *Record) { r.OwnerID, r.Status, r.Phones = "18", "20", phonesOf("+74950000098") },
		)
		w.crm.remove(crm.KindContact, "1")
		w.enqueue(crm.KindCompany, "1")
		w.enqueue(crm.KindContact, "1")
		w.run()
		acme := w.company("1")
		is(t, "its owner", acme.OwnerID, w.user("18").ID)
		is(t, "its status", acme.Status.Code, statuses.Waiting)
		is(t, "its phones", values(acme.Phones), []string{"+74950000098"})
		is(t, "the contact", w.ours(crm.KindContact, "1"), int64(0))
		is(t, "differences", w.conflicts(), []string(nil))
	})
}

// TestCRMBecomesMaster checks that waiting conflicts are applied when an admin lets the CRM decide.
func TestCRMBecomesMaster(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		w.fill()
		w.run()
		w.crm.put(
			crm.KindCompany,
			"1",
			"18",
			func(r *Record) { r.OwnerID, r.Status, r.Phones, r.Emails = "18", "20", nil, []string{"none"} },
		)
		w.enqueue(crm.KindCompany, "1")
		w.run()
		is(t, "differences", len(w.conflicts()), 5)
		m, err := w.MappingOf(ctx, 1)
		must(t, err)
		master := OwnersMode(ownersCRM)
		_, err = w.ChangeMapping(ctx, 0, 1, MappingChange{Version: m.Version, Owners: &master})
		must(t, err)
		w.run()
		acme := w.company("1")
		is(t, "its owner", acme.OwnerID, w.user("18").ID)
		is(t, "its status", acme.Status.Code, statuses.Waiting)
		is(t, "its phones", len(acme.Phones), 0)
		is(t, "differences", w.conflicts(), []string{"company 1 invalid not_an_email"})
	})
}

// TestDecidingAConflict accepts and dismisses the changes that a poacher made in the CRM.
func TestDecidingAConflict(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		w.fill()
		w.run()
		poach := func() {
			w.crm.put(crm.KindCompany, "1", "18", func(r *Record) {
				r.Name, r.OwnerID, r.Status, r.Phones, r.Emails = "Acme Ltd", "18", "20", phonesOf("+74950000098"), nil
			})
			w.crm.put(crm.KindContact, "1", "18", func(r *Record) { r.CompanyIDs = []string{"2"} })
			w.enqueue(crm.KindCompany, "1")
			w.enqueue(crm.KindContact, "1")
			w.run()
		}
		poach()
		list, err := w.Conflicts(ctx, 1, 0, 100)
		must(t, err)
		said := map[string]Conflict{}
		for _, d := range list {
			said[string(d.What)+" "+d.Code] = d
		}
		owner := said["owner owner_change_forbidden"]
		if owner.Ours != "Ivanov" || owner.Theirs != "Petrov" || owner.By.Name != "Petrov" ||
			owner.Record.Name != "Acme" ||
			owner.TheirID != "1" {
			t.Errorf("the owner: %+v of %v", owner, w.conflicts())
		}
		is(t, "the phones taken", said["number number_removal_forbidden"].Theirs, "8 (495) 000-00-11")
		is(t, "the phones put", said["number number_change_forbidden"].Theirs, "+74950000098")
		is(t, "the status", said["status status_change_forbidden"].Theirs, "В ожидании")
		petrov := &access.User{ID: w.user("18").ID, Roles: access.Roles{access.Agent}}
		if err := w.Accept(ctx, petrov, 1, owner.ID); !isFault(err, "owner_change_forbidden") {
			t.Errorf("the poacher accepts it himself: %v", err)
		}
		for _, d := range list {
			must(t, w.Accept(ctx, boss, 1, d.ID))
			if err := w.Accept(ctx, boss, 1, d.ID); !isFault(err, "not_found") {
				t.Errorf("twice: %v", err)
			}
		}
		acme := w.company("1")
		is(t, "its owner", acme.OwnerID, w.user("18").ID)
		is(t, "its status", acme.Status.Code, statuses.Waiting)
		is(t, "its phones", values(acme.Phones), []string{"+74950000098"})
		is(t, "its name", acme.Name, "Acme Ltd")
		is(t, "its e-mails", len(acme.Emails), 0)
		is(t, "the contact's companies", w.contact("1").CompanyIDs, []int64{w.ours(crm.KindCompany, "2")})

		w.crm.remove(crm.KindCompany, "2")
		w.enqueue(crm.KindCompany, "2")
		w.run()
		is(t, "one that is not protected is gone", w.ours(crm.KindCompany, "2"), int64(0))
		_, err = w.Records.SetStatus(ctx, boss, acme.ID, statuses.InWork, "", acme.Version)
		must(t, err)
		w.crm.put(crm.KindCompany, "1", "18", func(r *Record) { r.OwnerID = "17" })
		w.enqueue(crm.KindCompany, "1")
		w.run()
		w.crm.put(crm.KindCompany, "1", "18", func(r *Record) { r.Emails = []string{"none"} })
		w.enqueue(crm.KindCompany, "1")
		w.run()
		list, err = w.Conflicts(ctx, 1, 0, 100)
		must(t, err)
		is(
			t,
			"differences",
			w.conflicts(),
			[]string{"company 1 invalid not_an_email", "company 1 owner owner_change_forbidden"},
		)
		for _, d := range list {
			if d.What == "invalid" {
				if err := w.Accept(ctx, boss, 1, d.ID); !isFault(err, "nothing_to_accept") {
					t.Errorf("what cannot be taken: %v", err)
				}
			}
			must(t, w.Dismiss(ctx, boss, 1, d.ID))
		}
		w.catchUp()
		is(t, "dismissed is dismissed", w.conflicts(), []string(nil))
		is(t, "the owner stays", w.company("1").OwnerID, w.user("18").ID)
	})
}

// TestHeadChangesEverythingAtOnce lets the head of the owner change everything at once, for a new owner
// outside their department.
func TestHeadChangesEverythingAtOnce(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.crm.tree = append(w.crm.tree, Department{ID: "4", Name: "Field", ParentID: "1"})
		w.crm.users = append(
			w.crm.users,
			User{ID: "50", Name: "Vera", Email: "vera@acme.example", Department: "4", Active: true},
		)
		w.fill()
		w.run()
		w.crm.put(crm.KindCompany, "1", "3", func(r *Record) {
			r.Name, r.OwnerID, r.Status, r.Phones = "Acme Ltd", "50", "20", phonesOf("+74950000098")
		})
		w.enqueue(crm.KindCompany, "1")
		w.run()
		is(t, "differences", w.conflicts(), []string(nil))
		is(t, "its owner", w.company("1").OwnerID, w.user("50").ID)
	})
}
