package crm

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"callhue/internal/store"
)

func TestANumberReachesEverythingThatCarriesIt(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		acme := w.company(NewCompany{Name: "Acme", OwnerID: anna, Status: "IN_WORK", TeamIDs: []int64{boris},
			Phones: phones("8 (495) 000-00-11")})
		zero := w.company(NewCompany{Name: "Zero", OwnerID: vera})
		petrov := w.contact(NewContact{Name: "Petrov", OwnerID: vera, Phones: phones("+74950000011"),
			CompanyIDs: []int64{zero.ID, acme.ID}})
		alone := w.contact(NewContact{Name: "Alone", Phones: phones("495 000 00 11")})
		lost := w.lead(NewLead{Title: "Request 7", Name: "Sidorov", OwnerID: boris, Stage: StageFailed,
			CompanyID: acme.ID, Phones: phones("74950000011")})
		w.lead(NewLead{Name: "Somebody else", Phones: phones("+447700900123")})

		company := func(r Reached, c Company, status int64) Reached {
			r.CompanyID, r.CompanyName, r.CompanyOwner, r.CompanyStatus, r.CompanyTeam = c.ID, c.Name, c.OwnerID, status, c.TeamIDs
			return r
		}
		want := []Reached{
			company(Reached{Kind: KindCompany, ID: acme.ID, Name: "Acme", Owner: anna}, acme, 2),
			company(Reached{Kind: KindContact, ID: petrov.ID, Name: "Petrov", Owner: vera}, acme, 2),
			company(Reached{Kind: KindContact, ID: petrov.ID, Name: "Petrov", Owner: vera, Primary: true}, zero, 1),
			{Kind: KindContact, ID: alone.ID, Name: "Alone"},
			company(Reached{Kind: KindLead, ID: lost.ID, Name: "Request 7", Owner: boris, Finished: true}, acme, 2),
		}
		for _, spelling := range []string{"+74950000011", "8 495 000 00 11", "000-00-11"} {
			diff := cmp.Diff(want, w.reach(spelling), cmpopts.IgnoreFields(Reached{}, "Since", "Changed", "Created",
				"CompanyGuarded", "CompanyStatusAt"),
				cmpopts.EquateEmpty())
			if diff != "" {
				t.Errorf("%s reaches (-want +got):\n%s", spelling, diff)
			}
		}
	})
}

func TestALinkIsAsOldAsItsYoungerHalf(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		acme := w.company(NewCompany{Name: "Acme", OwnerID: anna})
		petrov := w.contact(NewContact{Name: "Petrov", Phones: phones("+7 495 000-00-11")})
		change := func(in ContactChange) {
			t.Helper()
			in.Version = petrov.Version
			var err error
			petrov, err = w.ChangeContact(ctx, as(anna), petrov.ID, in)
			must(t, err)
		}
		since := func() int64 {
			t.Helper()
			found := w.reach("+74950000011")
			if len(found) != 1 {
				t.Fatalf("the number reaches %+v, want one contact", found)
			}
			return found[0].Since
		}
		changed := func() int64 { return petrov.UpdatedAt.UnixMilli() }

		first := since()
		if first != petrov.CreatedAt.UnixMilli() {
			t.Errorf("a new number is since %d, want the contact's birth", first)
		}
		change(ContactChange{CompanyIDs: &[]int64{acme.ID}})
		linked := since()
		if linked != changed() {
			t.Errorf("linked later: since %d, want the time of the link %d", linked, changed())
		}
		change(ContactChange{Phones: &[]Phone{{Value: "8-495-000-00-11", Kind: "mobile"}, {Value: "+447700900123"}}})
		if since() != linked {
			t.Error("another spelling of the same number made the link younger")
		}
		change(ContactChange{CompanyIDs: &[]int64{acme.ID}})
		if since() != linked {
			t.Error("the same company sent again made the link younger")
		}
		change(ContactChange{Phones: &[]Phone{}})
		change(ContactChange{Phones: &[]Phone{{Value: "+74950000011"}}})
		if since() != changed() {
			t.Error("a number that was taken off and put on again must be as young as that")
		}
		again := since()
		change(ContactChange{CompanyIDs: &[]int64{}})
		change(ContactChange{CompanyIDs: &[]int64{acme.ID}})
		if since() != changed() || since() <= again {
			t.Error("a link that was cut and made again must be as young as that")
		}
	})
}
