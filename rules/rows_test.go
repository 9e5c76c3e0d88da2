package rules

import (
	"fmt"
	"testing"
)

// rowCase is one line of the decision table, acted out in a scene.
type rowCase struct {
	row      string
	says     string
	scene    Scene
	policy   func(*Policy) // nil: the default
	color    Color
	why      Why
	relation Relation
	banner   bool
	subject  Ref
}

func company1() Ref  { return Ref{KindCompany, 1} }
func contact11() Ref { return Ref{KindContact, 11} }
func lead21() Ref    { return Ref{KindLead, 21} }

func inherit(p *Policy)        { p.InheritLeadCompany = true }
func protectMissing(p *Policy) { p.MissingStatus = MissingAsProtected }
func classic(p *Policy)        { p.Priority = Presets()[1].Priority }
func companyFirst(p *Policy)   { p.Priority = []Kind{KindCompany} }
func fadesIn(days int) func(*Policy) {
	return func(p *Policy) { p.IdleDays = days }
}
func plainOwn(p *Policy) { p.OwnContact = None }

// TestRows acts out every line of the table in both directions. The scene of a
// case differs from its neighbour's only in what the row is about.
func TestRows(t *testing.T) {
	hit := make([]bool, len(table))
	for _, tc := range rowCases() {
		for _, direction := range []Direction{Out, In} {
			t.Run(fmt.Sprintf("Row %s/%s/%s", tc.row, direction, tc.says), func(t *testing.T) {
				scene, policy := tc.scene, policyWith(tc.policy)
				scene.Direction = direction
				facts, _ := Weigh(scene, policy)
				hit[lineOf(t, facts)] = true
				v := Judge(scene, policy)
				if v.Row != tc.row || v.Color != tc.color || v.Why != tc.why || v.Relation != tc.relation ||
					v.Banner != tc.banner || v.Subject != tc.subject {
					t.Errorf("got  row %s: %s %s, relation %s, banner %v, subject %v\nwant row %s: %s %s, relation %s, banner %v, subject %v\nfacts: %s",
						v.Row, v.Color, v.Why, v.Relation, v.Banner, v.Subject,
						tc.row, tc.color, tc.why, tc.relation, tc.banner, tc.subject, facts)
				}
				if want := tc.color == Red && tc.relation == Foreign && direction == Out; v.Incident != want {
					t.Errorf("incident = %v, want %v: only a stranger's outgoing call on red is one", v.Incident, want)
				}
				if v.Policy != policy.Version || v.Direction != direction {
					t.Errorf("policy %d, direction %s are not those that were given", v.Policy, v.Direction)
				}
			})
		}
	}
	for i, seen := range hit {
		if !seen {
			t.Errorf("no case acts out line %d of the table: row %s, %s", i, table[i].Name, table[i].Says)
		}
	}
}

func lineOf(t *testing.T, facts Facts) int {
	t.Helper()
	for i := range table {
		if facts.meets(table[i].When, table[i].asked) {
			return i
		}
	}
	t.Fatalf("no row fits: %s", facts)
	return -1
}

func rowCases() []rowCase {
	var all []rowCase
	for _, part := range [][]rowCase{callCases(), redCases(), companyCases(), contactCases(), mixedCases(),
		leadCases()} {
		all = append(all, part...)
	}
	return all
}

