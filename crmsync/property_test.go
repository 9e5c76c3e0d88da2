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

// twin is the plain reading of one record: what is there, what was seen of it, and
// what has to be here. Sets are read as such; the order of phones is nobody's.
type twin struct {
	there, seen, here *plain // nil where there is none
	linked            bool
}

// plain is a company or contact.
type plain struct {
	name, owner  string
	phones, mail map[string]bool
	ties         map[string]int // of a contact: their company -> which of ours it was
	incarnation  int            // of a company: which of ours it is
}

func (p *plain) clone() *plain {
	if p == nil {
		return nil
	}
	c := *p
	c.phones, c.mail, c.ties = maps.Clone(p.phones), maps.Clone(p.mail), maps.Clone(p.ties)
	return &c
}

// history is a CRM and this house, read plainly beside the mirror: the three-way
// merge over again, without its code.
type history struct {
	*world
	rt        *rapid.T
	companies map[string]*twin
	contacts  map[string]*twin
	wants     map[string]map[string]bool // company -> contacts
	told      map[Ref]bool
	born      int
}

var (
	somePhones = []string{"+74950000011", "+74950000012", "+74950000013", "who knows"}
	someMail   = []string{"a@acme.example", "b@acme.example"}
)

func (h *history) set(of []string, what string) map[string]bool {
	set := map[string]bool{}
	for _, one := range rapid.SliceOfDistinct(rapid.SampledFrom(of), rapid.ID[string]).Draw(h.rt, what) {
		set[one] = true
	}
	return set
}

func (h *history) any(of map[string]*twin) string {
	return rapid.SampledFrom(slices.Sorted(maps.Keys(of))).Draw(h.rt, "which")
}

// merged is the rule for a set: what came there comes, what went there goes.
func merged(seen, there, here map[string]bool) map[string]bool {
	out := maps.Clone(here)
	for one := range seen {
		if !there[one] {
			delete(out, one)
		}
	}
	for one := range there {
		if !seen[one] {
			out[one] = true
		}
	}
	return out
}

func word(seen, there, here string) string {
	if there != seen {
		return there
	}
	return here
}

// sync is what one look at a company must do.
func (h *history) sync(id string) {
	t := h.companies[id]
	switch {
	case t.there == nil:
		h.lose(id)
		t.linked, t.seen = false, nil
	case !t.linked:
		t.linked = true
		t.here = t.there.clone()
		h.born++
		t.here.incarnation = h.born
		t.seen = t.there.clone()
		for contact := range h.wants[id] {
			h.told[Ref{crm.KindContact, contact}] = true
		}
		delete(h.wants, id)
	default:
		if t.here != nil && t.seen != nil {
			t.here.name, t.here.owner = word(t.seen.name, t.there.name, t.here.name), word(t.seen.owner, t.there.owner, t.here.owner)
			t.here.phones, t.here.mail = merged(t.seen.phones, t.there.phones, t.here.phones), merged(t.seen.mail, t.there.mail, t.here.mail)
		}
		t.seen = t.there.clone()
	}
}

// lose takes a company of ours away: its contacts stay, without it.
func (h *history) lose(id string) {
	t := h.companies[id]
	if t.here == nil {
		return
	}
	t.here = nil
	for _, c := range h.contacts {
		if c.here != nil {
			delete(c.here.ties, id)
		}
	}
}

// syncContact is what one look at a contact must do.
func (h *history) syncContact(id string) {
	t := h.contacts[id]
	if t.there == nil {
		t.here, t.seen, t.linked = nil, nil, false
		return
	}
	is := t.there.clone()
	for _, company := range slices.Sorted(maps.Keys(is.ties)) {
		c := h.companies[company]
		if !c.linked && c.there != nil {
			h.sync(company)
		}
		switch {
		case !c.linked:
			if h.wants[company] == nil {
				h.wants[company] = map[string]bool{}
			}
			h.wants[company][id] = true
			delete(is.ties, company)
		case c.here == nil:
			is.ties[company] = 0
		default:
			is.ties[company] = c.here.incarnation
		}
	}
	if !t.linked {
		t.linked, t.here = true, is.clone()
		maps.DeleteFunc(t.here.ties, func(_ string, at int) bool { return at == 0 })
		t.seen = is
		return
	}
	if t.here != nil {
		t.here.name, t.here.owner = word(t.seen.name, is.name, t.here.name), word(t.seen.owner, is.owner, t.here.owner)
		t.here.phones, t.here.mail = merged(t.seen.phones, is.phones, t.here.phones), merged(t.seen.mail, is.mail, t.here.mail)
		for company := range t.seen.ties {
			if _, still := is.ties[company]; !still {
				delete(t.here.ties, company)
			}
		}
		for company, at := range is.ties {
			if at != 0 && t.seen.ties[company] != at {
				t.here.ties[company] = at
			}
		}
	}
	t.seen = is
}

