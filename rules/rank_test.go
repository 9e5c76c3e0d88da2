package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lead changes the last lead.
func lead(change func(*Lead)) record {
	return func(s *Scene) { change(&s.Leads[len(s.Leads)-1]) }
}

// Who stands on the card, and in which order the others follow.
func TestOrder(t *testing.T) {
	c := func(ids ...int64) (refs []Ref) {
		for _, id := range ids {
			switch {
			case id > 20:
				refs = append(refs, Ref{KindLead, id})
			case id > 10:
				refs = append(refs, Ref{KindContact, id})
			default:
				refs = append(refs, Ref{KindCompany, id})
			}
		}
		return refs
	}
	day := func(n int64) int64 { return january + n*86_400_000 }
	for _, tc := range []struct {
		why    string
		scene  Scene
		policy func(*Policy)
		want   []Ref
		beside int64 // the company named beside the subject
	}{
		{"classes of companies: own, team, head of, foreign, without owner",
			found(co(1, NoOwner, EffectRed, direct(0)), co(2, Foreign, EffectBanner, direct(0)),
				co(3, Supervisor, EffectBanner, direct(0)), co(4, Team, EffectRed, direct(0)),
				co(5, Own, EffectRed, direct(0))),
			nil, c(5, 4, 3, 2, 1), 5},
		{"what makes it red goes before own",
			found(co(1, Own, EffectRed, direct(day(2))), co(2, Foreign, EffectRed, direct(day(1)))), nil, c(2, 1), 2},
		{"what the agent's older link excuses goes after own",
			found(co(1, Foreign, EffectRed, direct(day(2))), co(2, Own, EffectRed, direct(day(1)))), nil, c(2, 1), 2},
		{"red: the oldest link first, whatever the id and the way",
			found(co(1, Foreign, EffectRed, direct(day(2))), co(2, Foreign, EffectRed, through(11, day(1))),
				ct(11, Foreign, 2)), nil, c(2, 11, 1), 2},
		{"red: the age is that of the oldest of several links",
			found(co(1, Foreign, EffectRed, direct(day(2))),
				co(2, Foreign, EffectRed, direct(day(3)), through(11, day(1))), ct(11, Foreign, 2)), nil,
			c(2, 11, 1), 2},
		{"the oldest of the agent's own links excuses, not the first that is met",
			found(co(1, Own, EffectRed, direct(day(5))), co(2, Own, EffectRed, direct(day(1))),
				co(3, Foreign, EffectRed, direct(day(3)))), nil, c(1, 2, 3), 1},
		{"the same, met the other way round",
			found(co(2, Own, EffectRed, direct(day(1))), co(1, Own, EffectRed, direct(day(5))),
				co(3, Foreign, EffectRed, direct(day(3)))), nil, c(1, 2, 3), 1},
		{"red: one age, the direct one first",
			found(co(1, Foreign, EffectRed, through(11, day(1))), co(2, Foreign, EffectRed, direct(day(1))),
				ct(11, Foreign, 1)), nil, c(2, 11, 1), 2},
		{"otherwise direct before through a contact, the age does not matter",
			found(co(1, Own, EffectBanner, through(11, day(1))), co(2, Own, EffectBanner, direct(day(2))),
				ct(11, Foreign, 1)), companyFirst, c(2, 1, 11), 2},
		{"then through a contact before through a lead",
			found(co(1, Own, EffectBanner, throughLd(21, 0)), co(2, Own, EffectBanner, through(11, 0)), ct(11, Own, 2),
				ld(21, Own, 1)), inherit, c(11, 2, 1, 21), 2},
		{"a status that shows more goes first, so that a lower id hides no banner",
			found(co(1, Foreign, EffectNone, direct(0)), co(2, Foreign, EffectBanner, direct(0))), nil, c(2, 1), 2},
		{"at last the lowest id", found(co(2, Own, EffectRed, direct(0)), co(1, Own, EffectRed, direct(0))),
			nil, c(1, 2), 1},

		{"contacts: a primary link before another, that before none",
			found(co(1, Foreign, EffectBanner, through(12, 0)), co(2, Foreign, EffectBanner, through(13, 0)),
				ct(11, Foreign), ct(12, Foreign, 9, 1), ct(13, Foreign, 2)),
			nil, c(13, 12, 11, 1, 2), 2},
		{"contacts: at last the lowest id", found(ct(12, Own), ct(11, Foreign)), nil, c(11, 12), 0},
		{"red: the company, then first the contact that leads to it",
			found(co(1, Foreign, EffectBanner, through(11, 0)), co(2, Foreign, EffectRed, through(12, 0)),
				ct(11, Foreign, 1), ct(12, Foreign, 2)),
			nil, c(2, 12, 11, 1), 2},
		{"beside a contact stands the best of its companies, the agent's",
			found(co(1, Foreign, EffectBanner, through(11, 0)), co(2, Own, EffectBanner, through(11, 0)),
				ct(11, Foreign, 1, 2)), nil, c(11, 2, 1), 2},
		{"the same, linked the other way round",
			found(co(1, Foreign, EffectBanner, through(11, 0)), co(2, Own, EffectBanner, through(11, 0)),
				ct(11, Foreign, 2, 1)), nil, c(11, 2, 1), 2},

		{"leads: open before finished", found(ld(22, Own, 0),
			lead(func(l *Lead) { l.Finished, l.Changed = true, day(9) }), ld(21, Own, 0)), nil, c(21, 22), 0},
		{"leads: open before finished, met the other way round",
			found(ld(21, Own, 0), ld(22, Own, 0), lead(func(l *Lead) { l.Finished, l.Changed = true, day(9) })),
			nil, c(21, 22), 0},
		{"leads: the latest changed", found(ld(22, Own, 0), ld(21, Own, 0), lead(func(l *Lead) { l.Changed = day(1) })),
			nil, c(21, 22), 0},
		{"leads: the latest created", found(ld(22, Own, 0), ld(21, Own, 0), lead(func(l *Lead) { l.Created = day(1) })),
			nil, c(21, 22), 0},
		{"leads: at last the highest id", found(ld(21, Own, 0), ld(22, Own, 0)), nil, c(22, 21), 0},
		{"a lead names its company, although that does not count",
			found(co(1, Foreign, EffectRed, throughLd(21, 0)), ld(21, Own, 1)), nil, c(21), 1},
		{"a lost lead leads to no company where only open ones count",
			found(co(1, Foreign, EffectRed, throughLd(21, 0)), ld(21, Own, 1),
				lead(func(l *Lead) { l.Finished = true }), ld(22, Own, 0)),
			func(p *Policy) { p.InheritLeadCompany, p.Leads = true, LeadsOpen }, c(22), 0},
		{"an open one does",
			found(co(1, Foreign, EffectRed, throughLd(21, 0)), ld(21, Own, 1)),
			func(p *Policy) { p.InheritLeadCompany, p.Leads = true, LeadsOpen }, c(1, 21), 1},

		{"kinds follow each other by the policy's priority",
			found(co(1, Own, EffectBanner, direct(0)), ct(11, Own), ld(21, Own, 0)), classic, c(11, 21, 1), 0},
	} {
		t.Run(tc.why, func(t *testing.T) {
			v := Judge(tc.scene, policyWith(tc.policy))
			if diff := cmp.Diff(tc.want, v.Order); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if v.Subject != tc.want[0] || v.Company != tc.beside {
				t.Errorf("subject %v, company %d; want %v, %d", v.Subject, v.Company, tc.want[0], tc.beside)
			}
		})
	}
}

// A policy that names few kinds, or strange ones, still knows all three.
func TestKindsAreComplete(t *testing.T) {
	for _, tc := range []struct {
		why  string
		name []Kind
		want [3]Kind
	}{
		{"none named", nil, [3]Kind{KindContact, KindCompany, KindLead}},
		{"one named", []Kind{KindLead}, [3]Kind{KindLead, KindContact, KindCompany}},
		{"one named twice", []Kind{KindCompany, KindCompany}, [3]Kind{KindCompany, KindContact, KindLead}},
		{"a strange one", []Kind{"deal", KindLead}, [3]Kind{KindLead, KindContact, KindCompany}},
	} {
		if got := kinds(&Policy{Priority: tc.name}); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.why, got, tc.want)
		}
	}
}