func callCases() []rowCase {
	protected := co(1, Foreign, EffectRed, direct(january))
	return []rowCase{
		{"1", "an extension is a colleague, whatever a record says",
			found(protected, onCall(func(s *Scene) { s.Number = Internal })), nil, None, WhyInternal,
			NoOwner, false, Ref{}},
		{"2", "a withheld number has no records", found(onCall(func(s *Scene) { s.Number = Hidden })), nil, None,
			WhyHidden, NoOwner, false, Ref{}},
		{"2", "hidden goes before a failed check", found(onCall(func(s *Scene) { s.Number, s.Failed = Hidden, true })),
			nil, None, WhyHidden, NoOwner, false, Ref{}},
		{"2a", "an unreadable number says that nothing was checked",
			found(onCall(func(s *Scene) { s.Number = Invalid })), nil, None, WhyInvalid, NoOwner, true, Ref{}},
		{"28", "a failed check is grey, not free", found(onCall(func(s *Scene) { s.Failed = true })), nil, Grey,
			WhyCheckFailed, NoOwner, false, Ref{}},
		{"28", "a failed check goes before red: half a scene proves nothing",
			found(protected, onCall(func(s *Scene) { s.Failed = true })), nil, Grey, WhyCheckFailed,
			NoOwner, false, Ref{}},
		{"28", "a failed check goes before an unknown agent",
			found(onCall(func(s *Scene) { s.Failed, s.AgentKnown = true, false })), nil, Grey, WhyCheckFailed,
			NoOwner, false, Ref{}},
		{"27", "an unknown agent has no colour, but the client is still named",
			found(protected, onCall(func(s *Scene) { s.AgentKnown = false })), nil, None, WhyAgentUnknown, NoOwner,
			false, company1()},
		{"3", "a number on no record", found(), nil, None, WhyUnknown, NoOwner, false, Ref{}},
		{"3a", "a company with a number that ends alike: a hint, never red",
			found(protected, onCall(func(s *Scene) { s.Maybe = true })), nil, None, WhyMaybe, NoOwner,
			true, company1()},
		{"3a", "also through a contact alone", found(co(1, Foreign, EffectRed, through(11, january)),
			ct(11, Foreign, 1), onCall(func(s *Scene) { s.Maybe = true })), nil, None, WhyMaybe, NoOwner,
			true, contact11()},
		{"3", "nothing ends alike either", found(onCall(func(s *Scene) { s.Maybe = true })), nil, None, WhyUnknown,
			NoOwner, false, Ref{}},
		{"26", "a colleague's own phone is no guess",
			found(protected, onCall(func(s *Scene) { s.Maybe, s.Employee = true, true })), nil, None, WhyEmployee,
			NoOwner, false, Ref{}},
		{"28", "nor is a failed check", found(protected, onCall(func(s *Scene) { s.Maybe, s.Failed = true, true })),
			nil, Grey, WhyCheckFailed, NoOwner, false, Ref{}},
		{"26", "a colleague's own phone", found(onCall(func(s *Scene) { s.Employee = true })), nil, None, WhyEmployee,
			NoOwner, false, Ref{}},
		{"5", "row 26: client rows win over a colleague's own phone",
			found(protected, onCall(func(s *Scene) { s.Employee = true })), nil, Red, WhyForeignInWork, Foreign,
			false, company1()},
		{"11", "row 26: so does a contact", found(ct(11, Foreign), onCall(func(s *Scene) { s.Employee = true })), nil,
			Yellow, WhyContactNoCompany, Foreign, false, contact11()},
		{"13", "row 26: so does a lead", found(ld(21, Foreign, 0), onCall(func(s *Scene) { s.Employee = true })), nil,
			Blue, WhyLeadOnly, Foreign, false, lead21()},
		{"28", "row 26: a colleague's own phone, but a client might have it too",
			found(onCall(func(s *Scene) { s.Employee, s.Failed = true, true })), nil, Grey, WhyCheckFailed,
			NoOwner, false, Ref{}},
	}
}

