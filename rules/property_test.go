package rules

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// anyScene draws a scene as lookup gives it: companies that the number reaches,
// with a contact or lead for every link that needs one.
func anyScene(t *rapid.T) Scene {
	s := Scene{
		Number:     External,
		Direction:  rapid.SampledFrom([]Direction{Out, In}).Draw(t, "direction"),
		AgentKnown: true,
		Employee:   rapid.Bool().Draw(t, "employee"),
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "contacts") {
		r := anyRelation(t)
		s.Contacts = append(s.Contacts, Contact{ID: int64(11 + i), Relation: r, Unassigned: r == NoOwner})
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "leads") {
		r := anyRelation(t)
		s.Leads = append(s.Leads, Lead{
			ID: int64(21 + i), Relation: r, Unassigned: r == NoOwner, Finished: rapid.Bool().Draw(t, "finished"),
			Changed: anyDay(t), Created: anyDay(t),
		})
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "companies") {
		if c := anyCompany(t, &s, int64(1+i)); len(c.Links) > 0 {
			s.Companies = append(s.Companies, c)
		}
	}
	return s
}

func anyCompany(t *rapid.T, s *Scene, id int64) Company {
	r := anyRelation(t)
	c := Company{
		ID: id, Relation: r, Unassigned: r == NoOwner,
		OwnerInactive: r == Foreign && rapid.Bool().Draw(t, "owner left"),
		Status: rapid.SampledFrom([]StatusState{StatusSet, StatusSet, StatusMissing,
			StatusUnknown}).Draw(t, "status"),
		Effect: rapid.SampledFrom([]Effect{EffectNone, EffectBanner, EffectYellow, EffectRed,
			EffectRed}).Draw(t, "effect"),
	}
	c.IdleDays = rapid.IntRange(0, 3).Draw(t, "idle days")
	if rapid.Bool().Draw(t, "direct") {
		c.Links = append(c.Links, direct(anyDay(t)))
	}
	for i := range s.Contacts {
		if rapid.Bool().Draw(t, "contact link") {
			contact := &s.Contacts[i]
			contact.Companies = append(contact.Companies, ContactCompany{ID: id, Primary: len(contact.Companies) == 0})
			c.Links = append(c.Links, through(contact.ID, anyDay(t)))
		}
	}
	for i := range s.Leads {
		if s.Leads[i].CompanyID == 0 && rapid.Bool().Draw(t, "lead link") {
			s.Leads[i].CompanyID = id
			c.Links = append(c.Links, throughLd(s.Leads[i].ID, anyDay(t)))
		}
	}
	return c
}

func anyRelation(t *rapid.T) Relation {
	return rapid.SampledFrom([]Relation{Own, Team, Deputy, Permit, Supervisor, Admin, Foreign, Foreign,
		NoOwner}).Draw(t, "relation")
}

// anyDay draws from few days, so that ties happen.
func anyDay(t *rapid.T) int64 { return january + rapid.Int64Range(0, 4).Draw(t, "day")*86_400_000 }

func anyPolicy(t *rapid.T) Policy {
	red := []Color{Red, Yellow, None}
	p := Default()
	p.Priority = rapid.Permutation(p.Priority).Draw(t, "priority")[:rapid.IntRange(1, 3).Draw(t, "named")]
	p.InheritContactCompany = rapid.Bool().Draw(t, "inherit contact")
	p.InheritLeadCompany = rapid.Bool().Draw(t, "inherit lead")
	p.MissingStatus = rapid.SampledFrom([]MissingPolicy{MissingAsDefault, MissingAsProtected}).Draw(t, "missing")
	p.SharedNumber = rapid.SampledFrom([]SharedPolicy{SharedOldestLink, SharedStrictest,
		SharedOwnFirst}).Draw(t, "shared")
	p.Leads = rapid.SampledFrom([]LeadPolicy{LeadsOpenAndLost, LeadsOpen}).Draw(t, "which leads")
	p.Team = rapid.SampledFrom([]CountsAs{CountsAsOwn, CountsAsForeign}).Draw(t, "team")
	p.Deputy = rapid.SampledFrom([]CountsAs{CountsAsOwn, CountsAsForeign}).Draw(t, "deputy")
	p.OwnContact = rapid.SampledFrom([]Color{Yellow, None}).Draw(t, "own contact")
	p.Supervisor = rapid.SampledFrom(red).Draw(t, "supervisor")
	p.Admin = rapid.SampledFrom(red).Draw(t, "admin")
	p.Incoming = rapid.SampledFrom(red).Draw(t, "incoming")
	p.IdleDays = rapid.IntRange(0, 3).Draw(t, "fades in days")
	return p
}

