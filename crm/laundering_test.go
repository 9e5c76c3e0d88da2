package crm_test

import (
	"strings"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/rules"
)

// attempt is one way in which boris tries to call Vector without red.
type attempt struct {
	why  string
	code string // of the refusal; "" where he may, and it does not help him
	do   func(s *stage, by *access.User) error
}

// attempts are all that we have thought of; docs/decisions says what closes each.
func attempts() []attempt {
	return []attempt{
		// The company itself.
		{"he makes himself its owner", "owner_change_forbidden", func(s *stage, by *access.User) error {
			_, err := s.SetOwner(s.ctx, by, s.vector.ID, crm.Boris, "", s.vector.Version)
			return err
		}},
		{"he hides that among other fields", "owner_change_forbidden", func(s *stage, by *access.User) error {
			_, err := s.ChangeCompany(s.ctx, by, s.vector.ID,
				crm.CompanyChange{Name: new("V"), OwnerID: new(int64(crm.Boris)), Version: s.vector.Version})
			return err
		}},
		{"he makes it nobody's: nobody's company is never red", "owner_change_forbidden",
			func(s *stage, by *access.User) error {
				_, err := s.SetOwner(s.ctx, by, s.vector.ID, 0, "", s.vector.Version)
				return err
			}},
		{"he gives it a free status", "status_change_forbidden", func(s *stage, by *access.User) error {
			_, err := s.SetStatus(s.ctx, by, s.vector.ID, "WAITING", "", s.vector.Version)
			return err
		}},
		{"he joins its team", "team_change_forbidden", func(s *stage, by *access.User) error {
			_, err := s.ChangeCompany(s.ctx, by, s.vector.ID,
				crm.CompanyChange{TeamIDs: &[]int64{crm.Boris}, Version: s.vector.Version})
			return err
		}},
		{"he takes its phones off", "number_removal_forbidden", func(s *stage, by *access.User) error {
			_, err := s.ChangeCompany(s.ctx, by, s.vector.ID,
				crm.CompanyChange{Phones: &[]crm.Phone{}, Version: s.vector.Version})
			return err
		}},
		{"he puts another phone in the place of one", "number_removal_forbidden",
			func(s *stage, by *access.User) error {
				_, err := s.ChangeCompany(s.ctx, by, s.vector.ID,
					crm.CompanyChange{Phones: new(crm.Phones(s.first, s.second, "+447700900123")),
						Version: s.vector.Version})
				return err
			}},
		{"he spells a phone so that nobody would dial it", "number_change_forbidden",
			func(s *stage, by *access.User) error {
				_, err := s.ChangeCompany(s.ctx, by, s.vector.ID,
					crm.CompanyChange{Phones: new(crm.Phones(s.first, s.second, "ask "+s.direct)),
						Version: s.vector.Version})
				return err
			}},
		{"he gives it another name, for a duplicate to have the old one", "company_change_forbidden",
			func(s *stage, by *access.User) error {
				_, err := s.ChangeCompany(s.ctx, by, s.vector.ID,
					crm.CompanyChange{Name: new("Closed"), Version: s.vector.Version})
				return err
			}},
		{"he removes it", "removal_forbidden", func(s *stage, by *access.User) error {
			return s.RemoveCompany(s.ctx, by, s.vector.ID, 0)
		}},
		{"he merges it into his own", "merge_forbidden", func(s *stage, by *access.User) error {
			_, err := s.MergeCompanies(s.ctx, by, s.delta.ID,
				crm.Merge{FromIDs: []int64{s.vector.ID}, Version: s.delta.Version})
			return err
		}},
		{"he merges his own into it, with himself in the team", "merge_forbidden",
			func(s *stage, by *access.User) error {
				_, err := s.MergeCompanies(s.ctx, by, s.vector.ID,
					crm.Merge{FromIDs: []int64{s.delta.ID}, Version: s.vector.Version})
				return err
			}},

		// What leads to the company.
		{"he takes the phone off its contact", "number_removal_forbidden", func(s *stage, by *access.User) error {
			_, err := s.ChangeContact(s.ctx, by, s.petrov.ID,
				crm.ContactChange{Phones: &[]crm.Phone{}, Version: s.petrov.Version})
			return err
		}},
		{"he unlinks the contact", "number_removal_forbidden", func(s *stage, by *access.User) error {
			_, err := s.ChangeContact(s.ctx, by, s.petrov.ID,
				crm.ContactChange{CompanyIDs: &[]int64{}, Version: s.petrov.Version})
			return err
		}},
		{"he links the contact to his own company instead", "number_removal_forbidden",
			func(s *stage, by *access.User) error {
				_, err := s.ChangeContact(s.ctx, by, s.petrov.ID,
					crm.ContactChange{CompanyIDs: &[]int64{s.delta.ID}, Version: s.petrov.Version})
				return err
			}},
		{"he puts his own company before it", "company_change_forbidden", func(s *stage, by *access.User) error {
			_, err := s.ChangeContact(s.ctx, by, s.petrov.ID,
				crm.ContactChange{CompanyIDs: &[]int64{s.delta.ID, s.vector.ID}, Version: s.petrov.Version})
			return err
		}},
		{"he takes the contact over", "company_change_forbidden", func(s *stage, by *access.User) error {
			_, err := s.ChangeContact(s.ctx, by, s.petrov.ID,
				crm.ContactChange{OwnerID: new(int64(crm.Boris)), Version: s.petrov.Version})
			return err
		}},
		{"he removes the contact", "number_removal_forbidden", func(s *stage, by *access.User) error {
			return s.RemoveContact(s.ctx, by, s.petrov.ID, 0)
		}},
		{"he merges the contact into his own", "merge_forbidden", func(s *stage, by *access.User) error {
			_, err := s.MergeContacts(s.ctx, by, s.his.ID,
				crm.Merge{FromIDs: []int64{s.petrov.ID}, Version: s.his.Version})
			return err
		}},
		{"he merges his own into the contact", "merge_forbidden", func(s *stage, by *access.User) error {
			_, err := s.MergeContacts(s.ctx, by, s.petrov.ID,
				crm.Merge{FromIDs: []int64{s.his.ID}, Version: s.petrov.Version})
			return err
		}},
		{"he takes the phone off its lead", "number_removal_forbidden", func(s *stage, by *access.User) error {
			_, err := s.ChangeLead(s.ctx, by, s.request.ID,
				crm.LeadChange{Phones: &[]crm.Phone{}, Version: s.request.Version})
			return err
		}},
		{"he makes it a lead of his own company", "number_removal_forbidden", func(s *stage, by *access.User) error {
			_, err := s.ChangeLead(s.ctx, by, s.request.ID,
				crm.LeadChange{CompanyID: &s.delta.ID, Version: s.request.Version})
			return err
		}},
		{"he removes the lead", "number_removal_forbidden", func(s *stage, by *access.User) error {
			return s.RemoveLead(s.ctx, by, s.request.ID, 0)
		}},
		{"he converts the lead into his own company", "number_removal_forbidden",
			func(s *stage, by *access.User) error {
				_, err := s.Convert(s.ctx, by, s.request.ID, crm.ConvertInput{Into: s.delta.ID})
				return err
			}},
		{"he converts the lead into a new company of his", "number_removal_forbidden",
			func(s *stage, by *access.User) error {
				_, err := s.Convert(s.ctx, by, s.request.ID,
					crm.ConvertInput{Company: &crm.NewCompany{Name: "New", OwnerID: crm.Boris}})
				return err
			}},
		{"he converts the lead into the company itself, for its link to become young", "company_change_forbidden",
			func(s *stage, by *access.User) error {
				_, err := s.Convert(s.ctx, by, s.request.ID, crm.ConvertInput{Into: s.vector.ID})
				return err
			}},

		// A company that had the number before it.
		{"he takes over a free company that had the number first", "owner_change_forbidden",
			func(s *stage, by *access.User) error {
				_, err := s.SetOwner(s.ctx, by, s.elder.ID, crm.Boris, "", s.elder.Version)
				return err
			}},
		{"he joins its team", "team_change_forbidden", func(s *stage, by *access.User) error {
			_, err := s.ChangeCompany(s.ctx, by, s.elder.ID,
				crm.CompanyChange{TeamIDs: &[]int64{crm.Boris}, Version: s.elder.Version})
			return err
		}},
		{"he merges it into his own, that links keep their age", "merge_forbidden",
			func(s *stage, by *access.User) error {
				_, err := s.MergeCompanies(s.ctx, by, s.delta.ID,
					crm.Merge{FromIDs: []int64{s.elder.ID}, Version: s.delta.Version})
				return err
			}},
		{"he merges a contact who had the number first into that of his own company", "merge_forbidden",
			func(s *stage, by *access.User) error {
				_, err := s.MergeContacts(s.ctx, by, s.his.ID,
					crm.Merge{FromIDs: []int64{s.stranger.ID}, Version: s.his.Version})
				return err
			}},
		{"he links that contact to his company: the link is of today", "", func(s *stage, by *access.User) error {
			_, err := s.ChangeContact(s.ctx, by, s.stranger.ID,
				crm.ContactChange{CompanyIDs: &[]int64{s.delta.ID}, Version: s.stranger.Version})
			return err
		}},

		// A record of his own.
		{"he puts the numbers on his own company, which is older", "", func(s *stage, by *access.User) error {
			_, err := s.ChangeCompany(s.ctx, by, s.delta.ID,
				crm.CompanyChange{Phones: s.all(), Version: s.delta.Version})
			return err
		}},
		{"he puts them on his own contact", "", func(s *stage, by *access.User) error {
			_, err := s.ChangeContact(s.ctx, by, s.his.ID, crm.ContactChange{Phones: s.all(), Version: s.his.Version})
			return err
		}},
		{"he says that he has had them for years", "", func(s *stage, by *access.User) error {
			phones := *s.all()
			for i := range phones {
				phones[i].Since = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
			}
			_, err := s.ChangeCompany(s.ctx, by, s.delta.ID,
				crm.CompanyChange{Phones: &phones, Version: s.delta.Version})
			return err
		}},
		{"he makes the company anew", "", func(s *stage, by *access.User) error {
			_, err := s.AddCompany(s.ctx, by, crm.NewCompany{Name: "Vector", OwnerID: crm.Boris, Phones: *s.all()})
			return err
		}},
		{"he makes it anew, and protected", "status_change_forbidden", func(s *stage, by *access.User) error {
			_, err := s.AddCompany(s.ctx, by, crm.NewCompany{Name: "Vector", OwnerID: crm.Boris, Status: "IN_WORK",
				Phones: *s.all()})
			return err
		}},
		{"he makes it anew in anna's name, with himself in the team", "status_change_forbidden",
			func(s *stage, by *access.User) error {
				_, err := s.AddCompany(s.ctx, by, crm.NewCompany{Name: "Vector", OwnerID: crm.Anna,
					TeamIDs: []int64{crm.Boris}, Status: "IN_WORK", Phones: *s.all()})
				return err
			}},
		{"he converts a lead of his own into a protected company: the status is left out", "",
			func(s *stage, by *access.User) error {
				l, err := s.AddLead(s.ctx, by, crm.NewLead{Title: "His", OwnerID: crm.Boris, Phones: *s.all()})
				if err != nil {
					return err
				}
				out, err := s.Convert(s.ctx, by, l.ID, crm.ConvertInput{Company: &crm.NewCompany{Status: "IN_WORK"}})
				if err == nil && (out.Company.Status.Code != "WAITING" || len(out.Warnings) != 1) {
					s.Errorf("the new company is %s, warned of %v", out.Company.Status.Code, out.Warnings)
				}
				return err
			}},
		{"he converts a lead of his own into his older company", "", func(s *stage, by *access.User) error {
			l, err := s.AddLead(s.ctx, by, crm.NewLead{Title: "His", OwnerID: crm.Boris, CompanyID: s.delta.ID,
				Phones: *s.all()})
			if err == nil {
				_, err = s.Convert(s.ctx, by, l.ID, crm.ConvertInput{Into: s.delta.ID})
			}
			return err
		}},
		{"he merges two companies of his own", "", func(s *stage, by *access.User) error {
			late, err := s.AddCompany(s.ctx, by, crm.NewCompany{Name: "Late", OwnerID: crm.Boris, Phones: *s.all()})
			if err == nil {
				_, err = s.MergeCompanies(s.ctx, by, s.delta.ID,
					crm.Merge{FromIDs: []int64{late.ID}, Version: s.delta.Version})
			}
			return err
		}},
		{"he merges two contacts of his own, one of them older", "", func(s *stage, by *access.User) error {
			late, err := s.AddContact(s.ctx, by, crm.NewContact{Name: "Late", OwnerID: crm.Boris, Phones: *s.all()})
			if err == nil {
				_, err = s.MergeContacts(s.ctx, by, s.his.ID,
					crm.Merge{FromIDs: []int64{late.ID}, Version: s.his.Version})
			}
			return err
		}},
		{"he links a contact of his own to Vector and unlinks it again", "unlink_forbidden",
			func(s *stage, by *access.User) error {
				// His own was linked by an admin, for the attempt to be the unlinking alone.
				linked, err := s.FindContact(s.ctx, s.his.ID)
				if err == nil {
					_, err = s.ChangeContact(s.ctx, by, s.his.ID,
						crm.ContactChange{CompanyIDs: &[]int64{s.delta.ID}, Version: linked.Version})
				}
				return err
			}},

		// Many at once.
		{"he fills the book with it, protected", "status_change_forbidden", func(s *stage, by *access.User) error {
			_, err := s.AddCompanies(s.ctx, by, []crm.NewCompany{{Name: "One", OwnerID: crm.Boris},
				{Name: "Vector", OwnerID: crm.Boris, Status: "IN_WORK", Phones: *s.all()}})
			return err
		}},
		{"he fills the book with it, free", "", func(s *stage, by *access.User) error {
			ids, err := s.AddCompanies(s.ctx, by, []crm.NewCompany{{Name: "Vector", OwnerID: crm.Boris,
				Phones: *s.all()}})
			if err == nil {
				_, err = s.AddContacts(s.ctx, by, []crm.NewContact{{Name: "Petrov", OwnerID: crm.Boris, CompanyIDs: ids,
					Phones: *s.all()}})
			}
			return err
		}},
		{"he imports it as his", "owner_change_forbidden",
			bringing(func(s *stage) crm.NewCompany { return crm.NewCompany{OwnerID: crm.Boris} })},
		{"he imports another status", "status_change_forbidden",
			bringing(func(s *stage) crm.NewCompany { return crm.NewCompany{Status: "WAITING"} })},
		{"he imports himself into its team", "team_change_forbidden",
			bringing(func(s *stage) crm.NewCompany { return crm.NewCompany{TeamIDs: []int64{crm.Boris}} })},
		{"he imports his own company with the age of another", "", func(s *stage, by *access.User) error {
			phones := *s.all()
			for i := range phones {
				phones[i].Since = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
			}
			return s.Batch(s.ctx, by, crm.Locks{Companies: []int64{s.delta.ID}}, func(b *crm.Batch) error {
				_, refused, fatal := b.FillCompany(s.delta.ID, crm.NewCompany{Phones: phones})
				if fatal != nil {
					return fatal
				}
				return refused
			})
		}},
	}
}