func redCases() []rowCase {
	const c = 11
	return []rowCase{
		{"5", "a foreign company in work", found(co(1, Foreign, EffectRed, direct(january))), nil, Red,
			WhyForeignInWork, Foreign, false, company1()},
		{"5", "row 24: a colleague of the same department is foreign all the same",
			found(co(1, Foreign, EffectRed, direct(january))), nil, Red, WhyForeignInWork, Foreign, false, company1()},
		{"5", "a relation that nobody worked out is foreign", found(co(1, "", EffectRed, direct(january))), nil, Red,
			WhyForeignInWork, Foreign, false, company1()},
		{"5", "row 15: a lead beside it changes nothing",
			found(co(1, Foreign, EffectRed, direct(january)), ld(21, Own, 0)), nil, Red, WhyForeignInWork, Foreign,
			false, company1()},
		{"5", "red overrides the yellow of the company's own contact",
			found(co(1, Foreign, EffectRed, direct(january), through(c, march)), ct(c, Own, 1)), nil, Red,
			WhyForeignInWork, Foreign, false, company1()},
		{"5", "a team that the policy does not count as own", found(co(1, Team, EffectRed, direct(january))),
			func(p *Policy) { p.Team = CountsAsForeign }, Red, WhyForeignInWork, Foreign, false, company1()},
		{"5", "a deputy whom the policy does not count as own", found(co(1, Deputy, EffectRed, direct(january))),
			func(p *Policy) { p.Deputy = CountsAsForeign }, Red, WhyForeignInWork, Foreign, false, company1()},
		{"5x", "in work, and its owner was not in touch for a month",
			found(co(1, Foreign, EffectRed, direct(january)), odd(idleFor(30))), fadesIn(30), Yellow, WhyForeignIdle,
			Foreign, true, company1()},
		{"5", "a day before that it is red", found(co(1, Foreign, EffectRed, direct(january)), odd(idleFor(29))),
			fadesIn(30), Red, WhyForeignInWork, Foreign, false, company1()},
		{"5", "the shipped policy lets no protection fade",
			found(co(1, Foreign, EffectRed, direct(january)), odd(idleFor(3000))), nil, Red, WhyForeignInWork, Foreign,
			false, company1()},
		{"5x", "also through a contact alone",
			found(co(1, Foreign, EffectRed, through(c, january)), odd(idleFor(30)), ct(c, Own, 1)), fadesIn(30), Yellow,
			WhyForeignIdle, Foreign, true, company1()},
		{"5x", "also without a status, where such companies are protected",
			found(co(1, Foreign, EffectBanner, direct(january)), odd(noStatus), odd(idleFor(30))),
			func(p *Policy) { p.MissingStatus, p.IdleDays = MissingAsProtected, 30 }, Yellow, WhyForeignIdle, Foreign,
			true, company1()},
		{"5x", "its owner has left, and no other came for a month",
			found(co(1, Foreign, EffectRed, direct(january)), odd(ownerLeft), odd(idleFor(30))), fadesIn(30), Yellow,
			WhyForeignIdle, Foreign, true, company1()},
		{"5x", "the owner's head sees it too, also where red is nothing to heads",
			found(co(1, Supervisor, EffectRed, direct(january)), odd(idleFor(30))),
			func(p *Policy) { p.Supervisor, p.IdleDays = None, 30 }, Yellow, WhyForeignIdle, Supervisor, true,
			company1()},
		{"16", "another company on the number is not idle",
			found(co(1, Foreign, EffectRed, through(c, january)), odd(idleFor(30)),
				co(2, Foreign, EffectRed, direct(march)), ct(c, Own, 1)), fadesIn(30), Red, WhyForeignInWork, Foreign,
			false, Ref{KindCompany, 2}},
		{"5x", "a later company of the agent's own does not make it free",
			found(co(1, Foreign, EffectRed, direct(january)), odd(idleFor(30)), co(2, Own, EffectRed, direct(march))),
			fadesIn(30), Yellow, WhyForeignIdle, Foreign, true, company1()},
		{"6", "a company that waits is not protected, and not idle",
			found(co(1, Foreign, EffectBanner, direct(january)), odd(idleFor(30))), fadesIn(30), None, WhyForeignFree,
			Foreign, true, company1()},
		{"4", "to its owner it is theirs", found(co(1, Own, EffectRed, direct(january)), odd(idleFor(30))), fadesIn(30),
			None, WhyOwn, Own, false, company1()},
		{"8", "only on a contact, whose company is foreign and in work",
			found(co(1, Foreign, EffectRed, through(c, january)), ct(c, Foreign, 1)), nil, Red,
			WhyForeignInWorkViaContact, Foreign, false, company1()},
		{"8", "the contact's own owner does not help",
			found(co(1, Foreign, EffectRed, through(c, january)), ct(c, Own, 1)), nil, Red, WhyForeignInWorkViaContact,
			Foreign, false, company1()},
		{"12", "a contact of two companies, the second foreign and in work",
			found(co(2, Foreign, EffectBanner, through(c, january)), co(1, Foreign, EffectRed, through(c, march)),
				ct(c, Foreign, 2, 1)), nil, Red, WhyForeignInWorkViaContactMulti, Foreign, false, company1()},
		{"12", "the agent's own company has the contact later",
			found(co(1, Foreign, EffectRed, through(c, january)), co(2, Own, EffectRed, through(c, march)),
				ct(c, Own, 2, 1)), nil, Red, WhyForeignInWorkViaContactMulti, Foreign, false, company1()},
		{"16", "a foreign company in work, and a contact of another company",
			found(co(1, Foreign, EffectRed, direct(january)), co(2, Foreign, EffectBanner, through(c, january)),
				ct(c, Foreign, 2)), nil, Red, WhyForeignInWork, Foreign, false, company1()},
		{"16", "a harmless company, and a contact of a foreign one in work",
			found(co(2, Foreign, EffectBanner, direct(january)), co(1, Foreign, EffectRed, through(c, march)),
				ct(c, Foreign, 1)), nil, Red, WhyForeignInWorkViaContact, Foreign, false, company1()},
		{"16", "the agent's own company, but the contact's foreign one is older",
			found(co(2, Own, EffectRed, direct(march)), co(1, Foreign, EffectRed, through(c, january)),
				ct(c, Foreign, 1)), nil, Red, WhyForeignInWorkViaContact, Foreign, false, company1()},
		{"17", "two companies, neither the agent's, one in work",
			found(co(2, Foreign, EffectBanner, direct(january)), co(1, Foreign, EffectRed, direct(march))), nil, Red,
			WhySharedNumber, Foreign, false, company1()},
		{"17", "two in work: the older link is the subject",
			found(co(2, Foreign, EffectRed, direct(march)), co(1, Foreign, EffectRed, direct(january))), nil, Red,
			WhySharedNumber, Foreign, false, company1()},
		{"17", "laundering: the agent's own company got the number later",
			found(co(1, Foreign, EffectRed, direct(january)), co(2, Own, EffectRed, direct(march))), nil, Red,
			WhySharedNumber, Foreign, false, company1()},
		{"17", "the same day is not older", found(co(1, Foreign, EffectRed, direct(january)),
			co(2, Own, EffectRed, direct(january))), nil, Red, WhySharedNumber, Foreign, false, company1()},
		{"17", "strictest: the oldest link excuses nobody",
			found(co(1, Foreign, EffectRed, direct(march)), co(2, Own, EffectRed, direct(january))),
			func(p *Policy) { p.SharedNumber = SharedStrictest }, Red, WhySharedNumber, Foreign, false, company1()},
		{"18", "a lead of a foreign company in work, where leads stand for companies",
			found(co(1, Foreign, EffectRed, throughLd(21, january)), ld(21, Foreign, 1)), inherit, Red, WhyLeadCompany,
			Foreign, false, company1()},
		{"19", "no status, and the policy protects such companies",
			found(co(1, Foreign, EffectBanner, direct(january)), odd(noStatus)), protectMissing, Red, WhyStatusMissing,
			Foreign, false, company1()},
		{"19", "no status, and the default status is protected",
			found(co(1, Foreign, EffectRed, direct(january)), odd(noStatus)), nil, Red, WhyStatusMissing, Foreign,
			false, company1()},
		{"20", "the status was removed, and the policy protects such companies",
			found(co(1, Foreign, EffectBanner, direct(january)), odd(lostStatus)), protectMissing, Red,
			WhyStatusUnknown, Foreign, false, company1()},
		{"21", "the owner's head sees red, without an incident", found(co(1, Supervisor, EffectRed, direct(january))),
			nil, Red, WhySupervisor, Supervisor, false, company1()},
		{"21", "a policy may show him yellow; the banner stays", found(co(1, Supervisor, EffectRed, direct(january))),
			func(p *Policy) { p.Supervisor = Yellow }, Yellow, WhySupervisor, Supervisor, true, company1()},
		{"21", "or the standard look; the banner stays", found(co(1, Supervisor, EffectRed, direct(january))),
			func(p *Policy) { p.Supervisor = None }, None, WhySupervisor, Supervisor, true, company1()},
		{"21", "the head of an owner who has left",
			found(co(1, Supervisor, EffectRed, direct(january)), odd(ownerLeft)), nil, Red, WhySupervisor, Supervisor,
			false, company1()},
		{"17", "head of one owner, stranger to another: the stranger's claim decides, although it is younger",
			found(co(2, Supervisor, EffectRed, direct(january)), co(1, Foreign, EffectRed, direct(march))), nil, Red,
			WhySharedNumber, Foreign, false, company1()},
		{"22", "an admin sees red, without an incident", found(co(1, Admin, EffectRed, direct(january))), nil, Red,
			WhyAdmin, Admin, false, company1()},
		{"22", "head of one owner and admin to another: the policy's stronger colour decides",
			found(co(2, Supervisor, EffectRed, direct(january)), co(1, Admin, EffectRed, direct(march))),
			func(p *Policy) { p.Supervisor = None }, Red, WhyAdmin, Admin, false, company1()},
		{"25", "in work, and the owner has left", found(co(1, Foreign, EffectRed, direct(january)), odd(ownerLeft)),
			nil, Red, WhyOwnerInactive, Foreign, false, company1()},
		{"25", "the same through a contact", found(co(1, Foreign, EffectRed, through(c, january)), odd(ownerLeft),
			ct(c, Foreign, 1)), nil, Red, WhyOwnerInactive, Foreign, false, company1()},
	}
}

