package rules

import "testing"

// The worked examples of the specification, at the level of scenes: what the
// agent is to the owners is given, who is who belongs to staff.
func TestWorkedExamples(t *testing.T) {
	const vector, zero, delta, petrov, sidorov, zeroContact, lead = 1, 2, 3, 11, 12, 13, 21
	p1 := func(r Relation) Scene { return found(co(vector, r, EffectRed, direct(january))) }
	p2 := func(r Relation) Scene {
		return found(co(vector, r, EffectRed, through(petrov, january)), ct(petrov, r, vector))
	}
	p6 := func(toVector, toDelta Relation) Scene {
		return found(co(vector, toVector, EffectRed, direct(january)), co(delta, toDelta, EffectRed, direct(march)))
	}
	p5Contact := func(r Relation) Scene {
		return found(co(zero, r, EffectBanner, direct(january), through(zeroContact, march)), ct(zeroContact, r, zero))
	}
	strictest := policyWith(func(p *Policy) { p.SharedNumber = SharedStrictest })
	for _, tc := range []struct {
		name     string
		scene    Scene
		policy   Policy
		color    Color
		why      Why
		banner   bool
		incident bool
	}{
		{"Anna calls her own company", p1(Own), Default(), None, WhyOwn, false, false},
		{"Boris calls Anna's company in work", p1(Foreign), Default(), Red, WhyForeignInWork, false, true},
		{"Igor is Anna's head: red, no incident", p1(Supervisor), Default(), Red, WhySupervisor, false, false},
		{"Vera calls a contact of Anna's company", p2(Foreign), Default(), Red,
			WhyForeignInWorkViaContact, false, true},
		{"Anna calls a contact of her own company", p2(Own), Default(), Yellow, WhyContactOwnCompany, false, false},
		{"anyone calls a contact of no company", found(ct(sidorov, Foreign)), Default(), Yellow,
			WhyContactNoCompany, false, false},
		{"Boris calls a lead of Vera's", found(ld(lead, Foreign, 0)), Default(), Blue, WhyLeadOnly, false, false},
		{"Boris calls Vera's waiting company", found(co(zero, Foreign, EffectBanner, direct(january))), Default(), None,
			WhyForeignFree, true, false},
		{"Boris calls a number that Anna's company had before his own", p6(Foreign, Own), Default(), Red,
			WhySharedNumber, false, true},
		{"Anna calls the same number", p6(Own, Foreign), Default(), None, WhySharedNumber, true, false},
		{"strictest: Boris sees red", p6(Foreign, Own), strictest, Red, WhySharedNumber, false, true},
		{"strictest: Anna sees red too", p6(Own, Foreign), strictest, Red, WhySharedNumber, false, true},
		{"anyone calls a number on no record", found(), Default(), None, WhyUnknown, false, false},
		{"Igor has set Anna's company to waiting: Boris calls it",
			found(co(vector, Foreign, EffectBanner, direct(january))), Default(), None, WhyForeignFree, true, false},
		{"a contact of Vera's company got its number too: Vera calls", p5Contact(Own), Default(), Yellow,
			WhyContactOwnCompany, false, false},
		{"... Boris calls", p5Contact(Foreign), Default(), Yellow, WhyContactForeignFree, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := Judge(tc.scene, tc.policy)
			if v.Color != tc.color || v.Why != tc.why || v.Banner != tc.banner || v.Incident != tc.incident {
				t.Errorf("got %s %s banner=%v incident=%v, want %s %s banner=%v incident=%v",
					v.Color, v.Why, v.Banner, v.Incident, tc.color, tc.why, tc.banner, tc.incident)
			}
			incoming := tc.scene
			incoming.Direction = In
			in := Judge(incoming, tc.policy)
			if in.Color != tc.color || in.Why != tc.why || in.Incident {
				t.Errorf("incoming: got %s %s incident=%v, want %s %s and no incident", in.Color, in.Why, in.Incident,
					tc.color, tc.why)
			}
		})
	}
}