// bringing is an import of Vector by its name. The refusal of one record does not
// end the batch.
func bringing(in func(*stage) crm.NewCompany) func(*stage, *access.User) error {
	return func(s *stage, by *access.User) (refused error) {
		s.must(s.Batch(s.ctx, by, crm.Locks{Companies: []int64{s.vector.ID}, Statuses: []string{"WAITING"}},
			func(b *crm.Batch) (fatal error) {
				_, refused, fatal = b.FillCompany(s.vector.ID, in(s))
				return fatal
			}))
		return refused
	}
}

// all are the numbers of Vector.
func (s *stage) all() *[]crm.Phone {
	return new(crm.Phones(s.first, s.second, s.direct, s.via, s.lead))
}

func TestRedCannotBeLaundered(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		c := newCourt(t, db)
		for _, try := range attempts() {
			s := c.stage()
			if try.code == "unlink_forbidden" {
				his, err := s.ChangeContact(s.ctx, crm.As(crm.AdminID), s.his.ID,
					crm.ContactChange{CompanyIDs: &[]int64{s.delta.ID, s.vector.ID}, Version: s.his.Version})
				c.must(err)
				s.his = his
			}
			before, refusals := c.Dump(), len(c.Refusals())
			err := try.do(s, crm.As(crm.Boris))
			s.judge(try.why)
			if try.code == "" {
				if err != nil {
					t.Errorf("%s: it helps nobody, and is refused: %v", try.why, err)
				}
				continue
			}
			if !fault.Is(err, fault.KindForbidden) || fault.Of(err).Key != try.code {
				t.Errorf("%s: %v, want %s", try.why, err, try.code)
			}
			if c.Dump() != before {
				t.Errorf("%s: refused, and yet something changed", try.why)
			}
			list := c.Refusals()
			if len(list) != refusals+1 || list[0].Actor != crm.Boris ||
				!strings.Contains(string(list[0].Details), try.code) {
				t.Errorf("%s: the journal has %d entries about it, want one with %s", try.why, len(list)-refusals,
					try.code)
			}
		}
		c.CheckIndex()
	})
}