func companyCases() []rowCase {
	one := func(r Relation, e Effect, change ...func(*Company)) Scene {
		s := found(co(1, r, e, direct(january)))
		for _, c := range change {
			c(&s.Companies[0])
		}
		return s
	}
	return []rowCase{
		{"4", "the agent's own company, in work", one(Own, EffectRed), nil, None, WhyOwn, Own, false, company1()},
		{"4", "row 15: a lead beside it stays under also found",
			found(co(1, Own, EffectRed, direct(january)), ld(21, Foreign, 0)), nil, None, WhyOwn, Own,
			false, company1()},
		{"4", "row 17: own before foreign where nothing is protected",
			found(co(2, Foreign, EffectBanner, direct(january)), co(1, Own, EffectBanner, direct(march))), nil, None,
			WhyOwn, Own, false, company1()},
		{"6", "foreign, waiting: a banner", one(Foreign, EffectBanner), nil, None, WhyForeignFree, Foreign,
			true, company1()},
		{"6", "an effect that nobody gave is a banner", one(Foreign, ""), nil, None, WhyForeignFree, Foreign,
			true, company1()},
		{"6", "its status wants nothing shown", one(Foreign, EffectNone), nil, None, WhyForeignFree, Foreign,
			false, company1()},
		{"6", "its status asks for yellow", one(Foreign, EffectYellow), nil, Yellow, WhyForeignFree, Foreign,
			true, company1()},
		{"6", "yellow is not laundered by an own company of a later day",
			found(co(1, Foreign, EffectYellow, direct(january)), co(2, Own, EffectBanner, direct(march))), nil, Yellow,
			WhyForeignFree, Foreign, true, company1()},
		{"4", "yellow gives way to an older own company",
			found(co(2, Foreign, EffectYellow, direct(march)), co(1, Own, EffectBanner, direct(january))), nil, None,
			WhyOwn, Own, false, company1()},
		{"6", "waiting, and the owner has left: only a company in work needs row 25",
			one(Foreign, EffectBanner, ownerLeft), nil, None, WhyForeignFree, Foreign, true, company1()},
		{"6", "waiting, to the owner's head", one(Supervisor, EffectBanner), nil, None, WhyForeignFree, Supervisor,
			true, company1()},
		{"7", "no owner", one(NoOwner, EffectBanner), nil, None, WhyUnassigned, NoOwner, true, company1()},
		{"7", "no owner is never foreign, even in work", one(NoOwner, EffectRed), nil, None, WhyUnassigned, NoOwner,
			true, company1()},
		{"7", "no owner and no status, although the policy protects such", one(NoOwner, EffectRed, noStatus),
			protectMissing, None, WhyUnassigned, NoOwner, true, company1()},
		{"17", "the agent's company has had the number longer",
			found(co(2, Foreign, EffectRed, direct(march)), co(1, Own, EffectRed, direct(january))), nil, None,
			WhySharedNumber, Own, true, company1()},
		{"17", "a team's company excuses as well",
			found(co(2, Foreign, EffectRed, direct(march)), co(1, Team, EffectRed, direct(january))), nil, None,
			WhySharedNumber, Team, true, company1()},
		{"17", "own first: the dates do not matter",
			found(co(2, Foreign, EffectRed, direct(january)), co(1, Own, EffectRed, direct(march))),
			func(p *Policy) { p.SharedNumber = SharedOwnFirst }, None, WhySharedNumber, Own, true, company1()},
		{"17", "an own link through a contact excuses too",
			found(co(2, Foreign, EffectRed, direct(march)), co(1, Own, EffectRed, through(11, january)),
				ct(11, Own, 1)), companyFirst, None, WhySharedNumber, Own, true, company1()},
		{"19", "no status: as the default one", one(Foreign, EffectBanner, noStatus), nil, None, WhyStatusMissing,
			Foreign, true, company1()},
		{"19", "no status, and the default one is yellow", one(Foreign, EffectYellow, noStatus), nil, Yellow,
			WhyStatusMissing, Foreign, true, company1()},
		{"20", "the status was removed", one(Foreign, EffectNone, lostStatus), nil, None, WhyStatusUnknown, Foreign,
			true, company1()},
		{"20", "the status was removed, and the default one is yellow", one(Foreign, EffectYellow, lostStatus), nil,
			Yellow, WhyStatusUnknown, Foreign, true, company1()},
		{"4", "an own company without a status is own", one(Own, EffectRed, noStatus), protectMissing, None, WhyOwn,
			Own, false, company1()},
		{"23", "in the team of a company in work", one(Team, EffectRed), nil, None, WhyTeam, Team, false, company1()},
		{"23", "in the team of a company without an owner: any row", one(Team, EffectRed, noOwner), nil, None, WhyTeam,
			Team, false, company1()},
		{"7", "the same, and the policy does not count the team", one(Team, EffectRed, noOwner),
			func(p *Policy) { p.Team = CountsAsForeign }, None, WhyUnassigned, NoOwner, true, company1()},
		{"17", "the agent's team has the number longer, though nobody owns its company",
			found(co(1, Team, EffectRed, direct(january)), odd(noOwner), co(2, Foreign, EffectRed, direct(march))), nil,
			None, WhySharedNumber, Team, true, company1()},
		{"23", "deputy of its owner", one(Deputy, EffectRed), nil, None, WhyDeputy, Deputy, false, company1()},
		{"23", "a permit for a company in work", one(Permit, EffectRed), nil, None, WhyPermit, Permit,
			false, company1()},
		{"23", "a permit for a company whose owner has left", one(Permit, EffectRed, ownerLeft), nil, None, WhyPermit,
			Permit, false, company1()},
		{"23", "a permit for a company without a status", one(Permit, EffectRed, noStatus), protectMissing, None,
			WhyPermit, Permit, false, company1()},
		{"23", "a permit for a company without an owner: any row", one(Permit, EffectRed, noOwner), nil, None,
			WhyPermit, Permit, false, company1()},
		{"17", "a permit for one company does not open another one",
			found(co(1, Foreign, EffectRed, direct(january)), co(2, Permit, EffectRed, direct(march))), nil, Red,
			WhySharedNumber, Foreign, false, company1()},
		{"17", "a permit counts as own: the company that he helps with has the number longer",
			found(co(1, Permit, EffectRed, direct(january)), co(2, Foreign, EffectRed, direct(march))), nil, None,
			WhySharedNumber, Permit, true, company1()},
	}
}

