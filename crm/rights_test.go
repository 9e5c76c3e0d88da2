package crm

import (
	"context"
	"slices"
	"strings"
	"testing"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/journal"
)

// allUsers try an action; allowed are those with the right to it.
var allUsers = []int64{anna, boris, igor, vera, oleg, rita, adminID, gone}

// TestTheTableOfRights acts out each row for each standing. The company is
// anna's, boris helps her; igor heads her department, rita everybody.
func TestTheTableOfRights(t *testing.T) {
	t.Parallel()
	type try struct {
		why     string
		status  string // of the company
		code    string // of the refusal
		allowed []int64
		action  func(w *world, by *access.User, c Company, p Contact, l Lead) error
	}
	ctx := context.Background()
	all := allUsers
	heads := []int64{igor, rita, adminID}
	workers := []int64{anna, boris, igor, rita, adminID}
	var delta Company      // of the one who tries
	var unnumbered Contact // of Acme, his own, without a number
	var silent Lead        // the same
	own := []Phone{{Value: "+74950000011"}}
	tries := []try{
		{"the status is never the owner's to change", "WAITING", "status_change_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.SetStatus(ctx, by, c.ID, "IN_WORK", "because", c.Version)
				return err
			}},
		{"nor of a protected company", "IN_WORK", "status_change_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.SetStatus(ctx, by, c.ID, "WAITING", "", c.Version)
				return err
			}},
		{"a company may not begin with a free choice of status", "WAITING", "status_change_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.AddCompany(ctx, by, NewCompany{Name: "Acme", OwnerID: anna, Status: "CLIENT"})
				return err
			}},
		{"the default status by its name is no choice", "WAITING", "", all,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.AddCompany(ctx, by, NewCompany{Name: "Acme", OwnerID: anna, Status: "WAITING"})
				return err
			}},
		{"a protected company keeps its owner", "IN_WORK", "owner_change_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.SetOwner(ctx, by, c.ID, boris, "", c.Version)
				return err
			}},
		{"also when the owner comes with other fields", "IN_WORK", "owner_change_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeCompany(ctx, by, c.ID,
					CompanyChange{OwnerID: new(int64(boris)), Name: new("Acme & Co"), Version: c.Version})
				return err
			}},
		{"nor of a free one, whose owner would see only later that he is not alone", "WAITING", "team_change_forbidden",
			[]int64{anna, igor, rita, adminID}, func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeCompany(ctx, by, c.ID,
					CompanyChange{TeamIDs: &[]int64{boris, vera}, Version: c.Version})
				return err
			}},
		{"a contact of it keeps its owner", "IN_WORK", "company_change_forbidden", workers,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeContact(ctx, by, p.ID, ContactChange{OwnerID: new(int64(vera)), Version: p.Version})
				return err
			}},
		{"and its name", "IN_WORK", "company_change_forbidden", workers,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeContact(ctx, by, p.ID, ContactChange{Name: new("Nobody"), Version: p.Version})
				return err
			}},
		{"and gets no number of a stranger's", "IN_WORK", "company_change_forbidden", workers,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeContact(ctx, by, p.ID,
					ContactChange{Phones: &[]Phone{{Value: "+74950000012"}, {Value: "+447700900124"}},
						Version: p.Version})
				return err
			}},
		{"nor a company of a stranger's before its own", "IN_WORK", "company_change_forbidden", workers,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeContact(ctx, by, p.ID,
					ContactChange{CompanyIDs: &[]int64{delta.ID, c.ID}, Version: p.Version})
				return err
			}},
		{"a lead of it is no stranger's either", "IN_WORK", "company_change_forbidden", workers,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeLead(ctx, by, l.ID, LeadChange{OwnerID: new(int64(vera)), Version: l.Version})
				return err
			}},
		{"a contact of one's own may lead there, and be changed", "IN_WORK", "", all,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				mine, err := w.AddContact(ctx, by,
					NewContact{Name: "Sidorov", OwnerID: by.ID, CompanyIDs: []int64{c.ID},
						Phones: phones("+447700900125")})
				if err == nil {
					_, err = w.ChangeContact(ctx, by, mine.ID,
						ContactChange{Name: new("S. Sidorov"),
							Phones:  &[]Phone{{Value: "+447700900125"}, {Value: "+447700900126"}},
							Version: mine.Version})
				}
				return err
			}},
		{"a contact without a number is not unlinked either", "IN_WORK", "unlink_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeContact(ctx, by, unnumbered.ID,
					ContactChange{CompanyIDs: &[]int64{}, Version: unnumbered.Version})
				return err
			}},
		{"nor removed", "IN_WORK", "unlink_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				return w.RemoveContact(ctx, by, unnumbered.ID, 0)
			}},
		{"nor a lead", "IN_WORK", "unlink_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				return w.RemoveLead(ctx, by, silent.ID, 0)
			}},
		{"a free company may change hands", "WAITING", "", all,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.SetOwner(ctx, by, c.ID, boris, "", c.Version)
				return err
			}},
		{"nobody makes himself a helper of a protected company", "IN_WORK", "team_change_forbidden",
			[]int64{anna, igor, rita, adminID}, func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeCompany(ctx, by, c.ID,
					CompanyChange{TeamIDs: &[]int64{boris, vera}, Version: c.Version})
				return err
			}},
		{"the numbers of a protected company are for those who work with it", "IN_WORK", "number_change_forbidden",
			workers, func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeCompany(ctx, by, c.ID,
					CompanyChange{Phones: &[]Phone{own[0], {Value: "+447700900123"}}, Version: c.Version})
				return err
			}},
		{"its number goes only with the head's word", "IN_WORK", "number_removal_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeCompany(ctx, by, c.ID, CompanyChange{Phones: &[]Phone{}, Version: c.Version})
				return err
			}},
		{"a number put in the place of another takes that one away", "IN_WORK", "number_removal_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeCompany(ctx, by, c.ID,
					CompanyChange{Phones: &[]Phone{{Value: "+447700900123"}}, Version: c.Version})
				return err
			}},
		{"another spelling takes nothing away, and yet it is no stranger's business", "IN_WORK",
			"number_change_forbidden", workers, func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeCompany(ctx, by, c.ID,
					CompanyChange{Phones: &[]Phone{{Value: "8 (495) 000-00-11", Kind: "mobile"}}, Version: c.Version})
				return err
			}},
		{"a contact's number leads to the company too", "IN_WORK", "number_removal_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeContact(ctx, by, p.ID, ContactChange{Phones: &[]Phone{}, Version: p.Version})
				return err
			}},
		{"as long as the contact is linked", "IN_WORK", "number_removal_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeContact(ctx, by, p.ID, ContactChange{CompanyIDs: &[]int64{}, Version: p.Version})
				return err
			}},
		{"and there", "IN_WORK", "number_removal_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				return w.RemoveContact(ctx, by, p.ID, 0)
			}},
		{"a contact of a free company may go", "WAITING", "", all,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				return w.RemoveContact(ctx, by, p.ID, p.Version)
			}},
		{"a lead leads to its company", "IN_WORK", "number_removal_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeLead(ctx, by, l.ID, LeadChange{CompanyID: new(int64), Version: l.Version})
				return err
			}},
		{"also when it becomes somebody else's company", "IN_WORK", "number_removal_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.Convert(ctx, by, l.ID, ConvertInput{Company: &NewCompany{Name: "Delta", OwnerID: by.ID}})
				return err
			}},
		{"when it becomes a contact of that company, that is for those who work with it", "IN_WORK",
			"company_change_forbidden", workers, func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.Convert(ctx, by, l.ID, ConvertInput{Into: c.ID})
				return err
			}},
		{"a protected company is not merged into another one", "IN_WORK", "merge_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.MergeCompanies(ctx, by, delta.ID, Merge{FromIDs: []int64{c.ID}, Version: delta.Version})
				return err
			}},
		{"nor another one into it", "IN_WORK", "merge_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.MergeCompanies(ctx, by, c.ID, Merge{FromIDs: []int64{delta.ID}, Version: c.Version})
				return err
			}},
		{"nor its contact into somebody", "IN_WORK", "merge_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.MergeContacts(ctx, by, unnumbered.ID, Merge{FromIDs: []int64{p.ID}, Version: unnumbered.Version})
				return err
			}},
		{"free companies are merged by everybody", "WAITING", "", all,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.MergeCompanies(ctx, by, delta.ID, Merge{FromIDs: []int64{c.ID}, Version: delta.Version})
				return err
			}},
		{"and their contacts", "WAITING", "", all, func(w *world, by *access.User, c Company, p Contact, l Lead) error {
			_, err := w.MergeContacts(ctx, by, unnumbered.ID, Merge{FromIDs: []int64{p.ID}, Version: unnumbered.Version})
			return err
		}},
		{"a protected company is not removed", "IN_WORK", "removal_forbidden", heads,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				return w.RemoveCompany(ctx, by, c.ID, c.Version)
			}},
		{"a free one is", "WAITING", "", all, func(w *world, by *access.User, c Company, p Contact, l Lead) error {
			return w.RemoveCompany(ctx, by, c.ID, 0)
		}},
		{"its name is for those who work with it: cards and duplicates go by it", "IN_WORK", "company_change_forbidden",
			workers, func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeCompany(ctx, by, c.ID, CompanyChange{Name: new("Acme & Co"), Version: c.Version})
				return err
			}},
		{"its e-mails too", "IN_WORK", "company_change_forbidden", workers,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeCompany(ctx, by, c.ID,
					CompanyChange{Emails: &[]string{"info@example.com"}, Version: c.Version})
				return err
			}},
		{"a free company is described by everybody", "WAITING", "", all,
			func(w *world, by *access.User, c Company, p Contact, l Lead) error {
				_, err := w.ChangeCompany(ctx, by, c.ID,
					CompanyChange{Name: new("Acme & Co"), Emails: &[]string{"info@example.com"}, Version: c.Version})
				return err
			}},
	}
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for _, c := range tries {
			t.Run(c.why, func(t *testing.T) {
				for _, who := range allUsers {
					w.T = t
					acme := w.company(NewCompany{Name: "Acme", OwnerID: anna, TeamIDs: []int64{boris}, Status: c.status,
						Phones: own})
					petrov := w.contact(NewContact{Name: "Petrov", CompanyIDs: []int64{acme.ID},
						Phones: phones("+74950000012")})
					lead := w.lead(NewLead{Name: "Petrov", CompanyID: acme.ID, Phones: phones("+74950000013")})
					delta = w.company(NewCompany{Name: "Delta", OwnerID: who})
					unnumbered = w.contact(NewContact{Name: "Mute", OwnerID: who, CompanyIDs: []int64{acme.ID}})
					silent = w.lead(NewLead{Name: "Silent", OwnerID: who, CompanyID: acme.ID})
					refusedBefore, before := len(w.entries(journal.ChangeRefused)), dump(t, db)
					err := c.action(w, as(who), acme, petrov, lead)
					if slices.Contains(c.allowed, who) {
						wantFault(t, c.why, err, "")
						continue
					}
					wantFault(t, c.why, err, c.code)
					if after := dump(t, db); after != before {
						t.Errorf("%d was refused, and yet something changed", who)
					}
					refused := w.entries(journal.ChangeRefused)
					if len(refused) != refusedBefore+1 || refused[0].Actor != int64(who) ||
						!strings.Contains(string(refused[0].Details), c.code) {
						t.Errorf("%d was refused; the journal has %d entries about it, want one with %s", who,
							len(refused)-refusedBefore, c.code)
					}
				}
			})
		}
	})
}

