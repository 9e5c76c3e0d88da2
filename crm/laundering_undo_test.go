package crm_test

import (
	"testing"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/rules"
)

// merged merges companies as a user and returns the merge.
func (s *stage) merged(by, into int64, fields crm.MergeFields, from ...int64) int64 {
	s.Helper()
	c, err := s.FindCompany(s.ctx, into)
	s.must(err)
	_, err = s.MergeCompanies(s.ctx, crm.As(by), into,
		crm.Merge{FromIDs: from, Version: c.Version, Fields: fields})
	s.must(err)
	page, err := s.ListMerges(s.ctx, crm.MergeFilter{})
	s.must(err)
	return page.Items[0].ID
}

// TestAnUndoLaundersNothing lets boris undo merges by which a number would not be red for him any more.
func TestAnUndoLaundersNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, code string
		prepare   func(s *stage) (merge int64, number string)
	}{
		{"a free company of his that her head merged into hers", "merge_forbidden", func(s *stage) (int64, string) {
			const number = "+447700900110"
			own, err := s.AddCompany(s.ctx, crm.As(crm.Boris),
				crm.NewCompany{Name: "Own", OwnerID: crm.Boris, Phones: crm.Phones(number)})
			s.must(err)
			fields := crm.MergeFields{Owner: s.vector.ID}
			return s.merged(crm.Rita, s.vector.ID, fields, own.ID), number
		}},
		{"a merge of his own companies, the one that stayed being protected for anna by now", "merge_forbidden",
			func(s *stage) (int64, string) {
				const number = "+447700900111"
				own, err := s.AddCompany(s.ctx, crm.As(crm.Boris),
					crm.NewCompany{Name: "Own", OwnerID: crm.Boris, Phones: crm.Phones(number)})
				s.must(err)
				merge := s.merged(crm.Boris, s.delta.ID, crm.MergeFields{}, own.ID)
				now, err := s.FindCompany(s.ctx, s.delta.ID)
				s.must(err)
				now, err = s.SetOwner(s.ctx, crm.As(crm.AdminID), now.ID, crm.Anna, "", now.Version)
				s.must(err)
				_, err = s.SetStatus(s.ctx, crm.As(crm.AdminID), now.ID, "IN_WORK", "", now.Version)
				s.must(err)
				return merge, number
			}},
		{"a company of his comes back that had a number before hers, after the number was taken off", "merge_forbidden",
			func(s *stage) (int64, string) {
				const number = "+447700900112"
				own, err := s.AddCompany(s.ctx, crm.As(crm.Boris),
					crm.NewCompany{Name: "Own", OwnerID: crm.Boris, Phones: crm.Phones(number)})
				s.must(err)
				merge := s.merged(crm.Boris, s.delta.ID, crm.MergeFields{}, own.ID)
				_, err = s.AddCompany(s.ctx, crm.As(crm.AdminID), crm.NewCompany{Name: "Hers", OwnerID: crm.Anna,
					Status: "IN_WORK", Phones: crm.Phones(number)})
				s.must(err)
				now, err := s.FindCompany(s.ctx, s.delta.ID)
				s.must(err)
				_, err = s.ChangeCompany(s.ctx, crm.As(crm.AdminID), now.ID,
					crm.CompanyChange{Phones: &[]crm.Phone{}, Version: now.Version})
				s.must(err)
				return merge, number
			}},
		{"a company of vera comes back to boris, its owner of before, that had the number first", "merge_forbidden",
			func(s *stage) (int64, string) {
				const number = "+447700900113"
				own, err := s.AddCompany(s.ctx, crm.As(crm.Boris),
					crm.NewCompany{Name: "Own", OwnerID: crm.Boris, Phones: crm.Phones(number)})
				s.must(err)
				other, err := s.AddCompany(s.ctx, crm.As(crm.AdminID), crm.NewCompany{Name: "Free", OwnerID: crm.Vera})
				s.must(err)
				_, err = s.AddCompany(s.ctx, crm.As(crm.AdminID), crm.NewCompany{Name: "Hers", OwnerID: crm.Anna,
					Status: "IN_WORK", Phones: crm.Phones(number)})
				s.must(err)
				merge := s.merged(crm.AdminID, other.ID, crm.MergeFields{Owner: other.ID}, own.ID)
				return merge, number
			}},
		{"a contact of his that her head merged into hers", "merge_forbidden", func(s *stage) (int64, string) {
			const number = "+447700900114"
			own, err := s.AddContact(s.ctx, crm.As(crm.Boris), crm.NewContact{Name: "Own", OwnerID: crm.Boris,
				CompanyIDs: []int64{s.delta.ID}, Phones: crm.Phones(number)})
			s.must(err)
			_, err = s.MergeContacts(s.ctx, crm.As(crm.Rita), s.petrov.ID,
				crm.Merge{FromIDs: []int64{own.ID}, Version: s.petrov.Version})
			s.must(err)
			page, err := s.ListMerges(s.ctx, crm.MergeFilter{Kind: "contact"})
			s.must(err)
			return page.Items[0].ID, number
		}},
	} {
		t.Run(c.why, func(t *testing.T) {
			store.Test(t, func(t *testing.T, db *store.DB) {
				court := newCourt(t, db)
				s := court.stage()
				merge, number := c.prepare(s)
				if color := s.color(crm.Boris, number); color != rules.Red {
					t.Errorf("before, %s is %s for boris", number, color)
				}
				before, refusals := court.Dump(), len(court.Refusals())
				_, err := s.UndoMerge(s.ctx, crm.As(crm.Boris), merge, "")
				if fault.Of(err).Key != c.code {
					t.Errorf("the undo answered %v, want %s", err, c.code)
				}
				if court.Dump() != before {
					t.Error("refused, and yet something changed")
				}
				if list := court.Refusals(); len(list) != refusals+1 || list[0].Actor != crm.Boris {
					t.Errorf("the journal has %d entries about it", len(list)-refusals)
				}
				if color := s.color(crm.Boris, number); color != rules.Red {
					t.Errorf("after, %s is %s for boris", number, color)
				}
				_, err = s.UndoMerge(s.ctx, crm.As(crm.AdminID), merge, "")
				court.must(err) // an admin may
				court.CheckIndex()
			})
		})
	}
}
