package crm

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// TestABatchActsForMany does the same deeds to a protected company in the name of
// different people within one transaction: each has his own rights.
func TestABatchActsForMany(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		for _, who := range []struct {
			why    string
			by     *access.User
			sworn  bool
			status string // the code of its refusal
			owner  string
			phones string
			remove string
		}{
			{"a stranger", as(boris), false, "status_change_forbidden", "owner_change_forbidden",
				"number_removal_forbidden", "removal_forbidden"},
			{"nobody known", &access.User{}, false, "status_change_forbidden", "owner_change_forbidden",
				"number_removal_forbidden", "removal_forbidden"},
			{"the owner", as(anna), false, "status_change_forbidden", "owner_change_forbidden",
				"number_removal_forbidden", "removal_forbidden"},
			{"his head", as(igor), false, "", "", "", ""},
			{"a stranger whom the other system let", as(boris), true, "", "", "", ""},
		} {
			c := w.company(NewCompany{Name: "Acme", OwnerID: anna, Status: "IN_WORK", Phones: phones("+74950000011")})
			p := w.contact(NewContact{Name: "Petrov", CompanyIDs: []int64{c.ID}})
			must(t, w.Batch(ctx, &access.User{Roles: access.Admins},
				Locks{Companies: []int64{c.ID}, Contacts: []int64{p.ID},
					Statuses: []string{"CLIENT"}}, func(all *Batch) error {
					b, err := all.As(who.by, who.sworn)
					if err != nil {
						return err
					}
					none, other, vera := []Phone{}, "Delta", int64(vera)
					for _, deed := range []struct {
						what, code string
						do         func() (bool, error, error)
					}{
						{"status", who.status, func() (bool, error, error) { return b.SetStatus(c.ID, "CLIENT", "") }},
						{"phones", who.phones, func() (bool, error, error) {
							return b.ChangeCompany(c.ID, CompanyChange{Phones: &none})
						}},
						{"removal", who.remove, func() (bool, error, error) {
							refused, fatal := b.Remove(KindCompany, c.ID)
							if refused == nil && fatal == nil { // put it back for the next deed
								fatal = b.Tx.Try(func() error {
									_, err := b.Tx.Exec("UPDATE companies SET deleted_at = 0 WHERE id = ?", c.ID)
									return errors.Join(err, showSearch(b.Tx, KindCompany, c.ID))
								})
							}
							return refused == nil, refused, fatal
						}},
						{"owner", who.owner, func() (bool, error, error) {
							return b.ChangeCompany(c.ID, CompanyChange{OwnerID: &vera})
						}},
					} {
						changed, refused, fatal := deed.do()
						if fatal != nil {
							return fatal
						}
						wantFault(t, who.why+": "+deed.what, refused, deed.code)
						if changed != (deed.code == "") {
							t.Errorf("%s: %s: changed is %v", who.why, deed.what, changed)
						}
					}
					changed, refused, fatal := all.ChangeContact(p.ID, ContactChange{Name: &other})
					if !changed || refused != nil {
						t.Errorf("the house itself: %v, %v", changed, refused)
					}
					return fatal
				}))
			reported := 0
			for _, e := range w.entries(journal.ChangeRefused) {
				if e.Subject.ID == c.ID && e.Actor == who.by.ID {
					reported++
				}
			}
			if want := 4; reported != want && who.status != "" || reported != 0 && who.status == "" {
				t.Errorf("%s: the journal has %d refusals", who.why, reported)
			}
		}
	})
}