func TestEdgesOfTheTableOfRights(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		try := func(why string, by *access.User, c Company, key string) {
			t.Helper()
			_, err := w.SetStatus(ctx, by, c.ID, "CLIENT", "", c.Version)
			wantFault(t, why, err, key)
		}
		igors := func() Company { return w.company(NewCompany{Name: "Acme", OwnerID: igor, Status: "IN_WORK"}) }
		try("a head cannot approve his own company", as(igor), igors(), "status_change_forbidden")
		try("his own head can", as(rita), igors(), "")
		try("at the top nobody is above: not herself", as(rita), w.company(NewCompany{Name: "Top", OwnerID: rita}),
			"status_change_forbidden")
		try("but an admin", as(adminID), w.company(NewCompany{Name: "Top", OwnerID: rita}), "")
		try("a company without an owner has no head", as(rita), w.company(NewCompany{Name: "Nobody's"}),
			"status_change_forbidden")
		try("the head of one who left still heads him", as(igor), w.company(NewCompany{Name: "Left", OwnerID: gone}),
			"")

		_, err := w.SetStatus(ctx, as(boris), igors().ID, "NO_SUCH", "", 1)
		wantFault(t, "an unknown status tells a stranger nothing", err, "status_change_forbidden")

		free := w.company(NewCompany{Name: "Nobody's", Status: "IN_WORK"})
		_, err = w.SetOwner(ctx, as(boris), free.ID, boris, "", free.Version)
		wantFault(t, "nobody takes a protected company without an owner", err, "owner_change_forbidden")

		move(t, db, "UPDATE users SET active = 0 WHERE id = ?", adminID)
		try("a dismissed admin is nobody's admin", as(adminID), free, "status_change_forbidden")
		move(t, db, "UPDATE users SET active = 1 WHERE id = ?", adminID)
		try("the command line has no user", &access.User{Roles: access.Roles{access.Admin}}, free, "")
		try("nor any right without the role", &access.User{Roles: access.Roles{access.Service}}, free,
			"status_change_forbidden")

		acme := w.company(NewCompany{Name: "Acme", OwnerID: anna})
		session := as(adminID) // of when he was admin
		move(t, db, "UPDATE users SET roles = 'agent' WHERE id = ?", adminID)
		try("what counts are the roles inside the transaction", session, acme, "status_change_forbidden")
		move(t, db, "UPDATE users SET department_id = 3 WHERE id = ?", anna)
		try("a moved owner has another head at once", as(igor), acme, "status_change_forbidden")
		try("and that one may", as(oleg), acme, "")

		acme = w.company(NewCompany{Name: "Acme", OwnerID: vera})
		move(t, db, "UPDATE departments SET head_id = ? WHERE id = 3", igor)
		try("a head of two departments decides in both", as(igor), acme, "")
		try("and in the other one", as(igor), w.company(NewCompany{Name: "Beta", OwnerID: boris}), "")
		try("who headed it before does not", as(oleg), w.company(NewCompany{Name: "Gamma", OwnerID: vera}),
			"status_change_forbidden")
		move(t, db, "UPDATE departments SET head_id = 0")
		for _, who := range []int64{vera, boris, igor, oleg, rita} {
			try("where nobody heads anybody, no user decides", as(who),
				w.company(NewCompany{Name: "Acme", OwnerID: vera}), "status_change_forbidden")
		}
		try("but an admin", &access.User{Roles: access.Roles{access.Admin}},
			w.company(NewCompany{Name: "Acme", OwnerID: vera}), "")
	})
}