// TestAMergeIsSeenAtTheNextCall: what lookups keep in memory is dropped with it.
func TestAMergeIsSeenAtTheNextCall(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		c := newCourt(t, db)
		s := c.stage()
		const direct, via = "+447700900101", "+447700900102"
		late, err := s.AddCompany(s.ctx, crm.As(crm.AdminID),
			crm.NewCompany{Name: "Late", OwnerID: crm.Vera, Phones: crm.Phones(direct)})
		c.must(err)
		_, err = s.AddContact(s.ctx, crm.As(crm.AdminID),
			crm.NewContact{Name: "Ivanov", CompanyIDs: []int64{late.ID}, Phones: crm.Phones(via)})
		c.must(err)
		for _, number := range []string{direct, via} {
			if color := s.color(crm.Boris, number); color == rules.Red {
				t.Errorf("%s is red before", number)
			}
		}
		_, err = s.MergeCompanies(s.ctx, crm.As(crm.Igor), s.vector.ID,
			crm.Merge{FromIDs: []int64{late.ID}, Version: s.vector.Version})
		c.must(err)
		for _, number := range []string{direct, via} {
			if color := s.color(crm.Boris, number); color != rules.Red {
				t.Errorf("%s is %s for boris at once, want red", number, color)
			}
		}
		s.judge("after the merge")
	})
}