func TestALeadThatBecameWhatIsThereAlready(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		acme := w.company(NewCompany{Name: "Acme", OwnerID: anna, Status: "IN_WORK"})
		lead := w.lead(NewLead{Title: "Request", CompanyID: acme.ID, Phones: phones("+74950000012")})
		became := func(by *access.User, company int64) (refused error) {
			must(t, w.Batch(ctx, as(adminID), Locks{Companies: []int64{acme.ID}, Leads: []int64{lead.ID}},
				func(all *Batch) error {
					b, err := all.As(by, false)
					if err != nil {
						return err
					}
					var fatal error
					_, refused, fatal = b.MarkConverted(lead.ID, company, 0)
					return fatal
				}))
			return refused
		}
		if err := became(as(vera), 0); !fault.Is(err, fault.KindForbidden) {
			t.Errorf("a stranger takes the number of a protected company away by a conversion: %v", err)
		}
		wantFault(t, "the owner", became(as(anna), acme.ID), "")
		after, err := w.FindLead(ctx, lead.ID)
		must(t, err)
		if after.Stage != StageConverted || after.CompanyID != acme.ID || len(w.reach("+74950000012")) != 0 {
			t.Errorf("the lead is %+v", after)
		}
		wantFault(t, "once more", became(as(anna), acme.ID), "already_converted")
	})
}

func TestWhatHangsOnARecordAndWhereItWent(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		acme, delta := w.company(NewCompany{Name: "Acme"}), w.company(NewCompany{Name: "Delta"})
		p := w.contact(NewContact{Name: "Petrov", CompanyIDs: []int64{acme.ID}})
		l := w.lead(NewLead{Title: "Request", CompanyID: acme.ID, ContactID: p.ID})
		contacts, leads, err := FindLinked(db.Read(ctx), KindCompany, acme.ID)
		must(t, err)
		_, ofContact, err := FindLinked(db.Read(ctx), KindContact, p.ID)
		must(t, err)
		if !slices.Equal(contacts, []int64{p.ID}) || !slices.Equal(leads, []int64{l.ID}) ||
			!slices.Equal(ofContact, leads) {
			t.Errorf("contacts %v, leads %v and %v", contacts, leads, ofContact)
		}
		_, err = w.MergeCompanies(ctx, as(adminID), delta.ID, Merge{FromIDs: []int64{acme.ID}, Version: delta.Version})
		must(t, err)
		if into, err := FindMergedInto(db.Read(ctx), KindCompany, []int64{acme.ID, delta.ID}); err != nil ||
			len(into) != 1 || into[acme.ID] != delta.ID {
			t.Errorf("it went into %v, %v", into, err)
		}
	})
}

// TestWhateverComesIsMadeToFit adds what Fit leaves of the worst that another
// system can say.
func TestWhateverComesIsMadeToFit(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		long := strings.Repeat("я", maxName+5)
		bad := NewContact{Name: "\x00" + long, Post: "a\nb\xff",
			Emails: []string{"", "none", "a@b.example", "A@B.example", "x y@z"}}
		for i := range maxPhones + 3 {
			bad.Phones = append(bad.Phones, Phone{Value: strings.Repeat("1", i+1),
				Kind: strings.Repeat("k", maxPhoneKind+1)}, Phone{Value: " "})
		}
		bad.Phones = append([]Phone{{Value: strings.Repeat("5", maxPhone+1)}}, bad.Phones...)
		fit, wrong := bad.Fit()
		codes := map[string]bool{}
		for _, f := range wrong {
			codes[f.Code] = true
		}
		if !codes["too_long"] || !codes["too_many"] || !codes["not_an_email"] || fit.Name != long[:2*maxName] ||
			fit.Post != "a b\uFFFD" || !slices.Equal(fit.Emails, []string{"a@b.example"}) ||
			len(fit.Phones) != maxPhones {
			t.Errorf("%v of %+v", wrong, fit)
		}
		_, err := w.AddContact(ctx, as(anna), fit)
		must(t, err)
		lead, wrong := NewLead{Title: "Request", Source: long}.Fit()
		if _, err := w.AddLead(ctx, as(anna), lead); err != nil || len(wrong) != 1 {
			t.Errorf("%v: %v", wrong, err)
		}
		company, wrong := NewCompany{Name: "Acme", Phones: phones("+74950000011", "+74950000011")}.Fit()
		if _, err := w.AddCompany(ctx, as(adminID), company); err != nil || len(wrong) != 0 ||
			len(company.Phones) != 1 {
			t.Errorf("%v: %v", wrong, err)
		}
	})
}