func contactCases() []rowCase {
	linked := func(r Relation, e Effect, more ...record) Scene {
		return found(append([]record{co(1, r, e, through(11, january)), ct(11, Foreign, 1)}, more...)...)
	}
	return []rowCase{
		{"9", "a contact of the agent's own company", linked(Own, EffectRed), nil, Yellow, WhyContactOwnCompany, Own,
			false, contact11()},
		{"9", "a policy may take the yellow away", linked(Own, EffectRed), plainOwn, None, WhyContactOwnCompany, Own,
			false, contact11()},
		{"9", "but not beside a contact of no company", linked(Own, EffectRed, ct(12, Foreign)), plainOwn, Yellow,
			WhyContactOwnCompany, Own, false, contact11()},
		{"10", "a contact of a foreign company that waits", linked(Foreign, EffectBanner), nil, Yellow,
			WhyContactForeignFree, Foreign, false, contact11()},
		{"10", "a contact of a foreign company without a status", linked(Foreign, EffectBanner, odd(noStatus)), nil,
			Yellow, WhyContactForeignFree, Foreign, false, contact11()},
		{"10", "a contact of a company without an owner, in work", linked(NoOwner, EffectRed), nil, Yellow,
			WhyContactUnassigned, NoOwner, false, contact11()},
		{"10", "company first: the company must carry the number itself to decide", linked(Foreign, EffectBanner),
			companyFirst, Yellow, WhyContactForeignFree, Foreign, false, contact11()},
		{"11", "a contact of no company: its own owner counts", found(ct(11, Own)), nil, Yellow, WhyContactNoCompany,
			Own, false, contact11()},
		{"11", "a contact without company and owner", found(ct(11, NoOwner)), nil, Yellow, WhyContactNoCompany, NoOwner,
			false, contact11()},
		{"11", "a policy in which contacts do not stand for companies", linked(Foreign, EffectRed),
			func(p *Policy) { p.InheritContactCompany = false }, Yellow, WhyContactNoCompany, Foreign,
			false, contact11()},
		{"12", "a contact of two companies, one of them the agent's",
			linked(Own, EffectRed, co(2, Foreign, EffectBanner, through(11, january)), ct(12, Own, 2)), nil, Yellow,
			WhyContactOwnCompanyMulti, Own, false, contact11()},
		{"12", "both the agent's: follows row 9", linked(Own, EffectRed, co(2, Own, EffectBanner, through(12, january)),
			ct(12, Own, 2)), plainOwn, None, WhyContactOwnCompanyMulti, Own, false, contact11()},
		{"12", "one of them not the agent's: stays yellow whatever row 9 does",
			linked(Own, EffectRed, co(2, Foreign, EffectBanner, through(12, january)), ct(12, Own, 2)), plainOwn,
			Yellow, WhyContactOwnCompanyMulti, Own, false, contact11()},
		{"12", "contacts of two foreign companies that wait",
			linked(Foreign, EffectBanner, co(2, Foreign, EffectBanner, through(12, january)), ct(12, Own, 2)), nil,
			Yellow, WhyContactForeignFreeMulti, Foreign, false, contact11()},
		{"12", "contacts of two companies without an owner",
			linked(NoOwner, EffectBanner, co(2, NoOwner, EffectBanner, through(12, january)), ct(12, Own, 2)), nil,
			Yellow, WhyContactUnassignedMulti, NoOwner, false, contact11()},
		{"12", "a contact of two companies; the agent's has it longer than the one in work",
			linked(Own, EffectRed, co(2, Foreign, EffectRed, through(11, march))), nil, Yellow, WhySharedNumber, Own,
			true, contact11()},
		{"14", "a contact of no company, and a lead", found(ct(11, Foreign), ld(21, Own, 0)), nil, Yellow,
			WhyContactOverLead, Foreign, false, contact11()},
		{"23", "a contact of a company in whose team the agent is", linked(Team, EffectRed), nil, Yellow, WhyTeam, Team,
			false, contact11()},
		{"23", "follows row 9", linked(Team, EffectRed), plainOwn, None, WhyTeam, Team, false, contact11()},
		{"23", "but not beside a contact of no company", linked(Team, EffectRed, ct(12, Foreign)), plainOwn, Yellow,
			WhyTeam, Team, false, contact11()},
		{"23", "a contact of a company whose owner the agent stands in for", linked(Deputy, EffectRed), nil, Yellow,
			WhyDeputy, Deputy, false, contact11()},
		{"23", "a contact of a company for which the agent has a permit", linked(Permit, EffectRed), nil, Yellow,
			WhyPermit, Permit, false, contact11()},
		{"23", "a permit follows row 9", linked(Permit, EffectRed), plainOwn, None, WhyPermit, Permit,
			false, contact11()},
		{"23", "a permit beside a contact of no company", linked(Permit, EffectRed, ct(12, Foreign)), plainOwn, Yellow,
			WhyPermit, Permit, false, contact11()},
		{"23", "deputy beside a contact of no company", linked(Deputy, EffectRed, ct(12, Foreign)), plainOwn, Yellow,
			WhyDeputy, Deputy, false, contact11()},
	}
}