func TestADeputyWorksWithACompanyWhileHeStandsIn(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		try := func(why string, key string) {
			t.Helper()
			acme := w.company(NewCompany{Name: "Acme", OwnerID: anna, Status: "IN_WORK",
				Phones: phones("+74950000011")})
			_, err := w.ChangeCompany(ctx, as(vera), acme.ID,
				CompanyChange{Name: new("Acme & Co"), Version: acme.Version})
			wantFault(t, why, err, key)
			_, err = w.SetStatus(ctx, as(vera), acme.ID, "WAITING", "", acme.Version)
			wantFault(t, why+", and decides nothing", err, "status_change_forbidden")
		}
		try("before", "company_change_forbidden")
		move(t, db,
			"INSERT INTO deputies (user_id, deputy_id, from_at, till_at, created_at) VALUES (?, ?, 0, 4000000000000, 0)", anna, vera)
		try("meanwhile", "")
		move(t, db, "UPDATE deputies SET till_at = 1")
		try("afterwards", "company_change_forbidden")
	})
}

// dump is everything that the package stores, except the journal.
func dump(t *testing.T, db *store.DB) string {
	t.Helper()
	var all strings.Builder
	for _, query := range []string{
		"SELECT CONCAT('company ', id, ' ', name, ' ', owner_id, ' ', team_ids, ' ', status_id, ' ', status_by, ' ', version, ' ', deleted_at) FROM companies ORDER BY id",
		"SELECT CONCAT('contact ', id, ' ', name, ' ', owner_id, ' ', version, ' ', deleted_at) FROM contacts ORDER BY id",
		"SELECT CONCAT('lead ', id, ' ', name, ' ', owner_id, ' ', company_id, ' ', stage, ' ', version, ' ', deleted_at) FROM leads ORDER BY id",
		"SELECT CONCAT('phone ', kind, ' ', entity_id, ' ', raw, ' ', since) FROM phones ORDER BY kind, entity_id, place",
		"SELECT CONCAT('email ', kind, ' ', entity_id, ' ', address) FROM emails ORDER BY kind, entity_id, place",
		"SELECT CONCAT('tie ', contact_id, ' ', company_id, ' ', place, ' ', linked_at) FROM contact_companies ORDER BY contact_id, place",
		"SELECT CONCAT('number ', number_key, ' ', kind, ' ', entity_id, ' ', company_id, ' ', since, ' ', is_primary) FROM numbers ORDER BY number_key, kind, entity_id, company_id",
	} {
		var lines []string
		must(t, db.Read(context.Background()).Select(&lines, query))
		all.WriteString(strings.Join(lines, "\n") + "\n")
	}
	return all.String()
}

func exec(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	must(t, db.Write(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}))
}

// move changes the organisation as staff does: its version goes up in the same
// transaction.
func move(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	must(t, db.Write(context.Background(), func(tx *store.Tx) error {
		if _, err := tx.Exec(query, args...); err != nil {
			return err
		}
		return tx.TakeTurn("staff_turns", "version")
	}))
}
