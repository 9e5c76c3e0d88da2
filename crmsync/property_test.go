package crmsync

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"callhue/crm"
	"callhue/internal/store"
)

var (
	somePhones = []string{"+74950000011", "+74950000012", "+74950000013", "who knows"}
	someEmails = []string{"a@acme.example", "b@acme.example"}
)

// ---- events

func (h *history) changeTheirs(kind crm.Kind, of map[string]*model) {
	id := h.any(of)
	t := of[id]
	if t.theirs == nil {
		t.theirs = &plain{
			name:      kind.String() + id + h.source.Name,
			phones:    map[string]bool{},
			emails:    map[string]bool{},
			companies: map[string]int{},
		}
	}
	switch rapid.IntRange(0, 5).Draw(h.rt, "what changes there") {
	case 0:
		t.theirs.name = rapid.SampledFrom([]string{"A ", "B "}).Draw(h.rt, "name") + kind.String() + id + h.source.Name
	case 1:
		t.theirs.owner = rapid.SampledFrom([]string{"", "17", "18"}).Draw(h.rt, "owner")
	case 2:
		t.theirs.phones = h.set(somePhones, "phones")
	case 3:
		t.theirs.emails = h.set(someEmails, "mail")
	case 4:
		t.theirs = nil
		h.crm.remove(kind, id)
		return
	case 5:
		if kind == crm.KindContact {
			t.theirs.companies = map[string]int{}
			for one := range h.set(slices.Sorted(maps.Keys(h.companies)), "ties") {
				t.theirs.companies[one] = -1
			}
		}
	}
	h.crm.put(kind, id, "18", func(r *Record) {
		r.Name, r.OwnerID, r.Phones, r.Emails = t.theirs.name, t.theirs.owner, phonesOf(
			slices.Sorted(maps.Keys(t.theirs.phones))...), slices.Sorted(
			maps.Keys(t.theirs.emails),
		)
		r.CompanyIDs = slices.Sorted(maps.Keys(t.theirs.companies))
	})
}

func (h *history) changeOurs() {
	ctx := context.Background()
	id := h.any(h.companies)
	t := h.companies[id]
	if t.ours == nil {
		return
	}
	c := h.company(id)
	in := crm.CompanyChange{Version: c.Version}
	switch rapid.IntRange(0, 3).Draw(h.rt, "what changes here") {
	case 0:
		t.ours.name = "Ours " + id + h.source.Name
		in.Name = &t.ours.name
	case 1:
		t.ours.phones = h.set(somePhones, "phones")
		phones := []crm.Phone{}
		for _, p := range slices.Sorted(maps.Keys(t.ours.phones)) {
			phones = append(phones, crm.Phone{Value: p})
		}
		in.Phones = &phones
	case 2:
		t.ours.emails = h.set(someEmails, "mail")
		emails := slices.Sorted(maps.Keys(t.ours.emails))
		in.Emails = &emails
	case 3:
		must(h.T, h.Records.RemoveCompany(ctx, boss, c.ID, 0))
		h.removeCompany(id)
		return
	}
	_, err := h.Records.ChangeCompany(ctx, boss, c.ID, in)
	must(h.T, err)
}

// report reports records, some twice and others not at all.
func (h *history) report() {
	refs := rapid.SliceOfN(
		rapid.SampledFrom(
			[]Ref{
				{crm.KindCompany, "1"}, {crm.KindCompany, "2"}, {crm.KindCompany, "3"}, {crm.KindContact, "1"},
				{crm.KindContact, "2"},
			},
		),
		1, 6,
	).
		Draw(h.rt, "reported")
	for _, r := range refs {
		h.enqueue(r.Kind, r.ID)
		h.reported[r] = true
	}
	h.run()
	h.deliver()
}

// crash ends the process in the middle of a full sync, some times repeatedly.
func (h *history) crash() {
	_, err := h.RequestFullSync(context.Background(), h.source.ID)
	must(h.T, err)
	for range rapid.IntRange(0, 6).Draw(h.rt, "steps before the crash") {
		_, err := h.work.step(context.Background())
		must(h.T, err)
	}
	h.world.startWork()
	h.run()
	h.readAll()
}