// The golden file shows every form that Weigh can fill in, under any policy.
func TestWeighStaysInTheFactSpace(t *testing.T) {
	space := map[Facts]bool{}
	for _, f := range factSpace() {
		space[f] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		if f, _ := Weigh(anyScene(t), anyPolicy(t)); !space[f] {
			t.Fatalf("not in the golden file: %s", f)
		}
	})
}

// The order in which the database gave the records means nothing.
func TestInsertionOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scene, policy := anyScene(t), anyPolicy(t)
		want := Judge(scene, policy)
		shuffled := scene
		shuffled.Companies = rapid.Permutation(scene.Companies).Draw(t, "companies")
		shuffled.Contacts = rapid.Permutation(scene.Contacts).Draw(t, "contacts")
		shuffled.Leads = rapid.Permutation(scene.Leads).Draw(t, "leads")
		for i := range shuffled.Companies {
			shuffled.Companies[i].Links = rapid.Permutation(shuffled.Companies[i].Links).Draw(t, "links")
		}
		for i := range shuffled.Contacts {
			shuffled.Contacts[i].Companies = rapid.Permutation(shuffled.Contacts[i].Companies).Draw(t, "linked")
		}
		if got := Judge(shuffled, policy); !equal(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
}

// Records that the policy does not let the number reach change nothing.
func TestUnrelatedRecordsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scene, policy := anyScene(t), anyPolicy(t)
		want := Judge(scene, policy)
		more := scene
		more.Companies = slices.Clone(scene.Companies)
		more.Contacts = slices.Clone(scene.Contacts)
		stranger := Company{ID: 90, Relation: Foreign, Status: StatusSet, Effect: EffectRed}
		switch {
		case !policy.InheritLeadCompany:
			stranger.Links = []Link{throughLd(21, 0)}
		case !policy.InheritContactCompany:
			stranger.Links = []Link{through(11, 0)}
		}
		more.Companies = slices.Insert(more.Companies, rapid.IntRange(0, len(more.Companies)).Draw(t, "at"), stranger)
		for i := range more.Contacts { // a company of the contact's that is not in the scene
			c := &more.Contacts[i]
			c.Companies = append(slices.Clone(c.Companies), ContactCompany{ID: 91})
		}
		if got := Judge(more, policy); !equal(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
}

// Laundering: putting the number on a card of his own, later than the others,
// changes no colour for the agent. (Where the kind that decides is a new one,
// as when a lead becomes a company, only red is at stake; and own_first is the
// policy that allows it.)
func TestLaterDuplicateOfTheAgentsOwnDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scene, policy := anyScene(t), anyPolicy(t)
		if policy.SharedNumber == SharedOwnFirst {
			policy.SharedNumber = SharedOldestLink
		}
		before, facts := Judge(scene, policy), formOf(scene, policy)
		more := scene
		more.Companies = append(slices.Clone(scene.Companies), Company{
			ID: 50, Relation: Own, Status: StatusSet, Effect: EffectRed, Links: []Link{direct(may)},
		})
		if len(scene.Contacts) > 0 && rapid.Bool().Draw(t, "with a contact") {
			more.Contacts = append(slices.Clone(scene.Contacts),
				Contact{ID: 60, Relation: Own, Companies: []ContactCompany{{ID: 50, Primary: true}}})
			last := &more.Companies[len(more.Companies)-1]
			last.Links = append(last.Links, through(60, may))
		}
		after := Judge(more, policy)
		base := baseNothing | baseCompany | baseContact | baseLead
		red := facts.has(claimForeign | claimSupervisor | claimAdmin)
		if !red && formOf(more, policy)&base != facts&base {
			return
		}
		if after.Color != before.Color || after.Incident != before.Incident {
			t.Fatalf("before: row %s, %s %s, incident %v\nafter:  row %s, %s %s, incident %v",
				before.Row, before.Color, before.Why, before.Incident, after.Row, after.Color,
				after.Why, after.Incident)
		}
	})
}