// TestAConversionMakesNoLinkYoungerNorOlder: anna's conversion keeps the age that
// her company's link had through the lead; boris's does not give his company the
// age of a lead that counted for nothing.
func TestAConversionMakesNoLinkYoungerNorOlder(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		c := newCourt(t, db)
		s := c.stage()
		_, err := s.ChangeCompany(s.ctx, crm.As(crm.Boris), s.delta.ID,
			crm.CompanyChange{Phones: new(crm.Phones(s.lead)), Version: s.delta.Version})
		c.must(err)
		_, err = s.Convert(s.ctx, crm.As(crm.Anna), s.request.ID, crm.ConvertInput{Into: s.vector.ID})
		c.must(err)
		s.judge("after anna's conversion")

		c.policy.InheritLeadCompany = false // as shipped
		const number = "+447700900199"
		old, err := s.AddLead(s.ctx, crm.As(crm.Boris),
			crm.NewLead{Title: "Old", OwnerID: crm.Boris, CompanyID: s.delta.ID, Phones: crm.Phones(number)})
		c.must(err)
		_, err = s.AddContact(s.ctx, crm.As(crm.Anna),
			crm.NewContact{Name: "Ivanov", CompanyIDs: []int64{s.vector.ID}, Phones: crm.Phones(number)})
		c.must(err)
		if color := s.color(crm.Boris, number); color != rules.Red {
			t.Fatalf("before his conversion: %s", color)
		}
		_, err = s.Convert(s.ctx, crm.As(crm.Boris), old.ID, crm.ConvertInput{Into: s.delta.ID})
		c.must(err)
		if color := s.color(crm.Boris, number); color != rules.Red {
			t.Errorf("after his conversion: %s, want red", color)
		}
		if color := s.color(crm.Anna, number); color == rules.Red {
			t.Error("after his conversion it is red for anna")
		}
		c.CheckIndex()
	})
}