// check compares the database with the prediction.
func (h *history) check() {
	users := map[int64]string{0: "", h.user("17").ID: "17", h.user("18").ID: "18"}
	at := map[int64]string{}
	for id, t := range h.companies {
		ours := h.ours(crm.KindCompany, id)
		if (ours != 0) != (t.ours != nil) {
			h.rt.Fatalf("company %s: ours is %d, want one: %v", id, ours, t.ours != nil)
		}
		if t.ours == nil {
			continue
		}
		at[ours] = id
		c := h.company(id)
		h.compare("company "+id, t.ours, c.Name, users[c.OwnerID], values(c.Phones), c.Emails, nil)
	}
	for id, t := range h.contacts {
		ours := h.ours(crm.KindContact, id)
		if (ours != 0) != (t.ours != nil) {
			h.rt.Fatalf("contact %s: ours is %d, want one: %v", id, ours, t.ours != nil)
		}
		if t.ours == nil {
			continue
		}
		c := h.contact(id)
		var companies []string
		for _, company := range c.CompanyIDs {
			companies = append(companies, at[company])
		}
		h.compare("contact "+id, t.ours, c.Name, users[c.OwnerID], values(c.Phones), c.Emails, companies)
	}
}

func (h *history) compare(what string, want *plain, name, owner string, phones, emails, companies []string) {
	list := func(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
	got := fmt.Sprintf(
		"%q %q %q %q %q",
		name,
		owner,
		slices.Sorted(slices.Values(phones)),
		slices.Sorted(slices.Values(emails)),
		slices.Sorted(slices.Values(companies)),
	)
	wanted := fmt.Sprintf(
		"%q %q %q %q %q",
		want.name,
		want.owner,
		list(want.phones),
		list(want.emails),
		slices.Sorted(maps.Keys(want.companies)),
	)
	if got != wanted {
		h.rt.Fatalf("%s is\n%s, want\n%s", what, got, wanted)
	}
}

// TestAnyHistoryEndsAsTheModelPredicts draws changes on both sides, lost, repeated and late events, and
// crashes: after one more scan everything is as the model predicts.
func TestAnyHistoryEndsAsTheModelPredicts(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		first := newWorld(t, db)
		source := int64(1)
		rapid.Check(t, func(rt *rapid.T) {
			if source++; source > histories {
				return
			}
			h := &history{
				world:     first.secondSource(source),
				rt:        rt,
				missing:   map[string]map[string]bool{},
				reported:  map[Ref]bool{},
				companies: map[string]*model{"1": {}, "2": {}, "3": {}},
				contacts:  map[string]*model{"1": {}, "2": {}},
			}
			for range rapid.IntRange(0, 4).Draw(rt, "there before") {
				h.changeTheirs(crm.KindCompany, h.companies)
				h.changeTheirs(crm.KindContact, h.contacts)
			}
			h.run()
			h.readAll()
			for range rapid.IntRange(1, 15).Draw(rt, "steps") {
				switch rapid.IntRange(0, 9).Draw(rt, "step") {
				case 0, 1, 2:
					h.changeTheirs(crm.KindCompany, h.companies)
				case 3, 4:
					h.changeTheirs(crm.KindContact, h.contacts)
				case 5, 6:
					h.changeOurs()
				case 7, 8:
					h.report()
				case 9:
					h.crash()
				}
			}
			h.catchUp()
			h.readAll()
			h.check()
		})
	})
}

// secondSource returns another source on the same database.
func (w *world) secondSource(source int64) *world {
	w.Helper()
	other := *w
	other.crm = newCRM(w.DB.Clock)
	other.crm.users, other.crm.tree = w.crm.users, w.crm.tree
	other.source = Source{
		ID:     source,
		Name:   fmt.Sprint("portal", source),
		Portal: other.crm,
		Plan:   w.Plan,
		Every:  1000 * time.Second,
	}
	other.startWork()
	other.saveMapping(func(m *mapping) { m.Owners = ownersCRM })
	return &other
}