// deliver looks at everything that was told of, companies first.
func (h *history) deliver() {
	for len(h.told) > 0 {
		told := h.told
		h.told = map[Ref]bool{}
		for _, id := range slices.Sorted(maps.Keys(h.companies)) {
			if told[Ref{crm.KindCompany, id}] {
				h.sync(id)
			}
		}
		for _, id := range slices.Sorted(maps.Keys(h.contacts)) {
			if told[Ref{crm.KindContact, id}] {
				h.syncContact(id)
			}
		}
	}
}

func (h *history) all() {
	for id := range h.companies {
		h.told[Ref{crm.KindCompany, id}] = true
	}
	for id := range h.contacts {
		h.told[Ref{crm.KindContact, id}] = true
	}
	h.deliver()
}

// ---- what happens

func (h *history) theyChange(kind crm.Kind, of map[string]*twin) {
	id := h.any(of)
	t := of[id]
	if t.there == nil {
		t.there = &plain{name: kind.String() + id + h.source.Name, phones: map[string]bool{}, mail: map[string]bool{}, ties: map[string]int{}}
	}
	switch rapid.IntRange(0, 5).Draw(h.rt, "what changes there") {
	case 0:
		t.there.name = rapid.SampledFrom([]string{"A ", "B "}).Draw(h.rt, "name") + kind.String() + id + h.source.Name
	case 1:
		t.there.owner = rapid.SampledFrom([]string{"", "17", "18"}).Draw(h.rt, "owner")
	case 2:
		t.there.phones = h.set(somePhones, "phones")
	case 3:
		t.there.mail = h.set(someMail, "mail")
	case 4:
		t.there = nil
		h.crm.remove(kind, id)
		return
	case 5:
		if kind == crm.KindContact {
			t.there.ties = map[string]int{}
			for one := range h.set(slices.Sorted(maps.Keys(h.companies)), "ties") {
				t.there.ties[one] = -1
			}
		}
	}
	h.crm.put(kind, id, "18", func(r *Record) {
		r.Name, r.OwnerID, r.Phones, r.Emails = t.there.name, t.there.owner, phonesOf(slices.Sorted(maps.Keys(t.there.phones))...), slices.Sorted(maps.Keys(t.there.mail))
		r.CompanyIDs = slices.Sorted(maps.Keys(t.there.ties))
	})
}

func (h *history) weChange() {
	ctx := context.Background()
	id := h.any(h.companies)
	t := h.companies[id]
	if t.here == nil {
		return
	}
	c := h.company(id)
	in := crm.CompanyChange{Version: c.Version}
	switch rapid.IntRange(0, 3).Draw(h.rt, "what changes here") {
	case 0:
		t.here.name = "Ours " + id + h.source.Name
		in.Name = &t.here.name
	case 1:
		t.here.phones = h.set(somePhones, "phones")
		phones := []crm.Phone{}
		for _, p := range slices.Sorted(maps.Keys(t.here.phones)) {
			phones = append(phones, crm.Phone{Value: p})
		}
		in.Phones = &phones
	case 2:
		t.here.mail = h.set(someMail, "mail")
		mail := slices.Sorted(maps.Keys(t.here.mail))
		in.Emails = &mail
	case 3:
		must(h.T, h.Records.RemoveCompany(ctx, boss, c.ID, 0))
		h.lose(id)
		return
	}
	_, err := h.Records.ChangeCompany(ctx, boss, c.ID, in)
	must(h.T, err)
}

// tellOf tells of records, of some twice and of others not at all.
func (h *history) tellOf() {
	refs := rapid.SliceOfN(rapid.SampledFrom([]Ref{{crm.KindCompany, "1"}, {crm.KindCompany, "2"}, {crm.KindCompany, "3"}, {crm.KindContact, "1"}, {crm.KindContact, "2"}}), 1, 6).Draw(h.rt, "told")
	for _, r := range refs {
		h.tell(r.Kind, r.ID)
		h.told[r] = true
	}
	h.run()
	h.deliver()
}