// TestAFreeCompanyIsOlderWithoutLeads: the number came to Vector with a lead, then to a free company, then to a contact
// of Vector. A policy that does not count leads holds the free company for the older one, so boris may not take it.
func TestAFreeCompanyIsOlderWithoutLeads(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		c := newCourt(t, db)
		s := c.stage()
		spare, err := s.AddCompany(s.ctx, crm.As(crm.Boris), crm.NewCompany{Name: "Spare", Phones: crm.Phones(s.lead)})
		c.must(err)
		_, err = s.AddContact(s.ctx, crm.As(crm.Anna), crm.NewContact{Name: "Ivanov", OwnerID: crm.Anna,
			CompanyIDs: []int64{s.vector.ID}, Phones: crm.Phones(s.lead)})
		c.must(err)
		c.policy.InheritLeadCompany = false
		if color := c.color(crm.Boris, s.lead); color != rules.Red {
			t.Fatalf("before: %s is %s for boris, want red", s.lead, color)
		}
		_, err = s.SetOwner(s.ctx, crm.As(crm.Boris), spare.ID, crm.Boris, "", spare.Version)
		if !fault.Is(err, fault.KindForbidden) || fault.Of(err).Key != "owner_change_forbidden" {
			t.Errorf("boris takes the free company: %v, want owner_change_forbidden", err)
		}
		if color := c.color(crm.Boris, s.lead); color != rules.Red {
			t.Errorf("after: %s is %s for boris, want red", s.lead, color)
		}
	})
}