func mixedCases() []rowCase {
	both := func(r Relation, more ...record) Scene {
		return found(append([]record{co(1, r, EffectBanner, direct(january), through(11, january)),
			ct(11, Foreign, 1)}, more...)...)
	}
	other := func(r Relation) Scene {
		return found(co(1, Foreign, EffectBanner, direct(january)), co(2, r, EffectBanner, through(11, january)),
			ct(11, Foreign, 2))
	}
	return []rowCase{
		{"15a", "the agent's company and its contact", both(Own), nil, Yellow, WhyContactOwnCompany, Own,
			false, contact11()},
		{"15a", "follows row 9", both(Own), plainOwn, None, WhyContactOwnCompany, Own, false, contact11()},
		{"15a", "but not beside a contact of no company", both(Own, ct(12, Foreign)), plainOwn, Yellow,
			WhyContactOwnCompany, Own, false, contact11()},
		{"15a", "a foreign company that waits, and its contact", both(Foreign), nil, Yellow, WhyContactForeignFree,
			Foreign, false, contact11()},
		{"15a", "a company without an owner, and its contact", both(NoOwner), nil, Yellow, WhyContactUnassigned,
			NoOwner, false, contact11()},
		{"15a", "the agent's company, and a contact of no company",
			found(co(1, Own, EffectBanner, direct(january)), ct(11, Foreign)), nil, Yellow, WhyContactNoCompany,
			Foreign, false, contact11()},
		{"6", "company first: the company decides", both(Foreign), companyFirst, None, WhyForeignFree, Foreign,
			true, company1()},
		{"16", "a company, and a contact of the agent's company", other(Own), nil, Yellow, WhyContactOwnCompany, Own,
			false, contact11()},
		{"16", "two companies and a contact, all the agent's: follows row 9",
			found(co(1, Own, EffectBanner, direct(january)), co(2, Own, EffectBanner, through(11, january)),
				ct(11, Foreign, 2)), plainOwn, None, WhyContactOwnCompany, Own, false, contact11()},
		{"16", "a company, and a contact of a foreign one that waits", other(Foreign), nil, Yellow,
			WhyContactForeignFree, Foreign, false, contact11()},
		{"16", "a company, and a contact of one without an owner", other(NoOwner), nil, Yellow, WhyContactUnassigned,
			NoOwner, false, contact11()},
		{"16", "the agent's company is older than that of the contact, in work",
			found(co(1, Own, EffectRed, direct(january)), co(2, Foreign, EffectRed, through(11, march)),
				ct(11, Foreign, 2)), nil, Yellow, WhySharedNumber, Own, true, contact11()},
		{"17", "two companies and a contact; the agent's company is the oldest",
			found(co(1, Own, EffectRed, direct(january)), co(2, Foreign, EffectRed, direct(march)), ct(11, Foreign, 1)),
			nil, Yellow, WhySharedNumber, Own, true, contact11()},
	}
}