// crash has the process end in the middle of a whole import, some times over.
func (h *history) crash() {
	_, err := h.ImportAgain(context.Background(), h.source.ID)
	must(h.T, err)
	for range rapid.IntRange(0, 6).Draw(h.rt, "steps before the crash") {
		_, err := h.work.step(context.Background())
		must(h.T, err)
	}
	h.world.begin()
	h.run()
	h.all()
}

// check compares the house with its plain reading.
func (h *history) check() {
	users := map[int64]string{0: "", h.user("17").ID: "17", h.user("18").ID: "18"}
	at := map[int64]string{}
	for id, t := range h.companies {
		ours := h.ours(crm.KindCompany, id)
		if (ours != 0) != (t.here != nil) {
			h.rt.Fatalf("company %s: ours is %d, want one: %v", id, ours, t.here != nil)
		}
		if t.here == nil {
			continue
		}
		at[ours] = id
		c := h.company(id)
		h.same("company "+id, t.here, c.Name, users[c.OwnerID], values(c.Phones), c.Emails, nil)
	}
	for id, t := range h.contacts {
		ours := h.ours(crm.KindContact, id)
		if (ours != 0) != (t.here != nil) {
			h.rt.Fatalf("contact %s: ours is %d, want one: %v", id, ours, t.here != nil)
		}
		if t.here == nil {
			continue
		}
		c := h.contact(id)
		var ties []string
		for _, company := range c.CompanyIDs {
			ties = append(ties, at[company])
		}
		h.same("contact "+id, t.here, c.Name, users[c.OwnerID], values(c.Phones), c.Emails, ties)
	}
}

func (h *history) same(what string, want *plain, name, owner string, phones, mail, ties []string) {
	list := func(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
	got := fmt.Sprintf("%q %q %q %q %q", name, owner, slices.Sorted(slices.Values(phones)), slices.Sorted(slices.Values(mail)), slices.Sorted(slices.Values(ties)))
	wanted := fmt.Sprintf("%q %q %q %q %q", want.name, want.owner, list(want.phones), list(want.mail), slices.Sorted(maps.Keys(want.ties)))
	if got != wanted {
		h.rt.Fatalf("%s is\n%s, want\n%s", what, got, wanted)
	}
}

// TestWhateverHappensItEndsAsThreeWaysSay lets anything happen on both sides, events
// be lost, come twice and late, and processes crash: after one look at what nobody
// told of, everything is as the plain reading says.
func TestWhateverHappensItEndsAsThreeWaysSay(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		first := newWorld(t, db)
		source := int64(1)
		rapid.Check(t, func(rt *rapid.T) {
			if source++; source > histories {
				return
			}
			h := &history{world: first.beside(source), rt: rt, wants: map[string]map[string]bool{}, told: map[Ref]bool{},
				companies: map[string]*twin{"1": {}, "2": {}, "3": {}}, contacts: map[string]*twin{"1": {}, "2": {}}}
			for range rapid.IntRange(0, 4).Draw(rt, "there before") {
				h.theyChange(crm.KindCompany, h.companies)
				h.theyChange(crm.KindContact, h.contacts)
			}
			h.run()
			h.all()
			for range rapid.IntRange(1, 15).Draw(rt, "deeds") {
				switch rapid.IntRange(0, 9).Draw(rt, "deed") {
				case 0, 1, 2:
					h.theyChange(crm.KindCompany, h.companies)
				case 3, 4:
					h.theyChange(crm.KindContact, h.contacts)
				case 5, 6:
					h.weChange()
				case 7, 8:
					h.tellOf()
				case 9:
					h.crash()
				}
			}
			h.catchUp()
			h.all()
			h.check()
		})
	})
}

// beside is another source on the same database.
func (w *world) beside(source int64) *world {
	w.Helper()
	other := *w
	other.crm = newCRM(w.DB.Clock)
	other.crm.users, other.crm.tree = w.crm.users, w.crm.tree
	other.source = Source{ID: source, Name: fmt.Sprint("portal", source), Portal: other.crm, Plan: w.Plan, Every: 1000 * time.Second}
	other.begin()
	other.map_(func(m *mapping) { m.Owners = ownersCRM })
	return &other
}