func formOf(s Scene, p Policy) Facts {
	f, _ := Weigh(s, p)
	return f
}

// Red looks at every company, so the priority of kinds cannot switch it off.
func TestPriorityDoesNotTouchRed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scene, policy := anyScene(t), anyPolicy(t)
		before := Judge(scene, policy)
		policy.Priority = rapid.Permutation([]Kind{KindCompany, KindContact, KindLead}).Draw(t, "other priority")
		after := Judge(scene, policy)
		if (before.Color == Red) != (after.Color == Red) || before.Incident != after.Incident {
			t.Fatalf("before: row %s, %s; after: row %s, %s", before.Row, before.Color, after.Row, after.Color)
		}
	})
}

// Of two owners in work with one number, the one who had it first is left in
// peace and the other is warned; with one date for both, both are.
func TestSharedNumberWarnsTheLaterOwner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyDay(t), anyDay(t)
		seen := func(mine, theirs int64) Color {
			return Judge(found(co(1, Own, EffectRed, direct(mine)), co(2, Foreign, EffectRed, direct(theirs))),
				Default()).Color
		}
		first, second := seen(a, b), seen(b, a)
		if wantFirst, wantSecond := redUnless(a < b), redUnless(b < a); first != wantFirst || second != wantSecond {
			t.Fatalf("links %d and %d: %s and %s, want %s and %s", a, b, first, second, wantFirst, wantSecond)
		}
	})
}

func redUnless(older bool) Color {
	if older {
		return None
	}
	return Red
}

// Every record that counts is listed once, the subject first.
func TestOrderListsEveryRecordOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scene := anyScene(t)
		policy := policyWith(inherit)
		v := Judge(scene, policy)
		if total := len(scene.Companies) + len(scene.Contacts) + len(scene.Leads); len(v.Order) != total {
			t.Fatalf("%d records listed, want %d", len(v.Order), total)
		}
		if len(v.Order) > 0 && v.Order[0] != v.Subject {
			t.Fatalf("first is %v, the subject is %v", v.Order[0], v.Subject)
		}
		seen := map[Ref]bool{}
		for _, ref := range v.Order {
			if seen[ref] {
				t.Fatalf("%v is listed twice", ref)
			}
			seen[ref] = true
		}
	})
}

func equal(a, b Verdict) bool {
	return slices.Equal(a.Order, b.Order) && slices.Equal(a.Actions, b.Actions) &&
		a.Color == b.Color && a.Why == b.Why && a.Relation == b.Relation && a.Banner == b.Banner && a.Row == b.Row &&
		a.Subject == b.Subject && a.Company == b.Company && a.Incident == b.Incident
}

// A number that only ends alike proves nothing: whatever stands behind it, under
// any policy, it gives no colour and no incident, and is never silent.
func TestAHintHasNoColour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scene, policy := anyScene(t), anyPolicy(t)
		scene.Maybe = true
		v := Judge(scene, policy)
		if v.Color != None || v.Incident || v.Relation != NoOwner {
			t.Fatalf("%s, incident %v, relation %s (row %s)", v.Color, v.Incident, v.Relation, v.Row)
		}
		if silent := !v.Banner; silent != (v.Why == WhyUnknown || v.Why == WhyEmployee) {
			t.Fatalf("%s with banner %v", v.Why, v.Banner)
		}
	})
}
