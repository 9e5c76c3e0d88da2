package crm

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"callhue/internal/store"
	"callhue/journal"
)

// TestTheJournalNamesTheNumbers: the one who keeps lookups in memory drops a number
// when an entry names it, or the record that it led to.
func TestTheJournalNamesTheNumbers(t *testing.T) {
	t.Parallel()
	const n1, n2, n3 = 74950000011, 74950000012, 447700900123
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		acme := w.company(NewCompany{Name: "Acme", OwnerID: anna, Phones: phones("+74950000011", "ask Maria")})
		petrov := w.contact(NewContact{Name: "Petrov", OwnerID: vera, Phones: phones("+74950000012")})
		lead := w.lead(NewLead{Name: "Sidorov", CompanyID: acme.ID, Phones: phones("+447700900123")})
		step := func(why string, verbs []journal.Verb, kind Kind, id, team int64, numbers []int64, do func() error) {
			t.Helper()
			before := w.entries("")[0].ID
			must(t, do())
			var got []journal.Verb
			var named []int64
			for _, e := range w.entries("") {
				if e.ID <= before {
					continue
				}
				var words struct{ Numbers []int64 }
				must(t, json.Unmarshal(e.Details, &words))
				got, named = append(got, e.Verb), append(named, words.Numbers...)
				if e.Subject != (journal.Ref{Kind: kind.String(), ID: id}) || e.Client != e.Subject || e.Team != team ||
					e.Actor != adminID {
					t.Errorf("%s: %s of %+v in team %d by %d, want %s %d in %d", why, e.Verb, e.Subject, e.Team,
						e.Actor, kind, id, team)
				}
			}
			slices.Reverse(got)
			slices.Sort(named)
			if !slices.Equal(got, verbs) || !slices.Equal(slices.Compact(named), numbers) {
				t.Errorf("%s: %v with the numbers %v, want %v with %v", why, got, named, verbs, numbers)
			}
		}
		change := func(in CompanyChange) func() error {
			return func() (err error) {
				in.Version = acme.Version
				acme, err = w.ChangeCompany(ctx, as(adminID), acme.ID, in)
				return err
			}
		}
		edit := func(in ContactChange) func() error {
			return func() (err error) {
				in.Version = petrov.Version
				petrov, err = w.ChangeContact(ctx, as(adminID), petrov.ID, in)
				return err
			}
		}
		same := acme.Version
		step("nothing changed", nil, KindCompany, acme.ID, 2, nil,
			change(CompanyChange{Name: new("Acme"), Phones: new(phones("+74950000011", "ask Maria")),
				Emails: &[]string{}, TeamIDs: &[]int64{}}))
		if acme.Version != same {
			t.Error("a change of nothing made a version")
		}
		step("a name", []journal.Verb{RecordChanged}, KindCompany, acme.ID, 2, nil,
			change(CompanyChange{Name: new("Best")}))
		step("an owner of another department", []journal.Verb{OwnerChanged}, KindCompany, acme.ID, 3, nil,
			change(CompanyChange{OwnerID: new(int64(vera))}))
		step("other words that are no number", []journal.Verb{NumbersChanged}, KindCompany, acme.ID, 3, nil,
			change(CompanyChange{Phones: new(phones("+74950000011", "ask Olga"))}))
		step("one number for another", []journal.Verb{NumbersChanged}, KindCompany, acme.ID, 3, []int64{n1, n2},
			change(CompanyChange{Phones: new(phones("+74950000012"))}))
		step("a link", []journal.Verb{RecordChanged}, KindContact, petrov.ID, 3, []int64{n2},
			edit(ContactChange{CompanyIDs: &[]int64{acme.ID}}))
		step("a company goes, with all that led to it", []journal.Verb{RecordRemoved}, KindCompany, acme.ID, 3,
			[]int64{n2, n3}, func() error {
				return w.RemoveCompany(ctx, as(adminID), acme.ID, 0)
			})
		if l, err := w.FindLead(ctx, lead.ID); err != nil || l.CompanyID != 0 || l.Version != lead.Version+1 {
			t.Errorf("the lead of a removed company is %+v (%v)", l, err)
		}
	})
}