func leadCases() []rowCase {
	repeat := func(r Relation, e Effect) Scene {
		return found(co(1, r, e, throughLd(21, january)), ld(21, Foreign, 1))
	}
	return []rowCase{
		{"13", "the agent's own lead", found(ld(21, Own, 0)), nil, Blue, WhyLeadOnly, Own, false, lead21()},
		{"13", "a foreign lead", found(ld(21, Foreign, 0)), nil, Blue, WhyLeadOnly, Foreign, false, lead21()},
		{"13", "a lead without an owner", found(ld(21, NoOwner, 0)), nil, Blue, WhyLeadOnly, NoOwner, false, lead21()},
		{"13", "the classic priority: lead before company",
			found(co(1, Own, EffectRed, direct(january)), ld(21, Foreign, 0)), classic, Blue, WhyLeadOnly, Foreign,
			false, lead21()},
		{"5", "the classic priority does not weaken red",
			found(co(1, Foreign, EffectRed, direct(january)), ld(21, Foreign, 0)), classic, Red, WhyForeignInWork,
			Foreign, false, company1()},
		{"3", "a lost lead where only open ones count",
			found(ld(21, Foreign, 0), onCall(func(s *Scene) { s.Leads[0].Finished = true })),
			func(p *Policy) { p.Leads = LeadsOpen }, None, WhyUnknown, NoOwner, false, Ref{}},
		{"18", "a lead of a foreign company in work, by default", repeat(Foreign, EffectRed), nil, Blue, WhyLeadOnly,
			Foreign, false, lead21()},
		{"18", "a lead of the agent's company where leads stand for companies", repeat(Own, EffectRed), inherit, Blue,
			WhyLeadOnly, Foreign, false, lead21()},
		{"17", "leads of two companies; the agent's has the number longer",
			found(co(1, Own, EffectRed, throughLd(21, january)), co(2, Foreign, EffectRed, throughLd(22, march)),
				ld(21, Own, 1), ld(22, Foreign, 2), onCall(func(s *Scene) { s.Leads[0].Changed = march })), inherit,
			Blue, WhySharedNumber, Own, true, lead21()},
	}
}

// Incoming calls show the same colours by default; the policy may soften red
// for them, and then a banner keeps it from looking free.
func TestIncomingPolicy(t *testing.T) {
	scene := found(co(1, Foreign, EffectRed, direct(january)))
	policy := policyWith(func(p *Policy) { p.Incoming = None })
	if v := Judge(scene, policy); v.Color != Red || !v.Incident {
		t.Errorf("outgoing: %s, incident %v; the knob is about incoming calls only", v.Color, v.Incident)
	}
	scene.Direction = In
	if v := Judge(scene, policy); v.Color != None || !v.Banner || v.Why != WhyForeignInWork || v.Incident {
		t.Errorf("incoming: got %+v, want the standard look with a banner", v)
	}
}

// Facts that Weigh never gives must not look free.
func TestNoRowIsGrey(t *testing.T) {
	if v := Decide(0, Default()); v.Color != Grey || v.Why != WhyCheckFailed {
		t.Errorf("a blank form gives %s %s, want grey check_failed", v.Color, v.Why)
	}
}
